//! The model, explored; the bugs that it finds; and what it cannot promise.

use std::collections::BTreeSet;

use model::bounds::{more_scenarios, named, scenarios};
use model::counterexample::{counterexample, line};
use model::exploration::Exploration;
use model::planted::PLANTED;
use model::properties::{DELETED, SAME_KEY};
use model::reachable;
use model::{Beyond, Scenario};

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
    let wanted: BTreeSet<_> = reachable::of().iter().map(|property| property.name).collect();
    assert_eq!(reached, wanted);
}

#[test]
fn every_planted_bug_has_a_counterexample() {
    for planted in &PLANTED {
        let steps = planted.counterexample().unwrap_or_else(|| panic!("{planted:?}"));
        assert_eq!(steps.len(), planted.steps, "{planted:?}: {}", line(&steps));
    }
}

#[test]
fn an_insert_that_lands_after_a_delete_brings_the_record_back() {
    assert_fails("two requests, a delete", Beyond::DelayedInsert, DELETED);
}

#[test]
fn a_key_promises_nothing_once_its_records_were_deleted() {
    assert_fails("one key, deletes", Beyond::KeyAfterDelete, SAME_KEY);
}

fn assert_fails(name: &str, beyond: Beyond, property: &'static str) {
    let scenario = named(name).map(|scenario| Scenario { beyond: Some(beyond), ..scenario });
    assert!(scenario.is_some_and(|scenario| counterexample(&scenario, property).is_some()));
}
