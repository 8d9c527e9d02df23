//! Responses: as the operations make them, and in the format that API Gateway expects.

use std::collections::BTreeMap;
use std::io;

use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use serde_json::value::{RawValue, to_raw_value};

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

/// The text of a JSON string whose content is `body` as JSON, because Lambda's response holds the body as a string.
/// Escaping the body while it is written saves a copy of it and a second, slower pass.
#[expect(clippy::expect_used, reason = "a response has string keys only, and writing to memory cannot fail")]
fn quoted(body: &impl Serialize) -> Box<RawValue> {
    let mut text = vec![b'"'];
    body.serialize(&mut Serializer::with_formatter(&mut text, Escaping))
        .expect("every response can be written as JSON");
    text.push(b'"');
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    RawValue::from_string(text).expect("escaped text in quotes is a JSON string")
}

/// The bytes of the longest escape in JSON: `\u0000`.
const LONGEST_ESCAPE: usize = 6;

/// Writes JSON to a place within a JSON string.
struct Escaping;

impl Formatter for Escaping {
    fn begin_string<W: io::Write + ?Sized>(&mut self, text: &mut W) -> io::Result<()> {
        text.write_all(br#"\""#)
    }

    fn end_string<W: io::Write + ?Sized>(&mut self, text: &mut W) -> io::Result<()> {
        text.write_all(br#"\""#)
    }

    fn write_char_escape<W: io::Write + ?Sized>(&mut self, text: &mut W, escape: CharEscape) -> io::Result<()> {
        let mut json = [0; LONGEST_ESCAPE];
        let mut rest = &mut json[..];
        CompactFormatter.write_char_escape(&mut rest, escape)?;
        let length = LONGEST_ESCAPE - rest.len();
        write_escaped(text, &json[..length])
    }

    fn write_raw_fragment<W: io::Write + ?Sized>(&mut self, text: &mut W, json: &str) -> io::Result<()> {
        write_escaped(text, json.as_bytes())
    }
}

/// Writes `json` with escapes for what a string cannot hold: quotes, backslashes, and JSON's white space.
fn write_escaped<W: io::Write + ?Sized>(text: &mut W, json: &[u8]) -> io::Result<()> {
    let mut written = 0;
    for (place, byte) in json.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => br#"\""#,
            b'\\' => br"\\",
            b'\n' => br"\n",
            b'\r' => br"\r",
            b'\t' => br"\t",
            _ => continue,
        };
        text.write_all(&json[written..place])?;
        text.write_all(escape)?;
        written = place + 1;
    }
    text.write_all(&json[written..])
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
