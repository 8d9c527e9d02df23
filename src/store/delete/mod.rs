//! Deletes: a record's own item and its aliases are removed together, or not at all.

mod rounds;

use std::collections::HashMap;

use uuid::Uuid;

pub use self::rounds::delete;
use super::find::{Found, Identifier};
use super::key::record_key;
use super::owner::{OWNER_ATTRIBUTES, Version, owners_of};
use super::statement::{ItemStatement, delete_statement};
use super::stored_record::{Precondition, StoredRecord};
use crate::dynamodb::statements::{Statement, StatementResult};
use crate::dynamodb::writes::Write;
use crate::dynamodb::{Failure, Item, Key};
use crate::list::RecordList;

/// A record to delete.
#[derive(Debug)]
pub struct Delete {
    identifier: Identifier,
    precondition: Option<Precondition>,
    target: Option<Target>,
    /// Whether the record has changed since it was read, so that it has to be found again.
    is_stale: bool,
    outcome: Option<Deletion>,
}

/// The record that the identifier names, as it was read.
#[derive(Debug)]
struct Target {
    version: Version,
    /// The record's own item, then its aliases.
    items: Vec<ItemStatement>,
}

/// The outcome of a delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// The record that the request found is gone.
    Deleted,
    /// The record does not exist, or an earlier delete of the request removes it.
    NotFound,
    /// The precondition does not hold.
    Changed,
    /// Nobody can tell whether the record is gone.
    Failed(Failure),
}

impl Delete {
    /// The delete of the record that `identifier` names, if `precondition` holds for it.
    pub fn of(identifier: Identifier, precondition: Option<Precondition>) -> Self {
        Self { identifier, precondition, target: None, is_stale: false, outcome: None }
    }

    #[expect(clippy::expect_used, reason = "`delete` sets every outcome")]
    pub fn outcome(&self) -> Deletion {
        self.outcome.expect("the delete was carried out")
    }

    pub fn failure(&self) -> Option<Failure> {
        match self.outcome() {
            Deletion::Failed(failure) => Some(failure),
            Deletion::Deleted | Deletion::NotFound | Deletion::Changed => None,
        }
    }
}

impl Target {
    fn of(table: &str, list: &RecordList, record: &StoredRecord) -> Self {
        let version = record.version();
        let alias_version = version.of_alias();
        let statement = |id: Uuid| {
            let key = record_key(list, id);
            let version = if id == record.id { &version } else { &alias_version };
            let statement = Statement::new(delete_statement(table, &key, &version.attributes()));
            ItemStatement { id, key, statement }
        };
        let items = record.ids(list).into_iter().map(statement).collect();
        Self { version, items }
    }

    fn id(&self) -> Uuid {
        self.items[0].id
    }

    fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.items.iter().map(|item| item.id)
    }

    /// Whether it is the same record at the same version.
    fn is_same(&self, other: &Self) -> bool {
        self.id() == other.id() && self.version == other.version
    }

    /// Whether only a read can tell the outcome: a cancelled transaction does not return the items that it found, and
    /// an earlier attempt can have done what DynamoDB refused now.
    fn is_unclear(&self) -> bool {
        let is_refused = |item: &ItemStatement| matches!(item.failure(), Some(Failure::Rejected | Failure::Fault));
        self.items.iter().any(|item| item.is_in_conflict() || is_refused(item))
    }
}

impl Write for Delete {
    const ATTRIBUTES: Option<&'static str> = Some(OWNER_ATTRIBUTES);

    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.target.iter_mut().flat_map(|target| &mut target.items).map(|item| &mut item.statement)
    }

    fn is_open(&self) -> bool {
        self.outcome.is_none() && !self.is_stale
    }

    fn give_up(&mut self, failure: Failure) {
        self.outcome = Some(Deletion::Failed(failure));
    }

    /// Sets the outcome if the results are clear: all items were deleted, or the key belongs to another record. Notes a
    /// later version.
    fn note_results(&mut self) {
        let Some(target) = &self.target else {
            return;
        };
        if target.items.iter().all(ItemStatement::is_done) {
            self.outcome = Some(Deletion::Deleted);
        } else if let Some(StatementResult::Conflict(Some(item))) = &target.items[0].statement.result {
            let version = Version::of(item);
            self.note_version(Some(&version));
        }
    }

    fn unclear_keys(&self) -> impl Iterator<Item = &Key> {
        let target = self.target.iter().filter(|target| target.is_unclear());
        target.flat_map(|target| &target.items).map(|item| &item.key)
    }

    /// Sets the outcome if the record is gone, or if DynamoDB refuses to delete it. From then on, leaves alone an alias
    /// that now belongs to another record, or to none.
    fn judge(&mut self, items: &HashMap<Key, &Item>) {
        let owners = owners_of(self.unclear_keys(), items);
        let Some(target) = &self.target else {
            return;
        };
        self.note_version(owners.get(&target.id()).map(|owner| &owner.version));
        let Some(target) = self.target.as_mut().filter(|_| self.outcome.is_none() && !self.is_stale) else {
            return;
        };
        let is_own = |id: Uuid| owners.get(&id).is_some_and(|owner| owner.version.is_same_record(&target.version));
        match target.items.iter().filter_map(ItemStatement::failure).find(|failure| *failure != Failure::Unavailable) {
            Some(failure) => self.outcome = Some(Deletion::Failed(failure)),
            None => target.items.retain(|item| is_own(item.id)),
        }
    }
}

impl Delete {
    /// The identifiers to find the record by: the one sent, and the ID of the record that it named before.
    fn identifiers(&self) -> impl Iterator<Item = Identifier> {
        let found = self.target.as_ref().map(|target| Identifier::Record(target.id()));
        [self.identifier].into_iter().chain(found)
    }

    /// The outcome if no record has the identifier: a record that had it before is gone, or has lost the number.
    fn without_record(&self, found: &Found) -> Deletion {
        let Some(target) = &self.target else {
            return Deletion::NotFound;
        };
        let record = found.record(Identifier::Record(target.id()));
        let is_there = record.is_some_and(|record| record.version().is_same_record(&target.version));
        if is_there { Deletion::NotFound } else { Deletion::Deleted }
    }

    /// Sets the outcome if the record that was found no longer exists. `version` is that of the item at its key now.
    fn note_version(&mut self, version: Option<&Version>) {
        let found = self.target.as_ref().map(|target| &target.version);
        match (version, found) {
            (Some(version), Some(found)) if version.is_same_record(found) => self.is_stale = version != found,
            _ => self.outcome = Some(Deletion::Deleted),
        }
    }
}
