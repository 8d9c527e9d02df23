//! An item as it was read: its attributes by name, each as a text in DynamoDB's JSON.
//!
//! The SDK would read each attribute into a map of owned strings, only for a response to write them as JSON again. Here
//! the attributes stay slices of the item's text until one is needed. Each item copies its text, so that a few items do
//! not keep a whole large response in memory.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::attribute::{AttributeValue, Name};

/// An item that DynamoDB returned.
#[derive(Debug, Clone, Default)]
pub struct Item {
    attributes: Vec<Attribute>,
}

#[derive(Debug, Clone)]
struct Attribute {
    name: Text,
    json: Text,
}

/// A slice of an item's text, or a text made here.
#[derive(Debug, Clone)]
struct Text(Bytes);

impl Text {
    /// `text`, which can be a slice of `item`.
    fn of(text: Cow<'_, str>, item: &Bytes) -> Self {
        Self(match text {
            Cow::Borrowed(text) => item.slice_ref(text.as_bytes()),
            Cow::Owned(text) => text.into_bytes().into(),
        })
    }

    #[expect(clippy::expect_used, reason = "it is made of a string")]
    fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("the text is UTF-8")
    }
}

impl Item {
    /// Reads an item in DynamoDB's JSON.
    ///
    /// # Errors
    ///
    /// The JSON is not an object.
    pub fn read(item: &RawValue) -> serde_json::Result<Self> {
        let item = Bytes::copy_from_slice(item.get().as_bytes());
        let Attributes(attributes) = serde_json::from_slice(&item)?;
        let attribute = |(name, json): (Cow<'_, str>, &RawValue)| Attribute {
            name: Text::of(name, &item),
            json: Text::of(json.get().into(), &item),
        };
        Ok(Self { attributes: attributes.into_iter().map(attribute).collect() })
    }

    /// The names and the values in DynamoDB's JSON, sorted by name: DynamoDB returns them in any order, but a response
    /// must read the same every time.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut attributes: Vec<_> =
            self.attributes.iter().map(|attribute| (attribute.name.as_str(), attribute.json.as_str())).collect();
        attributes.sort_unstable_by_key(|(name, _)| *name);
        attributes.into_iter()
    }

    /// The attribute `name`, if the item has it and its type has a counterpart in JSON.
    pub fn get(&self, name: &str) -> Option<AttributeValue<'_>> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// Whether it has the attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.json(name).is_some()
    }

    /// The attribute `name` in DynamoDB's JSON.
    pub fn json(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name.as_str() == name)
            .map(|attribute| attribute.json.as_str())
    }

    /// Whether the attribute `name` has the value `json`, in DynamoDB's JSON.
    pub fn is(&self, name: &str, json: &str) -> bool {
        let value = |json| serde_json::from_str::<AttributeValue<'_>>(json).ok();
        self.json(name).is_some_and(|stored| stored == json || value(stored) == value(json))
    }

    /// Sets the attribute `name` to the value `json`, in DynamoDB's JSON.
    pub fn set(&mut self, name: &'static str, json: String) {
        self.remove(name);
        self.attributes.push(Attribute { name: Text(Bytes::from_static(name.as_bytes())), json: Text(json.into()) });
    }

    /// Removes the attribute `name`.
    pub fn remove(&mut self, name: &str) {
        self.attributes.retain(|attribute| attribute.name.as_str() != name);
    }

    /// Its size, in bytes.
    pub fn size(&self) -> usize {
        let size = |(name, json): (&str, &str)| name.len() + attribute_size(json);
        self.attributes().map(size).sum()
    }

    /// The name of the largest attribute.
    pub fn largest(&self) -> Option<&str> {
        self.attributes().max_by_key(|(_, json)| attribute_size(json)).map(|(name, _)| name)
    }

    /// The string attribute `name`.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(Cow::into_owned)
    }
}

/// The size of an attribute's value, in bytes. If its type has no counterpart in JSON, the size is that of its text.
fn attribute_size(json: &str) -> usize {
    serde_json::from_str::<AttributeValue<'_>>(json).map_or(json.len(), |value| value.size())
}

/// The members of an object, in their order.
struct Attributes<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Attributes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Attributes<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut attributes = Vec::with_capacity(16);
                while let Some((Name(name), json)) = members.next_entry()? {
                    attributes.push((name, json));
                }
                Ok(Attributes(attributes))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
