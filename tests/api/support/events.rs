//! API Gateway's events: those of `events/`, and others made of them.

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use super::{bulks_of, request_text};

/// The event of `events/{name}.json`.
pub fn event(name: &str) -> Value {
    let path = format!("{}/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of all events whose name starts with `prefix`, sorted.
pub fn event_names(prefix: &str) -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/events");
    let files = std::fs::read_dir(folder).expect("the folder exists");
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap().replace(".json", ""));
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    names.sort();
    assert!(!names.is_empty(), "no event's name starts with {prefix}");
    names
}

/// The body that `event` sends, `None` if it has none. One that is not Base64, although the event says so, is as it is.
pub fn sent_body(event: &Value) -> Option<Vec<u8>> {
    let body = event["body"].as_str()?;
    if event["isBase64Encoded"] == true {
        return Some(BASE64_STANDARD.decode(body).unwrap_or_else(|_| body.into()));
    }
    Some(body.as_bytes().to_vec())
}

/// The records that `event` sends.
pub fn sent_records(event: &Value) -> Vec<Value> {
    let body = String::from_utf8(sent_body(event).expect("the event has a body")).expect("the body is text");
    let body: Value = serde_json::from_str(body.trim_start_matches('\u{feff}')).expect("the body is JSON");
    body["records"].as_array().expect("the body has records").clone()
}

/// The event that posts `body` to `list`.
pub fn post(list: &str, body: &Value) -> Value {
    post_text(list, &body.to_string())
}

/// The same, with any text as the body.
pub fn post_text(list: &str, body: &str) -> Value {
    request_text("POST", &bulks_of(list), Some(body))
}

/// The event that posts `records` to `list` with this `Idempotency-Key`.
pub fn keyed(list: &str, records: &[Value], key: &str) -> Value {
    let mut event = post(list, &json!({ "records": records }));
    event["headers"]["Idempotency-Key"] = json!(key);
    event["multiValueHeaders"]["Idempotency-Key"] = json!([key]);
    event
}

/// `event`, sent by a caller of `account`.
pub fn of_account(account: &str, mut event: Value) -> Value {
    event["requestContext"]["authorizer"]["claims"]["aid"] = json!(account);
    event
}
