//! The records that the lists start with: what the events of `events/` read and delete.
//!
//! No two events change the same record, so that each finds its own, in whatever order they are sent.

use std::collections::BTreeMap;

use axum::http::Request;
use record_lists::App;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{dynamodb, function, integration, template, tokens};

/// By the ID of their list.
const RECORDS: &str = include_str!("../records.json");

/// With a key, the records of a list in which nothing is unique have the same IDs on every machine.
const KEY: &str = "sample";

/// The function on `table` of the DynamoDB at `endpoint`. If the table does not exist, it is created with the lists and
/// their records; what a file kept stays as it is.
pub async fn app(endpoint: &str, table: &str) -> App {
    let app = function::app(endpoint, table, &[]);
    if dynamodb::set_up(endpoint, table).await {
        store(&app).await;
    }
    app
}

/// Has `app` store the records.
pub async fn store(app: &App) {
    let lists: BTreeMap<String, Box<RawValue>> = serde_json::from_str(RECORDS).expect("records.json is an object");
    for (list, records) in lists {
        let response = function::invoke(app, &event(&list, &records), template::timeout()).await;
        let response = response.map(|response| integration::response(&response).expect("it is API Gateway's"));
        let response = response.expect("the event is API Gateway's");
        let body: Value = serde_json::from_str(response.body()).expect("a body is JSON");
        assert_eq!(body["total_errors"], 0, "every record of records.json is valid: {body}");
    }
}

/// The event that creates `records` in `list`.
fn event(list: &str, records: &RawValue) -> String {
    let request = Request::post(format!("/record-lists/{list}/records/bulks"));
    let request = request.header("host", "127.0.0.1").header("idempotency-key", KEY);
    let (request, ()) = request.body(()).expect("the request is valid").into_parts();
    let body = format!(r#"{{"records": {records}}}"#);
    integration::event(&request, body.as_bytes(), &tokens::claims(), KEY).to_string()
}
