//! JSON text within a JSON string: Lambda's response holds the body in one.
//!
//! A value is escaped while it is written, which saves a copy of it and a second pass over it.

use std::io;

use serde::{Serialize, Serializer};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use serde_json::value::RawValue;

use crate::api::request::body::LAMBDA_RESPONSE_BYTES;

/// The space for records in a response, in bytes. The rest of Lambda's limit is for headers, and for links that start
/// with a base URL.
pub const RECORDS_BYTES: usize = LAMBDA_RESPONSE_BYTES - 16 * 1024;

/// The space that is kept for a part from the start: a usual record rarely needs more.
const USUAL_BYTES: usize = 1_024;

/// A part of a body, as it is in Lambda's response. Only a body can be made of it, with [`quoted`].
#[derive(Debug)]
pub struct Escaped(Vec<u8>);

impl Escaped {
    /// The part that `value` becomes.
    pub fn of(value: &impl Serialize) -> Self {
        let mut text = Vec::with_capacity(USUAL_BYTES);
        write(&mut text, value);
        Self(text)
    }

    /// Its size in the response, in bytes.
    pub fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// Writes the text as bytes, which JSON does not have: [`Escaping`] takes all bytes for such a text.
impl Serialize for Escaped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

/// The text of a JSON string whose content is `body` as JSON.
#[expect(clippy::expect_used, reason = "it is written as JSON")]
pub fn quoted(body: &impl Serialize) -> Box<RawValue> {
    let mut text = vec![b'"'];
    write(&mut text, body);
    text.push(b'"');
    let text = String::from_utf8(text).expect("JSON is UTF-8");
    RawValue::from_string(text).expect("escaped text in quotes is a JSON string")
}

#[expect(clippy::expect_used, reason = "a response has string keys only, and writing to memory cannot fail")]
fn write(text: &mut Vec<u8>, value: &impl Serialize) {
    let mut serializer = serde_json::Serializer::with_formatter(text, Escaping);
    value.serialize(&mut serializer).expect("every response can be written as JSON");
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

    fn write_byte_array<W: io::Write + ?Sized>(&mut self, text: &mut W, escaped: &[u8]) -> io::Result<()> {
        text.write_all(escaped)
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn unquoted(text: &RawValue) -> String {
        serde_json::from_str(text.get()).unwrap()
    }

    #[test]
    fn a_body_is_the_same_json_within_a_string() {
        let body = json!({"n": 1, "text": "\u{1}\n\"\\ü", "list": [null, true, -1.5]});
        assert_eq!(serde_json::from_str::<Value>(&unquoted(&quoted(&body))).unwrap(), body);
        let raw: &RawValue = serde_json::from_str("{ \"a\":\t[1,\r\n\"é\\u0001\\\\\\\"\"] }").unwrap();
        assert_eq!(unquoted(&quoted(&raw)), raw.get());
    }

    #[test]
    fn a_part_is_in_the_body_as_it_was_written_before() {
        let parts = [json!({"a": "\"\\"}), json!([1, 2]), json!("\n")];
        let escaped: Vec<Escaped> = parts.iter().map(Escaped::of).collect();
        assert_eq!(quoted(&escaped).get(), quoted(&parts).get());
        assert_eq!(escaped[1].bytes(), "[1,2]".len());
        assert_eq!(escaped[2].bytes(), r#"\"\\n\""#.len());
    }
}
