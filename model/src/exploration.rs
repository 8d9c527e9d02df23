//! Every state of a scenario.

use std::fmt::Debug;
use std::thread::available_parallelism;

use stateright::{Checker, HasDiscoveries, Model, Property};

use crate::actions;
use crate::counterexample::Searchable;
use crate::properties;
use crate::reachable;
use crate::scenario::Scenario;
use crate::state::State;
use crate::step::Action;

impl Model for Scenario {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::of(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        actions::actions(self, state, actions);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        state.change(self, action);
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all().into_iter().chain(reachable::all()).collect()
    }
}

/// The findings in all states of a model, up to the first failure of a property.
#[derive(Debug)]
pub struct Exploration<A> {
    /// The number of states.
    pub states: usize,
    /// The properties that failed, each with the steps that lead there.
    pub failures: Vec<(&'static str, Vec<A>)>,
    /// The states that must be reachable, and are.
    pub reached: Vec<&'static str>,
}

impl<A: Clone + PartialEq + Debug> Exploration<A> {
    /// Explores `model`, on all processors.
    #[must_use]
    pub fn of<M: Searchable<Action = A>>(model: &M) -> Self {
        let threads = available_parallelism().map_or(1, usize::from);
        let checker = model.clone().checker().finish_when(HasDiscoveries::AnyFailures).threads(threads);
        let checker = checker.spawn_bfs().join();
        let is_failure = |name| model.property(name).expectation.discovery_is_failure();
        let (failures, reached): (Vec<_>, Vec<_>) =
            checker.discoveries().into_iter().partition(|(name, _)| is_failure(name));
        Self {
            states: checker.unique_state_count(),
            failures: failures.into_iter().map(|(name, path)| (name, path.into_actions())).collect(),
            reached: reached.into_iter().map(|(name, _)| name).collect(),
        }
    }
}
