//! What must hold in every state.

use std::collections::BTreeSet;

use stateright::Property;

use crate::delete::{Deletion, Stage};
use crate::identity::{FunctionIndex, RequestToken, UniqueIdentifierType};
use crate::insert::{Insert, Outcome};
use crate::reachable;
use crate::scenario::{Beyond, Scenario};
use crate::state::State;
use crate::table::Holder;

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
    properties.extend(reachable::of());
    properties
}

/// Who sent a record: a key, or the one request that a function runs.
#[must_use]
pub fn sender(scenario: &Scenario, function: FunctionIndex) -> RequestToken {
    scenario.request_token(function, 0)
}

/// What a holder's record is, whatever its write token is: who sent it, and its place in the request.
#[must_use]
pub fn origin(scenario: &Scenario, holder: Holder) -> (RequestToken, usize) {
    (sender(scenario, holder.created_at), holder.write_token.index)
}

/// What makes two records one by the contract, whatever IDs the algorithm derives.
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

/// The outcomes so far: the function, the record's place, and what became of it.
pub fn outcomes(state: &State) -> impl Iterator<Item = (FunctionIndex, usize, Outcome)> {
    let of = |insert: &Insert| {
        let function = insert.function;
        let outcomes = insert.outcomes.clone().into_iter().enumerate();
        outcomes.filter_map(move |(index, outcome)| Some((function, index, outcome?)))
    };
    state.inserts().flat_map(of)
}

fn one_record(scenario: &Scenario, state: &State) -> bool {
    let holders = state.table.records().map(|item| item.holder);
    let mut all = holders.flat_map(|holder| identities(scenario, holder.created_at, holder.write_token.index));
    let mut seen = BTreeSet::new();
    all.all(|identity| seen.insert(identity))
}

fn whole(scenario: &Scenario, state: &State) -> bool {
    state.table.items.values().all(|item| {
        let write = scenario.write(item.holder.created_at, item.holder.write_token.index, 0);
        let is_of_retry = write.write_token != item.holder.write_token; // By a bug, under IDs of its own.
        is_of_retry || write.ids.iter().all(|id| state.table.items.get(id) == Some(item))
    })
}

fn created(scenario: &Scenario, state: &State) -> bool {
    let of_reported = |holder: Holder, function, index, created_at| {
        holder.created_at == created_at && origin(scenario, holder) == (sender(scenario, function), index)
    };
    outcomes(state).all(|(function, index, outcome)| {
        let Outcome::Created { created_at, .. } = outcome else { return true };
        let reported = |holder| of_reported(holder, function, index, created_at);
        let stored =
            scenario.write(function, index, 0).ids.iter().all(|id| state.table.holder(*id).is_some_and(reported));
        stored || state.deletes().filter_map(|delete| delete.found).any(|found| reported(found.holder))
    })
}

fn own_write(scenario: &Scenario, state: &State) -> bool {
    let mut refused = outcomes(state).filter(|(.., outcome)| *outcome == Outcome::NotUnique);
    refused.all(|(function, index, _)| {
        let own = |holder| origin(scenario, holder) == (sender(scenario, function), index);
        let this_request = |holder: Holder| !scenario.deletes() || holder.created_at == function;
        !state.table.records().any(|item| own(item.holder) && this_request(item.holder))
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
    deleted.all(|delete| delete.stored_again || !delete.found.is_some_and(|found| state.table.has(found.holder)))
}

fn named(scenario: &Scenario, state: &State) -> bool {
    state.deletes().all(|delete| {
        delete.found.is_none_or(|found| {
            let holder = found.holder;
            scenario.write(holder.created_at, holder.write_token.index, 0).ids.contains(&delete.id)
        })
    })
}

fn same_key(scenario: &Scenario, state: &State) -> bool {
    let differ = |(one, other): (&Option<Outcome>, &Option<Outcome>)| {
        one != other && ![one, other].contains(&&Some(Outcome::Unstored))
    };
    let same_sender = |one: &Insert, other: &Insert| sender(scenario, one.function) == sender(scenario, other.function);
    !state.is_terminal()
        || state.inserts().all(|one| {
            let mut others = state.inserts().filter(|other| same_sender(one, other));
            others.all(|other| !one.outcomes.iter().zip(&other.outcomes).any(differ))
        })
}
