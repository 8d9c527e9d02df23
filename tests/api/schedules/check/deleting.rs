//! The responses to requests that delete records.

use std::collections::HashSet;

use serde_json::Value;

use super::View;
use crate::schedules::history::Version;
use crate::support::{OTHER, identifiers};

impl<'a> View<'a> {
    pub fn check_deleted(&self, list: &str, entries: &[Value]) {
        let body = &self.response.body;
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
                Some(code) if code == OTHER => self.check_open_entry(list, entry),
                Some(code) => {
                    assert_eq!(code, "RECORD_NOT_FOUND", "every entry names an identifier");
                    self.check_missing(list, entry, entries);
                }
            }
        }
        assert!(failed.next().is_none(), "failures are in the order of the entries: {body}");
        assert_eq!(body["total_deleted"], deleted);
    }

    /// The versions of the records that `entry` ever named.
    fn named(&self, list: &str, entry: &Value) -> Vec<&'a Version> {
        let is_named = |version: &&Version| match (&entry["id"], &entry["phone_number"]) {
            (Value::String(id), _) => version.item.text("id") == id,
            (_, Value::String(number)) => version.item.numbers().any(|other| other == number),
            _ => version.item.identifiers(list) == identifiers(list, entry),
        };
        self.records(list).filter(is_named).collect()
    }

    /// A record that `entry` names went away during the request and did not stay all the time, or none was there.
    pub fn check_deletion(&self, list: &str, entry: &Value, deleted: bool) {
        let named = self.named(list, entry);
        if !deleted {
            return assert!(self.are_absent(&named), "{entry} was not found, and was there all the time");
        }
        let (from, to) = (self.exchange.from, self.exchange.to);
        let went = named.iter().any(|version| version.to.is_some_and(|end| from < end && end <= to));
        assert!(went, "{entry} was deleted, and nothing went away");
        let stayed = named.iter().find(|version| version.covers(from, to));
        assert!(stayed.is_none(), "{entry} was deleted, and is still there: {:?}", stayed.map(|version| &version.item));
    }

    /// The record that `entry` names is left open for a reason: calls had trouble, or an item of it is in a partition that
    /// is throttled.
    pub fn check_open_entry(&self, list: &str, entry: &Value) {
        let starved = self.history.starved.as_deref();
        let mut numbers = self.named(list, entry).into_iter().flat_map(|version| version.item.numbers());
        if !numbers.any(|number| Some(number) == starved) {
            self.check_troubled();
        }
    }

    /// The record was not there, or an earlier entry named it too.
    fn check_missing(&self, list: &str, entry: &Value, entries: &[Value]) {
        let named = self.named(list, entry);
        let earlier = entries.iter().take_while(|other| *other != entry);
        let ids: HashSet<&str> =
            earlier.flat_map(|other| self.named(list, other)).map(|version| version.item.text("id")).collect();
        let by_earlier = named.iter().any(|version| ids.contains(version.item.text("id")));
        assert!(by_earlier || self.are_absent(&named), "{entry} was not found, and was there all the time");
    }
}
