//! Records into a list, as in `src/store/insert.rs`: one request on one function.

use std::collections::{BTreeMap, BTreeSet};

use crate::call::{Call, Mode};
use crate::identity::{FunctionIndex, Id};
use crate::scenario::{Bug, Insert, Scenario};
use crate::table::{Owner, Owners, Version};

/// The outcome of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is stored, once.
    Created {
        /// Its ID.
        id: Id,
        /// Since when: before this request if an earlier one with the same token stored it.
        created_at: FunctionIndex,
    },
    /// Another record has one of its IDs.
    NotUnique,
    /// It could not be stored in time. It can still be stored: nothing is promised.
    Unstored,
}

/// One request's inserts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Creation {
    /// The function that runs the request.
    pub function: FunctionIndex,
    /// Whether the list was read.
    pub started: bool,
    /// The outcomes so far, in the order of the records.
    pub outcomes: Vec<Option<Outcome>>,
    /// The IDs of a chain, whose owners are still to be read.
    pub unread: BTreeSet<Id>,
    /// The owners of IDs, as far as this request knows them.
    pub owners: Owners,
    /// The calls under way.
    pub calls: BTreeMap<Mode, Call>,
}

impl Creation {
    /// A request that `function` is about to run.
    #[must_use]
    pub fn new(scenario: &Scenario, function: FunctionIndex) -> Self {
        Self {
            function,
            started: false,
            outcomes: vec![None; scenario.records(function).len()],
            unread: BTreeSet::new(),
            owners: Owners::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Whether every record has an outcome.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.outcomes.iter().all(Option::is_some)
    }

    /// The list was read: the first round begins, unless the owners of a chain have to be read before it.
    pub fn start(&mut self, scenario: &Scenario) {
        self.started = true;
        if !scenario.has(Bug::ChainNotRead) {
            self.unread = chained(&self.inserts(scenario));
        }
        self.insert_in_rounds(scenario);
    }

    /// It was read that `id`, of a chain, belongs to `owner`, or to nobody.
    pub fn read_chained(&mut self, scenario: &Scenario, id: Id, owner: Option<Owner>) {
        self.unread.remove(&id);
        self.owners.extend(owner.map(|owner| (id, owner.version)));
        self.insert_in_rounds(scenario);
    }

    /// Begins a round once the one before it is over.
    pub fn insert_in_rounds(&mut self, scenario: &Scenario) {
        if !self.calls.is_empty() || !self.unread.is_empty() {
            return;
        }
        let ready = self.ready(scenario);
        self.write_all(scenario, &ready);
        if ready.is_empty() {
            self.owners.clear();
        }
    }

    /// Refuses the records whose IDs have other owners, and returns those that share no ID with an earlier one.
    fn ready(&mut self, scenario: &Scenario) -> Vec<Insert> {
        let mut open = self.inserts(scenario);
        open.retain(|insert| self.outcomes[insert.index].is_none());
        let mut claimed = BTreeSet::new();
        let mut ready = Vec::new();
        for insert in open {
            let waits = insert.ids.iter().any(|id| claimed.contains(id));
            if self.has_conflict(&insert) || waits && scenario.has(Bug::DuplicatesDoNotWait) {
                self.outcomes[insert.index] = Some(Outcome::NotUnique);
            } else if !waits {
                claimed.extend(insert.ids.iter().copied());
                ready.push(insert);
            }
        }
        ready
    }

    fn has_conflict(&self, insert: &Insert) -> bool {
        let mut owners = insert.ids.iter().filter_map(|id| self.owners.get(id));
        owners.any(|version| version.write_token != insert.write_token)
    }

    fn write_all(&mut self, scenario: &Scenario, ready: &[Insert]) {
        let apart = scenario.has(Bug::AliasesWrittenApart);
        let (single, several): (Vec<&Insert>, Vec<_>) = ready.iter().partition(|insert| apart || insert.ids.len() == 1);
        for (mode, inserts) in [(Mode::Batch, single), (Mode::Transaction, several)] {
            self.send_later(mode, inserts.iter().map(|insert| insert.index).collect(), 0);
        }
    }

    /// Prepares a call of `mode`, if there are records for it.
    pub fn send_later(&mut self, mode: Mode, records: Vec<usize>, attempt: usize) {
        if !records.is_empty() {
            self.calls.insert(mode, Call::Ready { records, attempt });
        }
    }

    fn inserts(&self, scenario: &Scenario) -> Vec<Insert> {
        (0..self.outcomes.len()).map(|index| scenario.insert(self.function, index, 0)).collect()
    }

    /// The record is stored since `created_at`, and holds all its IDs.
    pub fn created(&mut self, scenario: &Scenario, index: usize, created_at: FunctionIndex) {
        let insert = scenario.insert(self.function, index, 0);
        self.outcomes[index] = Some(Outcome::Created { id: insert.ids[0], created_at });
        let version = Version { write_token: insert.write_token, created_at };
        self.owners.extend(insert.ids.into_iter().map(|id| (id, version)));
    }

    /// The time is up: nothing is sent any more, and what is not known to be a duplicate is unstored.
    pub fn give_up(&mut self, scenario: &Scenario) {
        self.started = true;
        if !std::mem::take(&mut self.unread).is_empty() {
            self.owners.clear();
        }
        while !self.is_done() {
            for index in std::mem::take(&mut self.calls).into_values().flat_map(Call::into_records) {
                self.outcomes[index] = Some(Outcome::Unstored);
            }
            self.insert_in_rounds(scenario);
        }
    }
}

/// The IDs of a chain: a record shares one with a record that waits for a third. Whether it has to wait depends on
/// whether the second is stored, and so on.
fn chained(inserts: &[Insert]) -> BTreeSet<Id> {
    let uses = |id| inserts.iter().flat_map(|insert| &insert.ids).filter(|other| *other == id).count();
    let shared = || inserts.iter().filter(|insert| insert.ids.iter().any(|id| uses(id) > 1));
    let (mut sent, mut waiting) = (BTreeSet::new(), BTreeSet::new());
    let is_chain = shared().any(|insert| {
        let waits = insert.ids.iter().any(|id| sent.contains(id));
        let in_chain = !waits && insert.ids.iter().any(|id| waiting.contains(id));
        if waits { &mut waiting } else { &mut sent }.extend(insert.ids.iter().copied());
        in_chain
    });
    shared().filter(|_| is_chain).flat_map(|insert| insert.ids.iter().copied()).collect()
}
