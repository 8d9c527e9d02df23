//! `openapi.yaml`: every response of the tests is held against it, and the texts of errors are taken from it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use http::HeaderName;
use jsonschema::Validator;
use record_lists::{ENDPOINTS, Endpoint};
use serde_json::{Value, json};

use super::Response;

/// The document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(include_str!("../../../openapi.yaml")).expect("openapi.yaml is YAML"));
static RESPONSES: LazyLock<BTreeMap<&str, BTreeMap<u16, Documented>>> = LazyLock::new(|| {
    let documented = |endpoint: &Endpoint| {
        let id = endpoint.operation.into();
        (id, responses(id).map(|(status, response)| (status, Documented::of(response))).collect())
    };
    ENDPOINTS.iter().map(documented).collect()
});

/// The operation of this `operationId`.
pub fn operation(id: &str) -> &'static Value {
    let paths = DOCUMENT["paths"].as_object().expect("the document has paths").values();
    let mut operations = paths.flat_map(|path| path.as_object().expect("a path has operations").values());
    operations.find(|operation| operation["operationId"] == id).unwrap_or_else(|| panic!("{id} is not documented"))
}

/// The documented responses of the operation `id`, by status.
pub fn responses(id: &str) -> impl Iterator<Item = (u16, &'static Value)> {
    let responses = operation(id)["responses"].as_object().expect("an operation has responses");
    responses.iter().map(|(status, response)| (status.parse().expect("a status is a number"), resolved(response)))
}

/// `value`, or the value that it refers to.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} does not exist")),
        None => value,
    }
}

/// A validator of `schema`, whose references point into the document.
pub fn validator(schema: &Value) -> Validator {
    build(schema, &DOCUMENT["components"])
}

/// The same, but objects have no members that the document does not name. Clients must expect more; tests must not.
pub fn strict_validator(schema: &Value) -> Validator {
    static CLOSED: LazyLock<Value> = LazyLock::new(|| {
        let mut components = DOCUMENT["components"].clone();
        components["schemas"].as_object_mut().expect("there are schemas").values_mut().for_each(close);
        components
    });
    build(schema, &CLOSED)
}

fn close(schema: &mut Value) {
    if schema["type"] == "object" && schema["properties"].is_object() {
        schema.as_object_mut().expect("a schema is an object").entry("additionalProperties").or_insert(json!(false));
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(close);
    }
    if let Some(items) = schema.get_mut("items") {
        close(items);
    }
}

fn build(schema: &Value, components: &Value) -> Validator {
    let schema = json!({"allOf": [schema], "components": components});
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is valid")
}

/// Fails if `instance` breaks the schema.
#[track_caller]
pub fn assert_valid(validator: &Validator, instance: &Value, what: &str) {
    let errors: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{instance:#}");
}

struct Documented {
    /// The media type and the schema of the body, if there is one.
    body: Option<(&'static str, Validator)>,
    headers: BTreeMap<String, Header>,
}

struct Header {
    required: bool,
    schema: &'static Value,
    validator: Validator,
}

impl Documented {
    fn of(response: &'static Value) -> Self {
        let content = response["content"].as_object().and_then(|content| content.iter().next());
        let body = content.map(|(media_type, content)| (media_type.as_str(), strict_validator(&content["schema"])));
        let headers = response["headers"].as_object().expect("a response has headers");
        let headers = headers.iter().map(|(name, header)| (name.to_lowercase(), Header::of(resolved(header))));
        Self { body, headers: headers.collect() }
    }
}

impl Header {
    fn of(header: &'static Value) -> Self {
        let schema = &header["schema"];
        Self { required: header["required"] == true, schema, validator: validator(schema) }
    }

    fn assert_valid(&self, text: &str, name: &str) {
        let value = if self.schema["type"] == "integer" { text.parse().unwrap_or_default() } else { json!(text) };
        assert_valid(&self.validator, &value, name);
    }
}

/// Fails if the document does not describe `response` of the operation `id`: its status, media type, body, and every
/// header. That no response is to be stored is said once, for all of them.
#[track_caller]
pub fn assert_describes(id: &str, response: &Response) {
    let status = response.status;
    let Some(documented) = RESPONSES[id].get(&status.as_u16()) else {
        panic!("{status} of {id} is not documented");
    };
    let content_type = documented.body.as_ref().map(|(media_type, _)| *media_type);
    assert_eq!(response.header("content-type"), content_type, "{status} of {id}");
    assert_eq!(response.header("cache-control"), Some("no-store"), "{status} of {id}");
    match &documented.body {
        Some((_, schema)) => assert_valid(schema, &response.body, &format!("{status} of {id}")),
        None => assert_eq!(response.text, "", "{status} of {id}"),
    }
    for (name, header) in &documented.headers {
        match response.header(name) {
            Some(text) => header.assert_valid(text, name),
            None => assert!(!header.required, "{status} of {id}: {name} is missing"),
        }
    }
    let is_documented = |name: &HeaderName| {
        ["cache-control", "content-type"].contains(&name.as_str()) || documented.headers.contains_key(name.as_str())
    };
    assert_eq!(response.headers.keys().find(|name| !is_documented(name)), None, "{status} of {id}");
}

/// The operation that `event` asks for. Any one documents the 404 of a path and the 405 of a method that do not exist.
pub fn operation_of(event: &Value) -> &'static str {
    let path = event["pathParameters"]["proxy"].as_str().map(|proxy| format!("/{proxy}"));
    let path = path.or_else(|| event["path"].as_str().or(event["rawPath"].as_str()).map(str::to_owned));
    let path = path.unwrap_or_default();
    let method = event["httpMethod"].as_str().or(event["requestContext"]["http"]["method"].as_str());
    let is_meant = |endpoint: &&Endpoint| method == Some(endpoint.method) && is_suffix(endpoint.path, &path);
    let longest = ENDPOINTS.iter().filter(is_meant).max_by_key(|endpoint| endpoint.path.matches('/').count());
    let bulks = ENDPOINTS.iter().find(|endpoint| is_meant(endpoint) && endpoint.path.ends_with("bulks"));
    bulks.or(longest).map_or("createRecords", |endpoint| endpoint.operation.into())
}

/// Whether `path` ends with a match of `pattern`.
fn is_suffix(pattern: &str, path: &str) -> bool {
    let mut segments = path.rsplit('/');
    pattern.rsplit('/').filter(|segment| !segment.is_empty()).all(|expected| {
        segments.next().is_some_and(|segment| !segment.is_empty() && (expected.starts_with('{') || expected == segment))
    })
}

/// The body of the error response that the document shows as the example `name`.
pub fn error(name: &str) -> Value {
    let responses = DOCUMENT["components"]["responses"].as_object().expect("the document has responses").values();
    let mut examples = responses.map(|response| &response["content"]["application/json"]["examples"][name]["value"]);
    let example = examples.find(|example| !example.is_null());
    example.unwrap_or_else(|| panic!("openapi.yaml has no example {name}")).clone()
}
