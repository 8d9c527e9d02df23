//! Everything there is at one moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::create::{Creation, Outcome};
use crate::delete::Deletion;
use crate::identity::{FunctionIndex, RequestToken};
use crate::scenario::{Request, Scenario};
use crate::step::Late;
use crate::table::{Table, Version};

/// The request that a function runs, and its progress.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Function {
    /// Creating records.
    Create(Creation),
    /// Deleting records.
    Delete(Deletion),
}

/// Everything there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The table.
    pub table: Table,
    /// The functions, in the order of the scenario's requests.
    pub functions: Vec<Arc<Function>>,
    /// Attempts of calls that are over. Every call is assumed to have had one that is late, and another once that has
    /// landed: those that never land make no difference.
    pub late: BTreeSet<Late>,
    /// The past, as far as a property needs it.
    pub history: History,
}

/// The past of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct History {
    /// Every version that was ever stored.
    pub stored: BTreeSet<Version>,
    /// The versions that a late attempt stored, if they were not reported as created before.
    pub landed: BTreeSet<Version>,
    /// The versions that were stored once more after a delete, as an exception allows for.
    pub again: BTreeSet<Version>,
    /// The properties that a step has broken.
    pub broken: BTreeSet<&'static str>,
}

impl State {
    /// Whether every request has its response.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.functions.iter().all(|function| match &**function {
            Function::Create(creation) => creation.is_done(),
            Function::Delete(deletion) => deletion.is_done(),
        })
    }

    /// Whether no step has broken `rule`.
    #[must_use]
    pub fn holds(&self, rule: &str) -> bool {
        !self.history.broken.contains(rule)
    }

    /// The requests that create.
    pub fn creations(&self) -> impl Iterator<Item = &Creation> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Create(creation) => Some(creation),
            Function::Delete(_) => None,
        })
    }

    /// The requests that delete.
    pub fn deletions(&self) -> impl Iterator<Item = &Deletion> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Create(_) => None,
            Function::Delete(deletion) => Some(deletion),
        })
    }

    /// The outcomes so far: the function, the record's place, and the outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (FunctionIndex, usize, Outcome)> {
        self.creations().flat_map(|creation| {
            let outcomes = creation.outcomes.iter().enumerate();
            outcomes.filter_map(|(index, outcome)| Some((creation.function, index, (*outcome)?)))
        })
    }

    /// The versions that were stored and are no longer.
    pub fn removed(&self) -> impl Iterator<Item = Version> {
        self.history.stored.iter().copied().filter(|version| !self.table.has(*version))
    }
}

impl Function {
    /// The function that is about to run `request`.
    #[must_use]
    pub fn new(scenario: &Scenario, function: FunctionIndex) -> Self {
        match &scenario.requests[function] {
            Request::Delete(ids) => Self::Delete(Deletion::new(function, ids)),
            _ => Self::Create(Creation::new(scenario, function)),
        }
    }
}

/// A record as it was sent: its sender, which is a key or the one request that a function runs, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sent {
    /// The sender.
    pub sender: RequestToken,
    /// The place.
    pub index: usize,
}

/// The record at `index` of the request that `function` runs.
#[must_use]
pub fn sent(scenario: &Scenario, function: FunctionIndex, index: usize) -> Sent {
    Sent { sender: scenario.request_token(function, 0), index }
}

/// The record of a version, whatever its request token is.
#[must_use]
pub fn sent_of(scenario: &Scenario, version: Version) -> Sent {
    sent(scenario, version.write_token.execution, version.write_token.index)
}
