//! Errors of a body, by operation.

use http::StatusCode;
use serde_json::{Value, json};

use super::order::{WITH_BODY, valid};
use crate::support::openapi::error;
use crate::support::{Function, NOTHING, Table, post, post_text, records};

/// The event of `operation` with `body`.
fn with_body(operation: &str, body: &str) -> Value {
    let mut event = valid(operation);
    event["body"] = json!(body);
    event
}

#[tokio::test]
async fn a_body_error_names_what_is_wrong() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let no_text = |operation, body: &str| {
        let mut event = with_body(operation, body);
        event["isBase64Encoded"] = json!(true);
        event
    };
    let not_utf8 = "eyJyZWNvcmRzIjpb6V19"; // {"records":[\xe9]}
    let too_many = format!("[{}{{}}]", "{},".repeat(100));
    let cases = [
        (post_text(NOTHING, " \n"), "recordsBodyMissing"),
        (post_text(NOTHING, "\u{feff}"), "recordsBodyMissing"),
        (post_text(NOTHING, "[]"), "recordsBodyShape"),
        (post_text(NOTHING, "null"), "recordsBodyShape"),
        (post_text(NOTHING, r#"{"records":[{}],"records":[{}]}"#), "recordsBodyShape"),
        (post_text(NOTHING, r#"{"records":null}"#), "recordsMissing"),
        (post_text(NOTHING, "{}"), "recordsMissing"),
        (post_text(NOTHING, r#"{"records":{"0":{}}}"#), "recordsNotArray"),
        (post_text(NOTHING, r#"{"records":[]}"#), "recordsEmpty"),
        (post(NOTHING, &json!({"records": records(101)})), "recordsTooMany"),
        (no_text("createRecords", not_utf8), "recordsBodyNotUtf8"),
        (no_text("createRecords", "{}"), "recordsBodyNotBase64"),
        (with_body("createRecordList", ""), "listBodyMissing"),
        (with_body("createRecordList", r#"{"name":"a","name":"a"}"#), "listBodyShape"),
        (with_body("createRecordList", r#"{"name":null}"#), "nameMissing"),
        (with_body("createRecordList", r#"{"name":5}"#), "nameNotString"),
        (with_body("createRecordList", r#"{"name":"\u0000\u200b"}"#), "nameBlank"),
        (with_body("createRecordList", r#"{"name":"a","unique_identifier_type":""}"#), "typeUnknown"),
        (no_text("createRecordList", not_utf8), "listBodyNotUtf8"),
        (no_text("createRecordList", "{}"), "listBodyNotBase64"),
        (with_body("deleteRecords", " "), "deleteBodyMissing"),
        (with_body("deleteRecords", r#""a""#), "deleteBodyShape"),
        (with_body("deleteRecords", "[]"), "deleteEmpty"),
        (with_body("deleteRecords", &too_many), "deleteTooMany"),
        (no_text("deleteRecords", not_utf8), "deleteBodyNotUtf8"),
        (no_text("deleteRecords", "{}"), "deleteBodyNotBase64"),
    ];
    for (event, example) in cases {
        let response = function.invoke(&event).await;
        assert_eq!((response.status, response.body), (StatusCode::BAD_REQUEST, error(example)), "{example}");
    }
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_body_that_is_not_json_says_where_and_quotes_nothing() {
    let function = Function::new(&Table::new().await);
    let table = [
        ("NaN", "{\"records\":[\n{\"first_name\":NaN}]}", "line 2, column 15"),
        ("a byte order mark does not count", "\u{feff}{\"records\":[Tribbiani]}", "line 1, column 13"),
        ("cut off", "{\"records\":[{\"first_name\":\"Trib", "line 1, column 31"),
        ("a comma too many", "{\"records\":[1,]}", "line 1, column 15"),
        ("two bodies", "{\"records\":[1]} {}", "line 1, column 17"),
        ("characters that Excel makes", "{\u{201c}records\u{201d}:[]}", "line 1, column 2"),
    ];
    for operation in WITH_BODY {
        for (name, body, place) in table {
            let response = function.invoke(&with_body(operation, body)).await;
            let expected = format!("The body is not JSON: the error is at {place}.");
            assert_eq!(response.body["fields"], json!([{"name": "body", "description": expected}]), "{name}");
        }
    }
}
