//! The rules that hold in every state.

use std::collections::BTreeSet;

use stateright::Property;

use crate::create::{Creation, Outcome};
use crate::delete::{Deletion, Stage};
use crate::facts::{origin, outcomes, sender};
use crate::identity::{FunctionIndex, RequestToken, UniqueIdentifierType};
use crate::scenario::{Beyond, Scenario};
use crate::state::State;
use crate::table::Version;

/// Two records in the table have one identity: never.
pub const ONE_RECORD: &str = "no two records have one identity";
/// A record is in the table with all its aliases, or not at all.
pub const WHOLE: &str = "a record is stored whole or not at all";
/// `Created` is reported and the record is not stored: never, unless a delete that found it removed it.
pub const CREATED: &str = "what is Created is stored";
/// `NotUnique` is reported of a record that is stored: never.
pub const OWN_WRITE: &str = "a request's own write is never NotUnique";
/// `NotUnique` is reported although no other record ever had one of its identities: never.
pub const ANOTHER: &str = "NotUnique means that another record was stored";
/// A record is refused for a later record of its request, with no earlier one in its way: never, if nobody else creates.
pub const IN_ORDER: &str = "no record is refused for a later one of its request";
/// `Deleted` is reported and the version that was found is still stored: never.
pub const DELETED: &str = "what is Deleted is gone";
/// A delete finds a record that does not hold the ID it names: never.
pub const NAMED: &str = "a delete finds the record that it names";
/// At the end, two requests with one key have different outcomes: never, unless a deadline or a delete came between.
pub const SAME_KEY: &str = "requests with one key have the same outcome";

/// The properties that apply to `scenario`.
#[must_use]
pub fn of(scenario: &Scenario) -> Vec<Property<Scenario>> {
    let mut properties = vec![
        Property::always(ONE_RECORD, one_record),
        Property::always(WHOLE, whole),
        Property::always(CREATED, created),
        Property::always(OWN_WRITE, own_write),
        Property::always(ANOTHER, another),
        Property::always(DELETED, deleted),
        Property::always(NAMED, named),
    ];
    if !scenario.deletes() || scenario.beyond == Some(Beyond::KeyAfterDelete) {
        properties.push(Property::always(SAME_KEY, same_key));
    }
    if !scenario.deletes() && scenario.has_one_sender() {
        properties.push(Property::always(IN_ORDER, in_order));
    }
    properties
}

/// The reason why two records are one by the contract, whatever IDs the algorithm derives.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    Number(u8),
    Sent(RequestToken, usize),
}

fn identities(scenario: &Scenario, function: FunctionIndex, index: usize) -> Vec<Identity> {
    let numbers = scenario.records(function)[index].iter().copied().map(Identity::Number);
    match scenario.unique_identifier_type {
        UniqueIdentifierType::External => numbers.take(1).collect(),
        UniqueIdentifierType::PhoneNumber => numbers.collect(),
        UniqueIdentifierType::Nothing => vec![Identity::Sent(sender(scenario, function), index)],
    }
}

fn one_record(scenario: &Scenario, state: &State) -> bool {
    let owners = state.table.records().map(|owner| owner.version);
    let mut all = owners.flat_map(|version| identities(scenario, version.created_at, version.write_token.index));
    let mut seen = BTreeSet::new();
    all.all(|identity| seen.insert(identity))
}

fn whole(scenario: &Scenario, state: &State) -> bool {
    state.table.items.values().all(|owner| {
        let insert = scenario.insert(owner.version.created_at, owner.version.write_token.index, 0);
        let is_of_retry = insert.write_token != owner.version.write_token; // By a bug, under IDs of its own.
        is_of_retry || insert.ids.iter().all(|id| state.table.items.get(id) == Some(owner))
    })
}

fn created(scenario: &Scenario, state: &State) -> bool {
    let of_reported = |version: Version, function, index, created_at| {
        version.created_at == created_at && origin(scenario, version) == (sender(scenario, function), index)
    };
    outcomes(state).all(|(function, index, outcome)| {
        let Outcome::Created { created_at, .. } = outcome else { return true };
        let reported = |version| of_reported(version, function, index, created_at);
        let stored =
            scenario.insert(function, index, 0).ids.iter().all(|id| state.table.version(*id).is_some_and(reported));
        stored || state.deletes().filter_map(|delete| delete.found).any(|found| reported(found.version))
    })
}

fn own_write(scenario: &Scenario, state: &State) -> bool {
    let mut refused = outcomes(state).filter(|(.., outcome)| *outcome == Outcome::NotUnique);
    refused.all(|(function, index, _)| {
        let own = |version| origin(scenario, version) == (sender(scenario, function), index);
        let this_request = |version: Version| !scenario.deletes() || version.created_at == function;
        !state.table.records().any(|owner| own(owner.version) && this_request(owner.version))
    })
}

fn another(scenario: &Scenario, state: &State) -> bool {
    let mut refused = outcomes(state).filter(|(.., outcome)| *outcome == Outcome::NotUnique);
    refused.all(|(function, index, _)| {
        let sent = (sender(scenario, function), index);
        let mut others = state.ever_stored.iter().filter(|(other, place)| (sender(scenario, *other), *place) != sent);
        others.any(|other| share(scenario, (function, index), *other))
    })
}

fn in_order(scenario: &Scenario, state: &State) -> bool {
    let mut refused = outcomes(state).filter(|(.., outcome)| *outcome == Outcome::NotUnique);
    refused.all(|(function, index, _)| {
        let is_refused = |place| outcomes(state).any(|outcome| outcome == (function, place, Outcome::NotUnique));
        let earlier = (0..index).filter(|place| !is_refused(*place)).map(|place| (function, place));
        let of_others = |(other, _): &(FunctionIndex, usize)| sender(scenario, *other) != sender(scenario, function);
        let others = state.ever_stored.iter().copied().filter(of_others);
        earlier.chain(others).any(|other| share(scenario, (function, index), other))
    })
}

/// Whether two records, each by its function and its place there, have an identity in common.
fn share(scenario: &Scenario, one: (FunctionIndex, usize), other: (FunctionIndex, usize)) -> bool {
    let identities_of_one = identities(scenario, one.0, one.1);
    identities(scenario, other.0, other.1).iter().any(|identity| identities_of_one.contains(identity))
}

fn deleted(_: &Scenario, state: &State) -> bool {
    let mut deleted = state.deletes().filter(|delete| delete.stage == Stage::Done(Deletion::Deleted));
    deleted.all(|delete| delete.stored_again || !delete.found.is_some_and(|found| state.table.has(found.version)))
}

fn named(scenario: &Scenario, state: &State) -> bool {
    state.deletes().all(|delete| {
        delete.found.is_none_or(|found| {
            let version = found.version;
            scenario.insert(version.created_at, version.write_token.index, 0).ids.contains(&delete.id)
        })
    })
}

fn same_key(scenario: &Scenario, state: &State) -> bool {
    let differ = |(one, other): (&Option<Outcome>, &Option<Outcome>)| {
        one != other && ![one, other].contains(&&Some(Outcome::Unstored))
    };
    let same_sender =
        |one: &Creation, other: &Creation| sender(scenario, one.function) == sender(scenario, other.function);
    !state.is_terminal()
        || state.inserts().all(|one| {
            let mut others = state.inserts().filter(|other| same_sender(one, other));
            others.all(|other| !one.outcomes.iter().zip(&other.outcomes).any(differ))
        })
}
