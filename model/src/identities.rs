//! The identities of records by the contract, whatever IDs the algorithm derives.

use std::collections::BTreeSet;

use crate::identity::{FunctionIndex, UniqueIdentifierType};
use crate::scenario::Scenario;
use crate::state::{Sent, sent};
use crate::table::{Table, Version};

/// An identity: two records with the same are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A number, or a reference.
    Number(u8),
    /// A place in a request.
    Sent(Sent),
}

/// The identities of the record at `index` of the request that `function` runs.
#[must_use]
pub fn identities(scenario: &Scenario, function: FunctionIndex, index: usize) -> Vec<Identity> {
    let numbers = scenario.records(function)[index].iter().copied().map(Identity::Number);
    match scenario.unique_identifier_type {
        UniqueIdentifierType::External => numbers.take(1).collect(),
        UniqueIdentifierType::PhoneNumber => numbers.collect(),
        UniqueIdentifierType::Nothing => vec![Identity::Sent(sent(scenario, function, index))],
    }
}

/// The identities of the record that a version is of.
#[must_use]
pub fn identities_of(scenario: &Scenario, version: Version) -> Vec<Identity> {
    identities(scenario, version.write_token.execution, version.write_token.index)
}

/// Whether the record at `index` of the request that `function` runs shares an identity with the one of `version`.
#[must_use]
pub fn share(scenario: &Scenario, function: FunctionIndex, index: usize, version: Version) -> bool {
    let own = identities(scenario, function, index);
    identities_of(scenario, version).iter().any(|identity| own.contains(identity))
}

/// Whether no two records in the table have one identity.
#[must_use]
pub fn are_unique(scenario: &Scenario, table: &Table) -> bool {
    let mut seen = BTreeSet::new();
    let mut all = table.records().flat_map(|version| identities_of(scenario, version));
    all.all(|identity| seen.insert(identity))
}

/// Whether every item belongs to a record that is in the table with all its items.
#[must_use]
pub fn are_whole(scenario: &Scenario, table: &Table) -> bool {
    table.items.values().all(|item| {
        let Some(version) = item.owner.version() else { return true };
        let insert = scenario.insert(version.write_token.execution, version.write_token.index, 0);
        let is_of_retry = insert.version != version; // By a bug, under IDs of its own.
        is_of_retry || insert.ids.iter().all(|id| table.items.get(id) == Some(item))
    })
}
