//! A request's body to drafts: what the caller sent, of which nothing is known but that it is JSON.

use std::borrow::Cow;

use lambda_http::http::HeaderMap;
use lambda_http::http::header::CONTENT_TYPE;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::config::MAX_BASE_URL_BYTES;
use crate::decimal::Decimal;
use crate::error::{BodyError, Error};

/// The most records of a request.
pub const MAX_RECORDS: usize = 100;

/// What Lambda sends back at the most, in bytes of JSON: "invocation payload, synchronous", in Lambda's quotas.
const LAMBDA_RESPONSE_BYTES: usize = 6_291_456;

/// What an answer adds to a record at the most, in bytes: three links that start with a base URL, each list ID and
/// record ID of 36 bytes, timestamps, member names, every error code, and escaping.
const RECORD_ANSWER_BYTES: usize = 3 * 2 * MAX_BASE_URL_BYTES + 2_048;

/// The largest body, in bytes, whose answer is certain to fit Lambda's response.
///
/// An answer repeats what was sent, and Lambda's response holds it as a JSON string, in which a byte of JSON becomes
/// two at the most (a quote, a backslash, a line feed).
pub const MAX_BODY_BYTES: usize = (LAMBDA_RESPONSE_BYTES - (MAX_RECORDS + 1) * RECORD_ANSWER_BYTES) / 2;

/// A member of a draft.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Sent<T> {
    /// Absent or null, which mean the same.
    #[default]
    Absent,
    /// There, but not of its JSON type.
    WrongType,
    /// There.
    Value(T),
}

impl<T> Sent<T> {
    /// The value, where there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::WrongType => None,
        }
    }
}

impl<'de: 'a, 'a, T: Parse<'a>> Deserialize<'de> for Sent<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(if raw.get() == "null" { Self::Absent } else { T::parse(raw).map_or(Self::WrongType, Self::Value) })
    }
}

/// A JSON type: `None` where the value is of another.
pub trait Parse<'a>: Sized {
    /// Reads `raw`.
    fn parse(raw: &'a RawValue) -> Option<Self>;
}

/// A string, borrowed from the body where it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    /// The string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> Parse<'a> for Text<'a> {
    fn parse(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }
}

impl<'a> Parse<'a> for bool {
    fn parse(raw: &'a RawValue) -> Option<Self> {
        serde_json::from_str(raw.get()).ok()
    }
}

/// An integer, which in JSON is any number without fraction: `7`, `7.0`, `70e-1`.
#[derive(Debug, Clone)]
pub struct Integer<'a> {
    /// The number as it was sent.
    pub raw: &'a RawValue,
    /// Its value.
    pub value: Decimal,
}

impl<'a> Parse<'a> for Integer<'a> {
    fn parse(raw: &'a RawValue) -> Option<Self> {
        // Only a number that a double can hold at all: answers repeat it.
        serde_json::from_str::<f64>(raw.get()).ok()?;
        let value = Decimal::parse(raw.get())?;
        value.is_integer().then_some(Self { raw, value })
    }
}

/// An object, its text not read any further.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a>(pub &'a RawValue);

impl<'a> Parse<'a> for Object<'a> {
    fn parse(raw: &'a RawValue) -> Option<Self> {
        raw.get().starts_with('{').then_some(Self(raw))
    }
}

/// An array of objects of one kind; one that is none makes the array no such array.
impl<'a> Parse<'a> for Vec<DraftNumber<'a>> {
    fn parse(raw: &'a RawValue) -> Option<Self> {
        let elements: Vec<Object<'a>> = serde_json::from_str(raw.get()).ok()?;
        elements.into_iter().map(|element| serde_json::from_str(element.0.get()).ok()).collect()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(<&RawValue>::deserialize(deserializer)?).ok_or_else(|| serde::de::Error::custom("no object"))
    }
}

/// A record as it was sent. The names are the contract's; other members are ignored, and a member that stands twice
/// makes the record unreadable, since nobody can tell which was meant (RFC 8259, section 4).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Draft<'a> {
    #[serde(borrow)]
    pub phone_numbers: Sent<Vec<DraftNumber<'a>>>,
    pub phone_number: Sent<Text<'a>>,
    pub first_name: Sent<Text<'a>>,
    pub last_name: Sent<Text<'a>>,
    pub timezone: Sent<Text<'a>>,
    pub priority: Sent<Integer<'a>>,
    pub extra_data: Sent<Object<'a>>,
    pub external_provider: Sent<Text<'a>>,
    pub external_id: Sent<Text<'a>>,
    pub external_url: Sent<Text<'a>>,
    pub sync_external_id: Sent<bool>,
}

/// An entry of `phone_numbers` as it was sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(missing_docs)]
pub struct DraftNumber<'a> {
    #[serde(borrow)]
    pub phone_number: Sent<Text<'a>>,
    pub phone_type: Sent<Text<'a>>,
}

#[derive(Deserialize)]
struct Batch<R> {
    records: Option<R>,
}

