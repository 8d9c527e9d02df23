//! The CPU of the other operations, compared with that of creating: a hundred records are created, sent again, changed,
//! sent unchanged, read and deleted, by one function after another.

use std::error::Error;
use std::time::Duration;

use crate::batch::{Batches, Shape};
use crate::function::Function;
use crate::meter::{Calls, Meter};
use crate::round::{CREATED, DELETED, DUPLICATES, PAGE, READ, Round, Step, UNCHANGED, UPDATED, function_with_pages};
use crate::statistics::{Spread, median, milliseconds};
use crate::table;

/// Repetitions, and the rounds of each that are measured, after those that are not.
const REPETITIONS: usize = 5;
const ROUNDS: usize = 40;
const UNMEASURED: usize = 5;

/// An operation, in the order of a round.
struct Operation {
    name: &'static str,
    step: Step,
    /// The goal: the most CPU, as a share of that of creating.
    at_most: Option<f64>,
}

const fn operation(name: &'static str, step: Step, at_most: Option<f64>) -> Operation {
    Operation { name, step, at_most }
}

const OPERATIONS: [Operation; 7] = [
    operation("100 created", CREATED, None),
    operation("100 duplicates", DUPLICATES, Some(1.4)),
    operation("100 updated", UPDATED, Some(1.8)),
    operation("100 unchanged", UNCHANGED, Some(1.2)),
    operation("a page of 100", PAGE, Some(0.7)),
    operation("one read", READ, None),
    operation("100 deleted", DELETED, Some(1.0)),
];

/// Measures `binaries` in turn, and prints a table.
///
/// # Errors
///
/// If an operation fails, or the first binary misses a goal.
pub async fn run(binaries: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut repetitions = Vec::new();
    for _ in 0..REPETITIONS {
        repetitions.push(repetition(binaries).await?);
    }
    let calls = calls(binaries[0]).await?;
    print(binaries, &repetitions, &calls)
}

/// Sends `binary` `count` rounds of the operations that `steps` name, each by a word, and measures nothing.
///
/// # Errors
///
/// If a name is unknown, or an operation fails.
pub async fn rounds(count: usize, binary: &str, steps: &[&str]) -> Result<(), Box<dyn Error>> {
    let named = |step: &&str| OPERATIONS.iter().find(|operation| operation.name.split(' ').any(|word| word == *step));
    let steps: Vec<&Operation> = steps.iter().map(named).collect::<Option<_>>().ok_or("no such step")?;
    let endpoint = table::start().await;
    let mut function = function_with_pages(binary, &endpoint).await?;
    let mut batches = Batches::new(Shape::default());
    for _ in 0..count {
        let mut round = Round::new(&mut batches, Shape::default());
        for operation in &steps {
            round.invoke(&mut function, operation.step).await?;
        }
    }
    function.stop().await
}

/// The median CPU of each operation, by binary.
async fn repetition(binaries: &[&str]) -> Result<Vec<[Duration; 7]>, Box<dyn Error>> {
    let mut all = Vec::new();
    for binary in binaries {
        let endpoint = table::start().await;
        let function = function_with_pages(binary, &endpoint).await?;
        all.push(Running { function, batches: Batches::new(Shape::default()), cpus: Default::default() });
    }
    for round in 0..UNMEASURED + ROUNDS {
        for running in &mut all {
            running.round(round >= UNMEASURED).await?;
        }
    }
    let mut medians = Vec::new();
    for running in all {
        running.function.stop().await?;
        medians.push(running.cpus.map(median));
    }
    Ok(medians)
}

struct Running {
    function: Function,
    batches: Batches,
    cpus: [Vec<Duration>; 7],
}

impl Running {
    async fn round(&mut self, is_measured: bool) -> Result<(), Box<dyn Error>> {
        let mut round = Round::new(&mut self.batches, Shape::default());
        for (operation, cpus) in OPERATIONS.iter().zip(&mut self.cpus) {
            let response = round.invoke(&mut self.function, operation.step).await?;
            if is_measured {
                cpus.push(response.cpu);
            }
        }
        Ok(())
    }
}

/// The calls of each operation of `binary` that knows the list.
async fn calls(binary: &str) -> Result<Vec<Calls>, Box<dyn Error>> {
    let endpoint = table::start().await;
    let meter = Meter::start(&endpoint).await?;
    let mut function = function_with_pages(binary, &meter.endpoint).await?;
    let mut batches = Batches::new(Shape::default());
    function.invoke(batches.next_event()).await?.created()?;
    let (mut round, mut calls) = (Round::new(&mut batches, Shape::default()), Vec::new());
    for operation in &OPERATIONS {
        meter.take();
        round.invoke(&mut function, operation.step).await?;
        calls.push(meter.take());
    }
    function.stop().await?;
    Ok(calls)
}

fn print(binaries: &[&str], repetitions: &[Vec<[Duration; 7]>], calls: &[Calls]) -> Result<(), Box<dyn Error>> {
    let names: Vec<&str> = binaries.iter().map(|path| path.rsplit('/').next().unwrap_or(path)).collect();
    println!(
        "| CPU, warm | goal, of creating | min / median / max | {} | requests | round trips | write units |",
        names.join(" | ")
    );
    println!("|---|---|---|{}---|---|---|", "---|".repeat(names.len()));
    let mut missed = Vec::new();
    for (place, (operation, calls)) in OPERATIONS.iter().zip(calls).enumerate() {
        let part = |run: &Vec<[Duration; 7]>| run[0][place].as_secs_f64() / run[0][0].as_secs_f64();
        let spread = Spread::of(repetitions.iter().map(part).collect());
        let cells: Vec<String> = (0..binaries.len())
            .map(|binary| milliseconds(median(repetitions.iter().map(|run| run[binary][place]).collect())))
            .collect();
        let goal = operation.at_most.map(|goal| format!("≤ {goal}")).unwrap_or_default();
        let Calls { requests, round_trips, write_units } = calls;
        println!(
            "| {} | {goal} | {spread} | {} | {requests} | {round_trips} | {write_units} |",
            operation.name,
            cells.join(" | ")
        );
        if operation.at_most.is_some_and(|goal| spread.median > goal) {
            missed.push(operation.name);
        }
    }
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed: {}", missed.join(", ")).into()) }
}
