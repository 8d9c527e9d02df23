//! What `template.yaml` says about the function's time and about API Gateway's own answers.

use std::sync::LazyLock;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::HeaderName;
use axum::http::{HeaderValue, Response, StatusCode};
use uuid::Uuid;
use yaml_serde::Value;

static TEMPLATE: LazyLock<Value> =
    LazyLock::new(|| yaml_serde::from_str(include_str!("../../template.yaml")).expect("template.yaml is YAML"));

/// The time Lambda gives a request.
pub fn timeout() -> Duration {
    let seconds = TEMPLATE["Resources"]["CreateRecordsFunction"]["Properties"]["Timeout"].as_u64();
    Duration::from_secs(seconds.expect("the function has a timeout"))
}

/// The `ResponseType` of an answer that API Gateway gives itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayResponse {
    /// There is no token, or one that does not verify.
    Unauthorized,
    /// The token has expired.
    ExpiredToken,
    /// The body is over API Gateway's limit.
    RequestTooLarge,
}

impl GatewayResponse {
    fn response_type(self) -> &'static str {
        match self {
            Self::Unauthorized => "UNAUTHORIZED",
            Self::ExpiredToken => "EXPIRED_TOKEN",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
        }
    }

    fn properties(self) -> &'static Value {
        let resources = TEMPLATE["Resources"].as_mapping().expect("the template has resources");
        let mut properties = resources.values().map(|resource| &resource["Properties"]);
        properties
            .find(|properties| properties["ResponseType"] == self.response_type())
            .expect("the template has the gateway response")
    }

    /// The answer as the template has it.
    pub fn answer(self, request_id: Uuid) -> Response<Body> {
        let properties = self.properties();
        let body = text(&properties["ResponseTemplates"]["application/json"]);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = text(&properties["StatusCode"]).parse::<StatusCode>().expect("the status is one");
        let parameters = properties["ResponseParameters"].as_mapping().expect("the response has parameters");
        response
            .headers_mut()
            .extend(parameters.iter().map(|(name, value)| header(text(name), text(value), request_id)));
        response
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("the value is a string")
}

/// A mapping is a literal in quotes or the request's ID; the template uses no other.
fn header(parameter: &str, mapping: &str, request_id: Uuid) -> (HeaderName, HeaderValue) {
    let name = parameter.strip_prefix("gatewayresponse.header.").expect("the parameter is a header");
    let value = match mapping {
        "context.requestId" => request_id.to_string(),
        literal => literal.trim_matches('\'').to_owned(),
    };
    (name.parse().expect("the name is a header's"), value.parse().expect("the value is a header's"))
}
