//! How cost grows with the work: batches of many shapes, each sent to a warm function of its own.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use local::lists::PHONE_NUMBER;

use crate::batch::{Batches, RECORDS, Shape};
use crate::function::{Function, Table};
use crate::meter::Calls;
use crate::statistics::{median, milliseconds};
use crate::{TABLE, chart};

/// Responses of each function that are measured, and those before them that are not.
const ANSWERS: usize = 31;
const UNMEASURED: usize = 5;

/// What stands around the table in the document.
const START: &str = "<!-- growth: written by benches/lambda/run -->\n\n";
const END: &str = "\n<!-- end of growth -->\n";

/// Batches that differ in one thing.
pub struct Series {
    /// What they differ in.
    pub title: &'static str,
    /// The shapes, by what they have of it.
    shapes: Vec<(&'static str, Shape)>,
}

/// A shape's cost.
pub struct Cost {
    /// What it has of what its series differs in.
    pub label: &'static str,
    pub cpu: Duration,
    pub answer: Duration,
    calls: Calls,
}

fn series() -> Vec<Series> {
    let usual = Shape::default();
    let records = |records| Shape { records, ..usual };
    let notes = |notes| Shape { notes, ..usual };
    let duplicates = |duplicates| Shape { duplicates, ..usual };
    let numbers = |numbers| Shape { list: PHONE_NUMBER, numbers, ..usual };
    let chain = Shape { chained: true, ..numbers(2) };
    vec![
        Series {
            title: "records",
            shapes: vec![("1", records(1)), ("10", records(10)), ("50", records(50)), ("100", records(RECORDS))],
        },
        Series {
            title: "100 records, size of each",
            shapes: vec![("0.4 KB", notes(0)), ("1 KB", notes(6)), ("4 KB", notes(35)), ("20 KB", notes(190))],
        },
        Series {
            title: "100 records, duplicates",
            shapes: vec![("0", duplicates(0)), ("50", duplicates(50)), ("100", duplicates(RECORDS))],
        },
        Series {
            title: "100 records, unique numbers of each",
            shapes: vec![("1", numbers(1)), ("6", numbers(6)), ("2, each shared with the next record", chain)],
        },
    ]
}

/// Measures `binary`, prints the table, and writes it and the chart to `docs`.
pub async fn run(binary: &str, docs: &Path) -> Result<(), Box<dyn Error>> {
    let mut measured = Vec::new();
    for series in series() {
        measured.push((series.title, measure(binary, &series.shapes).await?));
    }
    let table = table(&measured);
    print!("{table}");
    replace(&docs.join("scale.md"), &table)?;
    fs::write(docs.join("growth.svg"), chart::draw(&measured))?;
    Ok(())
}

/// The shapes of a series take turns, each with a function and a table of its own.
async fn measure(binary: &str, shapes: &[(&'static str, Shape)]) -> Result<Vec<Cost>, Box<dyn Error>> {
    let mut running = Vec::new();
    for (label, shape) in shapes {
        running.push((*label, Running::start(binary, *shape).await?));
    }
    for round in 0..UNMEASURED + ANSWERS {
        for (_, running) in &mut running {
            running.answer(round >= UNMEASURED).await?;
        }
    }
    let mut costs = Vec::new();
    for (label, running) in running {
        costs.push(running.stop(label, binary).await?);
    }
    Ok(costs)
}

struct Running {
    dynamodb: String,
    function: Function,
    batches: Batches,
    cpus: Vec<Duration>,
    answers: Vec<Duration>,
}

impl Running {
    async fn start(binary: &str, shape: Shape) -> Result<Self, Box<dyn Error>> {
        let dynamodb = crate::dynamodb().await;
        let mut function = Function::spawn(binary, Table { endpoint: &dynamodb, name: TABLE, roots: None }).await?;
        function.first_poll().await?;
        Ok(Self { dynamodb, function, batches: Batches::new(shape), cpus: Vec::new(), answers: Vec::new() })
    }

    async fn answer(&mut self, is_measured: bool) -> Result<(), Box<dyn Error>> {
        let answer = self.function.invoke(self.batches.next_event()).await?;
        if answer.created()? != self.batches.creatable() as u64 {
            return Err(format!("the wrong number of records was created: {}", answer.body).into());
        }
        if is_measured {
            self.cpus.push(answer.cpu);
            self.answers.push(answer.time);
        }
        Ok(())
    }

    /// Ends the function, and counts the calls of another one.
    async fn stop(mut self, label: &'static str, binary: &str) -> Result<Cost, Box<dyn Error>> {
        self.function.stop().await?;
        let table = Table { endpoint: &self.dynamodb, name: TABLE, roots: None };
        let [_, calls] = crate::measure::calls(binary, table, &mut self.batches).await?;
        Ok(Cost { label, cpu: median(self.cpus), answer: median(self.answers), calls })
    }
}

fn table(measured: &[(&'static str, Vec<Cost>)]) -> String {
    let mut table =
        "| | | CPU | p50 | requests | round trips | write units |\n|---|---|---|---|---|---|---|\n".to_owned();
    for (title, costs) in measured {
        for (place, cost) in costs.iter().enumerate() {
            let title = if place == 0 { title } else { "" };
            let Calls { requests, round_trips, write_units } = cost.calls;
            let (cpu, answer) = (milliseconds(cost.cpu), milliseconds(cost.answer));
            let label = cost.label;
            table +=
                &format!("| {title} | {label} | {cpu} | {answer} | {requests} | {round_trips} | {write_units} |\n");
        }
    }
    table
}

/// Puts `table` between the two marks of `document`.
fn replace(document: &Path, table: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(document)?;
    let (before, rest) = text.split_once(START).ok_or("the document has no mark where the table starts")?;
    let (_, after) = rest.split_once(END).ok_or("the document has no mark where the table ends")?;
    fs::write(document, format!("{before}{START}{table}{END}{after}"))?;
    Ok(())
}
