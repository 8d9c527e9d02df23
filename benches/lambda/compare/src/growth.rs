//! The growth of cost with the work: requests about batches of many shapes, each sent to a warm function of its own.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Duration;

use local::lists::PHONE_NUMBER;

use crate::batch::{Batches, RECORDS, Shape};
use crate::chart;
use crate::cost::{Cost, Series};
use crate::function::{Function, Response};
use crate::meter::{Calls, Meter};
use crate::round::{CREATED, DELETED, PAGE, Round, Step, UNCHANGED, UPDATED, function_with_pages};
use crate::statistics::{median, milliseconds};
use crate::table::{self, Table};

/// Responses of each function that are measured, and those before them that are not.
const RESPONSES: usize = 31;
const UNMEASURED: usize = 5;

/// The marks around the table in the document.
const START: &str = "<!-- growth: written by benches/lambda/run -->\n\n";
const END: &str = "\n<!-- end of growth -->\n";

/// The shapes of a series.
struct Plan {
    title: &'static str,
    shapes: Vec<Labelled>,
}

/// A shape, and the requests about a batch of it, the last of which is measured.
struct Labelled {
    label: &'static str,
    shape: Shape,
    steps: &'static [Step],
}

fn plans() -> [Plan; 8] {
    let usual = Shape::default();
    let labelled = |label, shape| Labelled { label, shape, steps: &[CREATED] };
    let records = |label, records| labelled(label, Shape { records, ..usual });
    let notes = |label, notes| labelled(label, Shape { notes, ..usual });
    let duplicates = |label, duplicates| labelled(label, Shape { duplicates, ..usual });
    let with_numbers = Shape { list: PHONE_NUMBER, ..usual };
    let numbers = |label, numbers| labelled(label, Shape { numbers, ..with_numbers });
    let chain = Shape { numbers: 2, chained: true, ..with_numbers };
    [
        Plan {
            title: "records created",
            shapes: vec![records("1", 1), records("10", 10), records("50", 50), records("100", RECORDS)],
        },
        Plan {
            title: "100 created, size of each",
            shapes: vec![notes("0.4 KB", 0), notes("1 KB", 6), notes("4 KB", 35), notes("20 KB", 190)],
        },
        Plan {
            title: "100 created, duplicates",
            shapes: vec![duplicates("0", 0), duplicates("50", 50), duplicates("100", RECORDS)],
        },
        Plan {
            title: "100 created, unique numbers of each",
            shapes: vec![numbers("1", 1), numbers("6", 6), labelled("2, each shared with the next record", chain)],
        },
        Plan { title: "records updated", shapes: sizes(&[CREATED, UPDATED]) },
        Plan { title: "records unchanged", shapes: sizes(&[CREATED, UPDATED, UNCHANGED]) },
        Plan { title: "records of a page", shapes: sizes(&[PAGE]) },
        Plan { title: "records deleted", shapes: sizes(&[CREATED, DELETED]) },
    ]
}

/// Batches of several sizes, and `steps` about each.
fn sizes(steps: &'static [Step]) -> Vec<Labelled> {
    let sizes = [("1", 1), ("10", 10), ("100", RECORDS)];
    sizes.map(|(label, records)| Labelled { label, shape: Shape { records, ..Shape::default() }, steps }).into()
}

/// Measures `binary`, prints the table, and writes it and the chart to `docs`.
pub async fn run(binary: &str, docs: &Path) -> Result<(), Box<dyn Error>> {
    let mut measured = Vec::new();
    for Plan { title, shapes } in plans() {
        measured.push(Series { title, costs: measure(binary, &shapes).await? });
    }
    let table = table(&measured);
    print!("{table}");
    replace(&docs.join("scale.md"), &table)?;
    fs::write(docs.join("growth.svg"), chart::draw(&measured))?;
    Ok(())
}

/// The shapes of a series take turns, each with a function and a table of its own.
async fn measure(binary: &str, shapes: &[Labelled]) -> Result<Vec<Cost>, Box<dyn Error>> {
    let mut all = Vec::new();
    for shape in shapes {
        all.push(Running::start(binary, shape).await?);
    }
    for round in 0..UNMEASURED + RESPONSES {
        for running in &mut all {
            running.invoke(round >= UNMEASURED).await?;
        }
    }
    let mut costs = Vec::new();
    for running in all {
        costs.push(running.stop(binary).await?);
    }
    Ok(costs)
}

struct Running<'a> {
    request: &'a Labelled,
    dynamodb: String,
    function: Function,
    batches: Batches,
    cpus: Vec<Duration>,
    responses: Vec<Duration>,
}

impl<'a> Running<'a> {
    async fn start(binary: &str, request: &'a Labelled) -> Result<Self, Box<dyn Error>> {
        let dynamodb = table::start().await;
        let function = function_with_pages(binary, &dynamodb).await?;
        let batches = Batches::new(request.shape);
        Ok(Self { request, dynamodb, function, batches, cpus: Vec::new(), responses: Vec::new() })
    }

    async fn invoke(&mut self, is_measured: bool) -> Result<(), Box<dyn Error>> {
        let response = self.request.invoke(&mut self.batches, &mut self.function, || ()).await?;
        if is_measured {
            self.cpus.push(response.cpu);
            self.responses.push(response.time);
        }
        Ok(())
    }

    /// Ends the function, and counts the calls of another one that knows the list.
    async fn stop(mut self, binary: &str) -> Result<Cost, Box<dyn Error>> {
        self.function.stop().await?;
        let meter = Meter::start(&self.dynamodb).await?;
        let mut function = Function::spawn(binary, Table::at(&meter.endpoint)).await?;
        function.first_poll().await?;
        self.request.invoke(&mut self.batches, &mut function, || ()).await?;
        let others = || _ = meter.take();
        self.request.invoke(&mut self.batches, &mut function, others).await?;
        let calls = meter.take();
        function.stop().await?;
        Ok(Cost { label: self.request.label, cpu: median(self.cpus), response: median(self.responses), calls })
    }
}

impl Labelled {
    /// Makes the requests about the next of `batches`, calls `last` before the last one, and returns its response.
    async fn invoke(
        &self,
        batches: &mut Batches,
        function: &mut Function,
        last: impl FnOnce(),
    ) -> Result<Response, Box<dyn Error>> {
        let mut round = Round::new(batches, self.shape);
        let (step, before) = self.steps.split_last().ok_or("no request is measured")?;
        for step in before {
            round.invoke(function, *step).await?;
        }
        last();
        round.invoke(function, *step).await
    }
}

fn table(measured: &[Series]) -> String {
    let mut table =
        "| | | CPU | p50 | requests | round trips | write units |\n|---|---|---|---|---|---|---|\n".to_owned();
    for Series { title, costs } in measured {
        for (place, cost) in costs.iter().enumerate() {
            let title = if place == 0 { title } else { "" };
            let Calls { requests, round_trips, write_units } = cost.calls;
            let (cpu, response) = (milliseconds(cost.cpu), milliseconds(cost.response));
            let label = cost.label;
            table +=
                &format!("| {title} | {label} | {cpu} | {response} | {requests} | {round_trips} | {write_units} |\n");
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
