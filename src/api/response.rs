//! Responses: as the operations make them, and in the format that API Gateway expects.

use std::collections::BTreeMap;

use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::json::escaped::quoted;

/// HAL (draft-kelly-json-hal), the media type of every `2xx` with a body.
pub const HAL: &str = "application/hal+json";

/// A response before it is put into a gateway's format.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers, names in lower case, each once.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON or empty, as the JSON string that Lambda takes.
    body: Box<RawValue>,
}

impl HttpResponse {
    /// A response with `body` as JSON.
    pub fn json(status: StatusCode, content_type: &'static str, body: &impl Serialize) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: quoted(body) }
    }

    /// `204 No Content`.
    pub fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// `202 Accepted`.
    pub fn accepted() -> Self {
        Self::empty(StatusCode::ACCEPTED)
    }

    #[expect(clippy::expect_used, reason = "it is written as JSON")]
    fn empty(status: StatusCode) -> Self {
        let body = to_raw_value("").expect("a string can be written as JSON");
        Self { status, headers: Vec::new(), body }
    }
}

/// A response in the format of API Gateway's Lambda proxy integration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    multi_value_headers: BTreeMap<&'static str, [String; 1]>,
    body: Box<RawValue>,
    is_base64_encoded: bool,
}

impl Response {
    /// `response` for a gateway that accepts several values for a header, or for one that accepts a single value.
    pub(crate) fn new(response: HttpResponse, multi_value_headers: bool) -> Self {
        let HttpResponse { status, headers, body } = response;
        let (multiple, single) = if multi_value_headers { (headers, Vec::new()) } else { (Vec::new(), headers) };
        Self {
            status_code: status.as_u16(),
            headers: single.into_iter().collect(),
            multi_value_headers: multiple.into_iter().map(|(name, value)| (name, [value])).collect(),
            body,
            is_base64_encoded: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_response_is_in_the_gateways_format() {
        let body = json!({"n": 1, "text": "\"ü"});
        for multi_value_headers in [true, false] {
            let created = HttpResponse::json(StatusCode::OK, HAL, &body);
            let response = serde_json::to_value(Response::new(created, multi_value_headers)).unwrap();
            assert_eq!(response["body"], body.to_string());
            let headers = if multi_value_headers { "multiValueHeaders" } else { "headers" };
            assert!(response[headers]["content-type"].is_string() || response[headers]["content-type"].is_array());
        }
        let response = serde_json::to_value(Response::new(HttpResponse::no_content(), true)).unwrap();
        assert_eq!(response, json!({"statusCode": 204, "body": "", "isBase64Encoded": false}));
    }
}
