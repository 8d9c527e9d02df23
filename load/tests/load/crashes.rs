//! Kill -9 at any moment, and the same command again: every row is stored once or rejected once.
//!
//! Variables make the same test a long one, for an optimised build. This loses one response in 100 of a load of 250,000
//! rows, and kills it every five seconds, five times:
//!
//! ```text
//! LOAD_ROWS=250000 LOAD_KILLS=5 LOAD_KILL_AFTER_MS=5000 LOAD_LOST=100 \
//!   cargo test --profile bench -p load --test load nothing_list -- --nocapture
//! ```

use std::env;
use std::path::Path;
use std::process::Child;
use std::str::FromStr;
use std::time::{Duration, Instant};

use local::lists;

use crate::support::api::Api;
use crate::support::fault;
use crate::support::file::{Fate, Mixed, mixed};
use crate::support::program::{Ended, Rejected, csv_rejects, load, wait};

#[test]
fn every_row_of_a_nothing_list_is_stored_once_or_rejected() {
    assert_once(lists::NOTHING, None);
}

#[test]
fn every_row_of_a_phone_number_list_is_stored_once_or_rejected() {
    assert_once(lists::PHONE_NUMBER, Some("PHONE_NUMBER_NOT_UNIQUE"));
}

#[test]
fn every_row_of_an_external_list_is_stored_once_or_rejected() {
    assert_once(lists::EXTERNAL, Some("EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE"));
}

/// Loads into `list`, where duplicates have the code `not_unique`, through faults and crashes.
fn assert_once(list: &str, not_unique: Option<&str>) {
    let api = match setting("LOAD_LOST", 0) {
        0 => Api::with(fault::any(6)),
        one_in => Api::with(fault::lost(one_in)),
    };
    let mixed = mixed(setting("LOAD_ROWS", 1_000));
    let (started, mut runs, mut memory) = (Instant::now(), 1, 0);
    let ended = loop {
        let process = load(&api, list, &mixed.path, &[]).spawn().expect("the program starts");
        let (ended, peak) = kill_or_wait(process, runs <= setting("LOAD_KILLS", 3));
        memory = memory.max(peak);
        match ended {
            Some(ended) => break ended,
            None => runs += 1,
        }
    };
    let (stored, rejects) = (api.stored(), csv_rejects(&mixed.path));
    let doubled = stored.windows(2).filter(|pair| pair[0] == pair[1]).count();
    println!(
        "{list}: {} rows, {runs} runs, {} stored, {doubled} doubled, {} rejected, {:.1} s, {} KB at most, {} requests",
        mixed.rows.len(),
        stored.len(),
        rejects.len(),
        started.elapsed().as_secs_f64(),
        memory,
        api.requests(),
    );
    assert_eq!(doubled, 0);
    assert_fates(&mixed, &stored, &rejects, not_unique);
    let (sent, refused) = (mixed.rows.len() as u64, rejects.len() as u64);
    assert_eq!(ended.numbers(), (3, sent, sent - refused, refused, 0), "{}", ended.errors);
}

/// Kills `process` after a while, if `kill`, unless it has ended. Also says how much memory it has taken, in KB.
fn kill_or_wait(mut process: Child, kill: bool) -> (Option<Ended>, u64) {
    let most = setting("LOAD_KILL_AFTER_MS", 0);
    let after = Duration::from_millis(if most == 0 { fastrand::u64(20..700) } else { most });
    let (started, mut memory) = (Instant::now(), 0);
    loop {
        memory = peak_memory(process.id()).unwrap_or(memory);
        if process.try_wait().expect("the process is ours").is_some() {
            return (Some(wait(process)), memory);
        }
        if kill && started.elapsed() >= after {
            process.kill().expect("the process is ours");
            process.wait().expect("the process is ours");
            return (None, memory);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The most memory that a process has had so far, in KB, if the system says so.
fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Every row is stored or rejected as it should be; `not_unique` is the code of a duplicate, if there are any. The earlier
/// row of a file always wins.
fn assert_fates(mixed: &Mixed, stored: &[String], rejects: &[Rejected], not_unique: Option<&str>) {
    assert!(rejects.is_sorted_by(|a, b| a.line < b.line), "in the file's order, each once");
    let is_stored = |name: &String| stored.binary_search(name).is_ok();
    let code =
        |line: u64| rejects.binary_search_by_key(&line, |reject| reject.line).ok().map(|at| rejects[at].codes.as_str());
    for (line, (name, fate)) in &mixed.rows {
        let expected = match fate {
            Fate::Refused(code) => Some(*code),
            Fate::Duplicate(_) => not_unique,
            Fate::Valid => None,
        };
        assert_eq!((is_stored(name), code(*line)), (expected.is_none(), expected), "line {line}");
    }
}

fn setting<T: FromStr>(name: &str, default: T) -> T {
    env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
