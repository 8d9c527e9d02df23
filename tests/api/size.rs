//! A response fits what Lambda sends back, whatever the body that was accepted.

use http::StatusCode;
use record_lists::{MAX_BASE_URL_BYTES, MAX_BODY_BYTES, MAX_RECORDS};
use serde_json::{Value, json};

use crate::support::{
    EXTERNAL, Function, LAMBDA_RESPONSE_BYTES, NOTHING, PHONE_NUMBER, Response, Table, openapi, post_text, record,
};

fn base_url() -> String {
    let start = "https://api.example.com/";
    format!("{start}{}", "a".repeat(MAX_BASE_URL_BYTES - start.len()))
}

/// A body of `bytes` bytes: as many records as are allowed, each what `record` makes of a filling of some length.
fn body(bytes: usize, unit: &str, record: impl Fn(usize, &str) -> String) -> String {
    let record_of = |index: usize, length: usize| record(index, &unit.repeat(length / unit.len()));
    let around = (0..MAX_RECORDS).map(|index| record_of(index, 0).len() + 1).sum::<usize>() + 20;
    let length = (bytes - around) / MAX_RECORDS;
    let records: Vec<String> = (0..MAX_RECORDS).map(|index| record_of(index, length)).collect();
    let body = format!(r#"{{"records":[{}]}}"#, records.join(","));
    body.clone() + &" ".repeat(bytes - body.len())
}

/// Texts that grow the most from body to response, from response to response, or not at all.
const UNITS: [&str; 4] = [r#"\""#, r"\n", r"\u0001", "x"];

/// A record that is refused with as many codes and fields as there can be, and echoed with `filling`. One field's name is
/// as long as can be, all of what JSON escapes the most.
fn refused(_: usize, filling: &str) -> String {
    format!(
        r#"{{"phone_numbers":[{{"phone_number":"{filling}","phone_type":""}}{}],"first_name":"{}","last_name":"",
        "timezone":"x","priority":0,"external_url":"x","sync_external_id":true,"external_id":"",
        "extra_data":{{"{}":{{"":1}}}}}}"#,
        ",{}".repeat(12),
        "x".repeat(81),
        r"\u0001".repeat(200),
    )
}

/// A record that is created with `filling`, whose number occurs twice in the response.
fn created(index: usize, filling: &str) -> String {
    let name = format!("{index}{}", r"\u0001".repeat(70));
    format!(
        r#"{{"phone_number":"+1202555{index:04}","first_name":"{name}","last_name":"{name}","priority":10,
        "timezone":"America/Argentina/Buenos_Aires","external_provider":"","external_id":"{index}{filling}"}}"#,
    )
}

fn total(response: &Response, member: &str) -> Value {
    assert_eq!(response.status, StatusCode::CREATED, "{:.200}", response.text);
    response.body[member].clone()
}

#[tokio::test]
async fn the_response_to_the_largest_body_fits_if_every_record_is_refused() {
    let function = Function::with_base_url(&Table::new().await, &base_url());
    for unit in UNITS {
        let response = function.invoke(&post_text(EXTERNAL, &body(MAX_BODY_BYTES, unit, refused))).await;
        assert_eq!(total(&response, "total_errors"), MAX_RECORDS, "{unit:?}");
        let refused = &response.records()[0];
        assert_eq!(refused["errors"].as_array().unwrap().len(), 8, "{unit:?}: {}", refused["errors"]);
        let fields = refused["fields"].as_array().unwrap();
        assert_eq!((fields.len(), fields[19]["name"].as_str().unwrap().len()), (20, 200), "{unit:?}");
        assert!(response.bytes < LAMBDA_RESPONSE_BYTES, "{unit:?}: {}", response.bytes);
    }
}

#[tokio::test]
async fn the_response_to_the_largest_body_fits_if_every_record_is_created() {
    for unit in UNITS {
        let function = Function::with_base_url(&Table::new().await, &base_url());
        let response = function.invoke(&post_text(PHONE_NUMBER, &body(MAX_BODY_BYTES, unit, created))).await;
        assert_eq!(total(&response, "total_created"), MAX_RECORDS, "{unit:?}");
        assert!(response.bytes < LAMBDA_RESPONSE_BYTES, "{unit:?}: {}", response.bytes);
    }
}

#[tokio::test]
async fn the_response_to_the_most_white_space_fits() {
    let function = Function::with_base_url(&Table::new().await, &base_url());
    let record = |index: usize, filling: &str| {
        let names = r#""first_name":"a","last_name":"b""#;
        format!(r#"{{"phone_number":"+1202555{index:04}",{names},"extra_data":{{{filling}}}}}"#)
    };
    for unit in ["\n", "\t", "\r", " "] {
        let response = function.invoke(&post_text(NOTHING, &body(MAX_BODY_BYTES, unit, record))).await;
        assert_eq!(total(&response, "total_created"), MAX_RECORDS, "{unit:?}");
        assert!(response.bytes < LAMBDA_RESPONSE_BYTES, "{unit:?}: {}", response.bytes);
    }
}

#[tokio::test]
async fn one_byte_more_is_too_large() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let largest = body(MAX_BODY_BYTES, "x", refused);
    assert_eq!(function.invoke(&post_text(NOTHING, &largest)).await.status, StatusCode::CREATED);
    let response = function.invoke(&post_text(NOTHING, &(largest + " "))).await;
    assert_eq!((response.status, response.body), (StatusCode::PAYLOAD_TOO_LARGE, openapi::error("payloadTooLarge")));
    assert_eq!(table.items().await, []);
}

/// A created record has the members that were sent, its ID, list, first number, timestamps and links, and no errors.
#[tokio::test]
async fn the_response_to_valid_records_is_no_larger_than_it_must_be() {
    let base = "https://api.example.com/v1";
    let function = Function::with_base_url(&Table::new().await, base);
    let records: Vec<Value> = (1000..1100).map(record).collect();
    let response = function.post(EXTERNAL, &records).await;
    let (id, time) = ("8b2c9a39-8a05-5f10-b6a3-5e5c2a0e1ab4", "2026-11-23T12:34:56.789Z");
    let list = format!("{base}/record-lists/{EXTERNAL}");
    let added = json!({
        "id": id, "record_list_id": EXTERNAL, "phone_number": "+12025551000", "created_at": time, "updated_at": time,
        "_links": {"self": {"href": format!("{list}/records/{id}")}, "record_list": {"href": list}},
    });
    let around = json!({
        "record_list_id": EXTERNAL, "has_error": false, "total_errors": 0, "total_created": 100,
        "_links": {"self": {"href": format!("{list}/records")}, "record_list": {"href": list}},
        "_embedded": {"records": []},
    });
    let length = |value: &Value| value.to_string().len();
    // Two objects become one: a brace less each, and a comma.
    let records: usize = records.iter().map(|sent| length(sent) + length(&added) - 1).sum();
    assert_eq!(response.text.len(), length(&around) + records + 99);
}
