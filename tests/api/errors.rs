//! Every response to a request that fails as a whole: its status, its whole body, its headers, and that nothing changes.

mod body;
mod order;

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::openapi::error;
use crate::support::{
    ACCOUNT, API, EXTERNAL, Function, PHONE_NUMBER, Table, closed_endpoint, event, event_names, record, record_of,
};

const MANAGE_CHALLENGE: &str = r#"Bearer error="insufficient_scope", scope="record-lists:manage""#;
const READ_CHALLENGE: &str = r#"Bearer error="insufficient_scope", scope="record-lists:read""#;

/// The example of `openapi.yaml` that is the response to the event of this name.
fn example(event: &str) -> &'static str {
    match event {
        "400-after-repeated" => "afterRepeated",
        "400-after" => "afterNotRecordId",
        "400-delete-empty" => "deleteEmpty",
        "400-delete-record-list-validate-only" | "400-validate-only-not-here" => "validateOnlyNotHere",
        "400-delete-not-array" => "deleteBodyShape",
        "400-delete-too-many" => "deleteTooMany",
        "400-idempotency-key" => "keyWrong",
        "400-if-missing" => "ifMissingWrong",
        "400-list-name-blank" => "nameBlank",
        "400-list-name-missing" => "nameMissing",
        "400-list-name-too-long" => "nameTooLong",
        "400-list-not-object" => "listBodyShape",
        "400-list-type" => "typeUnknown",
        "400-look-up-half-reference" => "lookUpHalfReference",
        "400-look-up-in-pages" => "lookUpInPages",
        "400-look-up-phone-number" => "lookUpNumberWrong",
        "400-look-up-nothing-unique" => "lookUpNumberInListOfNothing",
        "400-look-up-phone-number-of-other-type" => "lookUpNumberInExternalList",
        "400-look-up-reference-of-other-type" => "lookUpReferenceInNumberList",
        "400-no-body" => "recordsBodyMissing",
        "400-no-records" | "400-update-records-empty" => "recordsEmpty",
        "400-not-base64" => "recordsBodyNotBase64",
        "400-not-json" | "400-not-json-nan" => "recordsBodyNotJson",
        "400-not-utf8" => "recordsBodyNotUtf8",
        "400-per-page-repeated" => "perPageRepeated",
        "400-per-page" | "400-per-page-and-after" | "400-per-page-empty" => "perPageWrong",
        "400-record-lists-after" => "afterNotListId",
        "400-records-missing" => "recordsMissing",
        "400-records-not-array" => "recordsNotArray",
        "400-records-twice" => "recordsBodyShape",
        "400-too-many-records" => "recordsTooMany",
        "400-two-idempotency-keys" => "keysDiffer",
        "400-update-record-list-name-null" => "renameToNull",
        "400-update-record-list-type" => "typeChanged",
        "400-update-record-not-object" => "patchBodyShape",
        "400-update-records-parameters" => "bulkParametersWrong",
        "400-validate-only" => "validateOnlyWrong",
        "400-validate-only-repeated" => "validateOnlyRepeated",
        "401-no-claims" => "unauthorized",
        "403-no-account" => "accountMissing",
        "403-create-list-scope" | "403-delete-scope" | "403-scope-missing" | "403-update-scope" => "scopeManageMissing",
        "403-scope-read" => "scopeReadMissing",
        "404-delete-record-list"
        | "404-delete-records"
        | "404-read-record-list"
        | "404-record-list"
        | "404-update-record-list"
        | "404-update-records" => "recordListNotFound",
        "404-delete-record" | "404-record" | "404-record-id" | "404-record-of-another-list" | "404-update-record" => {
            "recordNotFound"
        }
        "404-path" | "404-trailing-slash" => "pathNotFound",
        "409-record-list-deleted" => "recordListDeleted",
        "412-delete-record" | "412-update-record" => "preconditionFailed",
        "413-payload-too-large" => "payloadTooLarge",
        "415-content-coding" => "contentCodingUnsupported",
        "415-media-type" | "415-update-record-media-type" | "415-update-records-media-type" => "mediaTypeUnsupported",
        "422-update-record" => "patchBreaksRules",
        "422-update-record-identity" => "patchedIdentity",
        "422-update-record-number-taken" => "patchedNumberTaken",
        name if name.starts_with("405-") => "methodNotAllowed",
        _ => panic!("{event} is not an event of an error"),
    }
}

/// The body of the response to the event of this name: the example, with the values of this event.
fn expected_body(name: &str) -> Value {
    let mut body = error(example(name));
    match name {
        "400-not-json-nan" => {
            body["fields"][0]["description"] = json!("The body is not JSON: the error is at line 2, column 15.");
        }
        "400-per-page-and-after" => {
            body["fields"].as_array_mut().unwrap().push(error("afterNotRecordId")["fields"][0].clone());
        }
        "422-update-record-number-taken" => {
            let existing = &record_of(PHONE_NUMBER, "eee8adef-caab-5257-924c-92526999f2c1");
            body["_links"]["existing_record"]["href"] = json!(format!("{API}{existing}"));
        }
        _ => {}
    }
    body
}

/// The header that the response to the event of this name has, on top of the two of every response.
fn expected_header(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "401-no-claims" => Some(("www-authenticate", "Bearer")),
        "403-scope-read" => Some(("www-authenticate", READ_CHALLENGE)),
        "403-create-list-scope" | "403-delete-scope" | "403-scope-missing" | "403-update-scope" => {
            Some(("www-authenticate", MANAGE_CHALLENGE))
        }
        "405-record-lists" | "405-head" => Some(("allow", "GET, POST")),
        "405-records" => Some(("allow", "GET")),
        "405-method" | "405-options" => Some(("allow", "DELETE, PATCH, POST")),
        "405-record" | "405-record-list" => Some(("allow", "DELETE, GET, PATCH")),
        "415-content-coding" => Some(("accept-encoding", "identity")),
        "415-update-record-media-type" => Some(("accept-patch", "application/merge-patch+json, application/json")),
        "415-update-records-media-type" => Some(("accept-patch", "application/json")),
        _ => None,
    }
}

#[tokio::test]
async fn every_error_event_gets_its_whole_response_and_changes_nothing() {
    let table = Table::with_sample().await;
    let function = Function::new(&table);
    let before = table.records().await;
    for name in event_names("4") {
        let event = event(&name);
        let response = function.invoke(&event).await;
        assert_eq!(response.status.as_str(), &name[..3], "{name}");
        assert_eq!(response.body, expected_body(&name), "{name}");
        assert_eq!(response.header("content-type"), Some("application/json"), "{name}");
        assert_eq!(response.header("x-request-id"), event["requestContext"]["requestId"].as_str(), "{name}");
        let header = expected_header(&name);
        assert_eq!(response.headers.len(), 3 + usize::from(header.is_some()), "{name}: {:?}", response.headers);
        if let Some((header, value)) = header {
            assert_eq!(response.header(header), Some(value), "{name}");
        }
    }
    assert!(!before.is_empty());
    assert_eq!(table.records().await, before);
    assert_eq!(function.invoke(&event("200-record-lists")).await.body["count"], 4);
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
