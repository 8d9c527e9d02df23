//! The table at every moment, and each change of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::schedules::history::{Exchange, History};
use crate::schedules::requests::Request;
use crate::schedules::version::{Moment, Version};
use crate::support::{EXTERNAL, PHONE_NUMBER, key_holding};

pub fn check(history: &History) {
    let changes: BTreeSet<Moment> =
        history.versions.iter().flat_map(|version| [Some(version.from), version.to]).flatten().collect();
    for moment in changes {
        check_consistent(history, moment);
    }
    for version in history.versions.iter().filter(|version| version.item.is_record()) {
        check_found(history, version);
    }
    check_stored_once(history);
}

/// No record and no identifier is stored twice, each number has one item that holds it, and no other item is there.
fn check_consistent(history: &History, now: Moment) {
    let live = || history.versions.iter().filter(|version| version.overlaps(now, now));
    let items: BTreeMap<&str, &Version> = live().map(|version| (version.key.1.as_str(), version)).collect();
    let (mut names, mut held, mut holders) = (HashSet::new(), HashSet::new(), 0);
    for record in live().filter(|version| version.item.is_record()) {
        let Version { item, key, name, .. } = record;
        let list = [EXTERNAL, PHONE_NUMBER].into_iter().find(|list| key.0.contains(list)).unwrap_or_default();
        assert!(names.insert(name), "{item:?} is stored twice");
        assert_eq!(key.1, format!("RECORD#{}", item.text("id")), "a record has the key of its ID");
        for identifier in item.identifiers(list) {
            assert!(held.insert((list, identifier)), "an identifier of {item:?} is stored twice");
        }
        holders += 1;
        if list == PHONE_NUMBER {
            holders += check_numbers(&items, record) - 1;
        }
    }
    assert_eq!(items.len(), holders, "each alias belongs to a record that has its number");
}

/// Each number of `record` has an item, which is the record or names it. Returns how many there are.
fn check_numbers(items: &BTreeMap<&str, &Version>, record: &Version) -> usize {
    let keys: BTreeSet<String> = record.item.numbers().map(key_holding).collect();
    assert!(keys.contains(&record.key.1), "{:?} has lost the number that its ID is made of", record.item);
    for key in keys.iter().filter(|key| **key != record.key.1) {
        let alias = items.get(key.as_str()).map(|alias| &alias.item);
        let is_own = alias.is_some_and(|alias| {
            alias.text("record_id") == record.item.text("id") && alias.is_same_record(&record.item)
        });
        assert!(is_own, "a number of {:?} is held by {alias:?}", record.item);
    }
    keys.len()
}

/// A version is changed or deleted by a request that has read it, and not what was written since. A late attempt can bring
/// back the very item that was read.
fn check_found(history: &History, version: &Version) {
    let Some(write) = version.ended_by else { return };
    let is_same = |other: &&Version| other.key == version.key && other.item == version.item;
    let same: Vec<&Version> = history.versions.iter().filter(is_same).collect();
    let calls = history.calls_of(history.exchange_of(write));
    let reads = calls.filter(|call| call.is_read() && call.keys.contains(&version.key.1));
    let mut moments = reads.filter_map(|call| call.executed).filter(|moment| *moment < write.made);
    let is_read = moments.any(|moment| same.iter().any(|version| version.overlaps(moment, moment)));
    assert!(is_read, "{:?} was changed or deleted by a request that never found it", version.item);
}

/// A record is stored once over time by each request that sent it, unless a call of one of them had trouble.
fn check_stored_once(history: &History) {
    for exchange in &history.exchanges {
        let Request::Create { list, records, .. } = &exchange.request else { continue };
        for name in records.iter().map(|record| &record["first_name"]) {
            let sent_by = |other: &&Exchange| match &other.request {
                Request::Create { records, .. } => records.iter().any(|record: &Value| record["first_name"] == *name),
                _ => false,
            };
            let created = history.records(list).filter(|version| version.before.is_none());
            let times = created.filter(|version| *name == version.name).count();
            let senders: Vec<&Exchange> = history.exchanges.iter().filter(sent_by).collect();
            let mut calls = senders.iter().flat_map(|sender| history.calls_of(sender));
            let is_troubled = calls.any(|call| call.fate.is_trouble());
            let requests = senders.len();
            assert!(times <= requests || is_troubled, "{name} was stored {times} times by {requests} requests");
        }
    }
}
