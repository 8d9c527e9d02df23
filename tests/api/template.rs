//! The resources of `template.yaml`, read as JSON.

mod api;
mod data;
mod functions;
mod gradual;
mod limits;
mod monitoring;
mod parameters;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde_json::{Value, json};

/// The template as JSON. A tag becomes an object: `!Ref Table` is `{"!Ref": "Table"}`.
static TEMPLATE: LazyLock<Value> = LazyLock::new(|| {
    let template: yaml_serde::Value =
        yaml_serde::from_str(include_str!("../../template.yaml")).expect("template.yaml is YAML");
    serde_json::to_value(template).expect("every YAML value of the template has a JSON form")
});

/// The functions behind the API, by logical ID.
const API_FUNCTIONS: [&str; 3] = ["ChangeFunction", "CreateFunction", "ReadFunction"];

/// All functions.
const FUNCTIONS: [&str; 4] = ["ChangeFunction", "CreateFunction", "ReadFunction", "SweepFunction"];

/// The resources of a type, by logical ID.
fn resources(kind: &str) -> BTreeMap<&str, &Value> {
    let all = TEMPLATE["Resources"].as_object().expect("the template has resources");
    all.iter().filter(|(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.as_str(), resource)).collect()
}

/// The properties of the resource with this logical ID.
fn properties(id: &str) -> &Value {
    &TEMPLATE["Resources"][id]["Properties"]
}

/// `value` if the condition holds, and no property at all otherwise.
#[track_caller]
fn assert_optional(property: &Value, condition: &str, value: &Value) {
    assert_eq!(property, &json!({"!If": [condition, value, {"!Ref": "AWS::NoValue"}]}));
}

/// The alias by which gradual deployments reach a function.
fn alias_of(function: &str) -> Value {
    json!({"!Ref": function.replace("Function", "Alias")})
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn elements(array: &Value) -> &[Value] {
    array.as_array().unwrap_or_else(|| panic!("{array} is not an array"))
}
