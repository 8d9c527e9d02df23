//! Explores the model and prints its progress. The argument `more` explores wider bounds, `lists` only the deletion of
//! a list, and the name of a scenario only that scenario. `bugs` prints a counterexample for each planted bug,
//! `exceptions` one for each exception.

use std::fmt::{Debug, Display};
use std::time::Instant;

use model::Scenario;
use model::bounds::{more_scenarios, scenarios};
use model::counterexample::{Searchable, line};
use model::exploration::Exploration;
use model::list::deletion::ListDeletion;
use model::list::planted::PLANTED_IN_LIST;
use model::planted::{NEEDED, PLANTED};

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => {
            scenarios().iter().for_each(explore);
            explore_lists();
        }
        Some("more") => more_scenarios().iter().for_each(explore),
        Some("lists") => explore_lists(),
        Some("bugs") => print_bugs(),
        Some("exceptions") => NEEDED.iter().for_each(|needed| {
            print(needed.exception, needed.scenario, needed.rule, needed.counterexample());
        }),
        Some(name) => {
            scenarios().iter().chain(&more_scenarios()).filter(|scenario| scenario.name == name).for_each(explore);
        }
    }
}

fn print_bugs() {
    for planted in &PLANTED {
        print(planted.bug, planted.scenario, planted.rule, planted.counterexample());
    }
    for planted in &PLANTED_IN_LIST {
        print(planted.bug, planted.deletion, planted.rule, planted.counterexample());
    }
}

fn explore_lists() {
    for deletion in &ListDeletion::all() {
        explore_model(deletion.name, deletion);
    }
}

fn print<A: Display>(cause: impl Debug, scenario: &str, rule: &str, steps: Option<Vec<A>>) {
    match steps {
        Some(steps) => println!("{cause:?} ({scenario}), \"{rule}\", {} steps: {}", steps.len(), line(&steps)),
        None => println!("{cause:?} ({scenario}), \"{rule}\": not found"),
    }
}

fn explore(scenario: &Scenario) {
    explore_model(scenario.name, scenario);
}

fn explore_model<M: Searchable>(name: &str, model: &M)
where
    M::Action: Display,
{
    let start = Instant::now();
    let explored = Exploration::of(model);
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: {} states, {seconds:.1} s", explored.states);
    for (property, steps) in explored.failures {
        println!("  FAILED: {property}: {}", line(&steps));
    }
}
