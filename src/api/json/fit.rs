//! Sizes in Lambda's response, which holds the body as a JSON string.

use serde::Serialize;
use serde_json::value::RawValue;

/// `value` as JSON text.
#[expect(clippy::expect_used, reason = "the store holds nothing that is not JSON")]
pub fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("a record can be written as JSON")
}

/// The size of `json` in the response, in bytes: a quote or a backslash takes two.
pub fn escaped_bytes(json: &RawValue) -> usize {
    json.get().len() + json.get().bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}
