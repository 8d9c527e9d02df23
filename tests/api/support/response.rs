//! The function's response, as its caller receives it.

use std::collections::HashSet;

use http::{HeaderMap, StatusCode};
use local::integration;
use serde_json::Value;

use super::openapi;

/// Lambda's quota of a response, in bytes.
pub const LAMBDA_RESPONSE_BYTES: usize = 6_291_456;

/// The outcome of a record that was created.
pub const CREATED: &str = "created";
/// The outcome of a record whose reference is another's.
pub const REFERENCE_TAKEN: &str = "EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE";
/// The outcome of a record one of whose numbers is another's.
pub const NUMBER_TAKEN: &str = "PHONE_NUMBER_NOT_UNIQUE";
/// `OTHER`: for a record with an error that has no code of its own, or that could not be stored.
pub const OTHER: &str = "OTHER";

/// A response of the function.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The same, read.
    pub body: Value,
    /// The size of the response that the function returns to Lambda, in bytes.
    pub bytes: usize,
}

impl Response {
    /// Reads the function's response to `event`, which `openapi.yaml` must describe.
    pub fn read(event: &Value, handed: &str) -> Self {
        let response = integration::response(handed).unwrap_or_else(|error| panic!("{error}: {handed:.2000}"));
        let response = Self { bytes: handed.len(), ..Self::from(response) };
        openapi::assert_describes(openapi::operation_of(event), &response);
        response
    }

    /// A header that occurs once, `None` if it is absent.
    pub fn header(&self, name: &str) -> Option<&str> {
        assert!(self.headers.get_all(name).iter().count() <= 1, "{name} occurs twice");
        self.headers.get(name).map(|value| value.to_str().expect("a header is ASCII"))
    }

    /// The records of the response; none if it is an error.
    pub fn any_records(&self) -> &[Value] {
        self.body["_embedded"]["records"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The records of the `201`.
    pub fn records(&self) -> &[Value] {
        assert_eq!(self.status, StatusCode::CREATED, "{self:?}");
        self.any_records()
    }

    /// The outcome of each record: its ID, or its error codes.
    pub fn outcomes(&self) -> Vec<Result<String, Vec<String>>> {
        let codes =
            |errors: &Value| errors.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        let outcome = |record: &Value| match record.get("errors") {
            Some(errors) => Err(codes(errors)),
            None => Ok(record["id"].as_str().expect("a created record has an ID").to_owned()),
        };
        self.records().iter().map(outcome).collect()
    }

    /// The IDs of the created records, which are all different.
    pub fn created_ids(&self) -> HashSet<String> {
        let created: Vec<String> = self.outcomes().into_iter().flatten().collect();
        let ids: HashSet<String> = created.iter().cloned().collect();
        assert_eq!(ids.len(), created.len(), "an ID occurs twice in the response");
        ids
    }

    /// The outcome of each record, easy to compare: [`CREATED`], or its codes joined by a space.
    pub fn summary(&self) -> Vec<String> {
        self.outcomes()
            .into_iter()
            .map(|outcome| outcome.map_or_else(|codes| codes.join(" "), |_| CREATED.to_owned()))
            .collect()
    }
}

impl From<http::Response<String>> for Response {
    fn from(response: http::Response<String>) -> Self {
        let (parts, text) = response.into_parts();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("a body is JSON") };
        Self { status: parts.status, headers: parts.headers, bytes: text.len(), text, body }
    }
}
