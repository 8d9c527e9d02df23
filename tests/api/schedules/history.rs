//! The history of a schedule, in one order: requests, responses, and changes of the table.

use std::time::Duration;

use serde_json::Value;

use super::engine::{Key, Snapshot};
use super::fate::Fate;
use super::requests::Request;
use super::version::{Moment, Stored, Version, Write};
use crate::support::Response;

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

impl Exchange {
    /// Whether a call of the request was `write`.
    pub fn has(&self, write: Write) -> bool {
        self.function == write.function && self.from < write.made && write.made < self.to
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
        let changed = table.iter().filter(|(key, item)| self.table.get(*key) != Some(item));
        let mut written: Vec<Version> =
            changed.map(|(key, item)| self.written(now, write, key, Stored::of(item))).collect();
        for version in self.versions.iter_mut().filter(|version| version.to.is_none()) {
            if table.get(&version.key) != self.table.get(&version.key) {
                (version.to, version.ended_by) = (Some(now), Some(write));
            }
        }
        for place in written.iter().filter_map(|version| version.before) {
            self.versions[place].is_changed = true;
        }
        // Some IDs are random; names are not.
        written.sort_by(|one, other| one.name.cmp(&other.name));
        self.versions.extend(written);
        self.table = table;
        now
    }

    /// The version that `write` made of the item `key`, which has not ended yet.
    fn written(&self, from: Moment, write: Write, key: &Key, item: Stored) -> Version {
        let is_before =
            |version: &Version| version.to.is_none() && version.key == *key && version.item.is_same_record(&item);
        let before = self.versions.iter().position(is_before);
        let name = before.map_or_else(|| item.text("first_name").to_owned(), |place| self.versions[place].name.clone());
        Version {
            key: key.clone(),
            item,
            name,
            before,
            from,
            to: None,
            written_by: write,
            ended_by: None,
            is_changed: false,
        }
    }

    /// The version that was changed into `version`.
    pub fn before(&self, version: &Version) -> Option<&Version> {
        version.before.map(|place| &self.versions[place])
    }

    /// The version that `version` was changed into.
    pub fn after(&self, version: &Version) -> Option<&Version> {
        let is_after = |other: &&Version| Some(other.from) == version.to && other.is_same_record(version);
        self.versions.iter().filter(|_| version.is_changed).find(is_after)
    }

    /// The versions of records that `list` ever held.
    pub fn records(&self, list: &str) -> impl Iterator<Item = &Version> + use<'_> {
        let list = list.to_owned();
        self.versions.iter().filter(move |version| version.is_in(&list) && version.item.is_record())
    }

    /// The moment at which the record of `version` was deleted, if it was. A late attempt can bring it back after that.
    pub fn deleted(&self, version: &Version) -> Option<Moment> {
        let versions = self.versions.iter().filter(|other| other.is_same_record(version));
        versions.filter_map(Version::deleted).find(|moment| *moment > version.from)
    }

    /// The calls of the request of `exchange`.
    pub fn calls_of(&self, exchange: &Exchange) -> impl Iterator<Item = &Call> {
        let Exchange { function, from, to, .. } = *exchange;
        self.calls.iter().filter(move |call| call.function == function && from < call.made && call.made < to)
    }

    /// The request that `write` was a part of.
    pub fn exchange_of(&self, write: Write) -> &Exchange {
        self.exchanges.iter().find(|exchange| exchange.has(write)).expect("a call belongs to a request")
    }

    /// The IDs that records of `list` ever had, in the order in which they came.
    pub fn ids(&self, list: &str) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for version in self.records(list).filter(|version| version.before.is_none()) {
            let id = version.item.text("id");
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    /// The first number of the record `id` of `list` when it was created, which it keeps.
    pub fn own_number(&self, list: &str, id: &str) -> Option<&str> {
        self.records(list).find(|version| version.item.text("id") == id)?.item.numbers().next()
    }

    /// The ID of the record of `list` that has `number` now.
    pub fn holder(&self, list: &str, number: &str) -> Option<&str> {
        let live = self.records(list).filter(|version| version.to.is_none());
        live.filter(|version| version.item.numbers().any(|own| own == number))
            .map(|version| version.item.text("id"))
            .next()
    }

    /// The records of responses, with the ETags that some of them have, the last first.
    pub fn returned(&self) -> impl Iterator<Item = Returned<'_>> {
        let responses =
            self.exchanges.iter().rev().filter_map(|exchange| Some((exchange.to, exchange.response.as_ref()?)));
        responses.flat_map(|(at, response)| {
            let alone = response.body["id"].is_string().then_some(&response.body);
            let etag = response.header("etag");
            alone.into_iter().chain(response.any_records()).map(move |record| Returned { at, record, etag })
        })
    }

    /// The requests, as they were sent.
    pub fn requests(&self) -> impl Iterator<Item = String> {
        self.exchanges.iter().map(|exchange| {
            let Exchange { function, from, to, request, .. } = exchange;
            format!("{function} {from} {to} {request:?}")
        })
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
            let Version { name, before, from, to, written_by, .. } = version;
            format!("{name} {before:?} {from} {to:?} {}", written_by.late)
        });
        calls.chain(exchanges).chain(versions).collect()
    }
}

/// A record in a response.
pub struct Returned<'a> {
    pub at: Moment,
    pub record: &'a Value,
    pub etag: Option<&'a str>,
}
