//! The shortest sequence of steps after which a property fails.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use stateright::{Checker, HasDiscoveries, Model};

/// A model that can be searched.
pub trait Searchable:
    Model<State: Clone + PartialEq + Hash + Debug + Send + Sync, Action: Clone + PartialEq + Debug>
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<M> Searchable for M where
    M: Model<State: Clone + PartialEq + Hash + Debug + Send + Sync, Action: Clone + PartialEq + Debug>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// The fewest steps after which `property` fails in `model`, `None` if it never does.
#[must_use]
pub fn counterexample<M: Searchable>(model: &M, property: &'static str) -> Option<Vec<M::Action>> {
    let mut shortest = search(model, property, usize::MAX)?;
    while let Some(shorter) = search(model, property, shortest.len()) {
        shortest = shorter;
    }
    Some(shortest)
}

/// A sequence of fewer than `limit` steps. The checker counts states, including the first one, and stops before its
/// maximum.
fn search<M: Searchable>(model: &M, property: &'static str, limit: usize) -> Option<Vec<M::Action>> {
    let checker = model.clone().checker().finish_when(HasDiscoveries::AnyOf([property].into()));
    let checker = checker.target_max_depth(limit.saturating_add(1)).spawn_bfs().join();
    checker.discovery(property).map(stateright::Path::into_actions)
}

/// The `steps` in one line.
#[must_use]
pub fn line<A: Display>(steps: &[A]) -> String {
    steps.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
