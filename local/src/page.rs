//! The API's reference in a browser, made of `openapi.yaml`, with the lists and a token filled in: ready to try out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use serde_json::json;
use swagger_ui_dist::{ApiDefinition, OpenApiSource, generate_routes};
use yaml_serde::Value;

use crate::gateway::{self, Gateway};
use crate::lists;
use crate::tokens::LIFETIME;

const PAGE: &str = include_str!("page.html");
const OPENAPI: &str = include_str!("../../openapi.yaml");

/// The page at `/` and what it loads. All other requests, whatever their path and method, go to `gateway`.
pub fn router(gateway: Arc<Gateway>) -> Router {
    let openapi = openapi();
    let assets = generate_routes(ApiDefinition {
        uri_prefix: "/swagger-ui",
        api_definition: OpenApiSource::Uri("/openapi.json"),
        title: None,
    });
    Router::new()
        .route("/", get(page))
        .route("/openapi.yaml", get(([(CONTENT_TYPE, "application/yaml")], OPENAPI)))
        .route("/openapi.json", get(([(CONTENT_TYPE, "application/json")], openapi)))
        .merge(assets.with_state(()))
        .fallback(gateway::respond)
        .method_not_allowed_fallback(gateway::respond)
        .with_state(gateway)
}

async fn page(State(gateway): State<Arc<Gateway>>) -> impl IntoResponse {
    Html(PAGE.replace("{token}", &gateway.issuer.token(LIFETIME)))
}

/// `openapi.yaml` as JSON, for this server and its lists. Its members keep their order, which is the page's.
fn openapi() -> String {
    let mut openapi: Value = yaml_serde::from_str(OPENAPI).expect("openapi.yaml is YAML");
    openapi["servers"] = yaml(&json!([{"url": "/", "description": "This server"}]));
    let parameters = &mut openapi["components"]["parameters"];
    replace_example(&mut parameters["RecordListId"], Some(record_lists()));
    replace_example(&mut parameters["RecordId"], None);
    // The page would send them every time: every request but the first would be a repetition, every change one of another
    // version, and every page a look-up or one that starts after a record which does not exist.
    for name in ["IdempotencyKey", "IfMatch", "PerPage"] {
        replace_example(&mut parameters[name], None);
    }
    optional_parameters(&mut openapi["paths"]).for_each(|parameter| replace_example(parameter, None));
    serde_json::to_string(&openapi).expect("openapi.yaml can be written as JSON")
}

fn replace_example(parameter: &mut Value, examples: Option<Value>) {
    let parameter = parameter.as_mapping_mut().expect("openapi.yaml has the parameter");
    parameter.remove("example");
    if let Some(examples) = examples {
        parameter.insert("examples".into(), examples);
    }
}

/// The parameters that an operation has for itself and does not require.
fn optional_parameters(paths: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = paths.as_mapping_mut().expect("openapi.yaml has paths").values_mut();
    let operations = paths.flat_map(|path| path.as_mapping_mut().expect("a path has operations").values_mut());
    let parameters = operations.filter_map(|operation| operation.get_mut("parameters")?.as_sequence_mut());
    parameters.flatten().filter(|parameter| parameter["name"].is_string() && parameter["required"] != true)
}

/// The lists as examples, by their type. The page starts with the first: the list in which nothing is unique, as it
/// accepts a record however often it is sent.
fn record_lists() -> Value {
    let mut lists = lists::items();
    lists.sort_by_key(|list| list["unique_identifier_type"] != "NOTHING");
    let example = |list: &HashMap<String, String>| {
        let example = json!({"summary": list["name"], "value": list["id"]});
        (Value::from(list["unique_identifier_type"].as_str()), yaml(&example))
    };
    Value::Mapping(lists.iter().map(example).collect())
}

fn yaml(value: &serde_json::Value) -> Value {
    yaml_serde::to_value(value).expect("JSON can be written as YAML")
}
