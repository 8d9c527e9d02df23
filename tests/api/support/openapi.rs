//! `openapi.yaml`: every response of the tests is held against it, and the texts of errors are taken from it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::Response;

/// The document.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(include_str!("../../../openapi.yaml")).expect("openapi.yaml is YAML"));
static RESPONSES: LazyLock<BTreeMap<u16, Documented>> = LazyLock::new(|| responses(Documented::of));

const OPERATION: &str = "/paths/~1record-lists~1{record_list_id}~1records~1bulks/post";

/// The operation.
pub fn operation() -> &'static Value {
    DOCUMENT.pointer(OPERATION).expect("the document has the operation")
}

/// What `read` makes of each documented response, by status.
pub fn responses<T>(read: impl Fn(&'static Value) -> T) -> BTreeMap<u16, T> {
    let responses = operation()["responses"].as_object().expect("the operation has responses");
    let read = |(status, response): (&String, &'static Value)| {
        (status.parse().expect("a status is a number"), read(resolved(response)))
    };
    responses.iter().map(read).collect()
}

/// `value`, or what it refers to.
pub fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} does not exist")),
        None => value,
    }
}

/// A validator of `schema`, whose references point into the document.
pub fn validator(schema: &Value) -> Validator {
    let schema = json!({"allOf": [schema], "components": DOCUMENT["components"]});
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
    media_type: &'static str,
    body: Validator,
    headers: BTreeMap<String, Header>,
}

struct Header {
    required: bool,
    schema: &'static Value,
    validator: Validator,
}

impl Documented {
    fn of(response: &'static Value) -> Self {
        let content = response["content"].as_object().expect("a response has content");
        let (media_type, content) = content.iter().next().expect("a response has a media type");
        let headers = response["headers"].as_object().expect("a response has headers");
        let headers = headers.iter().map(|(name, header)| (name.to_lowercase(), Header::of(resolved(header))));
        Self { media_type, body: validator(&content["schema"]), headers: headers.collect() }
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

/// Fails if the document does not describe `response`: its status, media type, body, and every header.
#[track_caller]
pub fn assert_describes(response: &Response) {
    let Some(documented) = RESPONSES.get(&response.status.as_u16()) else {
        panic!("{} is not documented", response.status);
    };
    assert_eq!(response.header("content-type"), Some(documented.media_type), "{}", response.status);
    assert_valid(&documented.body, &response.body, response.status.as_str());
    for (name, header) in &documented.headers {
        match response.header(name) {
            Some(text) => header.assert_valid(text, name),
            None => assert!(!header.required, "{}: {name} is missing", response.status),
        }
    }
    let undocumented =
        response.headers.keys().find(|name| *name != "content-type" && !documented.headers.contains_key(name.as_str()));
    assert_eq!(undocumented, None, "{}", response.status);
}

/// The body of the error response that the document shows as the example `name`.
pub fn error(name: &str) -> Value {
    let examples = responses(|response| &response["content"]["application/json"]["examples"][name]["value"]);
    let example = examples.into_values().find(|example| !example.is_null());
    example.unwrap_or_else(|| panic!("openapi.yaml has no example {name}")).clone()
}
