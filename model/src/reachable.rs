//! The rules that hold in some state: a model that cannot reach a situation proves nothing about it.

use stateright::Property;

use crate::create::Outcome;
use crate::delete::{Deletion, Stage};
use crate::facts::{origin, outcomes, sender};
use crate::scenario::Scenario;
use crate::state::State;

/// The states that the scenarios together must reach.
#[must_use]
pub fn of() -> [Property<Scenario>; 7] {
    [
        Property::sometimes("a record is Created by the request that reports it", created_here),
        Property::sometimes("a record is Created by another request with the same key", created_elsewhere),
        Property::sometimes("a record is NotUnique", not_unique),
        Property::sometimes("a record is reported Unstored and is stored", unstored_and_stored),
        Property::sometimes("all records are decided in time", decided),
        Property::sometimes("a record is Deleted", |_, state| deleted(state).next().is_some()),
        Property::sometimes("an ID is used again after its record was Deleted", used_again),
    ]
}

fn created_here(_: &Scenario, state: &State) -> bool {
    outcomes(state)
        .any(|(function, _, outcome)| matches!(outcome, Outcome::Created { created_at, .. } if created_at == function))
}

fn created_elsewhere(_: &Scenario, state: &State) -> bool {
    outcomes(state)
        .any(|(function, _, outcome)| matches!(outcome, Outcome::Created { created_at, .. } if created_at != function))
}

fn not_unique(_: &Scenario, state: &State) -> bool {
    outcomes(state).any(|(.., outcome)| outcome == Outcome::NotUnique)
}

fn unstored_and_stored(scenario: &Scenario, state: &State) -> bool {
    let mut unstored = outcomes(state).filter(|(.., outcome)| *outcome == Outcome::Unstored);
    unstored.any(|(function, index, _)| {
        let sent = (sender(scenario, function), index);
        state.table.records().any(|owner| origin(scenario, owner.version) == sent)
    })
}

fn decided(_: &Scenario, state: &State) -> bool {
    state.is_terminal() && outcomes(state).all(|(.., outcome)| outcome != Outcome::Unstored)
}

fn deleted(state: &State) -> impl Iterator<Item = &crate::delete::Delete> {
    state.deletes().filter(|delete| delete.stage == Stage::Done(Deletion::Deleted))
}

fn used_again(_: &Scenario, state: &State) -> bool {
    deleted(state).any(|delete| state.table.items.contains_key(&delete.id))
}
