//! Kill -9 at any moment, and the same command again: every row is stored once or rejected once.
//!
//! Variables make the same test a long one, for an optimised build. This loses one response in 100 of a load of 250,000
//! rows, and kills it every five seconds, five times:
//!
//! ```text
//! LOAD_ROWS=250000 LOAD_KILLS=5 LOAD_KILL_AFTER_MS=5000 LOAD_LOST=100 \
//!   cargo test --profile bench -p load --test load nothing_list -- --nocapture
//! ```

use std::time::Instant;

use local::lists;

use crate::support::api::Api;
use crate::support::fault;
use crate::support::file::{Fate, Mixed, mixed};
use crate::support::kills::{kill_or_wait, setting};
use crate::support::program::{Rejected, csv_rejects, load};

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
        let (ended, peak) = kill_or_wait(&mut load(&api, list, &mixed.path, &[]), runs <= setting("LOAD_KILLS", 3));
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
