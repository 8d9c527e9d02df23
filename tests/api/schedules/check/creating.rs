//! The responses to requests that create records.

use serde_json::{Value, json};

use super::View;
use crate::schedules::requests::Request;
use crate::schedules::version::Version;
use crate::support::{OTHER, identifiers, without_links};

/// Whether the response leaves open if `record` is stored.
pub fn is_open(record: &Value) -> bool {
    record["errors"] == json!([OTHER])
}

impl View<'_> {
    pub fn check_created(&self, list: &str, sent: &[Value]) {
        let returned = self.response.records();
        assert_eq!(returned.len(), sent.len(), "each record has its outcome");
        for (place, returned) in returned.iter().enumerate() {
            match returned.get("errors") {
                None => assert!(self.was_created(list, returned), "{returned} was created and never there"),
                Some(_) if is_open(returned) => {
                    assert_eq!(returned["fields"], json!([]), "every record is valid");
                    self.check_open_record(list, sent, place);
                    self.check_dependents(list, sent, place);
                }
                Some(_) => self.check_not_unique(list, &sent[place]),
            }
        }
    }

    /// Whether a record was there, as it was `returned`.
    pub fn is_seen(&self, list: &str, returned: &Value) -> bool {
        let expected = without_links(returned);
        self.seen(list).any(|version| version.item.shown == expected)
    }

    /// Whether a record was there that was created as it was `returned`, whatever it became.
    fn was_created(&self, list: &str, returned: &Value) -> bool {
        let expected = without_links(returned);
        let mut created = self.history.records(list).filter(|version| version.before.is_none());
        created
            .any(|version| version.item.shown == expected && self.seen(list).any(|seen| seen.is_same_record(version)))
    }

    /// The record at `place` is left open for a reason: calls had trouble, or a partition is throttled that it, or a record
    /// that it waits for, has an item in.
    pub fn check_open_record(&self, list: &str, sent: &[Value], place: usize) {
        let mut wanted = identifiers(list, &sent[place]);
        for earlier in sent[..place].iter().rev().map(|earlier| identifiers(list, earlier)) {
            if !earlier.is_disjoint(&wanted) {
                wanted.extend(earlier);
            }
        }
        if !self.history.starved.as_ref().is_some_and(|number| wanted.contains(number)) {
            self.check_troubled();
        }
    }

    /// A record that waits for the one at `place`, which was given up, is given up too.
    fn check_dependents(&self, list: &str, sent: &[Value], place: usize) {
        let wanted = identifiers(list, &sent[place]);
        let waiting = sent.iter().zip(self.response.records()).skip(place + 1);
        let waiting = waiting.filter(|(later, _)| !identifiers(list, later).is_disjoint(&wanted));
        for (later, _) in waiting.filter(|(_, returned)| returned.get("errors").is_none()) {
            let is_stored = self.written(list).any(|version| later["first_name"] == version.name);
            assert!(!is_stored, "{later} was stored after {} was given up", sent[place]);
        }
    }

    /// Another record had an identifier of `sent`, and the request did not store it itself.
    fn check_not_unique(&self, list: &str, sent: &Value) {
        let wanted = identifiers(list, sent);
        let shares = |version: &&Version| !version.item.identifiers(list).is_disjoint(&wanted);
        assert!(
            self.seen(list).any(|version| !self.is_own(version, sent) && shares(&version)),
            "{sent} was not unique, and no other record has its identifiers"
        );
        let mut stored = self.written(list).filter(|version| self.is_own(version, sent) && !version.written_by.late);
        let stored = stored.find(|version| version.overlaps(self.exchange.to, self.exchange.to));
        assert!(stored.is_none(), "{sent} was not unique, and the request stored it");
    }

    /// Whether `version` is the record `sent`. Without a key, the second delivery of an event is another request.
    fn is_own(&self, version: &Version, sent: &Value) -> bool {
        let is_keyed = matches!(self.exchange.request, Request::Create { key: Some(_), .. });
        version.name == sent["first_name"] && (is_keyed || version.written_by.function == self.exchange.function)
    }
}
