//! The times and handshakes of a binary behind TLS, with a network in between.

use std::error::Error;
use std::time::Duration;

use crate::batch::{Batches, Shape};
use crate::function::Function;
use crate::statistics::{median, milliseconds};
use crate::table::Table;
use crate::tls::{Handshakes, ONE_WAY, TlsEndpoint};

/// Starts of each binary, and responses after the first of each start.
const STARTS: usize = 15;
const RESPONSES: usize = 8;

/// Tickets that the endpoint sends after a handshake: one is s2n's default, two is rustls', and four is more than a
/// function needs.
const TICKETS: [usize; 3] = [1, 2, 4];

/// A binary behind TLS.
struct Measured {
    /// From spawn.
    first_response: Duration,
    /// From the event, to a function that has started but has not responded yet.
    first_batch: Duration,
    first_batch_cpu: Duration,
    warm: Duration,
    /// Until the first poll, and from then until the first response: the most of all starts.
    at_start: Handshakes,
    at_first_batch: Handshakes,
}

/// Measures `binaries`, and prints a table.
pub async fn run(binaries: &[&str], dynamodb: &str) -> Result<(), Box<dyn Error>> {
    println!("| 100 new records, TLS, {:?} each way | tickets | {} |", ONE_WAY, names(binaries).join(" | "));
    println!("|---|---|{}", "---|".repeat(binaries.len()));
    let mut batches = Batches::new(Shape::default());
    for tickets in TICKETS {
        let mut measured = Vec::new();
        for binary in binaries {
            measured.push(measure(binary, dynamodb, tickets, &mut batches).await?);
        }
        print(tickets, &measured);
    }
    Ok(())
}

/// The last part of each path.
fn names<'a>(binaries: &[&'a str]) -> Vec<&'a str> {
    binaries.iter().map(|binary| binary.rsplit('/').next().unwrap_or(binary)).collect()
}

fn print(tickets: usize, measured: &[Measured]) {
    let row = |what: &str, value: &dyn Fn(&Measured) -> String| {
        println!("| {what} | {tickets} | {} |", measured.iter().map(value).collect::<Vec<_>>().join(" | "));
    };
    row("spawn to first response", &|binary| milliseconds(binary.first_response));
    row("event to first response, after start", &|binary| milliseconds(binary.first_batch));
    row("CPU of the first response, after start", &|binary| milliseconds(binary.first_batch_cpu));
    row("event to response, warm", &|binary| milliseconds(binary.warm));
    row("handshakes at start: full / resumed / refused", &|binary| binary.at_start.to_string());
    row("handshakes of the first batch: full / resumed / refused", &|binary| binary.at_first_batch.to_string());
    row("handshakes that were not TLS 1.3", &|binary| {
        (binary.at_start.other_versions + binary.at_first_batch.other_versions).to_string()
    });
}

async fn measure(
    binary: &str,
    dynamodb: &str,
    tickets: usize,
    batches: &mut Batches,
) -> Result<Measured, Box<dyn Error>> {
    let endpoint = TlsEndpoint::start(dynamodb, tickets).await?;
    let roots = endpoint.roots.to_str().ok_or("the path of the temporary directory is not UTF-8")?;
    let table = Table { roots: Some(roots), ..Table::at(&endpoint.url) };
    let mut samples = Samples::default();
    for _ in 0..STARTS {
        samples.start_with_event(binary, table, batches).await?;
        endpoint.take();
        samples.start_then_event(binary, table, batches, &endpoint).await?;
        endpoint.take();
    }
    samples.into_measured()
}

#[derive(Default)]
struct Samples {
    first_responses: Vec<Duration>,
    first_batches: Vec<Duration>,
    first_batch_cpus: Vec<Duration>,
    warm: Vec<Duration>,
    at_start: Vec<Handshakes>,
    at_first_batch: Vec<Handshakes>,
}

impl Samples {
    async fn start_with_event(
        &mut self,
        binary: &str,
        table: Table<'_>,
        batches: &mut Batches,
    ) -> Result<(), Box<dyn Error>> {
        let mut function = Function::spawn(binary, table).await?;
        let response = function.first_response(batches.next_event()).await?;
        response.created()?;
        self.first_responses.push(response.time);
        function.stop().await
    }

    async fn start_then_event(
        &mut self,
        binary: &str,
        table: Table<'_>,
        batches: &mut Batches,
        endpoint: &TlsEndpoint,
    ) -> Result<(), Box<dyn Error>> {
        let mut function = Function::spawn(binary, table).await?;
        function.first_poll().await?;
        self.at_start.push(endpoint.take());
        let response = function.invoke(batches.next_event()).await?;
        response.created()?;
        self.at_first_batch.push(endpoint.take());
        self.first_batches.push(response.time);
        self.first_batch_cpus.push(response.cpu);
        for _ in 0..RESPONSES {
            let response = function.invoke(batches.next_event()).await?;
            response.created()?;
            self.warm.push(response.time);
        }
        function.stop().await
    }

    fn into_measured(self) -> Result<Measured, Box<dyn Error>> {
        let most = |handshakes: Vec<Handshakes>| handshakes.into_iter().max_by_key(|count| (count.full, count.resumed));
        Ok(Measured {
            first_response: median(self.first_responses),
            first_batch: median(self.first_batches),
            first_batch_cpu: median(self.first_batch_cpus),
            warm: median(self.warm),
            at_start: most(self.at_start).ok_or("no start")?,
            at_first_batch: most(self.at_first_batch).ok_or("no start")?,
        })
    }
}
