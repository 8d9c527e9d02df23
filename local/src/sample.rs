//! The data that the events of `events/` read, change and delete: the records that the lists start with, and two more
//! lists.
//!
//! No two events change the same record, so they can be sent in any order.

use std::collections::BTreeMap;

use axum::http::{Method, Request};
use record_lists::App;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::{dynamodb, function, integration, template, tokens};

/// The records, by the ID of their list.
const RECORDS: &str = include_str!("../records.json");

/// The `Idempotency-Key`, with which records have the same IDs on every machine, even in a list in which nothing is
/// unique.
const KEY: &str = "sample";

/// The function on `table` of the DynamoDB at `endpoint`. If the table does not exist, it is created with the lists and
/// their records.
pub async fn app(endpoint: &str, table: &str) -> App {
    let app = function::app(endpoint, table, &[]);
    if dynamodb::set_up(endpoint, table).await {
        store(&app).await;
    }
    app
}

/// Makes `app` store the records, create the list that an event deletes, and delete the list that an event would create
/// again.
pub async fn store(app: &App) {
    let lists: BTreeMap<String, Box<RawValue>> = serde_json::from_str(RECORDS).expect("records.json is an object");
    for (list, records) in lists {
        let body = format!(r#"{{"records": {records}}}"#);
        let body = send(app, Method::POST, &format!("/record-lists/{list}/records/bulks"), KEY, &body).await;
        assert_eq!(body["total_errors"], 0, "every record of records.json is valid: {body}");
    }
    create_list(app, "old-leads", "Old leads").await;
    let deleted = create_list(app, "older-leads", "Older leads").await;
    send(app, Method::DELETE, &format!("/record-lists/{deleted}"), KEY, "").await;
}

/// Creates a list whose ID is the same on every machine. Returns the ID.
async fn create_list(app: &App, key: &str, name: &str) -> String {
    let list = send(app, Method::POST, "/record-lists", key, &json!({"name": name}).to_string()).await;
    list["id"].as_str().expect("the list was created").to_owned()
}

/// Sends a request with the key `key`. Returns the body of the response, null if it is empty.
async fn send(app: &App, method: Method, path: &str, key: &str, body: &str) -> Value {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("host", "127.0.0.1").header("idempotency-key", key);
    let (request, ()) = request.body(()).expect("the request is valid").into_parts();
    let event = integration::event(&request, body.as_bytes(), &tokens::claims(), key).to_string();
    let response = function::invoke(app, &event, template::timeout()).await.expect("the event is API Gateway's");
    let response = integration::response(&response).expect("it is API Gateway's");
    assert!(response.status().is_success(), "{path}: {}", response.body());
    serde_json::from_str(response.body()).unwrap_or(Value::Null)
}
