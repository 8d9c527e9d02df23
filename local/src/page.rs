//! The API's reference in a browser, generated from `openapi.yaml`, with a token, lists and records filled in to try
//! out.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::json;
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};
use yaml_serde::{Mapping, Value};

use crate::gateway::{self, Gateway};
use crate::lists;
use crate::tokens::LIFETIME;

const PAGE: &str = include_str!("page.html");
const OPENAPI: &str = include_str!("../../openapi.yaml");

/// The page at `/` and what it loads. All other requests, whatever their path and method, go to `gateway`.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let assets = generate_routes(ApiDefinition {
        uri_prefix: "/swagger-ui",
        api_definition: OpenApiSource::Uri("/openapi.json"),
        title: None,
    });
    Router::new()
        .route("/", get(page))
        .route("/openapi.yaml", get(([(CONTENT_TYPE, "application/yaml")], OPENAPI)))
        .route("/openapi.json", get(openapi))
        .merge(assets.with_state(()))
        .fallback(gateway::respond)
        .method_not_allowed_fallback(gateway::respond)
        .with_state(gateway)
}

async fn page(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    Html(PAGE.replace("{token}", &gateway.issuer.token(LIFETIME)))
}

/// Serves `openapi.yaml` as JSON, with the address and the data of this server. Its members keep their order, which is
/// that of the page.
async fn openapi(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    let mut openapi: Value = yaml_serde::from_str(OPENAPI).expect("openapi.yaml is YAML");
    openapi["servers"] = yaml(&json!([{"url": "/", "description": "This server"}]));
    fill_in(&mut openapi, &stored(&gateway).await);
    let openapi = serde_json::to_string(&openapi).expect("openapi.yaml can be written as JSON");
    ([(CONTENT_TYPE, "application/json")], openapi)
}

/// A list, and its first records.
struct StoredList {
    id: String,
    name: String,
    unique_identifier_type: String,
    records: Vec<StoredRecord>,
}

struct StoredRecord {
    id: String,
    name: String,
}

impl StoredList {
    fn kind(&self) -> Value {
        self.unique_identifier_type.as_str().into()
    }
}

/// The lists with their first records. The list in which nothing is unique comes first, so that the page starts with it:
/// it accepts a record however often it is sent.
async fn stored(gateway: &Arc<Gateway>) -> Vec<StoredList> {
    let mut stored = Vec::new();
    for mut list in lists::items() {
        let records = first_records(gateway, &list["id"]).await;
        let mut take = |name| list.remove(name).expect("a list has the member");
        stored.push(StoredList {
            id: take("id"),
            name: take("name"),
            unique_identifier_type: take("unique_identifier_type"),
            records,
        });
    }
    stored.sort_by_key(|list| list.unique_identifier_type != "NOTHING");
    stored
}

async fn first_records(gateway: &Arc<Gateway>, list: &str) -> Vec<StoredRecord> {
    let request = Request::get(format!("/record-lists/{list}/records?per_page=10"))
        .header("host", "127.0.0.1")
        .header("authorization", format!("Bearer {}", gateway.issuer.token(LIFETIME)));
    let request = request.body(Body::empty()).expect("the request is valid");
    let response = gateway::send(gateway, request).await;
    let page: serde_json::Value = serde_json::from_str(response.body()).expect("the body is JSON");
    let text = |record: &serde_json::Value, name| record[name].as_str().expect("a record has the member").to_owned();
    let records = page["_embedded"]["records"].as_array().into_iter().flatten();
    let record = |record| StoredRecord {
        id: text(record, "id"),
        name: format!("{} {}", text(record, "first_name"), text(record, "last_name")),
    };
    records.map(record).collect()
}

/// Replaces the examples that are not on this server.
fn fill_in(openapi: &mut Value, lists: &[StoredList]) {
    let parameters = &mut openapi["components"]["parameters"];
    replace_example(&mut parameters["RecordListId"], Some(list_examples(lists)));
    replace_example(&mut parameters["RecordId"], Some(record_examples(lists)));
    // The page would send them every time: every request but the first would be a repetition, every change one of another
    // version, and every page a look-up or one that starts after a record which does not exist.
    for name in ["IdempotencyKey", "IfMatch", "PerPage"] {
        replace_example(&mut parameters[name], None);
    }
    for operation in operations(&mut openapi["paths"]) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_sequence_mut).into_iter().flatten();
        parameters.filter(|parameter| is_optional(parameter)).for_each(|parameter| replace_example(parameter, None));
        if let Some(body) = operation.get_mut("requestBody") {
            let mut ids = lists[0].records.iter().map(|record| record.id.as_str());
            replace_ids(body, &mut ids);
        }
    }
}

/// Whether an operation declares the parameter itself, and does not require it.
fn is_optional(parameter: &Value) -> bool {
    parameter["name"].is_string() && parameter["required"] != true
}

fn operations(paths: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = paths.as_mapping_mut().expect("openapi.yaml has paths").values_mut();
    paths.flat_map(|path| path.as_mapping_mut().expect("a path has operations").values_mut())
}

fn replace_example(parameter: &mut Value, examples: Option<Value>) {
    let parameter = parameter.as_mapping_mut().expect("openapi.yaml has the parameter");
    parameter.remove("example");
    if let Some(examples) = examples {
        parameter.insert("examples".into(), examples);
    }
}

/// Replaces every `id` in the examples of a body with the next of `ids`, until none is left.
fn replace_ids<'a>(value: &mut Value, ids: &mut impl Iterator<Item = &'a str>) {
    match value {
        Value::Sequence(elements) => elements.iter_mut().for_each(|element| replace_ids(element, ids)),
        Value::Mapping(members) => replace_members(members, ids),
        _ => {}
    }
}

fn replace_members<'a>(members: &mut Mapping, ids: &mut impl Iterator<Item = &'a str>) {
    for (name, value) in members.iter_mut() {
        if name == "id" && value.is_string() {
            *value = ids.next().map_or_else(|| value.clone(), Value::from);
        } else {
            replace_ids(value, ids);
        }
    }
}

/// The lists, by their type.
fn list_examples(lists: &[StoredList]) -> Value {
    let examples = lists.iter().map(|list| (list.kind(), example(&list.name, &list.id)));
    examples.collect::<Mapping>().into()
}

/// A record of each list, by the list's type.
fn record_examples(lists: &[StoredList]) -> Value {
    let examples = lists.iter().filter_map(|list| {
        let record = list.records.first()?;
        let summary = format!("{}, in the list {}", record.name, list.unique_identifier_type);
        Some((list.kind(), example(&summary, &record.id)))
    });
    examples.collect::<Mapping>().into()
}

fn example(summary: &str, value: &str) -> Value {
    yaml(&json!({"summary": summary, "value": value}))
}

fn yaml(value: &serde_json::Value) -> Value {
    yaml_serde::to_value(value).expect("JSON can be written as YAML")
}
