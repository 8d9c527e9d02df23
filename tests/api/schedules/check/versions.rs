//! Each version that a request wrote: what was created, and what was changed.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::patched::{patched, without};
use crate::schedules::history::{Exchange, History};
use crate::schedules::requests::Request;
use crate::schedules::version::Version;

/// Members that the store gives to a record.
pub const OF_STORE: [&str; 4] = ["id", "record_list_id", "created_at", "updated_at"];

/// Every change is one that its request wants, and is made once; requests that create or only validate change nothing.
pub fn check(history: &History) {
    let mut changes = HashSet::new();
    for version in history.versions.iter().filter(|version| version.item.is_record()) {
        let exchange = history.exchange_of(version.written_by);
        let Some(before) = history.before(version) else {
            check_inserted(exchange, version);
            continue;
        };
        // A record that was deleted, and brought back by its own create that was sent again, lives a second time.
        let born =
            std::iter::successors(Some(version), |version| history.before(version)).last().map(|first| first.from);
        assert!(changes.insert((exchange.from, &version.key, born)), "a request has changed {:?} twice", version.item);
        check_change(exchange, before, version);
    }
    let mut aliases = history.versions.iter().filter(|version| !version.item.is_record());
    assert!(aliases.all(|alias| alias.before.is_none()), "an alias is never changed");
}

/// A patch of the request makes `version` of `before`, and nothing but that; its time is later.
fn check_change(exchange: &Exchange, before: &Version, version: &Version) {
    let alone;
    let patches = match &exchange.request {
        Request::Change { patches, query, .. } if !query.validates => patches,
        Request::ChangeOne { id, patch, .. } if version.item.text("id") == id => {
            alone = vec![patch.clone()];
            &alone
        }
        _ => panic!("{:?} was changed by a request for something else", version.item),
    };
    let is_wanted = |patch: &Value| is_change(before, version, patch);
    assert!(patches.iter().any(is_wanted), "no patch makes {:?} of {:?}", version.item, before.item);
    let time = |version: &Version| version.item.text("updated_at").to_owned();
    assert!(time(before) < time(version), "{:?} has a later time than {:?}", version.item, before.item);
}

/// Whether `patch` makes `version` of `before`.
pub fn is_change(before: &Version, version: &Version, patch: &Value) -> bool {
    let wanted = patched(&before.item.shown, patch);
    without(&wanted, &["updated_at"]) == without(&version.item.shown, &["updated_at"])
}

/// A record is as the request sent it.
fn check_inserted(exchange: &Exchange, version: &Version) {
    let stored = without(&version.item.shown, &OF_STORE);
    let is_wanted = match &exchange.request {
        Request::Create { records, .. } => records.contains(&stored),
        Request::Change { patches, query, .. } if query.creates && !query.validates => {
            let mut named_by_identity = patches.iter().filter(|patch| patch.get("id").is_none());
            named_by_identity.any(|patch| patched(&json!({}), patch) == stored)
        }
        _ => false,
    };
    assert!(is_wanted, "{:?} was created by a request for something else", version.item);
}
