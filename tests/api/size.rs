//! An response fits what Lambda sends back, whatever the body that was accepted.

use http::StatusCode;
use record_lists::body::{MAX_BODY_BYTES, MAX_RECORDS};
use record_lists::config::MAX_BASE_URL_BYTES;
use serde_json::Value;

use crate::support::{EXTERNAL, Function, NOTHING, PHONE_NUMBER, Response, Table, openapi, post_text};

/// Lambda's quota, in bytes.
const LAMBDA_RESPONSE_BYTES: usize = 6_291_456;

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

/// A record that is refused with as many codes as there can be, and echoed with `filling`.
fn refused(_: usize, filling: &str) -> String {
    format!(
        r#"{{"phone_numbers":[{{"phone_number":"{filling}","phone_type":""}},{{}}],"first_name":"{}","last_name":"",
        "timezone":"x","priority":0,"external_url":"","sync_external_id":true,"external_id":""}}"#,
        "x".repeat(81)
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
