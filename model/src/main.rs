//! Explores the model and prints how far it got. The argument `more` explores wider bounds, `bugs` prints a counterexample
//! for each planted bug, `exceptions` one for each exception, and the name of a scenario explores it alone.

use std::fmt::Debug;
use std::time::Instant;

use model::Scenario;
use model::bounds::{more_scenarios, scenarios};
use model::counterexample::line;
use model::exploration::Exploration;
use model::planted::{NEEDED, PLANTED};
use model::step::Action;

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => scenarios().iter().for_each(explore),
        Some("more") => more_scenarios().iter().for_each(explore),
        Some("bugs") => PLANTED.iter().for_each(|planted| {
            print(planted.bug, planted.scenario, planted.rule, planted.counterexample());
        }),
        Some("exceptions") => NEEDED.iter().for_each(|needed| {
            print(needed.exception, needed.scenario, needed.rule, needed.counterexample());
        }),
        Some(name) => {
            scenarios().iter().chain(&more_scenarios()).filter(|scenario| scenario.name == name).for_each(explore);
        }
    }
}

fn print(cause: impl Debug, scenario: &str, rule: &str, steps: Option<Vec<Action>>) {
    match steps {
        Some(steps) => println!("{cause:?} ({scenario}), \"{rule}\", {} steps: {}", steps.len(), line(&steps)),
        None => println!("{cause:?} ({scenario}), \"{rule}\": not found"),
    }
}

fn explore(scenario: &Scenario) {
    let start = Instant::now();
    let explored = Exploration::of(scenario);
    let seconds = start.elapsed().as_secs_f64();
    println!("{}: {} states, {seconds:.1} s", scenario.name, explored.states);
    for (property, steps) in explored.failures {
        println!("  FAILED: {property}: {}", line(&steps));
    }
}
