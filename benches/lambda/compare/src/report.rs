//! The table.

use std::time::Duration;

use crate::measure::{Cold, Warm};
use crate::meter::Calls;

/// Prints everything, in Markdown. The binaries stand in the order `record-lists`, `usual-way`, `do-nothing`.
pub fn print(cold: &[Cold], warm: &[Warm], calls: &[Calls], sizes: &[usize]) {
    let first_poll = |place: usize| cold[place].first_poll;
    let first_answer = |place: usize| cold[place].first_answer;
    let answer = |place: usize| warm[place].answer;
    let cpu = |place: usize| warm[place].cpu;
    println!("| 100 new records | goal | measured | record-lists | usual-way | do-nothing |");
    println!("|---|---|---|---|---|---|");
    times("CPU, warm", "≤ 0.12 of usual-way", 1, cpu);
    times("event to answer, warm", "≤ 0.35 of usual-way", 1, answer);
    times("spawn to first poll", "≤ 2 of do-nothing", 2, first_poll);
    times("spawn to first answer", "≤ 0.35 of usual-way", 1, first_answer);
    megabytes("zipped, MB", "≤ 3.2", [0, 1, 2].map(|place| sizes[place] as u64));
    megabytes("peak memory, MB", "≤ 12", [0, 1, 2].map(|place| warm[place].peak_memory));
    counts("DynamoDB requests", "5", calls, |calls| calls.requests);
    counts("DynamoDB round trips", "2", calls, |calls| calls.round_trips);
    counts("DynamoDB write units", "100", calls, |calls| calls.write_units);
}

/// A row of times in milliseconds, compared with the binary at `other`.
fn times(what: &str, goal: &str, other: usize, time: impl Fn(usize) -> Duration) {
    let ratio = time(0).as_secs_f64() / time(other).as_secs_f64();
    let times = [0, 1, 2].map(|place| format!("{:.2} ms", time(place).as_secs_f64() * 1e3));
    println!("| {what} | {goal} | **{ratio:.2}** | {} |", times.join(" | "));
}

#[allow(clippy::cast_precision_loss)]
fn megabytes(what: &str, goal: &str, bytes: [u64; 3]) {
    let megabytes = bytes.map(|bytes| format!("{:.2}", bytes as f64 / 1e6));
    println!("| {what} | {goal} | **{}** | {} |", megabytes[0], megabytes.join(" | "));
}

fn counts(what: &str, goal: &str, calls: &[Calls], count: impl Fn(&Calls) -> u64) {
    println!("| {what} | {goal} | **{0}** | {0} | {1} | – |", count(&calls[0]), count(&calls[1]));
}
