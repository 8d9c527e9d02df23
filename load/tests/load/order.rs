//! Duplicates in one file: the earlier row wins, however fast the requests are.

use std::fmt::Write;
use std::time::Duration;

use local::lists::{EXTERNAL, NOTHING, PHONE_NUMBER};

use crate::support::api::Api;
use crate::support::fault::{Fault, Seen};
use crate::support::file::{file, number};
use crate::support::program::{Rejected, check_rejects, csv_rejects, load, program, run};

/// A file of 1,000 rows. Every tenth has an identifier of a row some batches before it.
fn duplicates() -> String {
    let mut rows = String::from("first_name,last_name,mobile,home,external_provider,external_id\n");
    for row in 0..1_000_u64 {
        let (same, home) = match row % 10 {
            3 if row > 300 => (row - 290, String::new()),
            7 if row > 200 => (row, number(row - 117)),
            _ => (row, String::new()),
        };
        writeln!(rows, "Ann,Row {row:07},{},{home},crm,{same}", number(same)).unwrap();
    }
    rows
}

/// The first attempt at the earlier half of the batches is slow, or lost.
fn slow_first(seen: &Seen) -> Option<Fault> {
    let early = ["Row 0000000", "Row 0000100", "Row 0000200", "Row 0000500"];
    match early.iter().position(|name| seen.body.contains(name)) {
        Some(place) if seen.attempt == 0 && place % 2 == 0 => Some(Fault::Delay(Duration::from_millis(300))),
        Some(_) if seen.attempt == 0 => Some(Fault::LostRequest),
        _ => None,
    }
}

#[test]
fn a_check_and_a_load_refuse_the_same_rows_the_later_ones() {
    for (list, unique, code) in [
        (PHONE_NUMBER, "PHONE_NUMBER", "PHONE_NUMBER_NOT_UNIQUE"),
        (EXTERNAL, "EXTERNAL", "EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE"),
    ] {
        let (api, path) = (Api::with(slow_first), file("duplicates.csv", duplicates()));
        run(program(&["--check", "--unique", unique]).arg(&path));
        let refused =
            |rejects: Vec<Rejected>| rejects.into_iter().map(|reject| (reject.line, reject.codes)).collect::<Vec<_>>();
        let checked = refused(check_rejects(&path));
        assert!(checked.len() >= 29 && checked.iter().all(|(line, found)| *line > 200 && found == code), "{checked:?}");
        let ended = run(&mut load(&api, list, &path, &[]));
        assert_eq!(refused(csv_rejects(&path)), checked, "{unique}: {}", ended.errors);
        assert_eq!(api.stored().len(), 1_000 - checked.len(), "{unique}");
    }
}

#[test]
fn batches_without_a_common_identifier_do_not_wait() {
    let api = Api::with(|_| Some(Fault::Delay(Duration::from_millis(500))));
    let path = file("apart.csv", duplicates().lines().take(801).collect::<Vec<_>>().join("\n"));
    run(&mut load(&api, NOTHING, &path, &[]));
    let first_eight = api.seen()[7].after.saturating_sub(api.seen()[0].after);
    assert!(first_eight < Duration::from_millis(450), "{first_eight:?}");
}
