//! The calls of a request that creates records, as in `src/store/insert/` and `src/store/owner.rs`.

use std::mem;

use crate::bug::Bug;
use crate::create::{Call, Claim, Creation, Open, Outcome, Resolving};
use crate::identity::Id;
use crate::rounds::conclude;
use crate::scenario::{Faults, Insert, Scenario};
use crate::statement::{Statement, StatementResult};
use crate::table::{Owner, Owners};

/// The result of one call for one record.
enum RecordResult {
    Stored,
    /// Items with these of its IDs exist.
    Conflict(Vec<Id>),
    /// It is named as the cause of the failure, which can pass.
    Named,
    /// Another record is.
    Cancelled,
}

impl Creation {
    /// The statements of the call whose first record is `first`, with the record of each.
    #[must_use]
    pub fn statements(&self, scenario: &Scenario, first: usize) -> Vec<Statement> {
        let Some(Call::Open(open)) = self.calls.get(&first) else { return Vec::new() };
        let inserts = open.records.iter().map(|index| scenario.insert(self.function, *index, open.attempt));
        inserts.flat_map(|insert| statements(&insert)).collect()
    }

    /// The response to a call arrived, with the results of its statements in their order.
    pub fn receive(&mut self, scenario: &Scenario, first: usize, results: &[StatementResult]) -> Vec<Claim> {
        let Some(Call::Open(open)) = self.calls.remove(&first) else { return Vec::new() };
        let is_stored = results.iter().all(|result| *result == StatementResult::Done);
        if open.is_whole && !is_stored {
            return self.proceed(scenario);
        }
        let attempt = next_attempt(scenario, open.attempt);
        let (mut rest, mut claims) = (Vec::new(), Vec::new());
        let mut results = results;
        for index in &open.records {
            let insert = scenario.insert(self.function, *index, open.attempt);
            let (own, others) = results.split_at(insert.ids.len());
            results = others;
            match record_result(&insert.ids, own) {
                RecordResult::Stored => claims.push(self.created(scenario, *index, insert.version)),
                RecordResult::Conflict(_) if scenario.has(Bug::DuplicateItemIsConflict) => {
                    claims.push(Claim::NotUniqueSomehow(*index));
                    self.claim(Claim::NotUniqueSomehow(*index));
                }
                RecordResult::Conflict(ids) => self.resolve_later(*index, open.attempt, ids),
                RecordResult::Named if !scenario.has(Bug::NamedStaysWithOthers) => {
                    self.send(vec![*index], attempt, scenario.faults != Faults::Any);
                }
                RecordResult::Named | RecordResult::Cancelled => rest.push(*index),
            }
        }
        let tried = scenario.faults != Faults::Any && rest.len() == open.records.len();
        self.send(rest, attempt, tried);
        claims.extend(self.proceed(scenario));
        claims
    }

    /// DynamoDB rejected a call as a whole: it is halved until only the record that is the cause is left.
    pub fn receive_rejection(&mut self, scenario: &Scenario, first: usize) -> Vec<Claim> {
        let Some(Call::Open(Open { records, attempt, is_whole, .. })) = self.calls.remove(&first) else {
            return Vec::new();
        };
        if is_whole {
            return self.proceed(scenario);
        }
        if scenario.has(Bug::RejectedIsNotHalved) {
            self.unstored(&records);
        } else if let [index] = *records {
            self.outcomes[index] = Some(Outcome::Rejected);
        } else {
            let (one, other) = records.split_at(records.len() / 2);
            for half in [one, other] {
                self.send(half.to_vec(), attempt, false);
            }
        }
        self.proceed(scenario)
    }

