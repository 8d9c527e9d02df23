//! The parts of `template.yaml` that the tests and this server need: the table, the time that a request has, and API Gateway's own error responses.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use axum::http::header::HeaderName;
use axum::http::{HeaderValue, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use yaml_serde::Value;

static TEMPLATE: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(include_str!("../../template.yaml")).expect("template.yaml is YAML"));

/// The properties of all resources of this type.
fn properties<'a>(template: &'a Value, resource_type: &str) -> impl Iterator<Item = &'a Value> {
    let resources = template["Resources"].as_mapping().expect("the template has resources");
    let resources = resources.values().filter(move |resource| resource["Type"] == resource_type);
    resources.map(|resource| &resource["Properties"])
}

fn read<T: DeserializeOwned>(properties: &Value) -> T {
    T::deserialize(properties).expect("the resource has the properties that are read")
}

/// The time that Lambda gives a request: the shortest of all functions.
#[must_use]
pub fn timeout() -> Duration {
    shortest_timeout(&TEMPLATE)
}

fn shortest_timeout(template: &Value) -> Duration {
    let common = template.get("Globals").and_then(|globals| globals["Function"]["Timeout"].as_u64());
    let functions = properties(template, "AWS::Serverless::Function");
    let timeouts = functions.map(|function| function["Timeout"].as_u64().or(common));
    let shortest = timeouts.map(|timeout| timeout.expect("every function has a timeout")).min();
    Duration::from_secs(shortest.expect("the template has a function"))
}

/// The table of lists and records, as `CreateTable` takes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Table {
    pub(crate) attribute_definitions: Vec<Attribute>,
    pub(crate) key_schema: Vec<Key>,
    pub(crate) billing_mode: String,
}

/// An attribute that a key consists of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Attribute {
    pub(crate) attribute_name: String,
    pub(crate) attribute_type: String,
}

/// The role of an attribute in the key.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Key {
    pub(crate) attribute_name: String,
    pub(crate) key_type: String,
}

impl Table {
    pub(crate) fn of_template() -> Self {
        read(properties(&TEMPLATE, "AWS::DynamoDB::Table").next().expect("the template has a table"))
    }
}

/// A reason for which API Gateway refuses a request itself. The others of its `ResponseType`s cannot occur on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponseType {
    /// There is no token, or one that does not verify.
    Unauthorized,
    /// The token has expired.
    ExpiredToken,
    /// The body is over API Gateway's limit.
    RequestTooLarge,
}

impl ResponseType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "UNAUTHORIZED",
            Self::ExpiredToken => "EXPIRED_TOKEN",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
        }
    }
}

/// An error response that API Gateway sends itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GatewayResponse {
    response_type: String,
    status_code: String,
    response_parameters: BTreeMap<String, String>,
    response_templates: BTreeMap<String, String>,
}

impl GatewayResponse {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        properties(&TEMPLATE, "AWS::ApiGateway::GatewayResponse").map(read).collect()
    }

    /// The one for this reason.
    #[must_use]
    pub fn of(response_type: ResponseType) -> Self {
        let mut all = Self::all().into_iter();
        all.find(|response| response.response_type == response_type.as_str()).expect("the template has the response")
    }

    /// The response to the request of this ID.
    #[must_use]
    pub fn respond(&self, request_id: &str) -> Response<String> {
        let mut response = Response::new(self.response_templates["application/json"].clone());
        *response.status_mut() = self.status_code.parse().expect("the status is a number");
        let headers = self.response_parameters.iter().map(|(name, mapping)| header(name, mapping, request_id));
        response.headers_mut().extend(headers);
        response
    }
}

/// A mapping is a literal in quotes or the request's ID; the template uses no other.
fn header(parameter: &str, mapping: &str, request_id: &str) -> (HeaderName, HeaderValue) {
    let name = parameter.strip_prefix("gatewayresponse.header.").expect("the parameter is a header");
    let value = match mapping {
        "context.requestId" => request_id,
        literal => literal.trim_matches('\''),
    };
    (name.parse().expect("the name is a header's"), value.parse().expect("the value is a header's"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_has_the_shortest_timeout_of_all_functions() {
        let function = |properties| format!("{{Type: 'AWS::Serverless::Function', Properties: {properties}}}");
        let table = [
            ("", "{Timeout: 15}", "{Timeout: 10}", 10),
            ("Globals: {Function: {Timeout: 5}}", "{}", "{}", 5),
            ("Globals: {Function: {Timeout: 29}}", "{}", "{Timeout: 15}", 15),
        ];
        for (globals, first, second, expected) in table {
            let (first, second) = (function(first), function(second));
            let template = format!("{globals}\nResources: {{First: {first}, Second: {second}, Table: {{Type: a}}}}");
            let template: Value = yaml_serde::from_str(&template).unwrap();
            assert_eq!(shortest_timeout(&template), Duration::from_secs(expected), "{template:?}");
        }
    }

    #[test]
    fn the_table_and_every_gateway_response_can_be_read() {
        assert_eq!(Table::of_template().key_schema.len(), 2);
        for response in GatewayResponse::all() {
            assert_eq!(response.respond("an-id").headers()["x-request-id"], "an-id", "{response:?}");
        }
    }
}
