//! The checks of the rules that hold in every state. Some rules are about one moment: the step that breaks such a rule
//! notes it.

use stateright::Property;

use crate::content::Change;
use crate::create::{Creation, Outcome};
use crate::delete::{self, Deleted};
use crate::exception::Exception;
use crate::identities::share;
use crate::identity::FunctionIndex;
use crate::rules::{
    AFTER_BASE, ANOTHER, CREATED, DELETED, FREED, GIVEN_UP, ID_STAYS, IN_ORDER, KEY_ONCE, MADE, MADE_ONCE, NAMED,
    NEIGHBOUR, NEVER, NOT_FOUND, ONE_RECORD, ONLY_CHANGES, ONLY_FOUND, OWN_WRITE, REFUSED, SAME_KEY, STORED_ONCE,
    WHOLE, WRITES_NOTHING,
};
use crate::scenario::{Faults, Scenario};
use crate::state::{Decided, State, sent, sent_of};
use crate::table::Version;
use crate::update::{Changed, Stage};

/// The properties of every scenario.
#[must_use]
pub fn all() -> Vec<Property<Scenario>> {
    vec![
        Property::always(ONE_RECORD, |_, state: &State| state.holds(ONE_RECORD)),
        Property::always(WHOLE, |_, state: &State| state.holds(WHOLE)),
        Property::always(STORED_ONCE, |_, state: &State| state.holds(STORED_ONCE)),
        Property::always(CREATED, |_, state: &State| state.holds(CREATED)),
        Property::always(ANOTHER, |_, state: &State| state.holds(ANOTHER)),
        Property::always(OWN_WRITE, |_, state: &State| state.holds(OWN_WRITE)),
        Property::always(KEY_ONCE, |_, state: &State| state.holds(KEY_ONCE)),
        Property::always(ONLY_FOUND, |_, state: &State| state.holds(ONLY_FOUND)),
        Property::always(NAMED, |_, state: &State| state.holds(NAMED)),
        Property::always(NOT_FOUND, |_, state: &State| state.holds(NOT_FOUND)),
        Property::always(MADE, |_, state: &State| state.holds(MADE)),
        Property::always(MADE_ONCE, |_, state: &State| state.holds(MADE_ONCE)),
        Property::always(AFTER_BASE, |_, state: &State| state.holds(AFTER_BASE)),
        Property::always(ONLY_CHANGES, |_, state: &State| state.holds(ONLY_CHANGES)),
        Property::always(ID_STAYS, |_, state: &State| state.holds(ID_STAYS)),
        Property::always(FREED, |_, state: &State| state.holds(FREED)),
        Property::always(NEVER, |_, state: &State| {
            state.holds(NEVER) && never_made(state, &[Changed::Failed, Changed::Refused])
        }),
        Property::always(WRITES_NOTHING, |_, state: &State| {
            state.holds(WRITES_NOTHING) && never_made(state, &[Changed::Unchanged, Changed::Validated])
        }),
        Property::always(REFUSED, refused),
        Property::always(IN_ORDER, in_order),
        Property::always(GIVEN_UP, given_up),
        Property::always(NEIGHBOUR, neighbour),
        Property::always(DELETED, deleted),
        Property::always(SAME_KEY, same_key),
    ]
}

/// Whether no change with one of these outcomes was made. A change of a record that was deleted afterwards does not
/// count if the row has found another record since.
fn never_made(state: &State, outcomes: &[Changed]) -> bool {
    let is_gone = |version: &Version| state.history.again.contains(version) || !state.table.has(*version);
    let is_made =
        |change: Change| state.history.changes.iter().any(|(version, made)| *made == change && !is_gone(version));
    state.updates().all(|update| {
        update.rows.iter().enumerate().all(|(index, row)| match row.stage {
            Stage::Done(outcome) if outcomes.contains(&outcome) => !is_made(update.change(index)),
            _ => true,
        })
    })
}

fn refused(scenario: &Scenario, state: &State) -> bool {
    let mut refused = state.decided_as(Outcome::NotUnique);
    refused.all(|Decided { function, index, .. }| {
        let version = scenario.insert(function, index, 0).version;
        let is_allowed = scenario.allows(Exception::Late) && state.history.landed.contains(&version);
        is_allowed || !state.table.has(version)
    })
}

