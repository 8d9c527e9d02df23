//! `extra_data`: any JSON object that DynamoDB can hold, answered exactly as it was sent.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The deepest nesting DynamoDB stores, in levels: "nested attribute depth", in its quotas. The object itself is the
/// first level, and what stands in the innermost object or list is one too.
const MAX_LEVELS: usize = 32;

/// The longest attribute name, in bytes: "attribute names", in the quotas.
const MAX_NAME_BYTES: usize = 65_535;

/// The most significant digits of a number, and the powers of ten its first and last may stand at: "number", in the
/// quotas (1E-130 to 9.99…E+125).
const MAX_DIGITS: i64 = 38;
const MAX_PLACE: i64 = 125;
const MIN_PLACE: i64 = -130;

/// Extra data that fits DynamoDB, but for the size of the whole item.
#[derive(Debug, Clone)]
pub struct ExtraData<'a> {
    raw: &'a RawValue,
    attribute: AttributeValue,
}

impl<'a> ExtraData<'a> {
    /// Reads an object: `None` where DynamoDB cannot hold it (too deep, an empty or too long name, a number out of its
    /// range or precision) or where it would not come back as it was sent (a name that stands twice, text that is no
    /// Unicode).
    #[must_use]
    pub fn parse(raw: &'a RawValue) -> Option<Self> {
        Some(Self { raw, attribute: attribute(raw, MAX_LEVELS)? })
    }

    /// The object as it was sent.
    #[must_use]
    pub fn as_sent(&self) -> &'a RawValue {
        self.raw
    }

    /// The object as DynamoDB stores it: a map.
    #[must_use]
    pub fn attribute(&self) -> &AttributeValue {
        &self.attribute
    }
}

/// Numbers are taken from the text, since `serde_json`'s own would round one of 20 digits.
fn attribute(raw: &RawValue, levels: usize) -> Option<AttributeValue> {
    let text = raw.get();
    let below = levels.checked_sub(1)?;
    match text.as_bytes().first()? {
        b'{' => map(text, below).map(AttributeValue::M),
        b'[' => list(text, below).map(AttributeValue::L),
        b'"' => serde_json::from_str(text).ok().map(AttributeValue::S),
        b't' => Some(AttributeValue::Bool(true)),
        b'f' => Some(AttributeValue::Bool(false)),
        b'n' => Some(AttributeValue::Null(true)),
        _ => is_storable(text).then(|| AttributeValue::N(text.to_owned())),
    }
}

fn map(text: &str, levels: usize) -> Option<HashMap<String, AttributeValue>> {
    let Members(members) = serde_json::from_str(text).ok()?;
    let storable = |(name, value): (String, &RawValue)| {
        let value = attribute(value, levels)?;
        (1..=MAX_NAME_BYTES).contains(&name.len()).then_some((name, value))
    };
    members.into_iter().map(storable).collect()
}

fn list(text: &str, levels: usize) -> Option<Vec<AttributeValue>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    elements.into_iter().map(|element| attribute(element, levels)).collect()
}

/// The members of an object; a name that stands twice is an error, where a map of `serde_json` would keep the last.
struct Members<'a>(HashMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Members)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = HashMap<String, &'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = HashMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(members)
    }
}

/// Whether DynamoDB holds the JSON number `text` exactly.
fn is_storable(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [integer.trim_start_matches('-'), fraction].concat();
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return true;
    }
    let trailing_zeros = significant.len() - significant.trim_end_matches('0').len();
    let (Ok(exponent), Ok(fraction), Ok(places), Ok(trailing_zeros)) = (
        exponent.parse::<i32>().map(i64::from),
        i64::try_from(fraction.len()),
        i64::try_from(significant.len()),
        i64::try_from(trailing_zeros),
    ) else {
        return false;
    };
    let last_place = exponent - fraction + trailing_zeros;
    let first_place = exponent - fraction + places - 1;
    places - trailing_zeros <= MAX_DIGITS && first_place <= MAX_PLACE && last_place >= MIN_PLACE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<AttributeValue> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        ExtraData::parse(raw).map(|data| data.attribute().clone())
    }

    #[test]
    fn numbers_are_kept_to_the_last_digit_or_refused() {
        let table = [
            ("0", true),
            ("-0.0e999", true),
            ("12345678901234567890", true),
            ("99999999999999999999999999999999999999", true),
            ("999999999999999999999999999999999999999", false),
            ("1000000000000000000000000000000000000000", true),
            ("0.00000000000000000000000000000000000000000001", true),
            ("1.10", true),
            ("9.99e125", true),
            ("1e126", false),
            ("1e300", false),
            ("1E-130", true),
            ("1e-131", false),
            ("1e99999999999999999999", false),
        ];
        for (number, expected) in table {
            assert_eq!(is_storable(number), expected, "{number}");
        }
        let stored =
            AttributeValue::M(HashMap::from([("n".to_owned(), AttributeValue::N("12345678901234567890".to_owned()))]));
        assert_eq!(parse(r#"{"n":12345678901234567890}"#), Some(stored));
    }

    #[test]
    fn every_json_type_has_an_attribute() {
        let stored = AttributeValue::M(HashMap::from([
            ("ключ.1".to_owned(), AttributeValue::S("é\n".to_owned())),
            ("list".to_owned(), AttributeValue::L(vec![AttributeValue::Bool(true), AttributeValue::Null(true)])),
        ]));
        assert_eq!(parse(r#"{ "ключ.1": "\u00e9\n", "list": [true, null] }"#), Some(stored));
    }

    #[test]
    fn what_would_not_come_back_as_it_was_sent_is_refused() {
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1));
        let empty = |levels: usize| format!("{}{{}}{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1));
        let table = [
            ("32 levels", nested(32), true),
            ("33 levels", nested(33), false),
            ("100,000 levels", nested(100_000), false),
            ("an empty object at level 32", empty(32), true),
            ("an empty object at level 33", empty(33), false),
            ("30 lists are levels 2 to 31", format!(r#"{{"a":{}1{}}}"#, "[".repeat(30), "]".repeat(30)), true),
            ("31 lists are levels 2 to 32", format!(r#"{{"a":{}1{}}}"#, "[".repeat(31), "]".repeat(31)), false),
            ("an empty name", r#"{"":1}"#.to_owned(), false),
            ("an empty name inside", r#"{"a":[{"":1}]}"#.to_owned(), false),
            ("a name that is too long", format!(r#"{{"{}":1}}"#, "a".repeat(MAX_NAME_BYTES + 1)), false),
            ("a name twice", r#"{"a":1,"\u0061":2}"#.to_owned(), false),
            ("half a character", r#"{"a":"\ud83d"}"#.to_owned(), false),
            ("empty", "{}".to_owned(), true),
        ];
        for (name, text, expected) in table {
            assert_eq!(parse(&text).is_some(), expected, "{name}");
        }
    }
}
