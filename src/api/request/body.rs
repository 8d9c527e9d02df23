//! A request's body: its media type, its size, and the JSON in it.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::api::error::Error;
use crate::api::event::{BodyError, Event};
use crate::config::MAX_BASE_URL_BYTES;
use crate::field::Field;

/// The most records of a request.
pub const MAX_RECORDS: usize = 100;

/// The largest response that Lambda returns, in bytes of JSON: "invocation payload, synchronous", in Lambda's quotas.
pub const LAMBDA_RESPONSE_BYTES: usize = 6_291_456;

/// The most that a response adds to a record that was sent, in bytes: three links that start with a base URL, each with
/// a list ID and record ID of 36 bytes, timestamps and member names; or every error code and twenty `fields`.
const RECORD_RESPONSE_BYTES: usize = 3 * 2 * MAX_BASE_URL_BYTES + 3_072;

/// The largest body, in bytes, whose response is certain to fit Lambda's limit.
///
/// A response repeats what was sent. Lambda's response holds it as a JSON string, in which a byte of JSON becomes at
/// most two (a quote, a backslash, a line feed).
pub const MAX_BODY_BYTES: usize = (LAMBDA_RESPONSE_BYTES - (MAX_RECORDS + 1) * RECORD_RESPONSE_BYTES) / 2;

/// A body whose header says that it is JSON, and that is not too large.
pub struct Body<'a> {
    bytes: Cow<'a, [u8]>,
    is_base64: bool,
}

impl<'a> Body<'a> {
    /// Checks everything that does not require parsing the body: its media type, its coding and its size.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedMediaType`], [`Error::UnsupportedContentCoding`] or [`Error::PayloadTooLarge`];
    /// [`Error::Internal`] if the gateway sent something that is not text.
    pub fn of(event: &'a Event) -> Result<Self, Error> {
        Self::of_type(event, is_json, None)
    }

    /// The same for a patch of one resource, whose media type is that of a merge patch (RFC 7396), or JSON.
    ///
    /// # Errors
    ///
    /// As [`Body::of`].
    pub fn of_patch(event: &'a Event) -> Result<Self, Error> {
        Self::of_type(event, is_merge_patch, Some("application/merge-patch+json, application/json"))
    }

    /// The same for patches of several records.
    ///
    /// # Errors
    ///
    /// As [`Body::of`].
    pub fn of_bulk_patch(event: &'a Event) -> Result<Self, Error> {
        Self::of_type(event, is_json, Some("application/json"))
    }

    /// `accept_patch` is the header (RFC 5789 section 3.1) of a refusal.
    fn of_type(
        event: &'a Event,
        is_accepted: fn(&str) -> bool,
        accept_patch: Option<&'static str>,
    ) -> Result<Self, Error> {
        if !event.header("content-type").into_iter().all(is_accepted) {
            return Err(Error::UnsupportedMediaType { accept_patch });
        }
        let (bytes, is_base64) = match event.body() {
            Ok(body) => (body.unwrap_or_default(), true),
            Err(BodyError::NotBase64) => (Cow::default(), false),
            Err(BodyError::NotText) => return Err(Error::Internal),
        };
        if event.header("content-encoding").into_iter().any(is_coded) && !may_be_json(&bytes) {
            return Err(Error::UnsupportedContentCoding);
        }
        if bytes.len() > MAX_BODY_BYTES {
            return Err(Error::PayloadTooLarge);
        }
        Ok(Self { bytes, is_base64 })
    }

    /// The body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, without a byte order mark, which a reader can ignore (RFC 8259 section 8.1).
    fn text(&self) -> Result<&str, Field> {
        if !self.is_base64 {
            return Err(Field::new("body", "The body is not Base64, although the request says that it is."));
        }
        let text = str::from_utf8(&self.bytes).map_err(|_| Field::new("body", "The body is not UTF-8."))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() { Err(Field::new("body", "The body is missing.")) } else { Ok(text) }
    }

