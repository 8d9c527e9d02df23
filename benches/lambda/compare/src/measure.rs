//! The measurements. The binaries take turns, so that whatever else the machine does falls on all of them alike, and
//! every figure is a median.

use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::batch::Batches;
use crate::function::Function;
use crate::meter::{Calls, Meter};

/// Starts of each binary, twice: one is timed until it polls, one until it answers.
const STARTS: usize = 25;

/// Answers of each binary that are measured, and those before them that are not.
const ANSWERS: usize = 60;
const UNMEASURED: usize = 10;

/// How many of the binaries create records: all but the last.
const CREATING: usize = 2;

/// A binary, from its start.
pub struct Cold {
    pub first_poll: Duration,
    pub first_answer: Duration,
}

/// A binary that has answered before.
pub struct Warm {
    pub answer: Duration,
    pub cpu: Duration,
    pub peak_memory: u64,
}

/// Starts the binaries.
pub async fn cold(binaries: &[&str; 3], endpoint: &str, batches: &mut Batches) -> Result<Vec<Cold>, Box<dyn Error>> {
    let mut samples = [(); 3].map(|()| (Vec::new(), Vec::new()));
    for _ in 0..STARTS {
        for (binary, (polls, answers)) in binaries.iter().zip(&mut samples) {
            let mut function = Function::spawn(binary, endpoint).await?;
            polls.push(function.first_poll().await?);
            function.stop().await?;
            let mut function = Function::spawn(binary, endpoint).await?;
            answers.push(function.first_answer(batches.next_event()).await?.0);
            function.stop().await?;
        }
    }
    Ok(samples.map(|(polls, answers)| Cold { first_poll: median(polls), first_answer: median(answers) }).into())
}

/// Sends the binaries one batch after another.
pub async fn warm(binaries: &[&str; 3], endpoint: &str, batches: &mut Batches) -> Result<Vec<Warm>, Box<dyn Error>> {
    let mut functions = Vec::new();
    for binary in binaries {
        let mut function = Function::spawn(binary, endpoint).await?;
        function.first_poll().await?;
        functions.push((function, Vec::new(), Vec::new()));
    }
    for round in 0..UNMEASURED + ANSWERS {
        for (place, (function, times, cpus)) in functions.iter_mut().enumerate() {
            let answer = function.invoke(batches.next_event()).await?;
            if place < CREATING {
                answer.assert_created();
            }
            if round >= UNMEASURED {
                times.push(answer.time);
                cpus.push(answer.cpu);
            }
        }
    }
    let mut warm = Vec::new();
    for (function, times, cpus) in functions {
        warm.push(Warm { answer: median(times), cpu: median(cpus), peak_memory: function.peak_memory()? });
        function.stop().await?;
    }
    Ok(warm)
}

/// Counts the calls to DynamoDB for one batch.
pub async fn calls(binaries: &[&str], dynamodb: &str, batches: &mut Batches) -> Result<Vec<Calls>, Box<dyn Error>> {
    let meter = Meter::start(dynamodb).await?;
    let mut calls = Vec::new();
    for binary in &binaries[..CREATING] {
        let mut function = Function::spawn(binary, &meter.endpoint).await?;
        function.first_poll().await?;
        meter.take();
        function.invoke(batches.next_event()).await?.assert_created();
        calls.push(meter.take());
        function.stop().await?;
    }
    Ok(calls)
}

/// The sizes of the binaries, deflated as in a zip.
pub fn sizes(binaries: &[&str; 3]) -> io::Result<Vec<usize>> {
    binaries.iter().map(|binary| deflated(&fs::read(binary)?)).collect()
}

fn deflated(bytes: &[u8]) -> io::Result<usize> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort_unstable();
    samples[samples.len() / 2]
}
