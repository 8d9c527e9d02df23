//! A dry run: the same batches, of which the API stores nothing.

use std::fmt::Write;

use hyper::Method;
use local::lists::PHONE_NUMBER;
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::file::{file, mixed, number, valid};
use crate::support::program::{Ended, Rejected, beside, check_rejects, csv_rejects, load, program, run};
use crate::support::stand_in::{Asked, StandIn, batch, list, respond};

/// An API for a list in which the numbers of the names `Held …` exist already.
fn validate(asked: &Asked) -> hyper::Response<axum::body::Body> {
    if asked.method == Method::GET {
        return list("PHONE_NUMBER");
    }
    let record = |record: Value| match record["last_name"].as_str() {
        Some(name) if name.starts_with("Held") => json!({"errors": ["PHONE_NUMBER_NOT_UNIQUE"], "fields": []}),
        Some(_) => record,
        None => json!({"errors": ["LAST_NAME_MISSING"], "fields": []}),
    };
    batch(200, &asked.records().into_iter().map(record).collect::<Vec<_>>())
}

fn dry_run(api: &StandIn, path: &std::path::Path) -> Ended {
    let mut command = program(&["--url", &api.url, "--list", "l", "--dry-run"]);
    run(command.arg(path).env("RECORD_LISTS_TOKEN", "token"))
}

#[test]
fn a_load_creates_what_a_dry_run_before_it_says() {
    let (api, mixed) = (Api::start(), mixed(400));
    let tried = run(&mut load(&api, PHONE_NUMBER, &mixed.path, &["--dry-run"]));
    assert!(api.stored().is_empty() && !beside(&mixed.path, ".rejected.csv").exists(), "{}", tried.errors);
    let loaded = run(&mut load(&api, PHONE_NUMBER, &mixed.path, &[]));
    assert_eq!(tried.numbers(), loaded.numbers(), "{}{}", tried.errors, loaded.errors);
    assert_eq!(api.stored().len() as u64, loaded.numbers().2);
    let refused =
        |rejects: Vec<Rejected>| -> Vec<_> { rejects.into_iter().map(|reject| (reject.line, reject.codes)).collect() };
    let tried = refused(check_rejects(&mixed.path));
    assert!(tried.iter().any(|(_, codes)| codes == "PHONE_NUMBER_NOT_UNIQUE"), "{tried:?}");
    assert_eq!(tried, refused(csv_rejects(&mixed.path)));
    let after = run(&mut load(&api, PHONE_NUMBER, &mixed.path, &["--dry-run"]));
    assert_eq!(after.numbers(), loaded.numbers(), "{}", after.errors);
}

#[test]
fn it_tells_what_a_load_would_create() {
    let api = StandIn::start(validate);
    let mut rows = String::from("first_name,last_name,mobile\n");
    for row in 0..250_u64 {
        let (name, same) = match row {
            7 => (String::new(), row),
            20 => ("Held 20".to_owned(), row),
            // The row with this number is refused, so that this one would be created.
            120 => ("Row 120".to_owned(), 7),
            121 => ("Row 121".to_owned(), 1),
            230 => ("Row 230".to_owned(), 121),
            _ => (format!("Row {row}"), row),
        };
        writeln!(rows, "Ann,{name},{}", number(same)).unwrap();
    }
    let path = file("contacts.csv", &rows);
    let ended = dry_run(&api, &path);
    assert_eq!(ended.numbers(), (3, 250, 247, 3, 0), "{}", ended.errors);
    let summary = ended.summary.unwrap();
    assert!(summary.dry_run);
    assert_eq!(json!(summary.errors), json!({"LAST_NAME_MISSING": 1, "PHONE_NUMBER_NOT_UNIQUE": 2}));
    assert!(ended.errors.contains("250 records: 247 would be created, 3 would be refused"), "{}", ended.errors);
}

#[test]
fn it_sends_the_batches_of_a_load() {
    let path = valid(250);
    let dry = StandIn::start(validate);
    assert_eq!(dry_run(&dry, &path).numbers(), (0, 250, 250, 0, 0));
    let wet = StandIn::start(|asked| match asked.method {
        Method::GET => list("PHONE_NUMBER"),
        _ => batch(201, &asked.records()),
    });
    let mut command = program(&["--url", &wet.url, "--list", "l"]);
    run(command.arg(&path).env("RECORD_LISTS_TOKEN", "token"));
    let sent = |api: &StandIn, path: &str| {
        let posts = api.asked().into_iter().filter(|asked| asked.method == Method::POST);
        let mut sent: Vec<_> = posts
            .map(|asked| {
                assert_eq!(asked.path, path);
                (asked.header("idempotency-key").to_owned(), asked.body)
            })
            .collect();
        sent.sort();
        sent
    };
    let dry = sent(&dry, "/record-lists/l/records/bulks?validate_only=true");
    assert_eq!(dry.len(), 3);
    assert_eq!(dry, sent(&wet, "/record-lists/l/records/bulks"));
}

#[test]
fn an_api_that_creates_records_ends_it() {
    let api = StandIn::start(|asked| match asked.method {
        Method::GET => list("NOTHING"),
        _ => batch(201, &asked.records()),
    });
    let ended = dry_run(&api, &valid(100));
    assert_eq!(ended.numbers(), (1, 100, 0, 0, 100), "{}", ended.errors);
    assert!(ended.errors.contains("The response has the status 201 Created instead of 200 OK."), "{}", ended.errors);
}

#[test]
fn a_query_that_is_refused_ends_it() {
    let api = StandIn::start(|asked| match asked.method {
        Method::GET => list("NOTHING"),
        _ => respond(400, &json!({"code": "INVALID_QUERY", "message": "No.", "fields": []})),
    });
    let ended = dry_run(&api, &valid(100));
    assert_eq!(ended.status, Some(1));
    assert!(ended.errors.contains("error: 400 INVALID_QUERY: No."), "{}", ended.errors);
}
