//! The versions of the table's items.

use std::collections::HashSet;

use serde_json::Value;

use super::engine::Key;
use crate::support::{identifiers, numbers};

/// A moment: how many events came before.
pub type Moment = usize;

/// A call that changed the table.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// The function that made it, and the moment at which it did.
    pub function: usize,
    pub made: Moment,
    /// Whether its caller had given it up when it was executed.
    pub late: bool,
}

/// An item, from the moment it was written until it was changed or deleted.
pub struct Version {
    pub key: Key,
    pub item: Stored,
    /// The first name that the record was created with, which tells it from others.
    pub name: String,
    /// The version that was changed into this one, by its place in the history. `None` for what was inserted.
    pub before: Option<usize>,
    pub from: Moment,
    pub to: Option<Moment>,
    pub written_by: Write,
    pub ended_by: Option<Write>,
    /// Whether it ended with a change, not with its deletion.
    pub is_changed: bool,
}

impl Version {
    /// The moment at which the record went away with it, if it did.
    pub fn deleted(&self) -> Option<Moment> {
        self.to.filter(|_| !self.is_changed)
    }

    /// Whether both are versions of one record, which was not deleted and created again.
    pub fn is_same_record(&self, other: &Self) -> bool {
        self.key == other.key && self.item.is_same_record(&other.item)
    }

    /// Whether it was there at some moment from `from` to `to`.
    pub fn overlaps(&self, from: Moment, to: Moment) -> bool {
        self.from <= to && self.to.is_none_or(|end| end > from)
    }

    /// The list it is in.
    pub fn is_in(&self, list: &str) -> bool {
        self.key.0.contains(list)
    }
}

/// Attributes that no response has.
const ONLY_STORED: [&str; 5] = ["pk", "sk", "write_token", "version", "trail"];

/// An item as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The record as a response has it, but for its links.
    pub shown: Value,
    hidden: Value,
}

impl Stored {
    pub fn of(item: &Value) -> Self {
        let attributes = item.as_object().expect("an item is an object").iter();
        let attributes = attributes.map(|(name, value)| (name.clone(), plain(value)));
        let (hidden, shown): (Vec<_>, Vec<_>) = attributes.partition(|(name, _)| ONLY_STORED.contains(&name.as_str()));
        Self { shown: shown.into_iter().collect(), hidden: hidden.into_iter().collect() }
    }

    /// Whether both are items of one record, which was not deleted and created again.
    pub fn is_same_record(&self, other: &Self) -> bool {
        ["write_token", "created_at"].into_iter().all(|name| self.text(name) == other.text(name))
    }

    pub fn is_record(&self) -> bool {
        self.shown["id"].is_string()
    }

    pub fn text(&self, name: &str) -> &str {
        self.shown[name].as_str().or(self.hidden[name].as_str()).unwrap_or_default()
    }

    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        numbers(&self.shown)
    }

    /// The identifiers that no other record of `list` can share with it.
    pub fn identifiers(&self, list: &str) -> HashSet<String> {
        identifiers(list, &self.shown)
    }
}

/// An attribute as JSON.
fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().and_then(|typed| typed.iter().next()).expect("an attribute has a type");
    match (kind.as_str(), value) {
        ("N", number) => number.as_str().and_then(|number| serde_json::from_str(number).ok()).expect("it is a number"),
        ("L", Value::Array(elements)) => elements.iter().map(plain).collect(),
        ("M", Value::Object(members)) => members.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        _ => value.clone(),
    }
}
