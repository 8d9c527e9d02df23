//! The fate of a file's rows.

use std::fs;

use local::lists::{NOTHING, PHONE_NUMBER};
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::file::{file, folder, number, valid};
use crate::support::program::{beside, csv_rejects, load, run, run_with_input};

#[test]
fn the_same_file_is_loaded_once_under_one_label() {
    let api = Api::start();
    let file = valid(250);
    for (label, stored) in [("", 250), ("", 250), ("second", 500), ("second", 500)] {
        let ended = run(&mut load(&api, NOTHING, &file, &["--run", label]));
        assert_eq!((ended.numbers(), api.stored().len()), ((0, 250, 250, 0, 0), stored), "{label}: {}", ended.errors);
    }
}

#[test]
fn batches_are_100_in_the_file_s_order() {
    let api = Api::start();
    run(&mut load(&api, NOTHING, &valid(250), &["--concurrency", "1"]));
    let bodies: Vec<Value> = api.seen().iter().map(|seen| serde_json::from_str(&seen.body).unwrap()).collect();
    let sizes: Vec<usize> = bodies.iter().map(|body| body["records"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    let names = bodies.iter().flat_map(|body| body["records"].as_array().unwrap()).map(|record| &record["last_name"]);
    assert!(names.eq((0..250).map(|row| format!("Row {row:07}")).collect::<Vec<_>>().iter()));
}

#[test]
fn large_records_are_sent_in_smaller_batches() {
    let api = Api::start();
    let note = "x".repeat(350_000);
    let rows: Vec<String> = (0..20).map(|row| format!("Ann,Row {row:07},{},{note}", number(row))).collect();
    let file = file("large.csv", format!("first_name,last_name,mobile,note\n{}\n", rows.join("\n")));
    let ended = run(&mut load(&api, NOTHING, &file, &[]));
    assert_eq!((ended.numbers(), api.stored().len()), ((0, 20, 20, 0, 0), 20), "{}", ended.errors);
    let sizes: Vec<usize> = api.seen().iter().map(|seen| seen.body.matches("last_name").count()).collect();
    let most = sizes.iter().max().unwrap();
    assert!(sizes.len() == 20_usize.div_ceil(*most) && *most > 1, "as many as fit: {sizes:?}");
}

#[test]
fn ndjson_comes_from_a_file_or_from_standard_input() {
    let api = Api::start();
    let record = |row| json!({"first_name": "Ann", "last_name": format!("Row {row}"), "phone_number": number(row)});
    let bad = json!({"last_name": "Lee", "phone_number": number(9), "extra_data": {"n": 1.0}, "rejected_line": 3});
    let input = format!("{}\r\n\n{{\"first_name\":\n{bad}\n{}\n{}", record(1), record(1), record(2));
    let rejects = [
        json!({"rejected_line": 3, "rejected_codes": ["OTHER"], "rejected_reasons": ["The row is not a JSON object."],
            "rejected_text": "{\"first_name\":"}),
        json!({"last_name": "Lee", "phone_number": number(9), "extra_data": {"n": 1.0}, "rejected_line": 4,
            "rejected_codes": ["FIRST_NAME_MISSING"]}),
        json!({"first_name": "Ann", "last_name": "Row 1", "phone_number": number(1), "rejected_line": 5,
            "rejected_codes": ["PHONE_NUMBER_NOT_UNIQUE"]}),
    ];
    let path = file("contacts.jsonl", &input);
    let ended = run(&mut load(&api, PHONE_NUMBER, &path, &[]));
    assert_eq!(ended.numbers(), (3, 5, 2, 3, 0), "{}", ended.errors);
    assert_rejects(&fs::read_to_string(beside(&path, ".rejected.ndjson")).unwrap(), &rejects);

    let (other, folder) = (Api::start(), folder());
    let ended = run_with_input(load(&other, PHONE_NUMBER, "-".as_ref(), &[]).current_dir(&folder), &input);
    assert_eq!(ended.numbers(), (3, 5, 2, 3, 0), "{}", ended.errors);
    assert_rejects(&fs::read_to_string(folder.join("stdin.rejected.ndjson")).unwrap(), &rejects);
    assert_eq!(other.stored(), api.stored());
}

fn assert_rejects(found: &str, expected: &[Value]) {
    let mut found: Vec<Value> = found.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for record in &mut found {
        let reasons = record["rejected_reasons"].as_array().unwrap();
        if reasons[..] != ["The row is not a JSON object."] {
            record.as_object_mut().unwrap().remove("rejected_reasons");
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn rejects_can_be_mended_and_loaded_as_they_are() {
    let api = Api::start();
    let rows = format!("First Name,last_name,Mobile,Job\n,\"Le\"\"e\",{},\"a, b\"\nBob,Ray,12,\n", number(1));
    let path = file("contacts.csv", &rows);
    assert_eq!(run(&mut load(&api, PHONE_NUMBER, &path, &[])).numbers(), (3, 2, 0, 2, 0));
    let rejects = beside(&path, ".rejected.csv");
    let found: Vec<_> = csv_rejects(&path).into_iter().map(|reject| (reject.line, reject.codes, reject.row)).collect();
    let expected = [
        (2, "FIRST_NAME_MISSING".to_owned(), format!(",Le\"e,{},a, b", number(1))),
        (3, "PHONE_NUMBER_INVALID".to_owned(), "Bob,Ray,12,".to_owned()),
    ];
    assert_eq!(found, expected);
    let mended = fs::read_to_string(&rejects).unwrap().replace("\n,\"Le", "\nAnn,\"Le");
    fs::write(&rejects, mended).unwrap();
    assert_eq!(run(&mut load(&api, PHONE_NUMBER, &rejects, &[])).numbers(), (3, 2, 1, 1, 0));
    assert_eq!(api.stored(), ["Le\"e"]);
    let again: Vec<_> = csv_rejects(&rejects).into_iter().map(|reject| (reject.line, reject.row)).collect();
    assert_eq!(again, [(3, "Bob,Ray,12,".to_owned())]);
}
