//! The responses to requests that delete records.

use std::collections::HashSet;

use serde_json::Value;

use super::View;
use crate::schedules::version::Version;
use crate::support::{OTHER, identifiers};

impl<'a> View<'a> {
    pub fn check_deleted(&self, list: &str, entries: &[Value]) {
        let body = &self.response.body;
        let mut failed =
            body["_embedded"]["failed_records"].as_array().expect("a 200 lists failures").iter().peekable();
        let mut deleted = 0;
        for entry in entries {
            let failure = failed.next_if(|failed| {
                let identifiers = entry.as_object().expect("an entry is an object").iter();
                identifiers.filter(|(name, _)| *name != "updated_at").all(|(name, value)| failed[name] == *value)
            });
            match failure.map(|failed| &failed["errors"][0]) {
                None => {
                    deleted += 1;
                    self.check_deletion(list, entry, true);
                }
                Some(code) if code == OTHER => self.check_open_entry(list, entry),
                Some(code) if code == "RECORD_CHANGED" => self.check_other_version(list, entry),
                Some(code) => {
                    assert_eq!(code, "RECORD_NOT_FOUND", "every entry names an identifier");
                    self.check_missing(list, entry, entries);
                }
            }
        }
        assert!(failed.next().is_none(), "failures are in the order of the entries: {body}");
        assert_eq!(body["total_deleted"], deleted);
    }

    /// The versions that `entry` ever named.
    pub fn named(&self, list: &str, entry: &Value) -> Vec<&'a Version> {
        let is_named = |version: &&Version| match (&entry["id"], &entry["phone_number"]) {
            (Value::String(id), _) => version.item.text("id") == id,
            (_, Value::String(number)) => version.item.numbers().any(|other| other == number),
            _ => version.item.identifiers(list) == identifiers(list, entry),
        };
        self.history.records(list).filter(is_named).collect()
    }

    /// A record that `entry` names went away during the request, or none was there.
    pub fn check_deletion(&self, list: &str, entry: &Value, deleted: bool) {
        let named = self.named(list, entry);
        assert!(self.are_absent(&named), "{entry} was there all the time, and deleted is {deleted}");
        if deleted {
            let (from, to) = (self.exchange.from, self.exchange.to);
            let seen = named.iter().filter(|version| self.is_in_time(version));
            let mut ends = seen.filter_map(|version| self.history.deleted(version));
            assert!(ends.any(|end| from < end && end <= to), "{entry} was deleted, and nothing went away");
            self.check_version_deleted(list, entry);
        }
    }

    /// If `entry` has an `updated_at`, the version that the request deleted has it.
    fn check_version_deleted(&self, list: &str, entry: &Value) {
        let ended = self.named(list, entry).into_iter().filter(|version| version.deleted().is_some());
        for version in ended.filter(|version| version.ended_by.is_some_and(|write| self.exchange.has(write))) {
            let is_meant = entry.get("updated_at").is_none_or(|time| *time == version.item.text("updated_at"));
            assert!(is_meant, "{entry} has deleted {:?}", version.item);
        }
    }

    /// The record that `entry` names had another `updated_at`, and the request left that version alone.
    fn check_other_version(&self, list: &str, entry: &Value) {
        let mut seen = self.named(list, entry).into_iter().filter(|version| self.is_in_time(version));
        assert!(
            seen.any(|version| entry["updated_at"] != version.item.text("updated_at")),
            "{entry} was changed, and had the same time"
        );
        self.check_version_deleted(list, entry);
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