    /// Reads the body as a JSON value of type `T` that begins with `start`, a brace or a bracket. A derived
    /// `Deserialize` alone would accept an array of the members' values as an object.
    ///
    /// # Errors
    ///
    /// The fault of the body: `shape`, if it is JSON but not a `T`.
    pub fn read<'b, T: Deserialize<'b>>(&'b self, start: char, shape: &'static str) -> Result<T, Field> {
        let text = self.text()?;
        let value = if text.trim_start().starts_with(start) { serde_json::from_str(text).ok() } else { None };
        value.ok_or_else(|| match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Field::new("body", shape),
            Err(error) => Field { name: "body".into(), description: not_json(&error).into() },
        })
    }
}

fn not_json(error: &serde_json::Error) -> String {
    format!("The body is not JSON: the error is at line {}, column {}.", error.line(), error.column())
}

/// `application/json`, or a type with the suffix `+json` (RFC 6839), whatever its parameters.
fn is_json(media_types: &str) -> bool {
    essences(media_types).iter().all(|essence| {
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    })
}

/// `application/merge-patch+json` or `application/json`, whatever their parameters.
fn is_merge_patch(media_types: &str) -> bool {
    let accepted = ["application/merge-patch+json", "application/json"];
    essences(media_types).iter().all(|essence| accepted.contains(&essence.as_str()))
}

/// The media types of a header without their parameters. A header that was sent twice can arrive joined by a comma.
fn essences(media_types: &str) -> Vec<String> {
    let mut quoted = false;
    let media_types = media_types.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    media_types.map(|media_type| media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()).collect()
}

fn is_coded(coding: &str) -> bool {
    coding.split(',').any(|coding| !matches!(coding.trim().to_ascii_lowercase().as_str(), "" | "identity"))
}

/// Whether `body` can be JSON text. If so, it was never encoded, or API Gateway has already decoded it.
fn may_be_json(body: &[u8]) -> bool {
    let text = str::from_utf8(body).map(|text| text.trim_start_matches('\u{feff}').trim_start());
    text.is_ok_and(|text| {
        text.is_empty() || text.starts_with(|c: char| c.is_ascii_alphanumeric() || "{[\"-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_has_many_media_types() {
        let table = [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/vnd.api+json", true),
            ("application/json,application/json", true),
            ("application/json; profile=\"a,b\", application/json", true),
            ("application/json,text/csv", false),
            ("text/csv", false),
            ("application/jsonp", false),
            ("text/json+json", false),
            ("", false),
        ];
        for (media_type, expected) in table {
            assert_eq!(is_json(media_type), expected, "{media_type}");
        }
    }

    #[test]
    fn a_coding_matters_only_while_the_body_is_in_it() {
        let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03";
        let lossy = "\u{1f}\u{fffd}\u{8}";
        let table: [(&str, &[u8], bool); 7] = [
            ("gzip", gzip, false),
            ("GZIP", lossy.as_bytes(), false),
            ("identity, br", b"\x8b\x02\x80", false),
            ("gzip", b"{\"records\":[]}", true),
            ("gzip", b"\xef\xbb\xbf [1]", true),
            ("gzip", b"", true),
            ("identity", gzip, true),
        ];
        for (coding, body, expected) in table {
            assert_eq!(!is_coded(coding) || may_be_json(body), expected, "{coding} {body:?}");
        }
    }

    #[test]
    fn a_body_that_cannot_be_read_says_why() {
        let shape = "It must be an object.";
        let table: [(&str, &str, bool, &str); 8] = [
            ("empty", "", false, "The body is missing."),
            ("blank", " \n", false, "The body is missing."),
            ("a byte order mark alone", "\u{feff}", false, "The body is missing."),
            ("not UTF-8", "eyL/In0=", true, "The body is not UTF-8."),
            ("not Base64", "{}", true, "The body is not Base64, although the request says that it is."),
            ("NaN", "{\n\"a\": NaN}", false, "The body is not JSON: the error is at line 2, column 6."),
            ("after a byte order mark", "\u{feff}{]", false, "The body is not JSON: the error is at line 1, column 2."),
            ("an array", "[1]", false, shape),
        ];
        for (name, body, base64, expected) in table {
            let event = json!({"httpMethod": "POST", "path": "/", "body": body, "isBase64Encoded": base64});
            let event: Event = serde_json::from_value(event).unwrap();
            let error = Body::of(&event).unwrap().read::<IgnoredAny>('{', shape).unwrap_err();
            assert_eq!((error.name.as_ref(), error.description.as_ref()), ("body", expected), "{name}");
        }
    }
}
