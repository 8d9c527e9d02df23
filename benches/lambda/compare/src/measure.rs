//! The measurements. The binaries take turns, so that whatever else the machine does falls on all of them alike, and
//! every figure is a median.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::batch::{Batches, RECORDS};
use crate::binaries::DO_NOTHING;
use crate::function::{Function, Response};
use crate::meter::{Calls, Meter};
use crate::statistics::median;
use crate::table::Table;

/// Starts of each binary, twice: one is timed until it polls, one until it responds.
const STARTS: usize = 15;

/// Responses of each binary that are measured, and those before them that are not.
const RESPONSES: usize = 50;
const UNMEASURED: usize = 10;

/// A binary, from its start.
#[derive(Debug, Clone, Copy)]
pub struct Cold {
    pub first_poll: Duration,
    pub first_response: Duration,
    /// From the start to the first response.
    pub cpu: Duration,
}

/// A binary that has responded before.
#[derive(Debug, Clone, Copy)]
pub struct Warm {
    pub response: Duration,
    pub cpu: Duration,
    pub peak_memory: u64,
}

/// Starts the binaries.
pub async fn cold(binaries: &[&str], table: Table<'_>, batches: &mut Batches) -> Result<Vec<Cold>, Box<dyn Error>> {
    let mut samples = vec![(Vec::new(), Vec::new(), Vec::new()); binaries.len()];
    for _ in 0..STARTS {
        for (place, (binary, (polls, responses, cpus))) in binaries.iter().zip(&mut samples).enumerate() {
            let mut function = Function::spawn(binary, table).await?;
            polls.push(function.first_poll().await?);
            function.stop().await?;
            let mut function = Function::spawn(binary, table).await?;
            let response = function.first_response(batches.next_event()).await?;
            check(place, &response)?;
            responses.push(response.time);
            cpus.push(response.cpu);
            function.stop().await?;
        }
    }
    let cold = |(polls, responses, cpus)| Cold {
        first_poll: median(polls),
        first_response: median(responses),
        cpu: median(cpus),
    };
    Ok(samples.into_iter().map(cold).collect())
}

/// Sends the binaries one batch after another.
pub async fn warm(binaries: &[&str], table: Table<'_>, batches: &mut Batches) -> Result<Vec<Warm>, Box<dyn Error>> {
    let mut functions = Vec::new();
    for binary in binaries {
        let mut function = Function::spawn(binary, table).await?;
        function.first_poll().await?;
        functions.push((function, Vec::new(), Vec::new()));
    }
    for round in 0..UNMEASURED + RESPONSES {
        for (place, (function, times, cpus)) in functions.iter_mut().enumerate() {
            let response = function.invoke(batches.next_event()).await?;
            check(place, &response)?;
            if round >= UNMEASURED {
                times.push(response.time);
                cpus.push(response.cpu);
            }
        }
    }
    let mut warm = Vec::new();
    for (function, times, cpus) in functions {
        warm.push(Warm { response: median(times), cpu: median(cpus), peak_memory: function.peak_memory()? });
        function.stop().await?;
    }
    Ok(warm)
}

/// A fast refusal is not a result.
fn check(place: usize, response: &Response) -> Result<(), Box<dyn Error>> {
    if place != DO_NOTHING && response.created()? != RECORDS as u64 {
        return Err(format!("not all records were created: {}", response.body).into());
    }
    Ok(())
}

/// Counts the calls to DynamoDB for the first batch of a function, and for the second one.
pub async fn calls(binary: &str, table: Table<'_>, batches: &mut Batches) -> Result<[Calls; 2], Box<dyn Error>> {
    let meter = Meter::start(table.endpoint).await?;
    let mut function = Function::spawn(binary, Table { endpoint: &meter.endpoint, ..table }).await?;
    function.first_poll().await?;
    meter.take();
    function.invoke(batches.next_event()).await?.created()?;
    let first = meter.take();
    function.invoke(batches.next_event()).await?.created()?;
    let second = meter.take();
    function.stop().await?;
    Ok([first, second])
}

/// The size of `binary`, deflated as in a zip.
pub fn size(binary: &str) -> io::Result<u64> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&fs::read(binary)?)?;
    Ok(encoder.finish()?.len() as u64)
}
