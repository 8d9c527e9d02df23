//! The job of every night: a list is kept like a file, through lost responses and kill -9, again and again until it is done.
//!
//! Variables make the same test a long one, for an optimised build. This mirrors 250,000 rows into a list that holds 240,000
//! of them, 12,000 of those changed, and 8,000 others. It loses one response in 100, and kills the program five times:
//!
//! ```text
//! LOAD_ROWS=250000 LOAD_REFUSED=false LOAD_KILLS=5 LOAD_KILL_AFTER_MS=8000 LOAD_LOST=100 \
//!   cargo test --profile bench --workspace --test load nightly -- --nocapture
//! ```

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use local::lists::{EXTERNAL, PHONE_NUMBER};
use serde_json::Value;

use crate::support::api::Api;
use crate::support::fault::{self, Fault, Seen};
use crate::support::file::{file, number};
use crate::support::kills::{kill_or_wait, setting};
use crate::support::program::{Changes, Ended, load, run};

/// A night's file of as many rows as `rows`.
struct Night {
    rows: u64,
    /// Whether some rows break a rule.
    has_refused: bool,
}

impl Night {
    /// The number of the file's last rows that the list does not have.
    fn new_rows(&self) -> u64 {
        self.rows / 25
    }

    /// The number of records that the file does not have.
    fn stale_rows(&self) -> u64 {
        self.rows * 4 / 125
    }

    /// Whether the file has another first name than the list.
    fn is_changed(row: u64) -> bool {
        row % 20 == 7
    }

    /// Whether the file has a priority that no record can have.
    fn is_refused(&self, row: u64) -> bool {
        self.has_refused && row % 250 == 111
    }

    /// Rows from `first` up to `end`, as they were last night, or as they are tonight.
    fn file(&self, first: u64, end: u64, tonight: bool) -> PathBuf {
        let mut content = String::from("first_name,last_name,mobile,external_provider,external_id,priority\n");
        for row in first..end {
            let name = if tonight && (Self::is_changed(row) || self.is_refused(row)) { "Eve" } else { "Ann" };
            let priority = if tonight && self.is_refused(row) { 77 } else { 7 };
            writeln!(content, "{name},Row {row:07},{},crm,{row},{priority}", number(row)).unwrap();
        }
        file(if tonight { "tonight.csv" } else { "yesterday.csv" }, content)
    }

    /// What a mirror does in a list that is as it was last night.
    fn expected(&self) -> Changes {
        let rows = self.stale_rows()..self.stale_rows() + self.rows;
        let old = rows.start..rows.end - self.new_rows();
        let count = |is: &dyn Fn(u64) -> bool| rows.clone().filter(|row| is(*row)).count() as u64;
        let refused = count(&|row| self.is_refused(row));
        let updated = count(&|row| old.contains(&row) && Self::is_changed(row) && !self.is_refused(row));
        let created = count(&|row| !old.contains(&row) && !self.is_refused(row));
        let unchanged = self.rows - created - updated - refused;
        Changes {
            status: if refused > 0 { 3 } else { 0 },
            created,
            updated,
            unchanged,
            refused,
            deleted: self.stale_rows(),
        }
    }
}

#[test]
fn an_external_list_is_kept_like_a_file() {
    assert_kept(EXTERNAL);
}

#[test]
fn a_phone_number_list_is_kept_like_a_file() {
    assert_kept(PHONE_NUMBER);
}

