//! The planted bugs, each with a property that finds it.

use crate::bounds;
use crate::counterexample::counterexample;
use crate::properties::{ANOTHER, CREATED, DELETED, IN_ORDER, NAMED, ONE_RECORD, OWN_WRITE, WHOLE};
use crate::scenario::{Bug, Scenario};
use crate::step::Action;

/// A bug, and how it is found.
#[derive(Debug)]
pub struct Planted {
    /// The bug.
    pub bug: Bug,
    /// The scenario in which it is found.
    pub scenario: &'static str,
    /// The property that fails.
    pub property: &'static str,
    /// The fewest steps after which it does.
    pub steps: usize,
}

/// All planted bugs.
pub const PLANTED: [Planted; 14] = [
    planted(Bug::DuplicateItemIsConflict, "one key", OWN_WRITE, 7),
    planted(Bug::RandomTokenOnRetry, "nothing unique, one key", ONE_RECORD, 6),
    planted(Bug::EventualOwnerRead, "two requests, a delete", OWN_WRITE, 15),
    planted(Bug::ResolveReportsOwnTime, "one key", CREATED, 8),
    planted(Bug::AliasesWrittenApart, "two requests", ONE_RECORD, 9),
    planted(Bug::LostCallIsCreated, "one key", CREATED, 3),
    planted(Bug::DuplicatesDoNotWait, "two requests", ANOTHER, 1),
    planted(Bug::ChainNotRead, "a chain, begun", IN_ORDER, 8),
    planted(Bug::IdentityFromIndex, "nothing unique, two requests", ANOTHER, 9),
    planted(Bug::DeleteTrustsAlias, "a number given up", NAMED, 11),
    planted(Bug::DeleteWithoutToken, "two requests, a delete", CREATED, 14),
    planted(Bug::DeleteWithoutCreatedAt, "one key, deletes", CREATED, 14),
    planted(Bug::DeleteWithoutReadBack, "one key, deletes", DELETED, 6),
    planted(Bug::DeleteLeavesAliases, "two requests, a delete", WHOLE, 6),
];

const fn planted(bug: Bug, scenario: &'static str, property: &'static str, steps: usize) -> Planted {
    Planted { bug, scenario, property, steps }
}

impl Planted {
    /// The shortest way in which the property fails.
    #[must_use]
    pub fn counterexample(&self) -> Option<Vec<Action>> {
        let scenario = Scenario { bug: Some(self.bug), ..bounds::named(self.scenario)? };
        counterexample(&scenario, self.property)
    }
}
