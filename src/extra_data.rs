//! `extra_data`: any JSON object that DynamoDB can hold, answered exactly as it was sent.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::decimal::Decimal;

/// The deepest nesting DynamoDB stores, in levels: "nested attribute depth", in its quotas. The object itself is the
/// first level, and what stands in the innermost object or list is one too.
const MAX_LEVELS: usize = 32;

/// The longest attribute name, in bytes: "attribute names", in the quotas.
const MAX_NAME_BYTES: usize = 65_535;

/// The most significant digits of a number, and the powers of ten its first and last may stand at: "number", in the
/// quotas (1E-130 to 9.99…E+125).
const MAX_DIGITS: usize = 38;
const MAX_PLACE: i64 = 125;
const MIN_PLACE: i64 = -130;

/// A number longer than this is stored in its shortest form, since DynamoDB need not read a text of any length.
const MAX_NUMBER_BYTES: usize = 60;

/// The largest item, in bytes: "item size", in the quotas. Reading ends here too, since what a small text describes can
/// fill the memory.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;

/// Extra data that fits DynamoDB, but for the size of the whole item.
#[derive(Debug, Clone)]
pub struct ExtraData<'a> {
    raw: &'a RawValue,
    attribute: AttributeValue,
}

impl<'a> ExtraData<'a> {
    /// Reads an object: `None` where DynamoDB cannot hold it (too deep, too large by itself, an empty or too long name,
    /// a number out of its range or precision) or where it would not come back as it was sent (a name that stands
    /// twice, text that is no Unicode).
    #[must_use]
    pub fn parse(raw: &'a RawValue) -> Option<Self> {
        Some(Self { raw, attribute: attribute(raw, MAX_LEVELS, &mut Budget(MAX_ITEM_BYTES))? })
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

/// The bytes that are left, by "DynamoDB item sizes and formats"; a number is counted as its smallest.
struct Budget(usize);

impl Budget {
    fn spend(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.checked_sub(bytes)?;
        Some(())
    }
}

fn attribute(raw: &RawValue, levels: usize, budget: &mut Budget) -> Option<AttributeValue> {
    let text = raw.get();
    let below = levels.checked_sub(1)?;
    match text.as_bytes().first()? {
        b'{' | b'[' => {
            budget.spend(3)?;
            serde_json::Deserializer::from_str(text).deserialize_any(Container { levels: below, budget }).ok()
        }
        b'"' => {
            let text: String = serde_json::from_str(text).ok()?;
            budget.spend(text.len())?;
            Some(AttributeValue::S(text))
        }
        other => {
            budget.spend(1)?;
            match other {
                b't' => Some(AttributeValue::Bool(true)),
                b'f' => Some(AttributeValue::Bool(false)),
                b'n' => Some(AttributeValue::Null(true)),
                _ => number(text).map(AttributeValue::N),
            }
        }
    }
}

/// The JSON number `text`, where DynamoDB holds it exactly. `serde_json`'s own would round one of 20 digits.
fn number(text: &str) -> Option<String> {
    let number = Decimal::parse(text)?;
    let storable = number.significant_digits() <= MAX_DIGITS
        && number.first_place() <= MAX_PLACE
        && number.last_place() >= MIN_PLACE;
    let short = text.len() <= MAX_NUMBER_BYTES && number.significant_digits() > 0;
    storable.then(|| if short { text.to_owned() } else { number.to_string() })
}

/// Reads what stands in an object or a list, `levels` deep at the most.
struct Container<'b> {
    levels: usize,
    budget: &'b mut Budget,
}

impl Container<'_> {
    fn element<E: Error>(&mut self, name: &str, raw: &RawValue) -> Result<AttributeValue, E> {
        let room = self.budget.spend(1 + name.len());
        room.and_then(|()| attribute(raw, self.levels, self.budget)).ok_or_else(|| E::custom("not storable"))
    }
}

impl<'de> Visitor<'de> for Container<'_> {
    type Value = AttributeValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<AttributeValue, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element::<&RawValue>()? {
            list.push(self.element("", element)?);
        }
        Ok(AttributeValue::L(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<AttributeValue, A::Error> {
        let mut map = HashMap::new();
        while let Some((name, value)) = members.next_entry::<String, &RawValue>()? {
            let value = self.element(&name, value)?;
            if !(1..=MAX_NAME_BYTES).contains(&name.len()) || map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name is empty, too long, or stands twice"));
            }
        }
        Ok(AttributeValue::M(map))
    }
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
            assert_eq!(super::number(number).is_some(), expected, "{number}");
        }
        let stored =
            AttributeValue::M(HashMap::from([("n".to_owned(), AttributeValue::N("12345678901234567890".to_owned()))]));
        assert_eq!(parse(r#"{"n":12345678901234567890}"#), Some(stored));
    }

    #[test]
    fn a_number_that_is_long_without_need_is_shortened() {
        assert_eq!(number("-0e9999999999").as_deref(), Some("0"));
        assert_eq!(number(&format!("1.5{}", "0".repeat(100))).as_deref(), Some("15E-1"));
        assert_eq!(number("1.50").as_deref(), Some("1.50"));
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
            ("more than an item takes", format!(r#"{{"a":[{}[]]}}"#, "[],".repeat(150_000)), false),
            ("empty", "{}".to_owned(), true),
        ];
        for (name, text, expected) in table {
            assert_eq!(parse(&text).is_some(), expected, "{name}");
        }
    }
}
