//! A request that creates records, as in `src/store/insert/`: rows, and the calls that carry them.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::{FunctionIndex, Id};
use crate::scenario::Scenario;
use crate::table::{Owner, Owners, Version};

/// The outcome of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is stored, in this version: by an earlier request, if that had the same key.
    Created(Version),
    /// Another owner has one of its IDs.
    NotUnique,
    /// DynamoDB rejects it, whatever is tried.
    Rejected,
    /// It was given up. It may still be stored: nothing is promised.
    Unstored,
}

/// The records of one call, by their places in the request, until each is decided.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Call {
    /// To be made, or under way.
    Open(Open),
    /// The one record has conflicts: the owners of its IDs are read.
    Resolving(Resolving),
}

/// A call that is to be made, or is under way. Until DynamoDB executes it, there is no difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Open {
    /// The records.
    pub records: Vec<usize>,
    /// The number of earlier attempts. Counted only for the bug that draws a new token for each.
    pub attempt: usize,
    /// Whether it was tried in vain. Noted only if that is what calls are given up for.
    pub tried: bool,
    /// Whether it stores all its records or none, and is made once: records of a chain.
    pub is_whole: bool,
}

/// A record whose conflicts are resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Resolving {
    /// The attempt that met them.
    pub attempt: usize,
    /// The IDs to read, in any order.
    pub unread: BTreeSet<Id>,
    /// The owners of the others.
    pub owners: Owners,
}

/// A request that creates records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Creation {
    /// The function that runs the request.
    pub function: FunctionIndex,
    /// Whether it has taken a step.
    pub begun: bool,
    /// The outcomes so far, in the order of the records.
    pub outcomes: Vec<Option<Outcome>>,
    /// The IDs of a chain whose owners are still to be read.
    pub unread: BTreeSet<Id>,
    /// Whether the records of a chain are still to be sent together.
    pub is_together: bool,
    /// The owners of IDs, as far as this request knows them.
    pub owners: Owners,
    /// The calls under way, each by its first record.
    pub calls: BTreeMap<usize, Call>,
    /// Owners that IDs of its records had since it began, and have no more.
    pub gone: BTreeSet<(Id, Owner)>,
}

/// A claim about the table that a decision makes, to be checked at the moment of the decision.
#[derive(Debug, Clone, Copy)]
pub enum Claim {
    /// The record is stored in this version.
    Created(usize, Version),
    /// The ID of the record has this owner.
    NotUnique(usize, Id, Owner),
    /// The record is refused without knowing the other owner: only by a bug.
    NotUniqueSomehow(usize),
}

impl Creation {
    /// Whether every record has an outcome.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.outcomes.iter().all(Option::is_some)
    }

    /// Whether it has begun, and is not done.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.begun && !self.is_done()
    }

    /// Makes a call, if there are records for it.
    pub fn send(&mut self, records: Vec<usize>, attempt: usize, tried: bool) {
        if let Some(first) = records.first() {
            self.calls.insert(*first, Call::Open(Open { records, attempt, tried, is_whole: false }));
        }
    }

    /// Notes the outcome that `claim` states, and the owners that follow from it.
    pub fn claim(&mut self, claim: Claim) {
        match claim {
            Claim::Created(index, version) => self.outcomes[index] = Some(Outcome::Created(version)),
            Claim::NotUnique(index, id, owner) => {
                self.outcomes[index] = Some(Outcome::NotUnique);
                self.owners.insert(id, owner);
            }
            Claim::NotUniqueSomehow(index) => self.outcomes[index] = Some(Outcome::NotUnique),
        }
    }

    /// Notes that a record is stored in `version`, and has all its IDs.
    pub fn created(&mut self, scenario: &Scenario, index: usize, version: Version) -> Claim {
        let claim = Claim::Created(index, version);
        self.claim(claim);
        let ids = scenario.insert(self.function, index, 0).ids;
        self.owners.extend(ids.into_iter().map(|id| (id, Owner::Record(version))));
        claim
    }
}
