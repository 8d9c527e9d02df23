//! Everything that exists at one moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::content::Change;
use crate::create::{Creation, Outcome};
use crate::delete::Deletion;
use crate::identity::{FunctionIndex, Id, RequestToken};
use crate::request::Request;
use crate::scenario::Scenario;
use crate::step::Late;
use crate::table::{Table, Version};
use crate::update::Update;

/// The request that a function runs, and its progress.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Function {
    /// Creating records.
    Create(Creation),
    /// Deleting records.
    Delete(Deletion),
    /// Changing records.
    Change(Update),
}

/// Everything that exists at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The table.
    pub table: Table,
    /// The functions, in the order of the scenario's requests.
    pub functions: Vec<Arc<Function>>,
    /// Attempts of calls that are over, and that can still land. Every call is assumed to leave one, and another
    /// whenever one has landed: attempts that never land make no difference.
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
    /// The IDs that a version of a record had and lost, by a delete or a change.
    pub removed: BTreeSet<(Id, Version)>,
    /// The versions that were stored once more after a delete, as an exception allows for.
    pub again: BTreeSet<Version>,
    /// Every change that was made to a version, unless that was stored once more afterwards.
    pub changes: BTreeSet<(Version, Change)>,
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
            Function::Change(update) => update.is_done(),
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
            _ => None,
        })
    }

    /// The requests that delete.
    pub fn deletions(&self) -> impl Iterator<Item = &Deletion> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Delete(deletion) => Some(deletion),
            _ => None,
        })
    }

    /// The requests that change.
    pub fn updates(&self) -> impl Iterator<Item = &Update> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Change(update) => Some(update),
            _ => None,
        })
    }

    /// The records that have an outcome.
    pub fn decided(&self) -> impl Iterator<Item = Decided> {
        self.creations().flat_map(|creation| {
            let outcomes = creation.outcomes.iter().enumerate();
            outcomes.filter_map(|(index, outcome)| {
                Some(Decided { function: creation.function, index, outcome: (*outcome)? })
            })
        })
    }

    /// The records that have this outcome.
    pub fn decided_as(&self, outcome: Outcome) -> impl Iterator<Item = Decided> {
        self.decided().filter(move |record| record.outcome == outcome)
    }
}

/// A record that has an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The function that runs its request.
    pub function: FunctionIndex,
    /// Its place in the request.
    pub index: usize,
    /// The outcome.
    pub outcome: Outcome,
}

impl Function {
    /// The function that is about to run `request`.
    #[must_use]
    pub fn new(scenario: &Scenario, function: FunctionIndex) -> Self {
        match &scenario.requests[function] {
            Request::Delete(ids) => Self::Delete(Deletion::new(function, ids)),
            Request::Change(_) => Self::Change(Update::new(scenario, function)),
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
