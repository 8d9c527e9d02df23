//! The CPU of the other operations, compared with that of creating: a hundred records are created, sent again, changed,
//! sent unchanged, read and deleted, by one function after another.

use std::error::Error;
use std::time::Duration;

use local::integration;
use local::lists::{EXTERNAL, NOTHING};
use serde_json::{Value, json};

use crate::batch::{Batches, RECORDS, Shape, event};
use crate::function::{Function, Response};
use crate::meter::{Calls, Meter};
use crate::statistics::{Spread, median, milliseconds};
use crate::table::{self, Table};

/// Repetitions, and the rounds of each that are measured, after those that are not.
const REPETITIONS: usize = 5;
const ROUNDS: usize = 40;
const UNMEASURED: usize = 5;

/// The batches of the list that is read in pages: a page of 100 comes from a shard or two, as it does from most lists.
const PAGED_BATCHES: usize = 40;

/// An operation, in the order of a round.
struct Operation {
    name: &'static str,
    event: fn(&Round) -> Value,
    /// The goal: the most CPU, as a share of that of creating.
    at_most: Option<f64>,
    /// The member of the response that counts the records, and its value; without one, the body is a record.
    counts: Option<(&'static str, usize)>,
}

const OPERATIONS: [Operation; 7] = [
    Operation { name: "100 created", event: Round::creation, at_most: None, counts: Some(("total_created", RECORDS)) },
    Operation {
        name: "100 duplicates",
        event: Round::creation,
        at_most: Some(1.5),
        counts: Some(("total_errors", RECORDS)),
    },
    Operation {
        name: "100 updated",
        event: Round::change,
        at_most: Some(1.7),
        counts: Some(("total_updated", RECORDS)),
    },
    Operation {
        name: "100 unchanged",
        event: Round::change,
        at_most: Some(1.0),
        counts: Some(("total_unchanged", RECORDS)),
    },
    Operation { name: "a page of 100", event: Round::page, at_most: Some(0.6), counts: Some(("count", RECORDS)) },
    Operation { name: "one read", event: Round::read, at_most: None, counts: None },
    Operation {
        name: "100 deleted",
        event: Round::deletion,
        at_most: Some(1.0),
        counts: Some(("total_deleted", RECORDS)),
    },
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

/// A warm function, on a table at `endpoint` that has a list to page through.
async fn function_with_pages(binary: &str, endpoint: &str) -> Result<Function, Box<dyn Error>> {
    let mut function = Function::spawn(binary, Table::at(endpoint)).await?;
    function.first_poll().await?;
    let mut batches = Batches::new(Shape { list: NOTHING, ..Shape::default() });
    for _ in 0..PAGED_BATCHES {
        function.invoke(batches.next_event()).await?.created()?;
    }
    Ok(function)
}

struct Running {
    function: Function,
    batches: Batches,
    cpus: [Vec<Duration>; 7],
}

impl Running {
    async fn round(&mut self, is_measured: bool) -> Result<(), Box<dyn Error>> {
        let mut round = Round::new(&mut self.batches);
        for (operation, cpus) in OPERATIONS.iter().zip(&mut self.cpus) {
            let response = round.invoke(&mut self.function, operation).await?;
            if is_measured {
                cpus.push(response.cpu);
            }
        }
        Ok(())
    }
}

/// A hundred records, from their creation to their end.
struct Round {
    body: Value,
    /// Their IDs, once they are created.
    ids: Vec<Value>,
}

impl Round {
    fn new(batches: &mut Batches) -> Self {
        let body = serde_json::from_str(&batches.next_body()).expect("the body is JSON");
        Self { body, ids: Vec::new() }
    }

    async fn invoke(&mut self, function: &mut Function, operation: &Operation) -> Result<Response, Box<dyn Error>> {
        let response = function.invoke((operation.event)(self).to_string()).await?;
        let body: Value = serde_json::from_str(integration::response(&response.body)?.body())?;
        let is_right = match operation.counts {
            Some((name, count)) => body[name] == json!(count),
            None => body["id"] == self.ids[0],
        };
        if !is_right {
            return Err(format!("{}: {}", operation.name, response.body).into());
        }
        if self.ids.is_empty() {
            let records = body["_embedded"]["records"].as_array().ok_or("no records")?;
            self.ids = records.iter().map(|record| record["id"].clone()).collect();
        }
        Ok(response)
    }

    fn creation(&self) -> Value {
        event("POST", &bulks(), Some(&self.body.to_string()))
    }

    fn change(&self) -> Value {
        let mut event = event("PATCH", &bulks(), Some(&self.patches().to_string()));
        event["multiValueHeaders"]["Content-Type"] = json!(["application/merge-patch+json"]);
        event
    }

    #[expect(clippy::unused_self, reason = "it is one of the events of a round")]
    fn page(&self) -> Value {
        let mut event = event("GET", &format!("/record-lists/{NOTHING}/records"), None);
        event["queryStringParameters"] = json!({"per_page": "100"});
        event["multiValueQueryStringParameters"] = json!({"per_page": ["100"]});
        event
    }

    fn read(&self) -> Value {
        let id = self.ids[0].as_str().unwrap_or_default();
        event("GET", &format!("/record-lists/{EXTERNAL}/records/{id}"), None)
    }

    fn deletion(&self) -> Value {
        let entries: Value = self.ids.iter().map(|id| json!({ "id": id })).collect();
        event("DELETE", &bulks(), Some(&entries.to_string()))
    }

    /// A member of each record, changed.
    fn patches(&self) -> Value {
        let mut body = self.body.clone();
        for record in body["records"].as_array_mut().into_iter().flatten() {
            record["last_name"] = json!("Tribbiani-Green");
        }
        body
    }
}

/// The path of the bulk operations.
fn bulks() -> String {
    format!("/record-lists/{EXTERNAL}/records/bulks")
}

/// The calls of each operation of `binary` that knows the list.
async fn calls(binary: &str) -> Result<Vec<Calls>, Box<dyn Error>> {
    let endpoint = table::start().await;
    let meter = Meter::start(&endpoint).await?;
    let mut function = function_with_pages(binary, &meter.endpoint).await?;
    let mut batches = Batches::new(Shape::default());
    function.invoke(batches.next_event()).await?.created()?;
    let (mut round, mut calls) = (Round::new(&mut batches), Vec::new());
    for operation in &OPERATIONS {
        meter.take();
        round.invoke(&mut function, operation).await?;
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
