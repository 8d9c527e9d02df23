//! Facts about a state that the properties are made of.

use crate::create::{Creation, Outcome};
use crate::identity::{FunctionIndex, RequestToken};
use crate::scenario::Scenario;
use crate::state::State;
use crate::table::Version;

/// The sender of a record: a key, or the one request that a function runs.
#[must_use]
pub fn sender(scenario: &Scenario, function: FunctionIndex) -> RequestToken {
    scenario.request_token(function, 0)
}

/// The record of a version, whatever its write token is: its sender, and its place in the request.
#[must_use]
pub fn origin(scenario: &Scenario, version: Version) -> (RequestToken, usize) {
    (sender(scenario, version.created_at), version.write_token.index)
}

/// The outcomes so far: the function, the record's place, and its outcome.
pub fn outcomes(state: &State) -> impl Iterator<Item = (FunctionIndex, usize, Outcome)> {
    let of = |insert: &Creation| {
        let function = insert.function;
        let outcomes = insert.outcomes.clone().into_iter().enumerate();
        outcomes.filter_map(move |(index, outcome)| Some((function, index, outcome?)))
    };
    state.inserts().flat_map(of)
}
