//! The requests of a schedule, before it is known which records there are: a number stands for the ID of one of them.

use serde_json::{Value, json};

use super::history::History;
use super::patches::Patch;
use super::requests::{Query, Request};
use crate::support::{NO_ID, NOTHING};

/// A request, before it is known which IDs there are.
#[derive(Clone)]
pub enum Draft {
    Create { list: &'static str, records: Vec<Value>, key: Option<String> },
    Change { list: &'static str, patches: Vec<Patch>, query: Query },
    ChangeOne { list: &'static str, patch: Patch, if_match: Option<Age> },
    DeleteByIdentifier { list: &'static str, entries: Vec<Value> },
    DeleteById { list: &'static str, numbers: Vec<usize>, version: Option<Age> },
    DeleteOne { list: &'static str, number: usize },
    ReadOne { list: &'static str, number: usize },
    ReadPage { list: &'static str, per_page: usize },
}

/// The version of a record that a request names, of those that responses have had.
#[derive(Clone, Copy)]
pub enum Age {
    Last,
    First,
}

impl Draft {
    /// Whether two deliveries store no record twice: without a key, they are two requests.
    pub fn can_be_twice(&self) -> bool {
        !matches!(self, Self::Create { list, key: None, .. } if *list == NOTHING)
    }

    /// The request that a caller makes before this one: a version that it names has to be read.
    pub fn read_first(&self) -> Option<Self> {
        match self {
            Self::ChangeOne { list, patch, if_match: Some(_) } => Some(Self::ReadOne { list, number: patch.number() }),
            _ => None,
        }
    }

    pub fn resolve(&self, history: &History) -> Request {
        match self.clone() {
            Self::Create { list, records, key } => Request::Create { list, records, key },
            Self::Change { list, patches, query } => {
                let patches = patches.iter().map(|patch| patch.resolve(list, history)).collect();
                Request::Change { list, patches, query }
            }
            Self::ChangeOne { list, patch, if_match } => {
                let id = id(history, list, patch.number());
                let if_match = if_match.and_then(|age| etag(history, &id, age));
                Request::ChangeOne { list, id, patch: patch.resolve_unnamed(list, history), if_match }
            }
            Self::DeleteByIdentifier { list, entries } => Request::Delete { list, entries },
            Self::DeleteById { list, numbers, version } => {
                let mut ids: Vec<String> = Vec::new();
                for number in numbers {
                    let id = id(history, list, number);
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                let entries = ids.iter().map(|id| versioned(history, id, version));
                Request::Delete { list, entries: entries.collect() }
            }
            Self::DeleteOne { list, number } => Request::DeleteOne { list, id: id(history, list, number) },
            Self::ReadOne { list, number } => Request::ReadOne { list, id: id(history, list, number) },
            Self::ReadPage { list, per_page } => Request::ReadPage { list, per_page },
        }
    }
}

/// The ID that `number` stands for.
pub fn id(history: &History, list: &str, number: usize) -> String {
    let ids = history.ids(list);
    if ids.is_empty() { NO_ID.to_owned() } else { ids[number % ids.len()].clone() }
}

/// The ETag that responses gave to the record `id`.
fn etag(history: &History, id: &str, age: Age) -> Option<String> {
    let tags = history.returned().filter(|returned| returned.record["id"] == id).filter_map(|returned| returned.etag);
    of_age(tags, age).map(str::to_owned)
}

/// The entry that deletes the record `id`, if it still has the `updated_at` that a response gave it.
fn versioned(history: &History, id: &str, version: Option<Age>) -> Value {
    let times = history.returned().filter(|returned| returned.record["id"] == id);
    let times = times.filter_map(|returned| returned.record["updated_at"].as_str());
    match version.and_then(|age| of_age(times, age)) {
        Some(updated_at) => json!({"id": id, "updated_at": updated_at}),
        None => json!({"id": id}),
    }
}

/// The one of `versions`, the last first, that is of this age.
fn of_age<'a>(mut versions: impl Iterator<Item = &'a str>, age: Age) -> Option<&'a str> {
    match age {
        Age::Last => versions.next(),
        Age::First => versions.last(),
    }
}
