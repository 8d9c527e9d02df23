//! Patches that were made, or had nothing to change.

use serde_json::{Value, json};

use super::changing::Row;
use super::patched::{patched, without};
use super::versions::OF_STORE;
use crate::schedules::version::Version;
use crate::support::without_links;

impl Row<'_> {
    /// The record as the response has it.
    fn record(&self) -> Value {
        without(&without_links(self.returned), &["status"])
    }

    pub fn check_created(&self) {
        let wanted = patched(&json!({}), self.patch());
        let record = self.record();
        assert_eq!(without(&record, &OF_STORE), wanted, "a record is created as the patch has it");
        assert!(self.query.creates, "{record} must not be created");
        if self.query.validates {
            return self.check_absent();
        }
        let is_told = |version: &&Version| version.before.is_none() && version.item.shown == record;
        assert!(self.written().iter().any(is_told), "{record} was created, and was never there");
    }

    /// The record was changed once, to what the response says or what others have made of it since. One that was deleted and
    /// created again meanwhile can have been changed before too.
    pub fn check_updated(&self) {
        let record = self.record();
        let changes: Vec<_> = self.written().into_iter().filter(|version| version.before.is_some()).collect();
        let lasting = changes.iter().filter(|version| !self.view.is_gone(version)).count();
        assert!(lasting == 1 || (lasting == 0 && !changes.is_empty()), "{record} was changed {lasting} times");
        let is_told = |version: &&Version| {
            let mut later = self.view.seen(self.list).filter(|later| later.is_same_record(version));
            later.any(|later| later.from >= version.from && later.item.shown == record)
        };
        let told = changes.into_iter().find(is_told);
        self.check_base(told.unwrap_or_else(|| panic!("{record} was changed, and was never there")));
    }

    /// The version before that of the change had the identifier which named it, and is the one of the ETag.
    fn check_base(&self, version: &Version) {
        let history = self.view.history;
        let before = history.before(version).expect("it is a change");
        let is_named = self.named().iter().any(|named| std::ptr::eq(*named, before));
        assert!(is_named, "{} changed {:?}, which it does not name", self.patch(), before.item);
        if let Some(etag) = self.etag() {
            let mut read = history.returned().filter(|returned| returned.etag == Some(etag));
            let is_read = read.any(|returned| without_links(returned.record) == before.item.shown);
            assert!(is_read, "{etag} is not the ETag of {:?}", before.item);
        }
    }

    pub fn check_would_be_updated(&self) {
        let wanted = without(&self.record(), &["updated_at"]);
        let would_be =
            |version: &&Version| without(&patched(&version.item.shown, self.patch()), &["updated_at"]) == wanted;
        assert!(self.seen().iter().any(would_be), "{wanted} is no change of a record that was there");
    }

    /// The record was as the patch wants it, and stayed so.
    pub fn check_unchanged(&self) {
        let record = self.record();
        assert_eq!(patched(&record, self.patch()), record, "{} changes something", self.patch());
        let is_told = |version: &&Version| version.item.shown == record;
        assert!(self.seen().iter().any(is_told), "{record} was never there");
        self.check_not_written();
    }
}
