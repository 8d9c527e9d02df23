//! Responses: as the operations make them, and in the format that API Gateway expects.

use std::collections::BTreeMap;
use std::io;

use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

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
    #[expect(clippy::expect_used, reason = "a response has string keys only, and writing to memory cannot fail")]
    pub fn json(status: StatusCode, content_type: &'static str, body: &impl Serialize) -> Self {
        let mut text = Quoted::new();
        serde_json::to_writer(&mut text, body).expect("every response can be written as JSON");
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: text.finish() }
    }

    /// `204 No Content`.
    pub fn no_content() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// `202 Accepted`.
    pub fn accepted() -> Self {
        Self::empty(StatusCode::ACCEPTED)
    }

    fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Quoted::new().finish() }
    }
}

/// Writes JSON as a JSON string, because Lambda's response holds the body as one. Escaping each byte as it is written
/// saves a copy of the body and a second, slower pass.
struct Quoted(Vec<u8>);

impl Quoted {
    fn new() -> Self {
        Self(vec![b'"'])
    }

    #[expect(clippy::expect_used, reason = "JSON is UTF-8, and its only control characters are white space")]
    fn finish(mut self) -> Box<RawValue> {
        self.0.push(b'"');
        let text = String::from_utf8(self.0).expect("JSON is UTF-8");
        RawValue::from_string(text).expect("escaped text in quotes is a JSON string")
    }
}

impl io::Write for Quoted {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        self.0.reserve(json.len() + 1);
        for &byte in json {
            match byte {
                b'"' | b'\\' => self.0.extend([b'\\', byte]),
                b'\n' => self.0.extend(b"\\n"),
                b'\r' => self.0.extend(b"\\r"),
                b'\t' => self.0.extend(b"\\t"),
                _ => self.0.push(byte),
            }
        }
        Ok(json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
    fn a_body_is_the_same_json_in_lambdas_response() {
        let raw: &RawValue = serde_json::from_str("{ \"a\":\t[1,\r\n\"é\\u0001\\\\\\\"\"] }").unwrap();
        for multi_value_headers in [true, false] {
            let created = HttpResponse::json(StatusCode::OK, HAL, &json!({"n": 1, "text": "\u{1}\n\"\\ü"}));
            let response = serde_json::to_value(Response::new(created, multi_value_headers)).unwrap();
            let body: serde_json::Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
            assert_eq!(body, json!({"n": 1, "text": "\u{1}\n\"\\ü"}));
            let headers = if multi_value_headers { "multiValueHeaders" } else { "headers" };
            assert!(response[headers]["content-type"].is_string() || response[headers]["content-type"].is_array());
            let created = HttpResponse::json(StatusCode::OK, HAL, &raw);
            let response = serde_json::to_value(Response::new(created, multi_value_headers)).unwrap();
            assert_eq!(response["body"], raw.get());
        }
        let response = serde_json::to_value(Response::new(HttpResponse::no_content(), true)).unwrap();
        assert_eq!(response, json!({"statusCode": 204, "body": "", "isBase64Encoded": false}));
    }
}
