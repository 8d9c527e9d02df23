//! The order of the checks: of two faults of a request, the one that is checked first is reported.

use record_lists::{ENDPOINTS, MAX_BODY_BYTES};
use serde_json::{Value, json};

use super::{MANAGE_CHALLENGE, READ_CHALLENGE};
use crate::support::openapi::error;
use crate::support::{EXTERNAL, Function, REFERENCE_TAKEN, Response, Table, bulks_of, event, post, record, request};

/// Operations, by their IDs.
type Ids = &'static [&'static str];

const ALL: Ids = &[
    "createRecordList",
    "readRecordLists",
    "readRecordList",
    "updateRecordList",
    "deleteRecordList",
    "readRecords",
    "createRecords",
    "deleteRecords",
    "updateRecords",
    "readRecord",
    "deleteRecord",
    "updateRecord",
];
const MANAGE: Ids = &[
    "createRecordList",
    "updateRecordList",
    "deleteRecordList",
    "createRecords",
    "deleteRecords",
    "updateRecords",
    "deleteRecord",
    "updateRecord",
];
const READ: Ids = &["readRecordLists", "readRecordList", "readRecords", "readRecord"];
const POST: Ids = &["createRecordList", "createRecords"];
const PAGE: Ids = &["readRecordLists", "readRecords"];
pub const WITH_BODY: Ids =
    &["createRecordList", "updateRecordList", "createRecords", "deleteRecords", "updateRecords", "updateRecord"];
const WITH_DRY_RUN: Ids = &["createRecords", "updateRecords"];
const WITHOUT_DRY_RUN: Ids =
    &["createRecordList", "updateRecordList", "deleteRecordList", "deleteRecords", "deleteRecord", "updateRecord"];
const OF_A_LIST: Ids = &[
    "readRecordList",
    "updateRecordList",
    "deleteRecordList",
    "readRecords",
    "createRecords",
    "deleteRecords",
    "updateRecords",
    "readRecord",
    "deleteRecord",
    "updateRecord",
];
const OF_A_RECORD: Ids = &["readRecord", "deleteRecord", "updateRecord"];

