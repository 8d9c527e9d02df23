//! Sizes in Lambda's response, which holds the body as a JSON string.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::api::request::body::LAMBDA_RESPONSE_BYTES;

/// The space for records in a response, in bytes. The rest of Lambda's limit is for headers, and for links that start
/// with a base URL.
pub const RECORDS_BYTES: usize = LAMBDA_RESPONSE_BYTES - 16 * 1024;

/// `value` as JSON text.
#[expect(clippy::expect_used, reason = "the store holds nothing that is not JSON")]
pub fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a record can be written as JSON")
}

/// The size of `json` in the response, in bytes: a quote or a backslash takes two.
pub fn escaped_bytes(json: &RawValue) -> usize {
    json.get().len() + json.get().bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}
