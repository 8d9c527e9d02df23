//! Every answer that is no `201`: its status, its whole body, its headers, and that nothing is stored.

use std::time::{Duration, Instant};

use lambda_http::http::StatusCode;
use record_lists::body::MAX_BODY_BYTES;
use serde_json::{Value, json};

use crate::harness::{
    ACCOUNT, Answer, EXTERNAL, Function, NOTHING, Table, closed_endpoint, event, event_names, post, post_text, record,
    records,
};

const SCOPE_CHALLENGE: &str = r#"Bearer error="insufficient_scope", scope="record-lists:manage""#;

fn error(code: &str, message: &str, description: &str, fields: &[(&str, &str)]) -> Value {
    let fields: Value = fields.iter().map(|(name, text)| json!({"name": name, "description": text})).collect();
    json!({"code": code, "message": message, "description": description, "fields": fields})
}

fn invalid_body(field: &str, description: &str) -> Value {
    let what_to_do = "Send a JSON object with a member `records`: an array of 1 to 100 records.";
    error("INVALID_BODY", "The request body is not valid.", what_to_do, &[(field, description)])
}

fn invalid_key() -> Value {
    let what_to_do = "Send one key of 1 to 255 visible ASCII characters, such as a UUID, or leave the header out.";
    let field = ("Idempotency-Key", "It takes 1 to 255 visible ASCII characters.");
    error("INVALID_IDEMPOTENCY_KEY", "The header Idempotency-Key is not valid.", what_to_do, &[field])
}

fn forbidden(description: &str) -> Value {
    error("FORBIDDEN", "The token does not allow this.", description, &[])
}

fn list_not_found() -> Value {
    let description = "Check the record list ID in the path; the list must belong to the token's account.";
    error("RECORD_LIST_NOT_FOUND", "There is no such record list.", description, &[])
}

fn not_found() -> Value {
    let description = "The path is /record-lists/{record_list_id}/records/bulks.";
    error("NOT_FOUND", "There is nothing at this path.", description, &[])
}

fn internal() -> Value {
    let description = "Send the request again; if it fails again, report the header X-Request-Id.";
    error("INTERNAL_ERROR", "Something went wrong on our side.", description, &[])
}

/// The body that answers the event of this name.
fn expected_body(name: &str) -> Value {
    match name {
        "400-idempotency-key" => invalid_key(),
        "400-no-body" => invalid_body("body", "There is no body."),
        "400-no-records" => invalid_body("records", "The array is empty; it takes 1 to 100 records."),
        "400-not-json" => invalid_body("body", "The body is not JSON."),
        "400-records-missing" => invalid_body("records", "The member is missing."),
        "400-too-many-records" => invalid_body("records", "The array is too long; it takes 1 to 100 records."),
        "401-no-claims" => error(
            "UNAUTHORIZED",
            "The request has no valid token.",
            "Send a valid access token: `Authorization: Bearer <token>`.",
            &[],
        ),
        "403-no-account" => forbidden("Ask for a token that names an account."),
        "403-scope-missing" => forbidden("Ask for a token with the scope `record-lists:manage`."),
        "404-path" => not_found(),
        "404-record-list" => list_not_found(),
        "405-method" => error(
            "METHOD_NOT_ALLOWED",
            "This path does not take this method.",
            "Use a method that the header Allow names.",
            &[],
        ),
        "413-payload-too-large" => error(
            "PAYLOAD_TOO_LARGE",
            "The request body is too large.",
            "Send the records in several smaller requests.",
            &[],
        ),
        "415-media-type" => error(
            "UNSUPPORTED_MEDIA_TYPE",
            "The request body is not declared as JSON.",
            "Send the header `Content-Type: application/json`.",
            &[],
        ),
        _ => panic!("{name} is no event of an error"),
    }
}

/// The header that the answer to the event of this name has besides the two of every answer.
fn expected_header(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "401-no-claims" => Some(("www-authenticate", "Bearer")),
        "403-scope-missing" => Some(("www-authenticate", SCOPE_CHALLENGE)),
        "405-method" => Some(("allow", "POST")),
        _ => None,
    }
}

#[tokio::test]
async fn every_event_of_an_error_is_answered_in_full_and_stores_nothing() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for name in event_names("4") {
        let event = event(&name);
        let answer = function.invoke(&event).await;
        assert_eq!(answer.status.as_str(), &name[..3], "{name}");
        assert_eq!(answer.body, expected_body(&name), "{name}");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{name}");
        assert_eq!(answer.header("x-request-id"), event["requestContext"]["requestId"].as_str(), "{name}");
        let header = expected_header(&name);
        assert_eq!(answer.headers.len(), 2 + usize::from(header.is_some()), "{name}: {:?}", answer.headers);
        if let Some((header, value)) = header {
            assert_eq!(answer.header(header), Some(value), "{name}");
        }
    }
    assert_eq!(table.items().await, []);
}

/// A fault of a request: what is wrong with the event, and the code it is answered with.
type Fault = (&'static str, fn(&mut Value));

/// The faults in the order they are looked for.
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
    ("EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE", |_| {}),
];

fn without_reference() -> Value {
    let mut record = record(1);
    record["external_id"] = json!("");
    record
}

/// The code of an answer, or of the first record of a `201`.
fn code(answer: &Answer) -> &str {
    answer.body["code"].as_str().or(answer.body["_embedded"]["records"][0]["errors"][0].as_str()).unwrap_or("created")
}

