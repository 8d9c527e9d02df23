//! The shortest way in which a property fails.

use stateright::{Checker, HasDiscoveries, Model};

use crate::scenario::Scenario;
use crate::step::Action;

/// The fewest steps after which `property` fails in `scenario`, `None` if it never does.
#[must_use]
pub fn counterexample(scenario: &Scenario, property: &'static str) -> Option<Vec<Action>> {
    let mut shortest = search(scenario, property, usize::MAX)?;
    while let Some(shorter) = search(scenario, property, shortest.len()) {
        shortest = shorter;
    }
    Some(shortest)
}

/// A way of fewer than `limit` steps. The checker counts states, the first one included, and stops before its maximum.
fn search(scenario: &Scenario, property: &'static str, limit: usize) -> Option<Vec<Action>> {
    let checker = scenario.clone().checker().finish_when(HasDiscoveries::AnyOf([property].into()));
    let checker = checker.target_max_depth(limit.saturating_add(1)).spawn_bfs().join();
    checker.discovery(property).map(stateright::Path::into_actions)
}

/// The `steps` in one line.
#[must_use]
pub fn line(steps: &[Action]) -> String {
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
