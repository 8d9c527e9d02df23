//! The identities of records as the API defines them, independent of the IDs that the algorithm derives.

use std::collections::BTreeSet;

use crate::identity::{FunctionIndex, Id, UniqueIdentifierType};
use crate::scenario::Scenario;
use crate::state::{Sent, sent};
use crate::table::{Item, Owner, Table, Version};

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
    // By a bug, a token is of no record.
    let Some(numbers) = scenario.records(function).get(index) else { return Vec::new() };
    let numbers = numbers.iter().copied().map(Identity::Number);
    match scenario.unique_identifier_type {
        UniqueIdentifierType::External => numbers.take(1).collect(),
        UniqueIdentifierType::PhoneNumber => numbers.collect(),
        UniqueIdentifierType::Nothing => vec![Identity::Sent(sent(scenario, function, index))],
    }
}

/// The identities of the record that a version is of.
fn identities_of(scenario: &Scenario, version: Version) -> Vec<Identity> {
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
    let identities = |item: &Item| match (scenario.unique_identifier_type, item.content, item.owner.version()) {
        (UniqueIdentifierType::PhoneNumber, Some(content), _) => content.numbers.iter().map(Identity::Number).collect(),
        (_, Some(_), Some(version)) => identities_of(scenario, version),
        _ => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    table.items.values().flat_map(identities).all(|identity| seen.insert(identity))
}

/// Whether each number of a record has an item that belongs to it, and each item's record has its number.
#[must_use]
pub fn are_whole(scenario: &Scenario, table: &Table) -> bool {
    table.items.iter().all(|(id, item)| {
        let record = table.items.get(&item.record_id);
        let is_its_record = |record: &&Item| record.owner == item.owner && record.record_id == item.record_id;
        let content = record.filter(is_its_record).and_then(|record| record.content);
        content.map_or(item.owner == Owner::Operator, |content| {
            let ids = scenario.ids_of(content.numbers);
            let belongs = |id: &Id| table.items.get(id).is_some_and(|other| is_its_record(&other));
            ids.iter().all(belongs) && (ids.is_empty() || ids.contains(id))
        })
    })
}
