//! Patches that were refused, or left open.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::changing::{Row, entry, number_of};
use super::patched::patched;
use crate::schedules::version::Version;
use crate::support::{NUMBER_TAKEN, OTHER, PHONE_NUMBER, REFERENCE_TAKEN, identifiers, without_links};

impl<'a> Row<'a> {
    pub fn check_refused(&self, code: &str) {
        self.check_not_written();
        match code {
            "RECORD_NOT_FOUND" => {
                assert!(!self.query.creates || self.patch().get("id").is_some(), "{} is to be created", self.patch());
                self.check_absent();
            }
            "PHONE_NUMBER_MISSING" | "FIRST_NAME_MISSING" => self.check_absent(),
            "PRECONDITION_FAILED" => self.check_other_version(),
            NUMBER_TAKEN | REFERENCE_TAKEN => self.check_taken(),
            OTHER => assert!(self.is_named_before() || self.loses_own_number(), "{} is no fault", self.returned),
            code => panic!("no patch is at fault with {code}"),
        }
    }

    pub fn check_absent(&self) {
        let is_absent = self.view.are_absent(&self.named());
        assert!(is_absent, "{} was not found, and was there all the time", self.entry());
    }

    /// The record had another version than that of the ETag, which the patch would have changed. A record that was created
    /// again looks the same if the clock stood still.
    fn check_other_version(&self) {
        let etag = self.etag().expect("a precondition was sent");
        let history = self.view.history;
        let read = history.returned().find(|returned| returned.etag == Some(etag)).expect("the ETag was read");
        let record = without_links(read.record);
        let is_other = |version: &&Version| {
            let shown = &version.item.shown;
            (*shown != record || version.from > read.at) && patched(shown, self.patch()) != *shown
        };
        assert!(self.seen().iter().any(is_other), "{etag} is the only version that was there");
    }

    /// Another record had an identifier that the patch wants, or an earlier one of the request names the record.
    fn check_taken(&self) {
        let wanted = self.wanted(self.patch());
        let own = self.id();
        let written = self.written();
        let is_other = |version: &&Version| {
            own.as_deref() != Some(version.item.text("id")) && !written.iter().any(|own| std::ptr::eq(*own, *version))
        };
        let shares = |version: &Version| !version.item.identifiers(self.list).is_disjoint(&wanted);
        let is_taken = self.view.seen(self.list).filter(is_other).any(shares);
        let mut earlier = self.earlier().map(|patch| self.wanted(patch));
        let is_wanted_before = self.query.validates && earlier.any(|earlier| !earlier.is_disjoint(&wanted));
        assert!(
            is_taken || is_wanted_before || self.is_named_before(),
            "{} was not unique, and no other record has its identifiers",
            self.patch()
        );
    }

    /// The identifiers that `patch` gives to a record.
    fn wanted(&self, patch: &Value) -> HashSet<String> {
        identifiers(self.list, &patched(&json!({}), patch))
    }

    fn earlier(&self) -> impl Iterator<Item = &'a Value> {
        self.patches[..self.place].iter()
    }

    /// Whether an earlier patch names the record too, or the one that this one would create. If the record has only come in
    /// the course of the request, a later patch can have been the first to find it.
    fn is_named_before(&self) -> bool {
        let ids: HashSet<&str> = self.named().iter().map(|version| version.item.text("id")).collect();
        let has_come = self.seen().iter().any(|version| version.from > self.view.exchange.from);
        let is_first = |place: usize| place < self.place || (has_come && place > self.place);
        let others = self.patches.iter().enumerate().filter(|(place, _)| is_first(*place));
        others.map(|(_, patch)| entry(self.list, patch)).any(|other| {
            let mut named = self.view.named(self.list, &other).into_iter();
            other == self.entry() || named.any(|version| ids.contains(version.item.text("id")))
        })
    }

    /// Whether the patch would end the number that the record's ID is made of.
    fn loses_own_number(&self) -> bool {
        let numbers = identifiers(PHONE_NUMBER, self.patch());
        let own = |version: &Version| self.view.history.own_number(self.list, version.item.text("id"));
        let is_lost = |version: &&Version| own(version).is_some_and(|own| !numbers.contains(own));
        !numbers.is_empty() && self.seen().iter().any(is_lost)
    }

    /// It is left open for a reason: calls had trouble, or a partition is throttled that the record, or one that it waits
    /// for, has an item in.
    pub fn check_open(&self) {
        let mut touched = self.touched(self.patch());
        for earlier in self.earlier().collect::<Vec<_>>().into_iter().rev().map(|patch| self.touched(patch)) {
            if !earlier.is_disjoint(&touched) {
                touched.extend(earlier);
            }
        }
        let is_starved = self.view.history.starved.as_ref().is_some_and(|number| touched.contains(number));
        if !is_starved && !self.is_unclear() {
            self.view.check_troubled();
        }
    }

    /// Whether nobody can tell what became of it: a call had trouble, and then the record was deleted, perhaps after it was
    /// changed.
    fn is_unclear(&self) -> bool {
        self.view.troubled() > 0 && self.seen().iter().any(|version| self.view.is_gone(version))
    }

    /// A patch that waits for this one, which was given up, is given up too: it gains no number that this one would gain.
    pub fn check_dependents(&self) {
        let held: HashSet<&str> = self.seen().iter().flat_map(|version| version.item.numbers()).collect();
        let mut wanted = self.wanted(self.patch());
        wanted.retain(|number| !held.contains(number.as_str()));
        for (place, returned) in self.view.response.any_records().iter().enumerate().skip(self.place + 1) {
            let later = Row { place, returned, ..*self };
            let is_made = ["created", "updated"].iter().any(|status| returned["status"] == *status);
            let gained = later.written().into_iter().filter(|_| is_made).flat_map(|version| self.gained(version));
            let gained: HashSet<&str> = gained.collect();
            let is_disjoint = !gained.into_iter().any(|number| wanted.contains(number));
            assert!(is_disjoint, "{} was made after {} was given up", later.patch(), self.patch());
        }
    }

    /// The numbers that `version` has, and not the one before it.
    fn gained<'v>(&'v self, version: &'v Version) -> impl Iterator<Item = &'v str> {
        let before: HashSet<&str> =
            self.view.history.before(version).into_iter().flat_map(|before| before.item.numbers()).collect();
        version.item.numbers().filter(move |number| !before.contains(number))
    }

    /// The numbers that a patch sets, and those that the records have which it names.
    fn touched(&self, patch: &Value) -> HashSet<String> {
        let named = self.view.named(self.list, &entry(self.list, patch));
        let numbers = named.iter().flat_map(|version| version.item.numbers()).map(str::to_owned);
        numbers.chain(identifiers(PHONE_NUMBER, patch)).chain(number_of(patch)).collect()
    }
}
