//! The order of a request's records, as in `src/store/insert/rounds.rs`: a record that shares an ID with an earlier one
//! waits until that one is decided. Those of a chain that will be stored if nobody else writes are sent together first.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use crate::bug::Bug;
use crate::create::{Call, Claim, Creation, Open, Outcome};
use crate::identity::{FunctionIndex, Id};
use crate::scenario::{Insert, Packing, Scenario};
use crate::table::{Owner, Owners, Version};

impl Creation {
    /// The request of `function`, about to make its first calls, or to read the owners of a chain before them.
    #[must_use]
    pub fn new(scenario: &Scenario, function: FunctionIndex) -> Self {
        let chain = chained(&scenario.inserts(function));
        let mut creation = Self {
            function,
            begun: false,
            outcomes: vec![None; scenario.records(function).len()],
            is_together: !chain.is_empty(),
            unread: chain,
            owners: Owners::new(),
            calls: BTreeMap::new(),
            gone: BTreeSet::new(),
        };
        creation.proceed(scenario);
        creation
    }

    /// The owner of `id`, which is in a chain, was read: `owner`, or nobody.
    pub fn read_chained(&mut self, scenario: &Scenario, id: Id, owner: Option<Owner>) -> Vec<Claim> {
        self.unread.remove(&id);
        self.owners.extend(owner.map(|owner| (id, owner)));
        self.proceed(scenario)
    }

    /// The owners of a chain could not be read: its records are given up.
    pub fn fail_to_read(&mut self, scenario: &Scenario) -> Vec<Claim> {
        self.unread.clear();
        self.owners.clear();
        for insert in in_chain(&scenario.inserts(self.function)) {
            self.outcomes[insert.index] = Some(Outcome::Unstored);
        }
        self.proceed(scenario)
    }

    /// Decides the records whose IDs have known owners, gives up those that share an ID with one that was given up, and
    /// sends those that share none with one that is under way.
    pub fn proceed(&mut self, scenario: &Scenario) -> Vec<Claim> {
        if !self.unread.is_empty() {
            return Vec::new();
        }
        let inserts = scenario.inserts(self.function);
        if mem::take(&mut self.is_together) {
            self.send_together(scenario, &inserts);
        }
        let mut claimed: BTreeSet<Id> = self.under_way().flat_map(|index| inserts[index].ids.clone()).collect();
        let under_way: BTreeSet<usize> = self.under_way().collect();
        let (mut ready, mut claims) = (Vec::new(), Vec::new());
        for insert in &inserts {
            if self.outcomes[insert.index].is_some() || under_way.contains(&insert.index) {
                continue;
            }
            let waits = insert.ids.iter().any(|id| claimed.contains(id));
            if !waits && self.decide(scenario, insert, &mut claims) {
                continue;
            }
            if waits && scenario.has(Bug::DuplicatesDoNotWait) {
                self.outcomes[insert.index] = Some(Outcome::NotUnique);
                claims.push(Claim::NotUniqueSomehow(insert.index));
                continue;
            }
            claimed.extend(insert.ids.iter().copied());
            if !waits {
                ready.push(insert.clone());
            }
        }
        self.send_ready(scenario, &ready);
        self.forget(&inserts);
        claims
    }

    /// Sends the records of a chain that share no ID with an owner, nor with one another: all of them or none.
    fn send_together(&mut self, scenario: &Scenario, inserts: &[Insert]) {
        let mut owned: BTreeSet<Id> = self.owners.keys().copied().collect();
        let mut records = Vec::new();
        for insert in in_chain(inserts) {
            if self.outcomes[insert.index].is_none() && insert.ids.iter().all(|id| !owned.contains(id)) {
                owned.extend(insert.ids.iter().copied());
                records.push(insert.index);
            }
        }
        if scenario.has(Bug::ChainSentApart) {
            for index in records {
                self.send(vec![index], 0, false);
            }
        } else if records.len() > 1 {
            let open = Open { attempt: 0, tried: false, is_whole: true, records };
            self.calls.insert(open.records[0], Call::Open(open));
        }
    }

    /// Decides a record if the owners of its IDs are known, or if it waits for one that was given up.
    fn decide(&mut self, scenario: &Scenario, insert: &Insert, claims: &mut Vec<Claim>) -> bool {
        let owners: Owners = insert.ids.iter().filter_map(|id| Some((*id, *self.owners.get(id)?))).collect();
        match conclude(scenario, insert, &owners) {
            Some(claim) => {
                self.claim(claim);
                claims.push(claim);
                true
            }
            None if self.waits_for_given_up(scenario, insert) => {
                self.outcomes[insert.index] = Some(Outcome::Unstored);
                true
            }
            None => false,
        }
    }

    /// Forgets the owners that only decided records needed.
    fn forget(&mut self, inserts: &[Insert]) {
        let open = inserts.iter().filter(|insert| self.outcomes[insert.index].is_none());
        let ids: BTreeSet<Id> = open.flat_map(|insert| insert.ids.iter().copied()).collect();
        self.owners.retain(|id, _| ids.contains(id));
        self.gone.retain(|(id, _)| ids.contains(id));
    }

    fn waits_for_given_up(&self, scenario: &Scenario, insert: &Insert) -> bool {
        let is_given_up = |index: &usize| self.outcomes[*index] == Some(Outcome::Unstored);
        let shares = |index| scenario.insert(self.function, index, 0).ids.iter().any(|id| insert.ids.contains(id));
        !scenario.has(Bug::GivingUpIsNotFinal) && (0..self.outcomes.len()).filter(is_given_up).any(shares)
    }

    fn under_way(&self) -> impl Iterator<Item = usize> {
        self.calls.iter().flat_map(|(first, call)| match call {
            Call::Open(open) => open.records.clone(),
            Call::Resolving(_) => vec![*first],
        })
    }

    /// Sends records that share no ID. Those with aliases go in transactions.
    fn send_ready(&mut self, scenario: &Scenario, ready: &[Insert]) {
        let together = scenario.packing == Packing::Together;
        let (several, single): (Vec<&Insert>, Vec<_>) =
            ready.iter().partition(|insert| together && insert.ids.len() > 1);
        self.send(several.iter().map(|insert| insert.index).collect(), 0, false);
        for insert in single {
            self.send(vec![insert.index], 0, false);
        }
    }
}

/// The decision that `owners` of IDs of a record lead to, if they lead to any: our own write token means that an earlier
/// attempt of ours stored it.
#[must_use]
pub fn conclude(scenario: &Scenario, insert: &Insert, owners: &Owners) -> Option<Claim> {
    let own = |version: &Version| version.write_token.is_same_record(insert.version.write_token);
    if let Some(version) = owners.values().filter_map(|owner| owner.version()).find(own) {
        let is_wrong = scenario.has(Bug::ResolveReportsOwnTime);
        return Some(Claim::Created(insert.index, if is_wrong { insert.version } else { version }));
    }
    let counts = |owner: &Owner| *owner != Owner::Operator || !scenario.has(Bug::OperatorIsNobody);
    let (id, owner) = owners.iter().find(|(_, owner)| counts(owner))?;
    Some(Claim::NotUnique(insert.index, *id, *owner))
}

/// The records that have an ID of a chain.
fn in_chain(inserts: &[Insert]) -> impl Iterator<Item = &Insert> {
    let chain = chained(inserts);
    inserts.iter().filter(move |insert| insert.ids.iter().any(|id| chain.contains(id)))
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
