//! Attributes: DynamoDB's limits and sizes ("Quotas in Amazon DynamoDB" and "DynamoDB item sizes and formats" in its
//! developer guide), and values in its JSON.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::ser::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::decimal::Decimal;

/// The largest item, in bytes.
pub const MAX_ITEM_BYTES: usize = 400 * 1024;

/// The deepest nesting, in levels. The outermost object is the first level; the content of the innermost container is
/// the last.
pub const MAX_LEVELS: usize = 32;

/// The longest attribute name, in bytes.
pub const MAX_NAME_BYTES: usize = 65_535;

/// The most significant digits of a number.
pub const MAX_DIGITS: usize = 38;

/// The largest power of ten of a number's first digit, and the smallest of its last digit: 1E-130 to 9.99…E+125.
pub const MAX_PLACE: i64 = 125;
pub const MIN_PLACE: i64 = -130;

/// The size of an empty map or list.
pub const CONTAINER_BYTES: usize = 3;

/// The overhead of an element of a map or list, besides its name and value.
pub const ELEMENT_BYTES: usize = 1;

/// The size of a boolean or null.
pub const FLAG_BYTES: usize = 1;

/// Writes `text` as a JSON string.
#[expect(clippy::expect_used, reason = "writing a string to memory cannot fail")]
pub fn write_string(json: &mut Vec<u8>, text: &str) {
    // Most strings need no escapes, and are copied as a whole.
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        return serde_json::to_writer(json, text).expect("a string can be written as JSON");
    }
    json.push(b'"');
    json.extend_from_slice(text.as_bytes());
    json.push(b'"');
}

/// An attribute's value in DynamoDB's JSON, borrowed from the response.
#[derive(Debug, Clone, Deserialize)]
pub enum AttributeValue<'a> {
    /// A string as JSON text, with quotes and escapes.
    S(#[serde(borrow)] &'a RawValue),
    /// A number.
    N(&'a str),
    /// A boolean.
    #[serde(rename = "BOOL")]
    Bool(bool),
    /// Null.
    #[serde(rename = "NULL")]
    Null(IgnoredAny),
    /// A list.
    L(#[serde(borrow)] Vec<AttributeValue<'a>>),
    /// A map.
    M(#[serde(borrow)] Members<'a, AttributeValue<'a>>),
}

/// The members of an object, sorted by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Members<'a, V>(pub Vec<(Name<'a>, V)>);

impl<'a, V> Members<'a, V> {
    /// The value of the member `name`.
    pub fn get(&self, name: &Name<'a>) -> Option<&V> {
        self.0.binary_search_by(|(other, _)| other.cmp(name)).ok().map(|place| &self.0[place].1)
    }
}

impl<V> Default for Members<'_, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Members<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Object<V> {
            type Value = Vec<(Name<'de>, V)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = entries.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        let mut members = deserializer.deserialize_map(Object(PhantomData))?;
        members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self(members))
    }
}

/// The name of an attribute or of a member of a map, borrowed if it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name<'a>(#[serde(borrow)] pub Cow<'a, str>);

/// The JSON of the string that `json`, a value in DynamoDB's JSON, is. `None` if it is none, or not written compactly.
pub fn string(json: &str) -> Option<&str> {
    json.strip_prefix("{\"S\":")?.strip_suffix('}')
}

/// The string that `json` is. `None` if it is none, or not Unicode.
pub fn text(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str(json).ok().map(|Name(text)| text)
}

impl<'a> AttributeValue<'a> {
    /// Reads a value in DynamoDB's JSON.
    ///
    /// # Errors
    ///
    /// The JSON is not a value whose type has a counterpart in JSON.
    pub fn read(json: &'a str) -> serde_json::Result<Self> {
        // Most values are strings.
        match string(json) {
            Some(text) => serde_json::from_str(text).map(Self::S),
            None => serde_json::from_str(json),
        }
    }

    /// The member `name`, if the value is a map that has it.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::M(Members(members)) => members.iter().find(|(Name(other), _)| other == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Its size in an item, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::S(_) => self.text().map_or(0, |text| text.len()),
            Self::N(number) => Decimal::parse(number).map_or(number.len(), |number| number.size()),
            Self::Bool(_) | Self::Null(_) => FLAG_BYTES,
            Self::L(list) => CONTAINER_BYTES + list.iter().map(|value| ELEMENT_BYTES + value.size()).sum::<usize>(),
            Self::M(Members(members)) => {
                let element = |(name, value): &(Name<'_>, Self)| ELEMENT_BYTES + name.0.len() + value.size();
                CONTAINER_BYTES + members.iter().map(element).sum::<usize>()
            }
        }
    }

    /// The string, if it is one.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::S(json) => text(json.get()),
            _ => None,
        }
    }
}

/// Compares strings without regard to escapes, and numbers by value.
impl PartialEq for AttributeValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::S(one), Self::S(other)) if one.get() == other.get() => true,
            (Self::S(_), Self::S(_)) => self.text() == other.text(),
            (Self::N(one), Self::N(other)) => Decimal::parse(one) == Decimal::parse(other),
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Null(_), Self::Null(_)) => true,
            (Self::L(one), Self::L(other)) => one == other,
            (Self::M(one), Self::M(other)) => one == other,
            _ => false,
        }
    }
}

/// The longest number that is written as DynamoDB returns it, in bytes. DynamoDB uses no exponents, however large the
/// number.
const MAX_NUMBER_BYTES: usize = 40;

/// `number`, with an exponent if it is long. A record of the size that DynamoDB allows can hold `1e125` 100,000 times,
/// and must still fit a response.
fn shortened(number: &str) -> Cow<'_, str> {
    let decimal = if number.len() > MAX_NUMBER_BYTES { Decimal::parse(number) } else { None };
    decimal.map_or(number.into(), |decimal| decimal.to_string().into())
}

/// Writes the plain JSON value of the attribute. A string is copied as it is, escapes included.
impl Serialize for AttributeValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::S(text) => text.serialize(serializer),
            Self::N(number) => {
                let number = shortened(number);
                serde_json::from_str::<&RawValue>(&number).map_err(S::Error::custom)?.serialize(serializer)
            }
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Null(_) => serializer.serialize_unit(),
            Self::L(list) => serializer.collect_seq(list),
            Self::M(Members(members)) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}