fn assert_kept(list: &str) {
    let has_faults = Arc::new(AtomicBool::new(false));
    let api = Api::with(rule(&has_faults));
    let night = Night { rows: setting("LOAD_ROWS", 500), has_refused: setting("LOAD_REFUSED", true) };
    let (stale, end) = (night.stale_rows(), night.stale_rows() + night.rows);
    let loaded = run(&mut load(&api, list, &night.file(0, end - night.new_rows(), false), &[]));
    assert_eq!(loaded.status, Some(0), "{}", loaded.errors);
    let (path, before) = (night.file(stale, end, true), api.records(list));
    let tried = measured("dry run", &api, || run(&mut mirror(&api, list, &path, &["--dry-run"])));
    assert_eq!(tried.changes(), night.expected(), "{}", tried.errors);
    assert_eq!(api.records(list), before, "a dry run writes nothing");
    has_faults.store(true, Ordering::Relaxed);
    let ended = measured("mirror with faults", &api, || until_it_ends(&api, list, &path));
    has_faults.store(false, Ordering::Relaxed);
    assert_eq!(ended.changes().refused, night.expected().refused, "{}", ended.errors);
    let after = api.records(list);
    assert_list(&night, &after);
    let done = Changes { created: 0, updated: 0, deleted: 0, ..night.expected() };
    let done = Changes { unchanged: night.rows - done.refused, ..done };
    for arguments in [&["--dry-run"][..], &[]] {
        let again = measured("the same again", &api, || run(&mut mirror(&api, list, &path, arguments)));
        assert_eq!(again.changes(), done, "{}", again.errors);
    }
    assert_eq!(api.records(list), after, "nothing is written");
}

/// Loses responses, or does whatever a bad night brings, once `has_faults` says so.
fn rule(has_faults: &Arc<AtomicBool>) -> impl Fn(&Seen) -> Option<Fault> + Send + Sync + use<> {
    let (has_faults, lost) = (Arc::clone(has_faults), setting("LOAD_LOST", 0));
    let (any, lost_only) = (fault::any(6), fault::lost(lost.max(1)));
    move |seen| match has_faults.load(Ordering::Relaxed) {
        false => None,
        true if lost > 0 => lost_only(seen),
        true => any(seen),
    }
}

fn mirror(api: &Api, list: &str, path: &Path, arguments: &[&str]) -> std::process::Command {
    load(api, list, path, &[&["--mirror", "--yes"], arguments].concat())
}

/// Kills the program some times, and then lets it end.
fn until_it_ends(api: &Api, list: &str, path: &Path) -> Ended {
    let (mut runs, mut memory) = (1, 0);
    loop {
        let (ended, peak) = kill_or_wait(&mut mirror(api, list, path, &[]), runs <= setting("LOAD_KILLS", 3));
        memory = memory.max(peak);
        if let Some(ended) = ended {
            println!("{runs} runs, {memory} KB at most");
            return ended;
        }
        runs += 1;
    }
}

fn measured(name: &str, api: &Api, work: impl FnOnce() -> Ended) -> Ended {
    let (started, before) = (Instant::now(), api.requests());
    let ended = work();
    let requests = api.requests() - before;
    println!("{name}: {:.1} s, {requests} requests, {:?}", started.elapsed().as_secs_f64(), ended.changes());
    ended
}

/// The list is the file's valid rows, and the records of its refused rows as they were.
fn assert_list(night: &Night, records: &[Value]) {
    let mut found: Vec<_> = records.iter().map(|record| (&record["last_name"], &record["first_name"])).collect();
    found.sort_by_key(|(last, _)| last.as_str());
    let rows = night.stale_rows()..night.stale_rows() + night.rows;
    let old = rows.end - night.new_rows();
    let expected = rows.filter(|row| *row < old || !night.is_refused(*row)).map(|row| {
        let is_eve = Night::is_changed(row) && !night.is_refused(row);
        (format!("Row {row:07}"), if is_eve { "Eve" } else { "Ann" })
    });
    let expected: Vec<_> = expected.collect();
    assert_eq!(found.len(), expected.len());
    let same = found.iter().zip(&expected).all(|(found, row)| *found.0 == *row.0 && *found.1 == *row.1);
    assert!(same, "the list is the file");
    assert!(records.iter().all(|record| record["priority"] == 7), "no refused row changed its record");
}
