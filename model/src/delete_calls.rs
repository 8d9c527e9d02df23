//! The calls of a request that deletes records, as in `src/store/delete/`.

use crate::bug::Bug;
use crate::delete::{Call, Deleted, Deletion, Entry, Found, Stage};
use crate::identity::Id;
use crate::scenario::{Faults, Packing, Scenario};
use crate::statement::{Condition, Statement, StatementResult};
use crate::table::Item;

/// The result of one call for one entry.
enum EntryResult {
    /// The record that was found is gone.
    Gone,
    /// It can still be there.
    Unclear,
    /// The record is named as the cause of the failure, which can pass.
    Named,
    /// Another record is the cause.
    Cancelled,
}

impl Entry {
    /// The result for the record, whose own item comes first in `results`.
    fn result(&self, results: &[StatementResult]) -> EntryResult {
        let is_found = |item: Item| item.owner.version() == self.found.map(|found| found.version);
        let failed = |result: &StatementResult| matches!(result, StatementResult::ConditionFailed(_));
        match results {
            [StatementResult::ConditionFailed(Some(item)), ..] if !is_found(*item) => EntryResult::Gone,
            _ if results.iter().all(|result| *result == StatementResult::Done) => EntryResult::Gone,
            _ if results.iter().any(failed) => EntryResult::Unclear,
            _ if results.contains(&StatementResult::Throttled) => EntryResult::Named,
            _ => EntryResult::Cancelled,
        }
    }
}

impl Deletion {
    /// Makes the calls, once all entries are found.
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
            match self.entries[*index].result(own) {
                EntryResult::Gone => self.entries[*index].stage = Stage::Done(Deleted::Deleted),
                EntryResult::Unclear => self.entries[*index].stage = Stage::ReadBack,
                EntryResult::Named => self.send(vec![*index], scenario.faults != Faults::Any),
                EntryResult::Cancelled => rest.push(*index),
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

    /// The record of an entry was read back: it is deleted again if it is as it was found, and found again if it has
    /// changed.
    pub fn read_back(&mut self, index: usize, item: Option<Item>) {
        let Some(found) = self.entries[index].found else { return };
        match item.filter(|item| item.owner.version() == Some(found.version)) {
            Some(item) if item.content == Some(found.content) => self.send(vec![index], true),
            Some(_) => self.entries[index].stage = Stage::Find,
            None => self.entries[index].stage = Stage::Done(Deleted::Deleted),
        }
        self.end();
    }

    /// The time is up for the whole search, or else for the entry's call or read.
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
    let condition = match scenario.bug {
        Some(Bug::DeleteWithoutToken) => Condition::None,
        Some(Bug::DeleteWithoutCreatedAt) => Condition::Token,
        Some(Bug::DeleteWithoutSuffix) => Condition::TokenAndTime,
        Some(Bug::DeleteWithoutRevision) => Condition::AnyRevision,
        _ => Condition::Version,
    };
    let is_alias = |id: &Id| *id != found.id && !scenario.has(Bug::DeleteLeavesAliases);
    let aliases = scenario.ids_of(found.content.numbers).into_iter().filter(is_alias).map(|id| (id, None));
    let items = [(found.id, Some(found.content.revision))].into_iter().chain(aliases);
    items.map(|(id, revision)| Statement::Delete { id, found: found.version, revision, condition }).collect()
}
