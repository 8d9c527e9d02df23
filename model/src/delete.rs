//! A request that deletes records, as in `src/store/delete.rs`: entries, and the calls that carry them.

use std::collections::BTreeMap;

use crate::bug::Bug;
use crate::identity::{FunctionIndex, Id};
use crate::scenario::{Faults, Packing, Scenario};
use crate::table::{Condition, Item, Statement, StatementResult, Version};

/// The outcome of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deleted {
    /// The record that was found is gone.
    Deleted,
    /// No record has the ID, or an earlier entry of the request deletes the record.
    NotFound,
    /// It was given up. The record can still be deleted: nothing is promised.
    Undeleted,
}

/// The progress of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The item of the ID is to be read.
    Find,
    /// It is an alias: the record's own item is to be read.
    FindRecord(Item),
    /// It is found.
    Found,
    /// The record is in a call.
    InCall,
    /// The response to the call is unclear: the record is to be read back.
    ReadBack,
    /// It is the record of this earlier entry.
    SameAs(usize),
    /// It is decided.
    Done(Deleted),
}

/// A record as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// The key of the record's own item.
    pub id: Id,
    /// Its version.
    pub version: Version,
}

/// An entry: an ID, and the record that has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The ID.
    pub id: Id,
    /// Its progress.
    pub stage: Stage,
    /// The record.
    pub found: Option<Found>,
    /// Whether nobody had the ID at some moment since the request began. Noted until it is found.
    pub was_free: bool,
}

/// A request that deletes records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Deletion {
    /// The function that runs the request.
    pub function: FunctionIndex,
    /// Whether it has taken a step.
    pub begun: bool,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The calls under way, each by its first entry: the entries.
    pub calls: BTreeMap<usize, Call>,
}

/// A call that is to be made, or is under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The entries.
    pub entries: Vec<usize>,
    /// Whether it was tried in vain. Noted only if that is what calls are given up for.
    pub tried: bool,
}

/// A statement about the table that a decision makes, to be checked at this moment.
#[derive(Debug, Clone, Copy)]
pub enum Claim {
    /// The entry's ID has no owner.
    NotFound(usize),
    /// The entry's ID belongs to a record of this version.
    Found(usize, Version),
}

impl Entry {
    /// Whether it is decided.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }
}

impl Deletion {
    /// A request that `function` is about to run.
    #[must_use]
    pub fn new(function: FunctionIndex, ids: &[Id]) -> Self {
        let entry = |id: &Id| Entry { id: *id, stage: Stage::Find, found: None, was_free: false };
        Self { function, begun: false, entries: ids.iter().map(entry).collect(), calls: BTreeMap::new() }
    }

