//! The bugs that are planted in the deletion of a list, each with a rule that finds it.

use super::deletion::{ListBug, ListDeletion};
use super::rules::{AFTER_MINUTE, ENDED, RECOGNISED, SWEPT};
use super::steps::Action;
use crate::counterexample::counterexample;

/// A bug, and how it is found.
#[derive(Debug)]
pub struct PlantedInList {
    /// The bug.
    pub bug: ListBug,
    /// The deletion in which it is found.
    pub deletion: &'static str,
    /// The rule that fails.
    pub rule: &'static str,
    /// The fewest steps after which it fails.
    pub steps: usize,
}

/// All planted bugs.
pub const PLANTED_IN_LIST: [PlantedInList; 7] = [
    planted(ListBug::RowApart, "a list deleted, two sweeps", SWEPT, 4),
    planted(ListBug::RowRemovedEarly, "a list deleted, two sweeps", SWEPT, 8),
    planted(ListBug::RowRemovedAfterFinds, "a list deleted, two sweeps", SWEPT, 11),
    planted(ListBug::KeptForever, "a list deleted, two sweeps", AFTER_MINUTE, 4),
    planted(ListBug::TombstoneSwept, "a list deleted, a rename", ENDED, 10),
    planted(ListBug::RenameUnmarks, "a list deleted, a rename", ENDED, 4),
    planted(ListBug::OwnMarkNotRead, "a list deleted, a rename", RECOGNISED, 3),
];

const fn planted(bug: ListBug, deletion: &'static str, rule: &'static str, steps: usize) -> PlantedInList {
    PlantedInList { bug, deletion, rule, steps }
}

impl PlantedInList {
    /// The shortest way in which the rule fails.
    #[must_use]
    pub fn counterexample(&self) -> Option<Vec<Action>> {
        let deletion = ListDeletion::all().into_iter().find(|deletion| deletion.name == self.deletion)?;
        counterexample(&ListDeletion { bug: Some(self.bug), ..deletion }, self.rule)
    }
}
