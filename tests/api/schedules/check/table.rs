//! The table at every moment, and each change of it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::schedules::history::{Exchange, History, Moment, Version};
use crate::schedules::requests::Request;
use crate::support::{EXTERNAL, PHONE_NUMBER};

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

/// No name and no identifier is stored twice, each further number of a record has its alias, and each alias its record.
fn check_consistent(history: &History, now: Moment) {
    let live = || history.versions.iter().filter(|version| version.overlaps(now, now));
    let (mut names, mut held, mut owed) = (HashSet::new(), HashSet::new(), BTreeMap::new());
    for Version { item, key, .. } in live().filter(|version| version.item.is_record()) {
        let list = [EXTERNAL, PHONE_NUMBER].into_iter().find(|list| key.0.contains(list)).unwrap_or_default();
        assert!(names.insert(item.text("first_name")), "{item:?} is stored twice");
        for identifier in item.identifiers(list) {
            assert!(held.insert((list, identifier)), "an identifier of {item:?} is stored twice");
        }
        if list == PHONE_NUMBER && item.numbers().count() > 1 {
            owed.insert((item.text("id"), item.text("write_token")), item.numbers().count() - 1);
        }
    }
    let mut aliases: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for alias in live().filter(|version| !version.item.is_record()) {
        *aliases.entry((alias.item.text("record_id"), alias.item.text("write_token"))).or_default() += 1;
    }
    assert_eq!(aliases, owed, "each record has its aliases, and each alias its record");
}

/// A deletion removes a version that its request has read before: one that was written since stays.
fn check_found(history: &History, version: &Version) {
    let (Some(write), Some(end)) = (version.ended_by, version.to) else { return };
    let is_of = |exchange: &&Exchange| {
        exchange.function == write.function && exchange.from < write.made && write.made < exchange.to
    };
    let exchange = history.exchanges.iter().find(is_of).expect("a call belongs to a request");
    let mut reads = history.calls_of(exchange).filter(|call| call.is_read() && call.keys.contains(&version.key.1));
    let read = reads.any(|call| call.executed.is_some_and(|at| version.from <= at && at < end && at < write.made));
    assert!(read, "{:?} was deleted by a request that never found it", version.item);
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
            let versions = history.versions.iter().filter(|version| version.is_in(list) && version.item.is_record());
            let times = versions.filter(|version| version.item.text("first_name") == name).count();
            let senders: Vec<&Exchange> = history.exchanges.iter().filter(sent_by).collect();
            let mut calls = senders.iter().flat_map(|sender| history.calls_of(sender));
            let is_troubled = calls.any(|call| call.fate.is_trouble());
            let requests = senders.len();
            assert!(times <= requests || is_troubled, "{name} was stored {times} times by {requests} requests");
        }
    }
}
