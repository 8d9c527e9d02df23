//! Every response except the `201`: its status, its whole body, its headers, and that nothing is stored.

use std::time::Duration;

use http::StatusCode;
use record_lists::body::MAX_BODY_BYTES;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::openapi::error;
use crate::support::{
    ACCOUNT, CREATED, EXTERNAL, Function, NOTHING, REFERENCE_TAKEN, Response, Table, closed_endpoint, event,
    event_names, of_account, post, post_text, record, records,
};

const SCOPE_CHALLENGE: &str = r#"Bearer error="insufficient_scope", scope="record-lists:manage""#;

/// The example of `openapi.yaml` that is the response to the event of this name.
fn example(event: &str) -> &'static str {
    match event {
        "400-idempotency-key" => "invalidIdempotencyKey",
        "400-no-body" => "bodyMissing",
        "400-no-records" => "recordsEmpty",
        "400-not-json" => "bodyNotJson",
        "400-records-missing" => "recordsMissing",
        "400-too-many-records" => "recordsTooMany",
        "401-no-claims" => "unauthorized",
        "403-no-account" => "accountMissing",
        "403-scope-missing" => "scopeMissing",
        "404-path" => "pathNotFound",
        "404-record-list" => "recordListNotFound",
        "405-method" => "methodNotAllowed",
        "413-payload-too-large" => "payloadTooLarge",
        "415-media-type" => "unsupportedMediaType",
        _ => panic!("{event} is not an event of an error"),
    }
}

/// The header that the response to the event of this name has, on top of the two of every response.
fn expected_header(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "401-no-claims" => Some(("www-authenticate", "Bearer")),
        "403-scope-missing" => Some(("www-authenticate", SCOPE_CHALLENGE)),
        "405-method" => Some(("allow", "POST")),
        _ => None,
    }
}

#[tokio::test]
async fn every_error_event_gets_its_whole_response_and_stores_nothing() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for name in event_names("4") {
        let event = event(&name);
        let response = function.invoke(&event).await;
        assert_eq!(response.status.as_str(), &name[..3], "{name}");
        assert_eq!(response.body, error(example(&name)), "{name}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{name}");
        assert_eq!(response.header("x-request-id"), event["requestContext"]["requestId"].as_str(), "{name}");
        let header = expected_header(&name);
        assert_eq!(response.headers.len(), 2 + usize::from(header.is_some()), "{name}: {:?}", response.headers);
        if let Some((header, value)) = header {
            assert_eq!(response.header(header), Some(value), "{name}");
        }
    }
    assert_eq!(table.items().await, []);
}

/// A fault of a request: what is wrong with the event, and the code of the response.
type Fault = (&'static str, fn(&mut Value));

/// The faults in the order in which they are checked.
const FAULTS: [Fault; 13] = [
    ("NOT_FOUND", |event| event["pathParameters"]["proxy"] = json!("record-lists")),
    ("METHOD_NOT_ALLOWED", |event| event["httpMethod"] = json!("PUT")),
    ("UNAUTHORIZED", |event| event["requestContext"]["authorizer"] = json!({"claims": null})),
    ("FORBIDDEN", |event| event["requestContext"]["authorizer"]["claims"]["scope"] = json!("record-lists:read")),
    ("FORBIDDEN", |event| event["requestContext"]["authorizer"]["claims"]["aid"] = json!(" ")),
    ("UNSUPPORTED_MEDIA_TYPE", |event| event["multiValueHeaders"]["Content-Type"] = json!(["text/csv"])),
    ("PAYLOAD_TOO_LARGE", |event| event["body"] = json!("{".repeat(MAX_BODY_BYTES + 1))),
    ("INVALID_IDEMPOTENCY_KEY", |event| event["multiValueHeaders"]["Idempotency-Key"] = json!(["a b"])),
    ("INVALID_BODY", |event| event["body"] = json!("{")),
    ("INVALID_BODY", |event| event["body"] = json!("{}")),
    ("RECORD_LIST_NOT_FOUND", |event| event["pathParameters"]["proxy"] = json!("record-lists/x/records/bulks")),
    ("EXTERNAL_REF_MISSING", |event| event["body"] = json!({"records": [without_reference()]}).to_string().into()),
    (REFERENCE_TAKEN, |_| {}),
];

fn without_reference() -> Value {
    let mut record = record(1);
    record["external_id"] = json!("");
    record
}

/// The code of a response, or of the first record of a `201`.
fn code(response: &Response) -> &str {
    response.body["code"].as_str().or(response.body["_embedded"]["records"][0]["errors"][0].as_str()).unwrap_or(CREATED)
}

#[tokio::test]
async fn of_two_faults_the_one_that_is_checked_first_is_reported() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(EXTERNAL, &[record(1)]).await;
    for (place, (first, break_first)) in FAULTS.iter().enumerate() {
        for (second, break_second) in &FAULTS[place..] {
            let mut event = post(EXTERNAL, &json!({"records": [record(1)]}));
            event.as_object_mut().unwrap().remove("headers");
            break_second(&mut event);
            break_first(&mut event);
            let response = function.invoke(&event).await;
            assert_eq!(code(&response), *first, "{first} and {second}");
        }
    }
    assert_eq!(table.records().await.len(), 1);
}

