//! DynamoDB's limits and sizes, for the rules and the store alike: "Quotas in Amazon DynamoDB" and "DynamoDB item sizes
//! and formats" in its developer guide.

/// The largest item, in bytes.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;

/// The deepest nesting, in levels. An object is the first level, and what is in the innermost object or list is one too.
pub const MAX_LEVELS: usize = 32;

/// The longest attribute name, in bytes.
pub const MAX_NAME_BYTES: usize = 65_535;

/// The most significant digits of a number.
pub const MAX_DIGITS: usize = 38;

/// The powers of ten that a number's first digit and last digit can stand for: 1E-130 to 9.99…E+125.
pub const MAX_PLACE: i64 = 125;
pub const MIN_PLACE: i64 = -130;

/// The size of an empty map or list.
pub const CONTAINER_BYTES: usize = 3;

/// What an element of a map or list takes besides its name and value.
pub const ELEMENT_BYTES: usize = 1;

/// The size of a boolean or null.
pub const FLAG_BYTES: usize = 1;

/// Writes `text` as a JSON string. Most need no escapes.
#[expect(clippy::expect_used, reason = "writing a string to memory cannot fail")]
pub fn write_string(json: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        return serde_json::to_writer(json, text).expect("a string can be written as JSON");
    }
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
}
