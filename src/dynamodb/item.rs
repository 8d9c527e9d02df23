//! An item as it was read: its attributes by name, each as a text in DynamoDB's JSON.
//!
//! The SDK would read each attribute into a map of owned strings, only for a response to write them as JSON again. Here
//! the attributes stay slices of DynamoDB's response until one is needed. The items of a response share its text.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::attribute::{AttributeValue, Members, Name, string, text};

/// An item that DynamoDB returned.
#[derive(Debug, Clone, Default)]
pub struct Item {
    response: Arc<str>,
    /// Sorted by name: DynamoDB returns them in any order, but a response must read the same every time.
    attributes: Vec<Attribute>,
}

/// The attributes of an item as they are read.
pub type Attributes<'a> = Members<'a, &'a RawValue>;

#[derive(Debug, Clone)]
struct Attribute {
    name: Part,
    json: Part,
}

/// A part of a response, or a text made here.
#[derive(Debug, Clone)]
enum Part {
    Slice(Range<usize>),
    Static(&'static str),
    Own(Arc<str>),
}

impl Part {
    /// `part`, which is a slice of `response` if it is borrowed.
    fn of(part: Cow<'_, str>, response: &str) -> Self {
        match part {
            Cow::Borrowed(part) => {
                let start = part.as_ptr().addr() - response.as_ptr().addr();
                Self::Slice(start..start + part.len())
            }
            Cow::Owned(part) => Self::Own(part.into()),
        }
    }

    fn as_str<'a>(&'a self, response: &'a str) -> &'a str {
        match self {
            Self::Slice(range) => &response[range.clone()],
            Self::Static(text) => text,
            Self::Own(text) => text,
        }
    }
}

impl Item {
    /// The item with these `attributes`, which are borrowed from `response`.
    pub fn of(attributes: Attributes<'_>, response: &Arc<str>) -> Self {
        let attribute = |(Name(name), json): (Name<'_>, &RawValue)| Attribute {
            name: Part::of(name, response),
            json: Part::of(json.get().into(), response),
        };
        Self { response: response.clone(), attributes: attributes.0.into_iter().map(attribute).collect() }
    }

    /// The names and the values in DynamoDB's JSON, sorted by name.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes
            .iter()
            .map(|attribute| (attribute.name.as_str(&self.response), attribute.json.as_str(&self.response)))
    }

    /// The place of the attribute `name`. Looking at all is faster than a binary search among so few, because names of
    /// other lengths are not compared.
    fn place(&self, name: &str) -> Option<usize> {
        self.attributes.iter().position(|attribute| attribute.name.as_str(&self.response) == name)
    }

    /// The attribute `name`, if the item has it and its type has a counterpart in JSON.
    pub fn get(&self, name: &str) -> Option<AttributeValue<'_>> {
        AttributeValue::read(self.json(name)?).ok()
    }

    /// Whether it has the attribute `name`.
    pub fn has(&self, name: &str) -> bool {
        self.json(name).is_some()
    }

    /// The attribute `name` in DynamoDB's JSON.
    pub fn json(&self, name: &str) -> Option<&str> {
        self.place(name).map(|place| self.attributes[place].json.as_str(&self.response))
    }

    /// Whether the attribute `name` has the value `json`, in DynamoDB's JSON.
    pub fn is(&self, name: &str, json: &str) -> bool {
        let value = |json| AttributeValue::read(json).ok();
        self.json(name).is_some_and(|stored| stored == json || value(stored) == value(json))
    }

    /// Sets the attribute `name` to the value `json`, in DynamoDB's JSON.
    pub fn set(&mut self, name: &'static str, json: String) {
        let attribute = Attribute { name: Part::Static(name), json: Part::Own(json.into()) };
        if let Some(place) = self.place(name) {
            self.attributes[place] = attribute;
        } else {
            let place = self.attributes.partition_point(|other| other.name.as_str(&self.response) < name);
            self.attributes.insert(place, attribute);
        }
    }

    /// Removes the attribute `name`.
    pub fn remove(&mut self, name: &str) {
        if let Some(place) = self.place(name) {
            self.attributes.remove(place);
        }
    }

    /// Whether the type of every attribute has a counterpart in JSON. Sets and binaries have none.
    pub fn is_json(&self) -> bool {
        self.attributes().all(|(_, json)| string(json).is_some() || AttributeValue::read(json).is_ok())
    }

    /// Whether it is larger than `bytes`. No value is larger than its JSON, so the sizes of values rarely have to be known.
    pub fn is_larger_than(&self, bytes: usize) -> bool {
        let total =
            |size: fn(&str) -> usize| -> usize { self.attributes().map(|(name, json)| name.len() + size(json)).sum() };
        total(str::len) > bytes && total(attribute_size) > bytes
    }

    /// The name of the largest attribute.
    pub fn largest(&self) -> Option<&str> {
        self.attributes().max_by_key(|(_, json)| attribute_size(json)).map(|(name, _)| name)
    }

    /// The string attribute `name`.
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let json = self.json(name)?;
        string(json).map_or_else(|| AttributeValue::read(json).ok()?.text(), text)
    }

    /// The string attribute `name`, to keep.
    pub fn owned_text(&self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }
}

/// The size of an attribute's value, in bytes. If its type has no counterpart in JSON, the size is that of its text.
fn attribute_size(json: &str) -> usize {
    AttributeValue::read(json).map_or(json.len(), |value| value.size())
}