fn in_order(scenario: &Scenario, state: &State) -> bool {
    let mut refused = state.decided_as(Outcome::NotUnique);
    refused.all(|Decided { function, index, .. }| {
        let version = |place: usize| scenario.insert(function, place, 0).version;
        let mut later = (index + 1..scenario.records(function).len()).map(version);
        !later.any(|later| share(scenario, function, index, later)) || has_reason(scenario, state, function, index)
    })
}

/// Whether an earlier record of its request, or one of another sender, or an operator's item, is in a record's way.
fn has_reason(scenario: &Scenario, state: &State, function: FunctionIndex, index: usize) -> bool {
    let refused = |place| Decided { function, index: place, outcome: Outcome::NotUnique };
    let is_refused = |place| state.decided().any(|record| record == refused(place));
    let own = |place| scenario.insert(function, place, 0).version;
    let mut earlier = (0..index).filter(|place| !is_refused(*place)).map(own);
    earlier.any(|version| share(scenario, function, index, version))
        || others(scenario, state, function).any(|version| share(scenario, function, index, version))
        || scenario
            .insert(function, index, 0)
            .ids
            .iter()
            .any(|id| state.table.owner(*id).is_some_and(|owner| owner.version().is_none()))
}

fn others(scenario: &Scenario, state: &State, function: FunctionIndex) -> impl Iterator<Item = Version> {
    let sender = scenario.request_token(function, 0);
    state.history.stored.iter().copied().filter(move |version| sent_of(scenario, *version).sender != sender)
}

fn given_up(scenario: &Scenario, state: &State) -> bool {
    let mut unstored = state.decided_as(Outcome::Unstored);
    unstored.all(|Decided { function, index, .. }| {
        let version = |place: usize| scenario.insert(function, place, 0).version;
        // What waits for a record that waits itself can be stored together with the one that both depend on.
        let waits = (0..index).any(|place| share(scenario, function, index, version(place)));
        let mut later = (index + 1..scenario.records(function).len()).map(version);
        waits || !later.any(|later| share(scenario, function, index, later) && state.history.stored.contains(&later))
    })
}

fn neighbour(scenario: &Scenario, state: &State) -> bool {
    let cause = match scenario.faults {
        Faults::Any => return true,
        Faults::Throttled(id) | Faults::Rejected(id) => Some(id),
        Faults::None => None,
    };
    let mut unstored = state.decided_as(Outcome::Unstored);
    unstored.all(|Decided { function, index, .. }| {
        cause.is_some_and(|id| scenario.insert(function, index, 0).ids.contains(&id))
    })
}

fn deleted(_: &Scenario, state: &State) -> bool {
    let entries = state.deletions().flat_map(|deletion| &deletion.entries);
    let mut deleted = entries.filter(|entry| entry.stage == delete::Stage::Done(Deleted::Deleted));
    deleted.all(|entry| {
        entry.found.is_none_or(|found| !state.table.has(found.version) || state.history.again.contains(&found.version))
    })
}

fn same_key(scenario: &Scenario, state: &State) -> bool {
    let creations: Vec<&Creation> = state.creations().collect();
    let pairs = creations
        .iter()
        .enumerate()
        .flat_map(|(place, one)| creations[place + 1..].iter().map(move |other| (one, other)));
    let mut same = pairs
        .filter(|(one, other)| scenario.request_token(one.function, 0) == scenario.request_token(other.function, 0));
    same.all(|(one, other)| {
        (0..one.outcomes.len()).all(|index| match (one.outcomes[index], other.outcomes[index]) {
            (Some(one), Some(other)) if one == other => true,
            (None | Some(Outcome::Unstored), _) | (_, None | Some(Outcome::Unstored)) => true,
            _ => can_differ(scenario, state, one.function, index),
        })
    })
}

/// Whether the record itself was deleted, or another one lost an ID that was in its way.
fn can_differ(scenario: &Scenario, state: &State, function: FunctionIndex, index: usize) -> bool {
    let (record, ids) = (sent(scenario, function, index), scenario.insert(function, index, 0).ids);
    state.history.removed.iter().any(|(id, version)| {
        if sent_of(scenario, *version) == record {
            scenario.allows(Exception::KeyAfterDelete) && *id == ids[0]
        } else {
            scenario.allows(Exception::InTheWay) && ids.contains(id)
        }
    })
}