/// A fault of a request: the example that is its response, or the code of the record in the response; the operations that
/// can have it; and what is wrong with the event.
type Fault = (&'static str, Ids, fn(&mut Value));

/// The faults in the order in which they are checked.
const FAULTS: [Fault; 26] = [
    ("pathNotFound", ALL, |event| event["pathParameters"]["proxy"] = format!("{}/", proxy(event)).into()),
    ("methodNotAllowed", ALL, |event| event["httpMethod"] = json!("PUT")),
    ("unauthorized", ALL, |event| event["requestContext"]["authorizer"] = json!({"claims": null})),
    ("scopeManageMissing", MANAGE, |event| claims(event)["scope"] = json!("record-lists:read")),
    ("scopeReadMissing", READ, |event| claims(event)["scope"] = json!("record-lists:write")),
    ("accountMissing", ALL, |event| claims(event)["aid"] = json!(" ")),
    ("mediaTypeUnsupported", WITH_BODY, |event| header(event, "Content-Type", "text/csv")),
    ("payloadTooLarge", WITH_BODY, |event| event["body"] = json!("{".repeat(MAX_BODY_BYTES + 1))),
    ("keyWrong", POST, |event| header(event, "Idempotency-Key", "a b")),
    ("perPageWrong", PAGE, |event| query(event, "per_page", "0")),
    ("validateOnlyWrong", WITH_DRY_RUN, |event| query(event, "validate_only", "a")),
    ("validateOnlyNotHere", WITHOUT_DRY_RUN, |event| query(event, "validate_only", "true")),
    ("nameMissing", &["createRecordList"], |event| event["body"] = json!("{}")),
    ("renameBlank", &["updateRecordList"], |event| event["body"] = json!(r#"{"name":" "}"#)),
    ("recordsMissing", &["createRecords", "updateRecords"], |event| event["body"] = json!("{}")),
    ("deleteBodyShape", &["deleteRecords"], |event| event["body"] = json!("{}")),
    ("patchBodyShape", &["updateRecord"], |event| event["body"] = json!("[]")),
    ("recordListNotFound", OF_A_LIST, |event| {
        let mut segments: Vec<&str> = proxy(event).split('/').collect();
        segments[1] = "another";
        event["pathParameters"]["proxy"] = segments.join("/").into();
    }),
    ("recordNotFound", OF_A_RECORD, |event| {
        let (records, _) = proxy(event).rsplit_once('/').expect("the path ends in an ID");
        event["pathParameters"]["proxy"] = format!("{records}/00000000-0000-4000-8000-000000000000").into();
    }),
    ("preconditionFailed", &["deleteRecord", "updateRecord"], |event| header(event, "If-Match", "\"a\"")),
    ("patchBreaksRules", &["updateRecord"], |event| {
        event["body"] = json!(r#"{"first_name":null,"priority":11}"#);
    }),
    ("typeChanged", &["updateRecordList"], |event| event["body"] = json!(r#"{"unique_identifier_type":"EXTERNAL"}"#)),
    ("EXTERNAL_REF_MISSING", &["createRecords", "updateRecords"], |event| {
        event["body"] = json!({"records": [without_reference()]}).to_string().into();
    }),
    (REFERENCE_TAKEN, &["createRecords"], |_| {}),
    ("IDENTIFIER_INVALID", &["deleteRecords"], |event| event["body"] = json!(r#"[{"phone_number":"1"}]"#)),
    ("RECORD_NOT_FOUND", &["deleteRecords"], |event| event["body"] = json!(r#"[{"id":"1"}]"#)),
];

fn proxy(event: &Value) -> &str {
    event["pathParameters"]["proxy"].as_str().expect("the event has a path")
}

fn claims(event: &mut Value) -> &mut Value {
    &mut event["requestContext"]["authorizer"]["claims"]
}

fn header(event: &mut Value, name: &str, value: &str) {
    event["multiValueHeaders"][name] = json!([value]);
}

/// Adds a parameter to those that the event has.
fn query(event: &mut Value, name: &str, value: &str) {
    event["multiValueQueryStringParameters"][name] = json!([value]);
}

fn without_reference() -> Value {
    let mut record = record(1);
    record["external_id"] = json!("");
    record
}

/// A valid event of the operation.
pub fn valid(operation: &str) -> Value {
    let mut event = match operation {
        "createRecordList" => event("201-record-list"),
        "readRecordLists" => event("200-record-lists"),
        "readRecordList" => event("200-record-list"),
        "readRecords" => event("200-records"),
        "createRecords" => post(EXTERNAL, &json!({"records": [record(1)]})),
        "deleteRecords" => event("200-delete-records"),
        "readRecord" => event("200-record"),
        "deleteRecord" => event("204-delete-record"),
        "updateRecordList" => event("200-update-record-list"),
        "deleteRecordList" => event("202-delete-record-list"),
        "updateRecords" => request("PATCH", &bulks_of(EXTERNAL), Some(&json!({"records": [record(1)]}))),
        "updateRecord" => event("200-update-record"),
        _ => panic!("{operation} is not an operation"),
    };
    event.as_object_mut().unwrap().remove("headers");
    event
}

/// Whether `response` is that to the fault of this name.
fn is_response(response: &Response, fault: &str) -> bool {
    let codes = ["records", "failed_records"].map(|records| &response.body["_embedded"][records][0]["errors"][0]);
    if response.status.is_success() { codes.contains(&&json!(fault)) } else { response.body == error(fault) }
}

#[tokio::test]
async fn of_two_faults_the_one_that_is_checked_first_is_reported() {
    let table = Table::with_sample().await;
    let function = Function::new(&table);
    function.post(EXTERNAL, &[record(1)]).await;
    let before = table.records().await;
    for operation in ALL {
        let faults: Vec<&Fault> = FAULTS.iter().filter(|(_, operations, _)| operations.contains(operation)).collect();
        for (place, (first, _, break_first)) in faults.iter().enumerate() {
            for (second, _, break_second) in &faults[place..] {
                let mut event = valid(operation);
                break_second(&mut event);
                break_first(&mut event);
                let response = function.invoke(&event).await;
                assert!(is_response(&response, first), "{operation}: {first} and {second}: {}", response.body);
            }
        }
    }
    assert_eq!(table.records().await, before);
}

#[test]
fn the_order_of_checks_is_tested_for_every_operation() {
    assert_eq!(ENDPOINTS.map(|endpoint| <&str>::from(endpoint.operation)), ALL);
}

#[tokio::test]
async fn the_scope_is_checked_before_the_account() {
    let function = Function::new(&Table::new().await);
    let table = [
        ("403-scope-missing", "scopeManageMissing", MANAGE_CHALLENGE),
        ("403-delete-scope", "scopeManageMissing", MANAGE_CHALLENGE),
        ("403-update-scope", "scopeManageMissing", MANAGE_CHALLENGE),
        ("403-scope-read", "scopeReadMissing", READ_CHALLENGE),
    ];
    for (name, example, challenge) in table {
        let mut event = event(name);
        event["requestContext"]["authorizer"]["claims"]["aid"] = json!(null);
        let response = function.invoke(&event).await;
        assert_eq!(response.body, error(example), "{name}");
        assert_eq!(response.header("www-authenticate"), Some(challenge), "{name}");
    }
}

#[tokio::test]
async fn an_operation_without_a_body_ignores_one() {
    let function = Function::new(&Table::with_sample().await);
    for operation in ALL.iter().filter(|operation| !WITH_BODY.contains(operation)) {
        let mut event = valid(operation);
        event["body"] = json!("{".repeat(MAX_BODY_BYTES + 1));
        header(&mut event, "Content-Type", "text/csv");
        header(&mut event, "Idempotency-Key", "a b");
        assert!(function.invoke(&event).await.status.is_success(), "{operation}");
    }
}
