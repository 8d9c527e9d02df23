//! A mirror: the list becomes what the file is, and what others changed meanwhile is left alone.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use hyper::Method;
use local::lists::{EXTERNAL, NOTHING, PHONE_NUMBER};
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::fault::{Fault, Seen};
use crate::support::file::{file, number, people, valid};
use crate::support::program::{Changes, Ended, csv_rejects, interrupt, load, program, run, wait};
use crate::support::stand_in::{StandIn, batch, list, respond};

const ALL: [&str; 4] = ["--mirror", "--yes", "--max-delete", "100%"];

/// An API whose `list` has the rows of [`people`] up to `rows`.
fn api_with(list: &str, rows: u64, rule: impl Fn(&Seen) -> Option<Fault> + Send + Sync + 'static) -> Api {
    let api = Api::with(rule);
    let loaded = run(&mut load(&api, list, &valid(rows), &[]));
    assert_eq!(loaded.numbers().2, rows, "{}", loaded.errors);
    api
}

fn mirror(api: &Api, list: &str, file: &Path) -> Ended {
    run(&mut load(api, list, file, &ALL))
}

fn names(records: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = records.iter().map(|record| record["last_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

/// The records without when they were changed.
fn contents(mut records: Vec<Value>) -> Vec<Value> {
    for record in &mut records {
        record["updated_at"].take();
    }
    records
}

#[test]
fn the_list_becomes_the_file_and_a_dry_run_says_so_before() {
    for list in [EXTERNAL, PHONE_NUMBER] {
        let api = api_with(list, 500, |_| None);
        let file = file("tonight.csv", people(20..530).replace("Ann,Row 000010", "Eve,Row 000010"));
        let before = api.records(list);
        let expected = Changes { created: 30, updated: 10, unchanged: 470, deleted: 20, ..Changes::default() };
        let tried = run(&mut load(&api, list, &file, &["--mirror", "--dry-run"]));
        assert_eq!(tried.changes(), expected, "{}", tried.errors);
        assert_eq!(api.records(list), before, "a dry run writes nothing");
        let ended = run(&mut load(&api, list, &file, &["--mirror", "--yes"]));
        assert_eq!(ended.changes(), expected, "{}", ended.errors);
        let told =
            "The list had 500 records. The file does not have 20 of them. At most 50 are deleted (--max-delete 10%).";
        assert!(tried.errors.contains(told) && ended.errors.contains(told), "{}{}", tried.errors, ended.errors);
        let after = api.records(list);
        assert_eq!(names(&after), (20..530).map(|row| format!("Row {row:07}")).collect::<Vec<_>>());
        let again = run(&mut load(&api, list, &file, &["--mirror", "--yes"]));
        assert_eq!(again.changes(), Changes { unchanged: 510, ..Changes::default() }, "{}", again.errors);
        assert_eq!(api.records(list), after);
    }
}

#[test]
fn more_than_max_delete_is_nothing() {
    for (limit, status, deleted) in [("9%", 1, 0), ("19", 1, 0), ("10%", 0, 20), ("20", 0, 20)] {
        let api = api_with(EXTERNAL, 200, |_| None);
        let file = file("tonight.csv", people(20..210));
        for (dry_run, told) in [(&["--dry-run"][..], "would be"), (&[], "was")] {
            let arguments = [&["--mirror", "--yes", "--max-delete", limit], dry_run].concat();
            let ended = run(&mut load(&api, EXTERNAL, &file, &arguments));
            let expected = Changes { status, created: 10, unchanged: 180, deleted, ..Changes::default() };
            assert_eq!(ended.changes(), expected, "{limit}: {}", ended.errors);
            let told = format!("error: Nothing {told} deleted.");
            assert_eq!(ended.errors.contains(&told), status == 1, "{}", ended.errors);
        }
        assert_eq!(api.records(EXTERNAL).len() as u64, 210 - deleted, "{limit}");
    }
}

#[test]
fn without_a_terminal_it_needs_a_yes_before_anything_is_sent() {
    let api = api_with(EXTERNAL, 10, |_| None);
    let sent = api.requests();
    let ended = run(&mut load(&api, EXTERNAL, &valid(9), &["--mirror"]));
    assert_eq!((ended.status, ended.summary), (Some(2), None), "{}", ended.errors);
    assert!(ended.errors.contains("give --yes"), "{}", ended.errors);
    assert_eq!((api.requests(), api.records(EXTERNAL).len()), (sent, 10));
}

#[test]
fn a_list_of_type_nothing_cannot_be_mirrored() {
    let api = Api::start();
    let ended = mirror(&api, NOTHING, &valid(9));
    assert_eq!(ended.status, Some(1));
    assert!(ended.errors.contains("--mirror needs a list of type EXTERNAL or PHONE_NUMBER"), "{}", ended.errors);
    assert_eq!(api.requests(), 0);
}

#[test]
fn the_records_of_refused_rows_are_kept_as_they_were() {
    let header = "first_name,last_name,mobile,home,office,priority\n";
    let api = Api::start();
    let rows = (0..12).map(|row| format!("Ann,Row {row},{},{},,\n", number(row), number(100 + row)));
    let all = file("all.csv", header.to_owned() + &rows.collect::<String>());
    run(&mut load(&api, PHONE_NUMBER, &all, &[]));
    let before = contents(api.records(PHONE_NUMBER));
    let rows = [
        format!("Ann,Row 0,{},{},,\n", number(0), number(100)),
        // A rule is broken.
        format!("Ann,Row 1,{},,,77\n", number(1)),
        // A new record with a number of record 2, and one with numbers of 3 and 4.
        format!("New,New,{},{},,\n", number(50), number(102)),
        format!("New,New,{},{},{},\n", number(52), number(103), number(104)),
        // A number of record 5, and one of the first row.
        format!("Ann,Row 5,{},{},,\n", number(105), number(0)),
        // A new number, one of record 6, and a rule that is broken.
        format!("New,New,{},{},,77\n", number(51), number(6)),
        // The identity of record 7 would go.
        format!("Ann,Row 7,{},,,\n", number(107)),
    ];
    let file = file("tonight.csv", header.to_owned() + &rows.concat());
    let expected = Changes { status: 3, unchanged: 1, refused: 6, deleted: 4, ..Changes::default() };
    let tried = run(&mut load(&api, PHONE_NUMBER, &file, &[&ALL[..], &["--dry-run"]].concat()));
    assert_eq!(tried.changes(), expected, "{}", tried.errors);
    let ended = mirror(&api, PHONE_NUMBER, &file);
    assert_eq!(ended.changes(), expected, "{}", ended.errors);
    assert!(ended.errors.contains("Rows that the list cannot follow: 1\n  on line 8\n"), "{}", ended.errors);
    let kept: Vec<Value> =
        before.into_iter().filter(|record| (0..8).any(|row| record["last_name"] == format!("Row {row}"))).collect();
    assert_eq!(contents(api.records(PHONE_NUMBER)), kept);
}

#[test]
fn an_invalid_number_does_not_hide_the_reference() {
    let api = api_with(EXTERNAL, 10, |_| None);
    let rows = people(0..8).replace(&number(3), "3.51912E+11").replace(&number(4), "12");
    let file = file("tonight.csv", rows);
    let ended = mirror(&api, EXTERNAL, &file);
    let expected = Changes { status: 3, unchanged: 6, refused: 2, deleted: 2, ..Changes::default() };
    assert_eq!(ended.changes(), expected, "{}", ended.errors);
    assert_eq!(api.records(EXTERNAL).len(), 8);
    assert_eq!(csv_rejects(&file).len(), 2);
}

#[test]
fn nothing_is_deleted_if_a_row_s_identity_cannot_be_read() {
    let record = |value: Value| json!({"first_name": "Ann", "last_name": "Lee", "phone_number": value}).to_string();
    let numbers = |value: Value| json!({"first_name": "Ann", "last_name": "Lee", "phone_numbers": value}).to_string();
    let csv = people(0..5);
    let table = [
        ("broken.csv", format!("{csv}\"Ann,Lee,{}\n", number(9)), 7),
        ("columns.csv", format!("{csv}Ann,Lee,{},crm,9,more\n", number(9)), 7),
        ("number.csv", format!("{csv}Ann,Lee,12,crm,9\n"), 7),
        ("destroyed.csv", format!("{csv}Ann,Lee,3.51912E+11,crm,9\n"), 7),
        ("missing.csv", format!("{csv}Ann,Lee,,crm,9\n"), 7),
        ("numeric.ndjson", format!("{}\n{}\n", record(json!(number(0))), record(json!(12_025_550_143_u64))), 2),
        ("not-an-array.ndjson", numbers(json!({"phone_number": number(9)})), 1),
        ("not-json.ndjson", format!("{}\nAnn\n", record(json!(number(0)))), 2),
        ("no-id.ndjson", json!({"id": "42", "first_name": "Ann"}).to_string(), 1),
    ];
    let api = api_with(PHONE_NUMBER, 10, |_| None);
    for (name, rows, line) in table {
        let path = file(name, rows);
        let ended = mirror(&api, PHONE_NUMBER, &path);
        assert_eq!((ended.status, ended.changes().deleted, ended.changes().refused), (Some(1), 0, 1), "{name}");
        let told =
            format!("error: Nothing was deleted. It cannot be known which record the row on line {line} is about");
        assert!(ended.errors.contains(&told), "{name}: {}", ended.errors);
        assert!(ended.errors.contains("The refused rows are in "), "{name}: {}", ended.errors);
    }
    assert_eq!(api.records(PHONE_NUMBER).len(), 10);
}

#[test]
fn nothing_is_deleted_if_a_row_is_not_unique_and_nobody_says_why() {
    let api = StandIn::start(|asked| match (&asked.method, asked.path.as_str()) {
        (&Method::GET, "/record-lists/l") => list("PHONE_NUMBER"),
        (&Method::PATCH, _) => {
            let refused = json!({"status": "refused", "errors": ["PHONE_NUMBER_NOT_UNIQUE"], "fields": [
                {"name": "phone_number", "description": "Another record has it."}]});
            batch(200, &vec![refused; asked.records().len()])
        }
        _ => respond(500, &json!({})),
    });
    let mut command = program(&["--url", &api.url, "--list", "l", "--mirror", "--yes", "--give-up-after", "5s"]);
    let ended = run(command.arg(valid(1)).env("RECORD_LISTS_TOKEN", "token"));
    assert_eq!((ended.status, ended.changes().refused), (Some(1), 1), "{}", ended.errors);
    assert!(ended.errors.contains("error: Nothing was deleted. It cannot be known"), "{}", ended.errors);
    assert!(api.asked().iter().all(|asked| asked.method != Method::DELETE));
}

#[test]
fn a_record_that_is_missing_after_a_lost_response_was_deleted() {
    let faults = [Fault::LostResponse, Fault::NotStored, Fault::Response(429, None, ""), Fault::CutResponse];
    let rule = move |seen: &Seen| match seen.method {
        Method::DELETE | Method::GET => faults.get(seen.attempt).copied(),
        _ => None,
    };
    let api = api_with(EXTERNAL, 300, rule);
    let ended = mirror(&api, EXTERNAL, &valid(50));
    assert_eq!(ended.changes(), Changes { unchanged: 50, deleted: 250, ..Changes::default() }, "{}", ended.errors);
    assert_eq!(api.records(EXTERNAL).len(), 50);
}

#[test]
fn a_mirror_that_is_killed_while_it_deletes_goes_on() {
    let rule = |seen: &Seen| (seen.method == Method::DELETE).then_some(Fault::Delay(Duration::from_millis(200)));
    let api = api_with(EXTERNAL, 600, rule);
    let file = valid(50);
    for _ in 0..2 {
        let deletes = || api.seen().iter().filter(|seen| seen.method == Method::DELETE).count();
        let before = deletes();
        let mut process = load(&api, EXTERNAL, &file, &[&ALL[..], &["--concurrency", "2"]].concat()).spawn().unwrap();
        while deletes() < before + 2 {
            sleep(Duration::from_millis(5));
        }
        process.kill().unwrap();
        process.wait().unwrap();
    }
    assert!(api.records(EXTERNAL).len() > 50, "it was killed before its end");
    let ended = mirror(&api, EXTERNAL, &file);
    assert_eq!((ended.changes().status, ended.changes().unchanged), (0, 50), "{}", ended.errors);
    assert_eq!(names(&api.records(EXTERNAL)), (0..50).map(|row| format!("Row {row:07}")).collect::<Vec<_>>());
}

#[test]
fn ctrl_c_ends_a_mirror_that_deletes() {
    let rule = |seen: &Seen| (seen.method == Method::DELETE).then_some(Fault::Delay(Duration::from_millis(500)));
    let api = api_with(EXTERNAL, 600, rule);
    let process = load(&api, EXTERNAL, &valid(50), &[&ALL[..], &["--concurrency", "1"]].concat()).spawn().unwrap();
    wait_for(&api, &Method::DELETE);
    interrupt(&process);
    let ended = wait(process);
    assert_eq!(ended.changes(), Changes { status: 1, unchanged: 50, deleted: 100, ..Changes::default() });
    assert!(ended.errors.contains("Interrupted.\nRun the same command again to go on"), "{}", ended.errors);
    assert_eq!(api.records(EXTERNAL).len(), 500);
}

/// Waits until the API has seen a request by `method`.
fn wait_for(api: &Api, method: &Method) {
    while !api.seen().iter().any(|seen| seen.method == *method && seen.number > 0) {
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_others_create_or_change_meanwhile_is_left_alone() {
    // The requests of the mirror are slow enough for another to come between them.
    let rule = |seen: &Seen| (seen.method != Method::POST).then_some(Fault::Delay(Duration::from_millis(700)));
    let api = api_with(EXTERNAL, 100, rule);
    let path = format!("/record-lists/{EXTERNAL}/records");
    let id = |name: &str| {
        let records = api.records(EXTERNAL);
        records.into_iter().find(|record| record["last_name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let change = |id: &str| api.request(Method::PATCH, &format!("{path}/{id}"), r#"{"first_name":"Changed"}"#);
    let (early, late, gone) = (id("Row 0000091"), id("Row 0000092"), id("Row 0000093"));
    let process = load(&api, EXTERNAL, &valid(90), &ALL).spawn().unwrap();
    wait_for(&api, &Method::PATCH);
    let created = json!({"records": [{"first_name": "Created", "last_name": "Meanwhile", "phone_number": number(500),
        "external_provider": "crm", "external_id": "500"}]});
    assert_eq!(api.request(Method::POST, &format!("{path}/bulks"), &created.to_string())["total_created"], 1);
    assert_eq!(change(&early)["first_name"], "Changed");
    wait_for(&api, &Method::DELETE);
    assert_eq!(change(&late)["first_name"], "Changed");
    api.request(Method::DELETE, &format!("{path}/{gone}"), "");
    let ended = wait(process);
    // Of ten that the file does not have, one was changed before the list was read, one after, and one deleted by another.
    assert_eq!(ended.changes(), Changes { unchanged: 90, deleted: 7, ..Changes::default() }, "{}", ended.errors);
    assert!(ended.errors.contains("Left alone, because they were changed meanwhile: 1 record."), "{}", ended.errors);
    let records = api.records(EXTERNAL);
    let others: Vec<Value> = records.into_iter().filter(|record| record["first_name"] != "Ann").collect();
    assert_eq!(names(&others), ["Meanwhile", "Row 0000091", "Row 0000092"]);
    assert_eq!(api.records(EXTERNAL).len(), 93);
}
