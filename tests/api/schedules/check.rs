//! Holds what the responses of a schedule say against everything that the table held.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use http::StatusCode;
use serde_json::{Value, json};

use super::history::{Call, Exchange, History, Moment, Version};
use super::requests::Request;
use crate::support::{EXTERNAL, OTHER, PHONE_NUMBER, identifiers, without_links};

/// A request has time for more attempts than this, each of which takes longer than the one before.
const EXCUSED: usize = 2;

/// A signature is made again as many times.
const SIGNATURES: usize = 3;

/// Fails if a response says what the table contradicts.
pub fn check(history: &History) {
    let changes: BTreeSet<Moment> =
        history.versions.iter().flat_map(|version| [Some(version.from), version.to]).flatten().collect();
    for moment in changes {
        check_consistent(history, moment);
    }
    for exchange in &history.exchanges {
        let view = View { history, exchange };
        let status = exchange.response.status;
        match status {
            StatusCode::INTERNAL_SERVER_ERROR => view.check_refused(),
            StatusCode::SERVICE_UNAVAILABLE => view.check_excused(),
            _ => {}
        }
        if status.is_server_error() {
            continue;
        }
        match &exchange.request {
            Request::Create { list, records, .. } => view.check_created(list, records),
            Request::Delete { list, entries } => view.check_deleted(list, entries),
            Request::DeleteOne { list, id } => view.check_deletion(list, &json!({ "id": id }), status.is_success()),
            Request::ReadOne { list, id } => view.check_read(list, id),
            Request::ReadPage { list, per_page } => view.check_page(list, *per_page),
        }
    }
    check_repeated(history);
}

/// A request, and the part of the history that it can have seen.
struct View<'a> {
    history: &'a History,
    exchange: &'a Exchange,
}

