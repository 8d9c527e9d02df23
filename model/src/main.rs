//! Explores the model and prints how far it got. The argument `more` explores wider bounds, `bugs` prints a counterexample
//! for each planted bug.

use std::time::Instant;

use model::Scenario;
use model::bounds::{more_scenarios, scenarios};
use model::counterexample::line;
use model::exploration::Exploration;
use model::planted::PLANTED;

fn main() {
    match std::env::args().nth(1).as_deref() {
        None => scenarios().iter().for_each(explore),
        Some("more") => more_scenarios().iter().for_each(explore),
        Some("bugs") => PLANTED.iter().for_each(|planted| {
            let steps = planted.counterexample().map_or("not found".to_owned(), |steps| line(&steps));
            println!("{:?} ({}), \"{}\": {steps}", planted.bug, planted.scenario, planted.property);
        }),
        Some(_) => eprintln!("usage: model [more | bugs]"),
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
