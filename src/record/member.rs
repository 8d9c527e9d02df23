//! A member of a draft, and the JSON types that members have.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::dynamodb::decimal::Decimal;

/// A member of a draft.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Member<T> {
    /// Absent.
    #[default]
    Absent,
    /// Null: removes the member in a patch; otherwise the same as absent.
    Null,
    /// Present, but of another JSON type than the member's.
    WrongType,
    /// Present.
    Value(T),
}

impl<T> Member<T> {
    /// Reads `json`, the value of a member that is present.
    pub fn read<'a>(json: &'a str) -> Self
    where
        T: Deserialize<'a>,
    {
        if json == "null" { Self::Null } else { serde_json::from_str(json).map_or(Self::WrongType, Self::Value) }
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null | Self::WrongType => None,
        }
    }

    /// Whether the member is absent or null.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent | Self::Null)
    }

    /// Whether there is no value to echo.
    pub fn has_none(&self) -> bool {
        self.value().is_none()
    }
}

impl<'de: 'a, 'a, T: Deserialize<'a>> Deserialize<'de> for Member<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self::read(raw.get()))
    }
}

/// Echoes the member of a refused record. `skip_serializing_if` leaves out one of the wrong JSON type.
impl<T: Serialize> Serialize for Member<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// A string, borrowed from the body if it has no escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

/// An integer: in JSON, any number without a fraction, such as `7`, `7.0` or `70e-1`.
#[derive(Debug, Clone)]
pub struct Integer<'a> {
    raw: &'a RawValue,
    pub value: Decimal,
}

impl<'de: 'a, 'a> Deserialize<'de> for Integer<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        // Responses repeat the number, so it must be in the range of a double, or a caller could not read them.
        serde_json::from_str::<f64>(raw.get()).map_err(D::Error::custom)?;
        let value = Decimal::parse(raw.get()).filter(Decimal::is_integer);
        value.map(|value| Self { raw, value }).ok_or_else(|| D::Error::custom("not an integer"))
    }
}

/// Compares by value: `7` equals `7.0`.
impl PartialEq for Integer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Serialize for Integer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

/// A value that must be a JSON object. A derived `Deserialize` alone would also accept an array of the members' values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Object<T>(pub T);

impl<'de: 'a, 'a, T: Deserialize<'a>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        if !raw.get().starts_with('{') {
            return Err(D::Error::custom("not an object"));
        }
        serde_json::from_str(raw.get()).map(Self).map_err(D::Error::custom)
    }
}