impl<'a> View<'a> {
    fn records(&self, list: &'a str) -> impl Iterator<Item = &'a Version> {
        self.history.versions.iter().filter(move |version| version.is_in(list) && version.item.is_record())
    }

    /// Records that were there at some moment of the request.
    fn seen(&self, list: &'a str) -> impl Iterator<Item = &'a Version> {
        let (from, to) = (self.exchange.from, self.exchange.to);
        self.records(list).filter(move |version| version.overlaps(from, to))
    }

    /// Whether at some moment of the request none of `versions` was there.
    fn are_absent(&self, versions: &[&Version]) -> bool {
        (self.exchange.from..=self.exchange.to).any(|now| !versions.iter().any(|version| version.overlaps(now, now)))
    }

    /// Calls of the request.
    fn calls(&self) -> impl Iterator<Item = &'a Call> {
        let Exchange { function, from, to, .. } = *self.exchange;
        self.history.calls.iter().filter(move |call| call.function == function && from < call.made && call.made < to)
    }

    /// Nothing here is a fault of the service's, but a signature that is refused again and again looks like one.
    fn check_refused(&self) {
        let refused = self.calls().filter(|call| call.fate.is_refused_signature()).count();
        assert!(refused > SIGNATURES, "{refused} signatures were refused: {}", self.exchange.response.text);
    }

    /// Nothing is left open without a reason.
    fn check_excused(&self) {
        let troubled = self.calls().filter(|call| call.fate.is_trouble()).count();
        assert!(
            troubled > EXCUSED,
            "{troubled} calls had trouble, and there was time: {}",
            self.exchange.response.text
        );
    }

    fn check_created(&self, list: &'a str, sent: &[Value]) {
        let returned = self.exchange.response.records();
        assert_eq!(returned.len(), sent.len(), "each record has its outcome");
        for (sent, returned) in sent.iter().zip(returned) {
            match returned.get("errors") {
                None => assert!(self.is_seen(list, returned), "{returned} was created and never there"),
                Some(errors) if *errors == json!([OTHER]) => {
                    assert_eq!(returned["fields"], json!([]), "every record is valid");
                    self.check_excused();
                }
                Some(_) => self.check_not_unique(list, sent),
            }
        }
    }

    /// Whether a record was there, as it was `returned`.
    fn is_seen(&self, list: &'a str, returned: &Value) -> bool {
        let expected = without_links(returned);
        self.seen(list).any(|version| {
            let stored = version.item.0.as_object().expect("an item is an object").iter();
            let stored = stored.filter(|(name, _)| !["pk", "sk", "write_token"].contains(&name.as_str()));
            stored.map(|(name, value)| (name.clone(), value.clone())).collect::<Value>() == expected
        })
    }

    /// Another record had an identifier of `sent`, and the request did not store it itself.
    fn check_not_unique(&self, list: &'a str, sent: &Value) {
        let (own, wanted) = (sent["first_name"].as_str(), identifiers(list, sent));
        let is_own = |version: &&Version| Some(version.item.text("first_name")) == own;
        let shares = |version: &&Version| !version.item.identifiers(list).is_disjoint(&wanted);
        assert!(
            self.seen(list).any(|version| !is_own(&version) && shares(&version)),
            "{sent} was not unique, and no other record has its identifiers"
        );
        let (from, to) = (self.exchange.from, self.exchange.to);
        let by_itself = |version: &&Version| {
            is_own(version) && !version.late && version.writer == self.exchange.function && version.from > from
        };
        let stored = self.records(list).find(|version| by_itself(version) && version.overlaps(to, to));
        assert!(stored.is_none(), "{sent} was not unique, and the request stored it");
    }

    fn check_deleted(&self, list: &'a str, entries: &[Value]) {
        let body = &self.exchange.response.body;
        let mut failed =
            body["_embedded"]["failed_records"].as_array().expect("a 200 lists failures").iter().peekable();
        let mut deleted = 0;
        for entry in entries {
            let failure = failed.next_if(|failed| {
                entry.as_object().expect("an entry is an object").iter().all(|(name, value)| failed[name] == *value)
            });
            match failure.map(|failed| &failed["errors"][0]) {
                None => {
                    deleted += 1;
                    self.check_deletion(list, entry, true);
                }
                Some(code) if code == OTHER => self.check_excused(),
                Some(code) => {
                    assert_eq!(code, "RECORD_NOT_FOUND", "every entry names an identifier");
                    self.check_missing(list, entry, entries);
                }
            }
        }
        assert!(failed.next().is_none(), "failures are in the order of the entries: {body}");
        assert_eq!(body["total_deleted"], deleted);
    }

    fn named(&self, list: &'a str, entry: &Value) -> Vec<&'a Version> {
        let is_named = |version: &&Version| match (&entry["id"], &entry["phone_number"]) {
            (Value::String(id), _) => version.item.text("id") == id,
            (_, Value::String(number)) => version.item.numbers().any(|other| other == number),
            _ => version.item.identifiers(list) == identifiers(list, entry),
        };
        self.records(list).filter(is_named).collect()
    }

    /// A record that `entry` names went away during the request, or none was there.
    fn check_deletion(&self, list: &'a str, entry: &Value, deleted: bool) {
        let named = self.named(list, entry);
        if deleted {
            let (from, to) = (self.exchange.from, self.exchange.to);
            let went = named.iter().any(|version| version.to.is_some_and(|end| from < end && end <= to));
            assert!(went, "{entry} was deleted, and nothing went away");
        } else {
            assert!(self.are_absent(&named), "{entry} was not found, and was there all the time");
        }
    }

    /// The record was not there, or an earlier entry named it too.
    fn check_missing(&self, list: &'a str, entry: &Value, entries: &[Value]) {
        let named = self.named(list, entry);
        let earlier = entries.iter().take_while(|other| *other != entry);
        let ids: HashSet<&str> =
            earlier.flat_map(|other| self.named(list, other)).map(|version| version.item.text("id")).collect();
        let by_earlier = named.iter().any(|version| ids.contains(version.item.text("id")));
        assert!(by_earlier || self.are_absent(&named), "{entry} was not found, and was there all the time");
    }

    fn check_read(&self, list: &'a str, id: &str) {
        let response = &self.exchange.response;
        match response.status {
            StatusCode::OK => assert!(self.is_seen(list, &response.body), "{} was never there", response.text),
            status => {
                assert_eq!(status, StatusCode::NOT_FOUND, "{response:?}");
                self.check_deletion(list, &json!({ "id": id }), false);
            }
        }
    }

    fn check_page(&self, list: &'a str, per_page: usize) {
        let response = &self.exchange.response;
        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        let records = response.any_records();
        assert!(records.len() <= per_page, "{per_page} records were wanted");
        let ids: Vec<&str> = records.iter().map(|record| record["id"].as_str().expect("a record has an ID")).collect();
        assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?} are in order");
        for record in records {
            assert!(self.is_seen(list, record), "{record} was never there");
        }
        let following =
            response.body["_links"].get("next").map(|_| *ids.last().expect("a page with more is not empty"));
        let is_in_page = |id: &str| following.is_none_or(|last| id <= last);
        let there = self.records(list).filter(|version| version.covers(self.exchange.from, self.exchange.to));
        for version in there.filter(|version| is_in_page(version.item.text("id"))) {
            assert!(ids.contains(&version.item.text("id")), "{:?} was there and is not in the page", version.item);
        }
    }
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

/// Requests with the same key agree, as long as nothing was deleted.
fn check_repeated(history: &History) {
    if history.versions.iter().any(|version| version.to.is_some()) {
        return;
    }
    let keyed = |exchange: &'_ &Exchange| matches!(exchange.request, Request::Create { key: Some(_), .. });
    let keyed: Vec<&Exchange> = history.exchanges.iter().filter(keyed).collect();
    for (place, one) in keyed.iter().enumerate() {
        for other in &keyed[place + 1..] {
            match (&one.request, &other.request) {
                (Request::Create { key, .. }, Request::Create { key: same, .. }) if key == same => agree(one, other),
                _ => {}
            }
        }
    }
}

fn agree(one: &Exchange, other: &Exchange) {
    for (one, other) in one.response.any_records().iter().zip(other.response.any_records()) {
        let is_open = |record: &Value| record["errors"] == json!([OTHER]);
        let outcome = |record: &Value| (record["errors"].clone(), record["id"].clone(), record["created_at"].clone());
        if !is_open(one) && !is_open(other) {
            assert_eq!(outcome(one), outcome(other), "requests with the same key agree");
        }
    }
}
