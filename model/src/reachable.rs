//! The rules that hold in some state: a model that cannot reach a situation proves nothing about it.

use stateright::Property;

use crate::create::Outcome;
use crate::delete::{Deleted, Entry, Stage};
use crate::scenario::Scenario;
use crate::state::{Decided, State};

/// The states that the scenarios together must reach.
#[must_use]
pub fn all() -> [Property<Scenario>; 8] {
    [
        Property::sometimes("a record is Created by the request that reports it", created_here),
        Property::sometimes("a record is Created by another request with the same key", created_elsewhere),
        Property::sometimes("a record is NotUnique", |_, state| has(state, Outcome::NotUnique)),
        Property::sometimes("a record is Rejected", |_, state| has(state, Outcome::Rejected)),
        Property::sometimes("a record is reported Unstored and is stored", unstored_and_stored),
        Property::sometimes("all records are decided in time", decided),
        Property::sometimes("a record is Deleted", |_, state| deleted(state).next().is_some()),
        Property::sometimes("an ID is used again after its record was Deleted", used_again),
    ]
}

fn has(state: &State, wanted: Outcome) -> bool {
    state.decided_as(wanted).next().is_some()
}

fn created_here(_: &Scenario, state: &State) -> bool {
    state.decided().any(|Decided { function, outcome, .. }| {
        matches!(outcome, Outcome::Created(version) if version.write_token.execution == function)
    })
}

fn created_elsewhere(_: &Scenario, state: &State) -> bool {
    state.decided().any(|Decided { function, outcome, .. }| {
        matches!(outcome, Outcome::Created(version) if version.write_token.execution != function)
    })
}

fn unstored_and_stored(scenario: &Scenario, state: &State) -> bool {
    let mut unstored = state.decided_as(Outcome::Unstored);
    unstored.any(|Decided { function, index, .. }| state.table.has(scenario.insert(function, index, 0).version))
}

fn decided(_: &Scenario, state: &State) -> bool {
    state.is_terminal() && state.decided_as(Outcome::Unstored).next().is_none()
}

fn deleted(state: &State) -> impl Iterator<Item = &Entry> {
    let entries = state.deletions().flat_map(|deletion| &deletion.entries);
    entries.filter(|entry| entry.stage == Stage::Done(Deleted::Deleted))
}

fn used_again(_: &Scenario, state: &State) -> bool {
    deleted(state).any(|entry| state.table.items.contains_key(&entry.id))
}
