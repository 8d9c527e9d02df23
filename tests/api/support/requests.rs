//! Requests of any operation, by a caller who may do everything.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Function, Response, event, post_text};

/// The base of all URLs in the events: host and stage.
pub const API: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod";

/// The event that sends `method` to `target`: a link of a response, or the part of one that follows the stage.
pub fn request(method: &str, target: &str, body: Option<&Value>) -> Value {
    request_text(method, target, body.map(Value::to_string).as_deref())
}

/// The same, with any text as the body.
pub fn request_text(method: &str, target: &str, body: Option<&str>) -> Value {
    let target = target.strip_prefix(API).unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut event = event("201-all-created");
    event["httpMethod"] = json!(method);
    event["path"] = json!(path);
    event["pathParameters"]["proxy"] = json!(path[1..]);
    event["requestContext"]["httpMethod"] = json!(method);
    event["requestContext"]["path"] = json!(format!("/prod{path}"));
    event["body"] = json!(body);
    if !query.is_empty() {
        event["multiValueQueryStringParameters"] = parameters(query);
    }
    event
}

fn parameters(query: &str) -> Value {
    let mut parameters = json!({});
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &mut parameters[&*name] {
            Value::Array(values) => values.push(json!(value)),
            none => *none = json!([value]),
        }
    }
    parameters
}

/// `event`, which takes effect only if its record has one of the ETags in `if_match`.
pub fn with_if_match(mut event: Value, if_match: &str) -> Value {
    event["headers"]["If-Match"] = json!(if_match);
    event["multiValueHeaders"]["If-Match"] = json!([if_match]);
    event
}

/// The target of the records of `list`.
pub fn records_of(list: &str) -> String {
    format!("/record-lists/{list}/records")
}

/// The target of the bulk operations on `list`.
pub fn bulks_of(list: &str) -> String {
    format!("/record-lists/{list}/records/bulks")
}

/// The target of the record `id` of `list`.
pub fn record_of(list: &str, id: &str) -> String {
    format!("/record-lists/{list}/records/{id}")
}

/// The link `name` of `response`.
pub fn link<'a>(response: &'a Value, name: &str) -> &'a str {
    response["_links"][name]["href"].as_str().unwrap_or_else(|| panic!("there is no link {name}: {response:#}"))
}

impl Function {
    /// Reads the resource at `target`.
    pub async fn get(&self, target: &str) -> Response {
        self.invoke(&request("GET", target, None)).await
    }

    /// Deletes the record that is at `target`.
    pub async fn delete(&self, target: &str) -> Response {
        self.invoke(&request("DELETE", target, None)).await
    }

    /// Deletes the records of `list` that `entries` name.
    pub async fn delete_all(&self, list: &str, entries: &[Value]) -> Response {
        self.invoke(&request("DELETE", &bulks_of(list), Some(&json!(entries)))).await
    }

    /// The record as it is now read.
    pub async fn read(&self, record: &Value) -> Value {
        self.get(link(record, "self")).await.body
    }

    /// Changes the resource at `target`.
    pub async fn patch(&self, target: &str, patch: &Value) -> Response {
        self.invoke(&request("PATCH", target, Some(patch))).await
    }

    /// Brings the records of `list` up to date that `patches` name.
    pub async fn patch_all(&self, list: &str, patches: &[Value]) -> Response {
        self.patch(&bulks_of(list), &json!({ "records": patches })).await
    }

    /// Posts records to `list`, each as the JSON text that is sent.
    pub async fn post_texts(&self, list: &str, records: &[String]) -> Response {
        self.invoke(&post_text(list, &format!(r#"{{"records":[{}]}}"#, records.join(",")))).await
    }

    /// Posts `record` to `list`, which must accept it. Returns it as it was created.
    pub async fn create(&self, list: &str, record: &Value) -> Value {
        let response = self.post(list, std::slice::from_ref(record)).await;
        assert_eq!(response.body["total_created"], 1, "{response:?}");
        response.records()[0].clone()
    }
}
