//! The deletion of a list, as in `src/store/list_change.rs` and `src/store/sweep.rs`, and requests that still know the
//! list.
//!
//! - [`deletion`][]: the processes, and a bug to plant
//! - [`state`][]: the list, its records, and the progress of the processes
//! - [`steps`][]: the steps that can come next, and their changes
//! - [`rules`][]: the rules that hold in every state
//! - [`planted`][]: the bugs, each with a rule that finds it

pub mod deletion;
pub mod planted;
pub mod rules;
pub mod state;
pub mod steps;

use stateright::{Model, Property};

use self::deletion::ListDeletion;
use self::state::State;
use self::steps::Action;

impl Model for ListDeletion {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::of(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        steps::actions(self, state, actions);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        state.change(self, action);
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        rules::all()
    }
}
