//! Every state of a scenario.

use std::thread::available_parallelism;

use stateright::{Checker, HasDiscoveries, Model};

use crate::scenario::Scenario;
use crate::steps::Action;

/// What was found in all states of a scenario, or until a property failed.
#[derive(Debug)]
pub struct Exploration {
    /// How many states there are.
    pub states: usize,
    /// The properties that failed, and how.
    pub failures: Vec<(&'static str, Vec<Action>)>,
    /// What must be reachable, and is.
    pub reached: Vec<&'static str>,
}

impl Exploration {
    /// Explores `scenario`, on all processors.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        let checker = scenario.clone().checker().finish_when(HasDiscoveries::AnyFailures).threads(threads);
        let checker = checker.spawn_bfs().join();
        let is_failure = |name| scenario.property(name).expectation.discovery_is_failure();
        let (failures, reached): (Vec<_>, Vec<_>) =
            checker.discoveries().into_iter().partition(|(name, _)| is_failure(name));
        Self {
            states: checker.unique_state_count(),
            failures: failures.into_iter().map(|(name, path)| (name, path.into_actions())).collect(),
            reached: reached.into_iter().map(|(name, _)| name).collect(),
        }
    }
}