#[tokio::test]
async fn of_two_faults_the_one_that_is_looked_for_first_is_answered() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(EXTERNAL, &[record(1)]).await;
    for (place, (first, break_first)) in FAULTS.iter().enumerate() {
        for (second, break_second) in &FAULTS[place..] {
            let mut event = post(EXTERNAL, &json!({"records": [record(1)]}));
            event.as_object_mut().unwrap().remove("headers");
            break_second(&mut event);
            break_first(&mut event);
            let answer = function.invoke(&event).await;
            assert_eq!(code(&answer), *first, "{first} and {second}");
        }
    }
    assert_eq!(table.records().await.len(), 1);
}

#[tokio::test]
async fn of_scope_and_account_the_scope_is_asked_for_first() {
    let mut event = event("403-scope-missing");
    event["requestContext"]["authorizer"]["claims"]["aid"] = json!(null);
    let answer = Function::new(&Table::new().await).invoke(&event).await;
    assert_eq!(answer.body, forbidden("Ask for a token with the scope `record-lists:manage`."));
    assert_eq!(answer.header("www-authenticate"), Some(SCOPE_CHALLENGE));
}

#[tokio::test]
async fn a_body_is_refused_for_what_is_wrong_with_it() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let none = "The body is no JSON object with one member `records`.";
    let cases = [
        (post_text(NOTHING, " \n"), "body", "There is no body."),
        (post_text(NOTHING, "[]"), "body", none),
        (post_text(NOTHING, r#"{"records":[{}],"records":[{}]}"#), "body", none),
        (post_text(NOTHING, r#"{"records":null}"#), "records", "The member is missing."),
        (post_text(NOTHING, r#"{"records":{"0":{}}}"#), "records", "The member is no array."),
        (
            post(NOTHING, &json!({"records": records(101)})),
            "records",
            "The array is too long; it takes 1 to 100 records.",
        ),
    ];
    for (event, field, description) in cases {
        let answer = function.invoke(&event).await;
        assert_eq!((answer.status, answer.body), (StatusCode::BAD_REQUEST, invalid_body(field, description)));
    }
    let mut event = post_text(NOTHING, "eyJyZWNvcmRzIjpb6V19"); // {"records":[\xe9]}
    event["isBase64Encoded"] = json!(true);
    assert_eq!(function.invoke(&event).await.body, invalid_body("body", "The body is not UTF-8."));
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_list_id_that_cannot_be_is_not_found() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let long = "a".repeat(300);
    let just_too_long = "a".repeat(37);
    table.add_list(ACCOUNT, "a#b", Some("NOTHING")).await;
    table.add_list(ACCOUNT, &just_too_long, Some("NOTHING")).await;
    for id in [&long, &just_too_long, "a#b", "a%00", "a%2Fb", "a\0", "%", "..%2f", "é", "a b"] {
        let answer = function.post(id, &[record(1)]).await;
        assert_eq!((answer.status, answer.body), (StatusCode::NOT_FOUND, list_not_found()), "{id}");
    }
    for id in ["", "a/b", "/"] {
        let answer = function.post(id, &[record(1)]).await;
        assert_eq!((answer.status, answer.body), (StatusCode::NOT_FOUND, not_found()), "{id}");
    }
    assert_eq!(table.items().await, []);
}

/// The event of a caller of another `account`.
fn of_account(account: &str, mut event: Value) -> Value {
    event["requestContext"]["authorizer"]["claims"]["aid"] = json!(account);
    event
}

#[tokio::test]
async fn another_accounts_list_looks_as_if_it_were_not_there() {
    let table = Table::new().await;
    let event = of_account("another", post(EXTERNAL, &json!({"records": [record(1)]})));
    let answer = Function::new(&table).invoke(&event).await;
    assert_eq!((answer.status, answer.body), (StatusCode::NOT_FOUND, list_not_found()));
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
        assert_eq!(again.summary(), ["EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE"; 2], "{account}");
    }
    assert_eq!(table.records().await.len(), 4);
}

#[tokio::test]
async fn a_list_without_a_known_type_is_our_fault() {
    let table = Table::new().await;
    let function = Function::new(&table);
    table.add_list(ACCOUNT, "none", None).await;
    table.add_list(ACCOUNT, "unknown", Some("EMAIL")).await;
    for id in ["none", "unknown"] {
        let answer = function.post(id, &[record(1)]).await;
        assert_eq!((answer.status, answer.body), (StatusCode::INTERNAL_SERVER_ERROR, internal()), "{id}");
    }
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_table_that_is_not_there_is_our_fault() {
    let table = Table::new().await;
    let answer = Function::at(&table.endpoint, "no-such-table").post(EXTERNAL, &[record(1)]).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::INTERNAL_SERVER_ERROR, &internal()));
    assert_eq!(answer.headers.len(), 2, "{:?}", answer.headers);
}

#[tokio::test]
async fn without_dynamodb_the_service_is_unavailable_before_lambdas_deadline() {
    let mut function = Function::at(&closed_endpoint().await, "records");
    function.timeout = Duration::from_secs(2);
    let start = Instant::now();
    let answer = function.post(EXTERNAL, &[record(1)]).await;
    assert!(start.elapsed() < function.timeout, "{:?}", start.elapsed());
    let description = "Send the same request again, with its Idempotency-Key if it has one, after the seconds that Retry-After names.";
    let body = error("SERVICE_UNAVAILABLE", "The service cannot store records at the moment.", description, &[]);
    assert_eq!((answer.status, &answer.body), (StatusCode::SERVICE_UNAVAILABLE, &body));
    assert_eq!(answer.header("retry-after"), Some("5"));
}
