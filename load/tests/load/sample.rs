//! The sample of the README's walk.

use std::path::PathBuf;

use local::lists::PHONE_NUMBER;

use crate::support::api::Api;
use crate::support::file::file;
use crate::support::program::{Rejected, check_rejects, csv_rejects, load, program, run};

const SAMPLE: &str = include_str!("../../sample.csv");

/// The lines that are rejected by a list in which numbers are unique, with their codes.
const REJECTED: [(u64, &str); 15] = [
    (7, "PHONE_NUMBER_INVALID"),
    (8, "TIMEZONE_UNMATCHED"),
    (9, "LAST_NAME_MISSING"),
    (10, "PRIORITY_INVALID"),
    (12, "PHONE_NUMBER_NOT_UNIQUE"),
    (14, "PRIORITY_INVALID"),
    (16, "PHONE_NUMBER_MISSING"),
    (17, "EXTERNAL_REF_MISSING"),
    (18, "OTHER"),
    (21, "OTHER"),
    (25, "PHONE_NUMBER_INVALID"),
    (28, "PHONE_NUMBER_INVALID"),
    (29, "PRIORITY_INVALID OTHER"),
    (36, "FIRST_NAME_MISSING"),
    (40, "OTHER"),
];

fn sample() -> PathBuf {
    file("sample.csv", SAMPLE)
}

fn codes(rejects: Vec<Rejected>) -> Vec<(u64, String)> {
    rejects.into_iter().map(|reject| (reject.line, reject.codes)).collect()
}

#[test]
fn forty_rows_are_created_or_rejected() {
    let (api, file) = (Api::start(), sample());
    let ended = run(&mut load(&api, PHONE_NUMBER, &file, &[]));
    assert_eq!(codes(csv_rejects(&file)), REJECTED.map(|(line, code)| (line, code.to_owned())));
    let refused = REJECTED.len() as u64;
    assert_eq!(ended.numbers(), (3, 40, 40 - refused, refused, 0), "{}", ended.errors);
    assert_eq!(api.stored().len() as u64, 40 - refused);
}

#[test]
fn a_check_says_the_same_without_sending_anything() {
    let file = sample();
    let ended = run(program(&["--check", "--unique", "PHONE_NUMBER"]).arg(&file));
    assert_eq!(codes(check_rejects(&file)), REJECTED.map(|(line, code)| (line, code.to_owned())));
    assert_eq!(ended.status, Some(3), "{}", ended.errors);
}