/// Checks what can be told without reading the body: its media type and its size.
///
/// # Errors
///
/// [`Error::UnsupportedMediaType`] for a `Content-Type` that is there and is not JSON, [`Error::PayloadTooLarge`] over
/// [`MAX_BODY_BYTES`].
pub fn check(headers: &HeaderMap, body: &[u8]) -> Result<(), Error> {
    let json = headers.get(CONTENT_TYPE).is_none_or(|value| value.to_str().is_ok_and(is_json));
    match (json, body.len() <= MAX_BODY_BYTES) {
        (false, _) => Err(Error::UnsupportedMediaType),
        (_, false) => Err(Error::PayloadTooLarge),
        _ => Ok(()),
    }
}

/// `application/json`, or a type that is JSON underneath (RFC 6839), whatever its parameters.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Reads the records of `body`, each on its own: `None` stands for one that is no object or has a member twice.
///
/// # Errors
///
/// [`Error::InvalidBody`] where the body as a whole is wrong.
pub fn drafts(body: &[u8]) -> Result<Vec<Option<Draft<'_>>>, Error> {
    let records = records(body).map_err(Error::InvalidBody)?;
    Ok(records.into_iter().map(|record| object(record.get())).collect())
}

fn records(body: &[u8]) -> Result<Vec<&RawValue>, BodyError> {
    let body = std::str::from_utf8(body).map_err(|_| BodyError::NotUtf8)?;
    if body.trim().is_empty() {
        return Err(BodyError::Missing);
    }
    let batch: Option<Batch<Vec<&RawValue>>> = object(body);
    let records = batch.and_then(|batch| batch.records).ok_or_else(|| fault(body))?;
    match records.len() {
        0 => Err(BodyError::NoRecords),
        1..=MAX_RECORDS => Ok(records),
        _ => Err(BodyError::TooManyRecords),
    }
}

/// What is wrong with a body that holds no batch.
fn fault(body: &str) -> BodyError {
    match object::<Batch<&RawValue>>(body) {
        Some(Batch { records: None }) => BodyError::RecordsMissing,
        Some(_) => BodyError::RecordsNoArray,
        None if serde_json::from_str::<&RawValue>(body).is_ok() => BodyError::NoObject,
        None => BodyError::NotJson,
    }
}

/// Reads an object: a derived `Deserialize` alone would take an array of the members' values too.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &[u8]) -> BodyError {
        records(body).unwrap_err()
    }

    #[test]
    fn what_is_wrong_with_a_body_is_named() {
        let too_many = format!(r#"{{"records":[{}1]}}"#, "1,".repeat(MAX_RECORDS));
        let table: [(&str, &[u8], BodyError); 13] = [
            ("empty", b"", BodyError::Missing),
            ("blank", b" \n", BodyError::Missing),
            ("Latin-1", b"{\"records\":[\"\xe9\"]}", BodyError::NotUtf8),
            ("cut off", b"{\"records\":[", BodyError::NotJson),
            ("trailing text", b"{\"records\":[1]} x", BodyError::NotJson),
            ("an array", b"[[1]]", BodyError::NoObject),
            ("text", b"\"records\"", BodyError::NoObject),
            ("records twice", b"{\"records\":[1],\"records\":[2]}", BodyError::NoObject),
            ("no records", b"{\"record\":[1]}", BodyError::RecordsMissing),
            ("null", b"{\"records\":null}", BodyError::RecordsMissing),
            ("an object", b"{\"records\":{}}", BodyError::RecordsNoArray),
            ("an empty array", b"{\"records\":[]}", BodyError::NoRecords),
            ("101", too_many.as_bytes(), BodyError::TooManyRecords),
        ];
        for (name, body, expected) in table {
            assert_eq!(error(body), expected, "{name}");
        }
    }

    #[test]
    fn a_record_of_the_wrong_shape_is_its_own_fault() {
        let body = br#"{"records":[1, null, [{}], {"priority":1,"priority":2}, {"first_name":"\ud800"}, {"x":1}]}"#;
        let drafts = drafts(body).unwrap();
        let readable: Vec<bool> = drafts.iter().map(Option::is_some).collect();
        assert_eq!(readable, [false, false, false, false, true, true]);
        assert_eq!(drafts[4].as_ref().unwrap().first_name, Sent::WrongType);
        assert_eq!(drafts[5].as_ref().unwrap().first_name, Sent::Absent);
    }

    #[test]
    fn nesting_of_any_depth_is_read() {
        let body = format!(
            r#"{{"records":[{{"extra_data":{}{}}}]}}"#,
            r#"{"a":"#.repeat(100_000),
            "1".to_owned() + &"}".repeat(100_000)
        );
        assert!(drafts(body.as_bytes()).unwrap()[0].is_some());
    }

    #[test]
    fn json_has_many_media_types() {
        let table = [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/vnd.api+json", true),
            ("text/csv", false),
            ("application/jsonp", false),
            ("text/json+json", false),
            ("", false),
        ];
        for (media_type, expected) in table {
            assert_eq!(is_json(media_type), expected, "{media_type}");
        }
    }
}