    /// Whether the request has its response.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.entries.iter().all(Entry::is_done)
    }

    /// Whether it has begun, and is not done.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.begun && !self.is_done()
    }

    /// Once all entries are found: makes the calls.
    pub fn delete_found(&mut self, scenario: &Scenario) {
        if self.entries.iter().any(|entry| matches!(entry.stage, Stage::Find | Stage::FindRecord(_))) {
            return;
        }
        let mut calls: Vec<Vec<usize>> = Vec::new();
        for index in 0..self.entries.len() {
            let earlier = (0..index).find(|earlier| self.entries[*earlier].found == self.entries[index].found);
            match (self.entries[index].stage, earlier) {
                (Stage::Found, Some(earlier)) => self.entries[index].stage = Stage::SameAs(earlier),
                (Stage::Found, None) => {
                    self.entries[index].stage = Stage::InCall;
                    match calls.iter_mut().find(|call| self.can_join(scenario, call, index)) {
                        Some(call) => call.push(index),
                        None => calls.push(vec![index]),
                    }
                }
                _ => {}
            }
        }
        for entries in calls {
            self.send(entries, false);
        }
    }

    /// Whether the record of an entry can be deleted by this call: DynamoDB refuses one that names a key twice.
    fn can_join(&self, scenario: &Scenario, call: &[usize], index: usize) -> bool {
        let keys = |index: usize| self.entry_statements(scenario, index).into_iter().map(|statement| statement.id());
        let mut taken = call.iter().flat_map(|index| keys(*index));
        scenario.packing == Packing::Together
            && (scenario.has(Bug::KeyTwiceInCall) || !taken.any(|key| keys(index).any(|other| other == key)))
    }

    fn send(&mut self, entries: Vec<usize>, tried: bool) {
        if let Some(first) = entries.first() {
            for index in &entries {
                self.entries[*index].stage = Stage::InCall;
            }
            self.calls.insert(*first, Call { entries, tried });
        }
    }

    fn entry_statements(&self, scenario: &Scenario, index: usize) -> Vec<Statement> {
        self.entries[index].found.map(|found| statements(scenario, found)).unwrap_or_default()
    }

    /// The statements of the call whose first entry is `first`.
    #[must_use]
    pub fn statements(&self, scenario: &Scenario, first: usize) -> Vec<Statement> {
        let entries = self.calls.get(&first).into_iter().flat_map(|call| &call.entries);
        entries.flat_map(|index| self.entry_statements(scenario, *index)).collect()
    }

    /// The response to a call arrived, with the results of its statements in their order. A clear result decides.
    pub fn receive(&mut self, scenario: &Scenario, first: usize, results: &[StatementResult]) {
        let Some(call) = self.calls.remove(&first) else { return };
        let (mut rest, mut results) = (Vec::new(), results);
        for index in &call.entries {
            let (own, others) = results.split_at(self.entry_statements(scenario, *index).len());
            results = others;
            if own.iter().all(|result| *result == StatementResult::Done) || own[0] == StatementResult::ConditionFailed {
                self.entries[*index].stage = Stage::Done(Deleted::Deleted);
            } else if own.contains(&StatementResult::ConditionFailed) {
                self.entries[*index].stage = Stage::ReadBack;
            } else if own.contains(&StatementResult::Throttled) {
                self.send(vec![*index], scenario.faults != Faults::Any);
            } else {
                rest.push(*index);
            }
        }
        self.send(rest, false);
        self.end();
    }

    /// No response arrived.
    pub fn lose(&mut self, scenario: &Scenario, first: usize) {
        let Some(call) = self.calls.remove(&first) else { return };
        let is_trusted = scenario.has(Bug::DeleteWithoutReadBack);
        let stage = if is_trusted { Stage::Done(Deleted::Deleted) } else { Stage::ReadBack };
        call.entries.iter().for_each(|index| self.entries[*index].stage = stage);
        self.end();
    }

    /// The record of an entry was read back: it is deleted again if the version is still there.
    pub fn read_back(&mut self, index: usize, item: Option<Item>) {
        let is_there =
            self.entries[index].found.map(|found| found.version) == item.and_then(|item| item.owner.version());
        if is_there {
            self.send(vec![index], true);
        } else {
            self.entries[index].stage = Stage::Done(Deleted::Deleted);
        }
        self.end();
    }

    /// The time is up: for the search as a whole, or else for the call that the entry is in, or to read it back.
    pub fn give_up(&mut self, index: usize) {
        let entries = match self.entries[index].stage {
            Stage::InCall => self.calls.remove(&index).map(|call| call.entries).unwrap_or_default(),
            Stage::ReadBack => vec![index],
            _ => (0..self.entries.len()).filter(|index| !self.entries[*index].is_done()).collect(),
        };
        for index in entries {
            self.entries[index].stage = Stage::Done(Deleted::Undeleted);
        }
        self.end();
    }

    /// Decides the entries that have the record of one that is decided.
    fn end(&mut self) {
        for index in 0..self.entries.len() {
            let Stage::SameAs(earlier) = self.entries[index].stage else { continue };
            match self.entries[earlier].stage {
                Stage::Done(Deleted::Deleted) => self.entries[index].stage = Stage::Done(Deleted::NotFound),
                Stage::Done(outcome) => self.entries[index].stage = Stage::Done(outcome),
                _ => {}
            }
        }
    }
}

/// The statements that delete what was `found`: the record's own item, and its aliases.
fn statements(scenario: &Scenario, found: Found) -> Vec<Statement> {
    let Found { id, version } = found;
    let mut ids = scenario.insert(version.write_token.execution, version.write_token.index, 0).ids;
    if scenario.has(Bug::DeleteLeavesAliases) {
        ids = vec![id];
    }
    let condition = match scenario.bug {
        Some(Bug::DeleteWithoutToken) => Condition::None,
        Some(Bug::DeleteWithoutCreatedAt) => Condition::Token,
        Some(Bug::DeleteWithoutSuffix) => Condition::TokenAndTime,
        _ => Condition::Version,
    };
    ids.into_iter().map(|id| Statement::Delete { id, found: version, condition }).collect()
}
