//! Explores the model, finds every planted bug, and shows that the promise needs each exception.

use std::collections::BTreeSet;

use model::bounds::{more_scenarios, scenarios};
use model::counterexample::line;
use model::exploration::Exploration;
use model::list::deletion::ListDeletion;
use model::list::planted::PLANTED_IN_LIST;
use model::list::rules::ALL_SWEPT;
use model::planted::{NEEDED, PLANTED};
use model::reachable;

const PAGE: &str = include_str!("../../docs/correctness.md");

/// `MODEL=more` explores wider bounds as well.
#[test]
fn every_property_holds_in_every_state() {
    let more = std::env::var("MODEL").is_ok_and(|bounds| bounds == "more");
    let mut reached = BTreeSet::new();
    for scenario in scenarios().into_iter().chain(more_scenarios().into_iter().filter(|_| more)) {
        let explored = Exploration::of(&scenario);
        let failures = explored.failures.iter().map(|(property, steps)| format!("{property}: {}", line(steps)));
        assert_eq!(failures.collect::<Vec<_>>(), Vec::<String>::new(), "{}", scenario.name);
        let row = format!("| {} | {} |", scenario.name, explored.states);
        assert!(PAGE.contains(&row), "docs/correctness.md lacks {row}");
        reached.extend(explored.reached);
    }
    let wanted: BTreeSet<_> = reachable::all().iter().map(|property| property.name).collect();
    assert_eq!(reached, wanted);
}

#[test]
fn every_rule_of_a_deleted_list_holds_in_every_state() {
    for deletion in ListDeletion::all() {
        let explored = Exploration::of(&deletion);
        let failures = explored.failures.iter().map(|(rule, steps)| format!("{rule}: {}", line(steps)));
        assert_eq!(failures.collect::<Vec<_>>(), Vec::<String>::new(), "{}", deletion.name);
        let row = format!("| {} | {} |", deletion.name, explored.states);
        assert!(PAGE.contains(&row), "docs/correctness.md lacks {row}");
        assert_eq!(explored.reached, [ALL_SWEPT]);
    }
}

#[test]
fn every_bug_in_the_deletion_of_a_list_has_a_counterexample() {
    for planted in &PLANTED_IN_LIST {
        let steps = planted.counterexample().unwrap_or_else(|| panic!("{planted:?}"));
        assert_eq!(steps.len(), planted.steps, "{planted:?}: {}", line(&steps));
    }
}

#[test]
fn every_planted_bug_has_a_counterexample() {
    for planted in &PLANTED {
        let steps = planted.counterexample().unwrap_or_else(|| panic!("{planted:?}"));
        assert_eq!(steps.len(), planted.steps, "{planted:?}: {}", line(&steps));
    }
}

#[test]
fn every_exception_is_needed() {
    for needed in &NEEDED {
        let steps = needed.counterexample().unwrap_or_else(|| panic!("{needed:?}"));
        assert_eq!(steps.len(), needed.steps, "{needed:?}: {}", line(&steps));
    }
}
