//! Records into a list, as in `src/store/insert.rs`: one request on one function.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::{FunctionIndex, Id};
use crate::scenario::{Bug, Scenario, Write};
use crate::send::{Call, Mode};
use crate::table::{Holder, Holders, Item};

/// What became of a record.
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
pub struct Insert {
    /// Where the request runs.
    pub function: FunctionIndex,
    /// Whether the list was read.
    pub started: bool,
    /// The outcomes so far, in the order of the records.
    pub outcomes: Vec<Option<Outcome>>,
    /// The IDs of a chain, as far as nobody has read yet who holds them.
    pub unread: BTreeSet<Id>,
    /// Who holds which ID, as far as this request knows.
    pub holders: Holders,
    /// The calls under way.
    pub calls: BTreeMap<Mode, Call>,
}

impl Insert {
    /// A request that `function` is about to run.
    #[must_use]
    pub fn new(scenario: &Scenario, function: FunctionIndex) -> Self {
        Self {
            function,
            started: false,
            outcomes: vec![None; scenario.records(function).len()],
            unread: BTreeSet::new(),
            holders: Holders::new(),
            calls: BTreeMap::new(),
        }
    }

    /// Whether every record has an outcome.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.outcomes.iter().all(Option::is_some)
    }

    /// The list was read: the first round begins, unless it has to be read first who holds the IDs of a chain.
    pub fn start(&mut self, scenario: &Scenario) {
        self.started = true;
        if !scenario.has(Bug::ChainNotRead) {
            self.unread = chained(&self.writes(scenario));
        }
        self.insert_in_rounds(scenario);
    }

    /// It was read that `item` holds `id` of a chain, or that nothing does.
    pub fn read_chained(&mut self, scenario: &Scenario, id: Id, item: Option<Item>) {
        self.unread.remove(&id);
        self.holders.extend(item.map(|item| (id, item.holder)));
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
            self.holders.clear();
        }
    }

    /// Decides the records whose IDs others hold, and gives those that share no ID with an earlier one.
    fn ready(&mut self, scenario: &Scenario) -> Vec<Write> {
        let mut open = self.writes(scenario);
        open.retain(|write| self.outcomes[write.index].is_none());
        let mut claimed = BTreeSet::new();
        let mut ready = Vec::new();
        for write in open {
            let waits = write.ids.iter().any(|id| claimed.contains(id));
            if self.is_taken(&write) || waits && scenario.has(Bug::DuplicatesDoNotWait) {
                self.outcomes[write.index] = Some(Outcome::NotUnique);
            } else if !waits {
                claimed.extend(write.ids.iter().copied());
                ready.push(write);
            }
        }
        ready
    }

    fn is_taken(&self, write: &Write) -> bool {
        let mut holders = write.ids.iter().filter_map(|id| self.holders.get(id));
        holders.any(|holder| holder.write_token != write.write_token)
    }

    fn write_all(&mut self, scenario: &Scenario, ready: &[Write]) {
        let apart = scenario.has(Bug::AliasesWrittenApart);
        let (single, several): (Vec<&Write>, Vec<_>) = ready.iter().partition(|write| apart || write.ids.len() == 1);
        for (mode, writes) in [(Mode::Batch, single), (Mode::Transaction, several)] {
            self.send_later(mode, writes.iter().map(|write| write.index).collect(), 0);
        }
    }

    fn writes(&self, scenario: &Scenario) -> Vec<Write> {
        (0..self.outcomes.len()).map(|index| scenario.write(self.function, index, 0)).collect()
    }

    /// The record is stored since `created_at`, and holds all its IDs.
    pub fn created(&mut self, scenario: &Scenario, index: usize, created_at: FunctionIndex) {
        let write = scenario.write(self.function, index, 0);
        self.outcomes[index] = Some(Outcome::Created { id: write.ids[0], created_at });
        let holder = Holder { write_token: write.write_token, created_at };
        self.holders.extend(write.ids.into_iter().map(|id| (id, holder)));
    }

    /// The time is up: nothing is sent any more, and what is not known to be a duplicate is unstored.
    pub fn give_up(&mut self, scenario: &Scenario) {
        self.started = true;
        if !std::mem::take(&mut self.unread).is_empty() {
            self.holders.clear();
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
fn chained(writes: &[Write]) -> BTreeSet<Id> {
    let uses = |id| writes.iter().flat_map(|write| &write.ids).filter(|other| *other == id).count();
    let shared = || writes.iter().filter(|write| write.ids.iter().any(|id| uses(id) > 1));
    let (mut sent, mut waiting) = (BTreeSet::new(), BTreeSet::new());
    let is_chain = shared().any(|write| {
        let waits = write.ids.iter().any(|id| sent.contains(id));
        let in_chain = !waits && write.ids.iter().any(|id| waiting.contains(id));
        if waits { &mut waiting } else { &mut sent }.extend(write.ids.iter().copied());
        in_chain
    });
    shared().filter(|_| is_chain).flat_map(|write| write.ids.iter().copied()).collect()
}
