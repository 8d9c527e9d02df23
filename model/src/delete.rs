//! One record out of a list, as in `src/store/delete.rs`: one request on one function.

use crate::identity::Id;
use crate::scenario::{Bug, Scenario};
use crate::table::{Owner, Table, Version};

/// The outcome of a request to delete.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Deletion {
    /// The record that was found is gone.
    Deleted,
    /// No record holds the ID.
    NotFound,
    /// It could not be deleted in time. It can still be deleted: nothing is promised.
    Undeleted,
}

/// The progress of a delete.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Stage {
    /// About to read the item of the ID.
    Find,
    /// The item is an alias: about to read the record's own.
    FindRecord(Owner),
    /// About to be sent.
    Ready,
    /// Sent; `true` once executed.
    InFlight(bool),
    /// The call is over, whatever came of it: about to read the record back.
    ReadBack,
    /// Over.
    Done(Deletion),
}

/// The version of a record that a request found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// The key of the record's own item.
    pub id: Id,
    /// Its write token and `created_at`.
    pub version: Version,
}

/// One request's delete.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Delete {
    /// The ID that the record to delete holds.
    pub id: Id,
    /// Its progress.
    pub stage: Stage,
    /// The version that it found.
    pub found: Option<Found>,
    /// Whether an insert that was still under way stored the same version once more, after the response.
    pub stored_again: bool,
}

impl Delete {
    /// A request that is about to be run.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self { id, stage: Stage::Find, found: None, stored_again: false }
    }

    /// Whether the request has its response.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }

    /// Whether it found this `version`.
    #[must_use]
    pub fn has_found(&self, version: Version) -> bool {
        self.found.is_some_and(|found| found.version == version)
    }

    /// Reads the item of the ID.
    pub fn find(&mut self, table: &Table) {
        self.stage = match table.items.get(&self.id) {
            None => Stage::Done(Deletion::NotFound),
            Some(owner) if owner.record_id != self.id => Stage::FindRecord(*owner),
            Some(owner) => self.found(self.id, owner.version),
        };
    }

    /// Reads the record that `alias` points to. If it is another version, the alias is gone too: begins again.
    pub fn find_record(&mut self, scenario: &Scenario, table: &Table, alias: Owner) {
        self.stage = match table.version(alias.record_id) {
            Some(version) if version == alias.version || scenario.has(Bug::DeleteTrustsAlias) => {
                self.found(alias.record_id, version)
            }
            _ => Stage::Find,
        };
    }

    fn found(&mut self, id: Id, version: Version) -> Stage {
        self.found = Some(Found { id, version });
        Stage::Ready
    }

    /// DynamoDB executes the call.
    pub fn execute(&mut self, scenario: &Scenario, table: &mut Table) {
        self.stage = Stage::InFlight(true);
        self.found.into_iter().for_each(|found| execute(scenario, found, table));
    }

    /// The call is over, with or without a response: neither says what became of the record.
    pub fn end_call(&mut self, scenario: &Scenario) {
        let trusted = scenario.has(Bug::DeleteWithoutReadBack);
        self.stage = if trusted { Stage::Done(Deletion::Deleted) } else { Stage::ReadBack };
    }

    /// Reads the record back: sends the call again if the version is still there.
    pub fn read_back(&mut self, table: &Table) {
        let is_there = |found: Found| table.version(found.id) == Some(found.version);
        self.stage = if self.found.is_some_and(is_there) { Stage::Ready } else { Stage::Done(Deletion::Deleted) };
    }

    /// The time is up.
    pub fn give_up(&mut self) {
        self.stage = Stage::Done(Deletion::Undeleted);
    }
}

/// Executes the call that deletes what was `found`: the record with its aliases, all or none, if they are that version.
pub fn execute(scenario: &Scenario, found: Found, table: &mut Table) {
    let Found { id, version } = found;
    let mut ids = scenario.insert(version.created_at, version.write_token.index, 0).ids;
    if scenario.has(Bug::DeleteLeavesAliases) {
        ids = vec![id];
    }
    let expected = |owner: &Version| match scenario.bug {
        Some(Bug::DeleteWithoutToken) => true,
        Some(Bug::DeleteWithoutCreatedAt) => owner.write_token == version.write_token,
        _ => *owner == version,
    };
    table.delete(&ids, expected, scenario.has(Bug::EventualOwnerRead));
}