#[tokio::test]
async fn the_scope_is_checked_before_the_account() {
    let mut event = event("403-scope-missing");
    event["requestContext"]["authorizer"]["claims"]["aid"] = json!(null);
    let response = Function::new(&Table::new().await).invoke(&event).await;
    assert_eq!(response.body, error("scopeMissing"));
    assert_eq!(response.header("www-authenticate"), Some(SCOPE_CHALLENGE));
}

#[tokio::test]
async fn a_body_error_names_what_is_wrong() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let cases = [
        (post_text(NOTHING, " \n"), "bodyMissing"),
        (post_text(NOTHING, "[]"), "bodyNoObject"),
        (post_text(NOTHING, r#"{"records":[{}],"records":[{}]}"#), "bodyNoObject"),
        (post_text(NOTHING, r#"{"records":null}"#), "recordsMissing"),
        (post_text(NOTHING, r#"{"records":{"0":{}}}"#), "recordsNoArray"),
        (post(NOTHING, &json!({"records": records(101)})), "recordsTooMany"),
        (not_utf8(), "bodyNotUtf8"),
    ];
    for (event, example) in cases {
        let response = function.invoke(&event).await;
        assert_eq!((response.status, response.body), (StatusCode::BAD_REQUEST, error(example)));
    }
    assert_eq!(table.items().await, []);
}

fn not_utf8() -> Value {
    let mut event = post_text(NOTHING, "eyJyZWNvcmRzIjpb6V19"); // {"records":[\xe9]}
    event["isBase64Encoded"] = json!(true);
    event
}

#[tokio::test]
async fn a_list_id_of_the_wrong_form_is_not_found() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let long = "a".repeat(300);
    let just_too_long = "a".repeat(37);
    table.add_list(ACCOUNT, "a#b", Some("NOTHING")).await;
    table.add_list(ACCOUNT, &just_too_long, Some("NOTHING")).await;
    for id in [&long, &just_too_long, "a#b", "a%00", "a%2Fb", "a\0", "%", "..%2f", "é", "a b"] {
        let response = function.post(id, &[record(1)]).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, error("recordListNotFound")), "{id}");
    }
    for id in ["", "a/b", "/"] {
        let response = function.post(id, &[record(1)]).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, error("pathNotFound")), "{id}");
    }
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn another_accounts_list_looks_as_if_it_did_not_exist() {
    let table = Table::new().await;
    let event = of_account("another", post(EXTERNAL, &json!({"records": [record(1)]})));
    let response = Function::new(&table).invoke(&event).await;
    assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, error("recordListNotFound")));
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn two_accounts_with_a_list_of_the_same_id_see_only_their_own_records() {
    let table = Table::new().await;
    let function = Function::new(&table);
    table.add_list("another", EXTERNAL, Some("EXTERNAL")).await;
    let event = post(EXTERNAL, &json!({"records": records(2)}));
    let own = function.invoke(&event).await.outcomes();
    let others = function.invoke(&of_account("another", event.clone())).await.outcomes();
    assert!(own.iter().chain(&others).all(Result::is_ok), "{own:?} {others:?}");
    assert!(own.iter().all(|id| !others.contains(id)), "{own:?} {others:?}");
    for account in [ACCOUNT, "another"] {
        let again = function.invoke(&of_account(account, event.clone())).await;
        assert_eq!(again.summary(), [REFERENCE_TAKEN; 2], "{account}");
    }
    assert_eq!(table.records().await.len(), 4);
}

#[tokio::test]
async fn a_list_without_a_known_type_is_an_internal_error() {
    let table = Table::new().await;
    let function = Function::new(&table);
    table.add_list(ACCOUNT, "none", None).await;
    table.add_list(ACCOUNT, "unknown", Some("EMAIL")).await;
    for id in ["none", "unknown"] {
        let response = function.post(id, &[record(1)]).await;
        assert_eq!(
            (response.status, response.body),
            (StatusCode::INTERNAL_SERVER_ERROR, error("internalError")),
            "{id}"
        );
    }
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_table_that_does_not_exist_is_an_internal_error() {
    let table = Table::new().await;
    let response = Function::at(&table.endpoint, "no-such-table").post(EXTERNAL, &[record(1)]).await;
    assert_eq!((response.status, &response.body), (StatusCode::INTERNAL_SERVER_ERROR, &error("internalError")));
    assert_eq!(response.headers.len(), 2, "{:?}", response.headers);
}

#[tokio::test(start_paused = true)]
async fn without_dynamodb_the_service_is_unavailable_before_lambdas_deadline() {
    let mut function = Function::at(&closed_endpoint().await, "records");
    function.timeout = Duration::from_secs(2);
    let start = Instant::now();
    let response = function.post(EXTERNAL, &[record(1)]).await;
    assert!(start.elapsed() < function.timeout, "{:?}", start.elapsed());
    assert_eq!((response.status, &response.body), (StatusCode::SERVICE_UNAVAILABLE, &error("serviceUnavailable")));
    assert_eq!(response.header("retry-after"), Some("5"));
}