    /// No response arrived: the call is made again. The records of a chain are sent in turn instead.
    pub fn lose(&mut self, scenario: &Scenario, first: usize) -> Vec<Claim> {
        let Some(Call::Open(open)) = self.calls.get_mut(&first) else { return Vec::new() };
        if open.is_whole {
            self.calls.remove(&first);
            return self.proceed(scenario);
        }
        open.attempt = next_attempt(scenario, open.attempt);
        if !scenario.has(Bug::LostCallIsCreated) {
            return Vec::new();
        }
        let records = mem::take(&mut open.records);
        self.calls.remove(&first);
        let version = |index: &usize| scenario.insert(self.function, *index, 0).version;
        let versions: Vec<_> = records.iter().map(|index| (*index, version(index))).collect();
        let mut claims: Vec<_> =
            versions.into_iter().map(|(index, version)| self.created(scenario, index, version)).collect();
        claims.extend(self.proceed(scenario));
        claims
    }

    /// The time for a call is up: its records are given up.
    pub fn give_up(&mut self, scenario: &Scenario, first: usize) -> Vec<Claim> {
        let records = match self.calls.remove(&first) {
            Some(Call::Open(open)) => open.records,
            Some(Call::Resolving(_)) => vec![first],
            None => Vec::new(),
        };
        self.unstored(&records);
        self.proceed(scenario)
    }

    fn unstored(&mut self, records: &[usize]) {
        for index in records {
            self.outcomes[*index] = Some(Outcome::Unstored);
        }
    }

    fn resolve_later(&mut self, index: usize, attempt: usize, ids: Vec<Id>) {
        let resolving = Resolving { attempt, unread: ids.into_iter().collect(), owners: Owners::new() };
        self.calls.insert(index, Call::Resolving(resolving));
    }

    /// The owner of `id`, over which the record at `index` has a conflict, was read: `owner`, or nobody. The record is
    /// decided once the owners of all such IDs are read. It is sent again if their items are gone.
    pub fn read_owner(&mut self, scenario: &Scenario, index: usize, id: Id, owner: Option<Owner>) -> Vec<Claim> {
        let Some(Call::Resolving(resolving)) = self.calls.get_mut(&index) else { return Vec::new() };
        resolving.unread.remove(&id);
        resolving.owners.extend(owner.map(|owner| (id, owner)));
        if !resolving.unread.is_empty() {
            return Vec::new();
        }
        let attempt = resolving.attempt;
        let owners = mem::take(&mut resolving.owners);
        self.calls.remove(&index);
        let insert = scenario.insert(self.function, index, attempt);
        let mut claims = Vec::new();
        match conclude(scenario, &insert, &owners) {
            Some(Claim::Created(index, version)) => claims.push(self.created(scenario, index, version)),
            Some(claim) => {
                self.owners.extend(owners);
                self.claim(claim);
                claims.push(claim);
            }
            None => self.send(vec![index], next_attempt(scenario, attempt), scenario.faults != Faults::Any),
        }
        claims.extend(self.proceed(scenario));
        claims
    }
}

/// The number of the attempt after `attempt`. Only the bug that draws new tokens needs it, and needs no more than one.
fn next_attempt(scenario: &Scenario, attempt: usize) -> usize {
    if scenario.has(Bug::RandomTokenOnRetry) { 1.max(attempt) } else { 0 }
}

/// The result for a record with these IDs. `results` are in their order.
fn record_result(ids: &[Id], results: &[StatementResult]) -> RecordResult {
    let conflicts = ids.iter().zip(results).filter(|(_, result)| **result == StatementResult::DuplicateItem);
    let conflicts: Vec<Id> = conflicts.map(|(id, _)| *id).collect();
    if !conflicts.is_empty() {
        RecordResult::Conflict(conflicts)
    } else if results.contains(&StatementResult::Throttled) {
        RecordResult::Named
    } else if results.contains(&StatementResult::Cancelled) {
        RecordResult::Cancelled
    } else {
        RecordResult::Stored
    }
}

/// The statements that insert the record's own item, and an alias for each further ID.
#[must_use]
pub fn statements(insert: &Insert) -> Vec<Statement> {
    insert.ids.iter().map(|id| Statement::Insert { id: *id, item: insert.item(*id) }).collect()
}
