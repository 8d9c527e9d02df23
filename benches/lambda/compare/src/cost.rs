//! The cost of a request, by shape of its batch.

use std::time::Duration;

use crate::meter::Calls;

/// The costs of batches that differ in one thing.
pub struct Series {
    /// The thing they differ in.
    pub title: &'static str,
    pub costs: Vec<Cost>,
}

/// A shape's cost.
pub struct Cost {
    /// Its value of the thing that its series differs in.
    pub label: &'static str,
    pub cpu: Duration,
    /// From event to response.
    pub response: Duration,
    pub calls: Calls,
}
