//! Runs binaries as Lambda does, in turn, and prints how they compare.
//!
//! ```text
//! compare RECORD_LISTS USUAL_WAY DO_NOTHING [OTHER …]    the goals; fails if one is missed
//! compare --tls RECORD_LISTS [OTHER …]                   behind TLS, with a network in between
//! compare --operations RECORD_LISTS [OTHER …]            the other operations beside creating; fails if a goal is missed
//! compare --growth RECORD_LISTS DOCS                     writes DOCS/growth.svg, and the table in DOCS/scale.md
//! compare --rounds N BINARY STEP …                       N rounds of these steps and nothing else
//! ```
//!
//! The last form is for a profiler, with which `BINARY` can start (`"valgrind --tool=callgrind
//! target/release/record-lists"`). A `STEP` is created (the first), duplicates, updated, unchanged, page, read or
//! deleted. What two numbers of rounds differ by is the steps' work without the start.

#[path = "../../../support/batch.rs"]
mod batch;
mod binaries;
mod chart;
mod cost;
mod function;
mod growth;
mod measure;
mod meter;
#[path = "../../../support/network.rs"]
mod network;
mod operations;
mod report;
mod round;
mod round_trips;
mod statistics;
mod table;
mod tls;

use std::env;
use std::error::Error;
use std::path::Path;

use crate::batch::{Batches, Shape};
use crate::binaries::DO_NOTHING;
use crate::report::Report;
use crate::table::Table;

/// The runs of each measurement, because a single one is noise.
const REPETITIONS: usize = 5;

const USAGE: &str = "usage: compare RECORD_LISTS USUAL_WAY DO_NOTHING [OTHER ...] | compare --tls RECORD_LISTS \
                     [OTHER ...] | compare --operations RECORD_LISTS [OTHER ...] | compare --growth RECORD_LISTS DOCS \
                     | compare --rounds N BINARY STEP ...";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--rounds", count, binary, ref steps @ ..] => operations::rounds(count.parse()?, binary, steps).await,
        ["--growth", binary, docs] => growth::run(binary, Path::new(docs)).await,
        ["--operations", ref binaries @ ..] if !binaries.is_empty() => operations::run(binaries).await,
        ["--tls", ref binaries @ ..] => round_trips::run(binaries, &table::start().await).await,
        ref binaries @ [_, _, _, ..] => compare(binaries).await,
        _ => Err(USAGE.into()),
    }
}

async fn compare(binaries: &[&str]) -> Result<(), Box<dyn Error>> {
    let endpoint = table::start().await;
    let table = Table::at(&endpoint);
    let mut batches = Batches::new(Shape::default());
    let (mut cold, mut warm, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        cold.push(measure::cold(binaries, table, &mut batches).await?);
        warm.push(measure::warm(binaries, table, &mut batches).await?);
    }
    for (place, binary) in binaries.iter().enumerate() {
        let creates = place != DO_NOTHING;
        calls.push(if creates { Some(measure::calls(binary, table, &mut batches).await?) } else { None });
    }
    let sizes = binaries.iter().map(|binary| measure::size(binary)).collect::<Result<_, _>>()?;
    let missed = Report { binaries, cold, warm, calls, sizes }.print();
    if missed.is_empty() { Ok(()) } else { Err(format!("goals missed: {}", missed.join(", ")).into()) }
}
