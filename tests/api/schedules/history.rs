//! The history of a schedule, in one order: requests, responses, and changes of the table.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::Value;

use super::engine::{Key, Snapshot};
use super::fate::Fate;
use super::requests::Request;
use crate::support::{Response, identifiers, numbers};

/// A moment: how many events came before.
pub type Moment = usize;

/// A call to DynamoDB.
pub struct Call {
    /// The time from the start until it was made.
    pub at: Duration,
    /// The same as a moment.
    pub made: Moment,
    /// By which function.
    pub function: usize,
    pub operation: String,
    /// The sort keys that it names.
    pub keys: Vec<String>,
    pub fate: Fate,
    /// The moment at which DynamoDB executed it, if it did.
    pub executed: Option<Moment>,
}

impl Call {
    /// Whether it reads single items.
    pub fn is_read(&self) -> bool {
        matches!(self.operation.as_str(), "BatchGetItem" | "GetItem")
    }
}

/// A request, and the response to it: none if its function ended in the middle.
pub struct Exchange {
    pub function: usize,
    pub request: Request,
    pub response: Option<Response>,
    pub from: Moment,
    pub to: Moment,
}

/// A call that changed the table.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// The function that made it, and the moment at which it did.
    pub function: usize,
    pub made: Moment,
    /// Whether its caller had given it up when it was executed.
    pub late: bool,
}

/// An item, from the moment it was written until it was deleted.
pub struct Version {
    pub key: Key,
    pub item: Stored,
    pub from: Moment,
    pub to: Option<Moment>,
    pub written_by: Write,
    pub ended_by: Option<Write>,
}

impl Version {
    /// Whether it was there at some moment from `from` to `to`.
    pub fn overlaps(&self, from: Moment, to: Moment) -> bool {
        self.from <= to && self.to.is_none_or(|end| end > from)
    }

    /// Whether it was there all the time from `from` to `to`.
    pub fn covers(&self, from: Moment, to: Moment) -> bool {
        self.from <= from && self.to.is_none_or(|end| end > to)
    }

    /// The list it is in.
    pub fn is_in(&self, list: &str) -> bool {
        self.key.0.contains(list)
    }
}

/// An item as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored(pub Value);

impl Stored {
    pub fn is_record(&self) -> bool {
        self.0["id"].is_string()
    }

    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_default()
    }

    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        numbers(&self.0)
    }

    /// The identifiers that no other record of `list` can share with it.
    pub fn identifiers(&self, list: &str) -> HashSet<String> {
        identifiers(list, &self.0)
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

/// A schedule's history.
#[derive(Default)]
pub struct History {
    now: Moment,
    pub calls: Vec<Call>,
    pub exchanges: Vec<Exchange>,
    pub versions: Vec<Version>,
    /// The phone number whose item took no write.
    pub starved: Option<String>,
    table: Snapshot,
}

impl History {
    /// A history in which the item of the number `starved` takes no write.
    pub fn new(starved: Option<String>) -> Self {
        Self { starved, ..Self::default() }
    }

    /// Another moment.
    pub fn tick(&mut self) -> Moment {
        self.now += 1;
        self.now
    }

    /// The table is `table` now, because of `write`. Returns the moment.
    pub fn table(&mut self, write: Write, table: Snapshot) -> Moment {
        let now = self.tick();
        for version in self.versions.iter_mut().filter(|version| version.to.is_none()) {
            if table.get(&version.key) != self.table.get(&version.key) {
                (version.to, version.ended_by) = (Some(now), Some(write));
            }
        }
        let changed = table.iter().filter(|(key, item)| self.table.get(*key) != Some(item));
        let mut written: Vec<Version> = changed
            .map(|(key, item)| {
                let item = item.as_object().expect("an item is an object").iter();
                let item = Stored(item.map(|(name, value)| (name.clone(), plain(value))).collect());
                Version { key: key.clone(), item, from: now, to: None, written_by: write, ended_by: None }
            })
            .collect();
        // Some IDs are random; names are not.
        written.sort_by(|one, other| one.item.text("first_name").cmp(other.item.text("first_name")));
        self.versions.extend(written);
        self.table = table;
        now
    }

    /// The calls of the request of `exchange`.
    pub fn calls_of(&self, exchange: &Exchange) -> impl Iterator<Item = &Call> {
        let Exchange { function, from, to, .. } = *exchange;
        self.calls.iter().filter(move |call| call.function == function && from < call.made && call.made < to)
    }

    /// The IDs that records of `list` ever had, in the order in which they came.
    pub fn ids(&self, list: &str) -> Vec<String> {
        let records = self.versions.iter().filter(|version| version.is_in(list) && version.item.is_record());
        records.map(|version| version.item.text("id").to_owned()).collect()
    }

    /// The history without random values and times.
    pub fn outline(&self) -> Vec<String> {
        let calls = self.calls.iter().map(|call| {
            let Call { at, function, operation, fate, executed, .. } = call;
            format!("{at:?} {function} {operation} {fate:?} {executed:?}")
        });
        let exchanges = self.exchanges.iter().map(|exchange| {
            let Exchange { function, from, to, response, .. } = exchange;
            let status = response.as_ref().map(|response| response.status);
            format!("{function} {from} {to} {status:?}")
        });
        let versions = self.versions.iter().map(|version| {
            let Version { item, from, to, written_by, .. } = version;
            format!("{} {from} {to:?} {}", item.text("first_name"), written_by.late)
        });
        calls.chain(exchanges).chain(versions).collect()
    }
}
