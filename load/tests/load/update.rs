//! An update: what is new is created, what differs is updated, what is equal is left alone.

use local::lists::{EXTERNAL, NOTHING, PHONE_NUMBER};
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::fault::Fault;
use crate::support::file::{file, mixed, number, valid};
use crate::support::program::{Changes, Rejected, check_rejects, csv_rejects, load, run};

#[test]
fn what_is_new_is_created_what_differs_is_updated_and_what_is_equal_is_left_alone() {
    for list in [EXTERNAL, PHONE_NUMBER] {
        let (api, path) = (Api::start(), valid(250));
        let update =
            |path: &_, arguments: &[&str]| run(&mut load(&api, list, path, &[&["--update"], arguments].concat()));
        assert_eq!(update(&path, &["--dry-run"]).changes(), Changes { created: 250, ..Changes::default() });
        assert_eq!(api.stored().len(), 0);
        assert_eq!(update(&path, &[]).changes(), Changes { created: 250, ..Changes::default() });
        let changed = std::fs::read_to_string(&path).unwrap().replace("Ann,Row 000001", "Eve,Row 000001");
        let more = format!("{changed}New,Row 0000250,{},crm,250\n", number(250));
        let more = file("changed.csv", more);
        let expected = Changes { created: 1, updated: 10, unchanged: 240, ..Changes::default() };
        let before = api.records(list);
        assert_eq!(update(&more, &["--dry-run"]).changes(), expected);
        assert_eq!(api.records(list), before, "a dry run writes nothing");
        assert_eq!(update(&more, &[]).changes(), expected);
        let after = api.records(list);
        assert_eq!(after.iter().filter(|record| record["first_name"] == "Eve").count(), 10);
        let ended = update(&more, &[]);
        assert_eq!(ended.changes(), Changes { unchanged: 251, ..Changes::default() }, "{}", ended.errors);
        assert_eq!(api.records(list), after);
    }
}

#[test]
fn a_dry_run_of_rows_of_every_kind_says_what_an_update_does() {
    for list in [EXTERNAL, PHONE_NUMBER] {
        let (api, mixed) = (Api::start(), mixed(400));
        let refused = |rejects: Vec<Rejected>| -> Vec<_> {
            rejects.into_iter().map(|reject| (reject.line, reject.codes, reject.reasons)).collect()
        };
        let tried = run(&mut load(&api, list, &mixed.path, &["--update", "--dry-run"]));
        let ended = run(&mut load(&api, list, &mixed.path, &["--update"]));
        assert_eq!(tried.changes(), ended.changes(), "{}{}", tried.errors, ended.errors);
        assert_eq!(refused(check_rejects(&mixed.path)), refused(csv_rejects(&mixed.path)));
        let again = run(&mut load(&api, list, &mixed.path, &["--update"])).changes();
        let Changes { created, refused, .. } = ended.changes();
        assert!(created > 300 && refused > 30, "{}", ended.errors);
        assert_eq!(again, Changes { status: 3, unchanged: created, refused, ..Changes::default() });
    }
}

/// The record of the list with this last name.
fn record(api: &Api, list: &str, name: &str) -> Value {
    api.records(list).into_iter().find(|record| record["last_name"] == name).unwrap()
}

#[test]
fn empty_cells_leave_a_value_as_it_is_or_clear_it() {
    let api = Api::start();
    let header = "first_name,last_name,mobile,home,priority,timezone,external_provider,external_id,Job";
    let full = file("full.csv", format!("{header}\nAnn,Lee,{},{},7,GMT,crm,1,CEO\n", number(1), number(2)));
    run(&mut load(&api, EXTERNAL, &full, &[]));
    let stored = record(&api, EXTERNAL, "Lee");
    let empty = file("empty.csv", format!("{header}\nAnn,Lee,,,,,crm,1,\n"));
    let ended = run(&mut load(&api, EXTERNAL, &empty, &["--update"]));
    assert_eq!(ended.changes(), Changes { unchanged: 1, ..Changes::default() }, "{}", ended.errors);
    let ended = run(&mut load(&api, EXTERNAL, &empty, &["--update", "--empty", "clear"]));
    assert_eq!(ended.changes(), Changes { updated: 1, ..Changes::default() }, "{}", ended.errors);
    let cleared = record(&api, EXTERNAL, "Lee");
    assert_eq!(cleared["phone_numbers"], stored["phone_numbers"], "a record is never without numbers");
    let gone = |name: &str| cleared.get(name).is_none_or(Value::is_null);
    assert!(gone("priority") && gone("timezone") && cleared["extra_data"].get("Job").is_none(), "{cleared}");
    let nameless = file("nameless.csv", format!("{header}\n,Lee,,,,,crm,1,\n"));
    let ended = run(&mut load(&api, EXTERNAL, &nameless, &["--update", "--empty", "clear"]));
    assert_eq!(ended.changes(), Changes { status: 3, refused: 1, ..Changes::default() }, "{}", ended.errors);
    assert_eq!(csv_rejects(&nameless)[0].codes, "FIRST_NAME_MISSING");
}

#[test]
fn the_numbers_of_a_row_are_one_value() {
    let api = Api::start();
    let header = "first_name,last_name,phone,home,external_provider,external_id";
    let numbers = || {
        let record = record(&api, EXTERNAL, "Lee");
        let numbers = record["phone_numbers"].as_array().unwrap().iter();
        numbers.map(|entry| entry["phone_type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (phone, home, expected) in [
        (number(1), number(2), &["MOBILE", "HOME"][..]),
        (number(1), String::new(), &["MOBILE"]),
        (String::new(), String::new(), &["MOBILE"]),
        (String::new(), number(3), &["HOME"]),
    ] {
        let path = file("numbers.csv", format!("{header}\nAnn,Lee,{phone},{home},crm,1\n"));
        run(&mut load(&api, EXTERNAL, &path, &["--update"]));
        assert_eq!(numbers(), expected);
    }
}

#[test]
fn one_number_replaces_two_in_a_list_of_numbers() {
    let api = Api::start();
    let row =
        |home: &str| file("numbers.csv", format!("first_name,last_name,phone,home\nAnn,Lee,{},{home}\n", number(1)));
    run(&mut load(&api, PHONE_NUMBER, &row(&number(2)), &["--update"]));
    let ended = run(&mut load(&api, PHONE_NUMBER, &row(""), &["--update"]));
    assert_eq!(ended.changes(), Changes { updated: 1, ..Changes::default() }, "{}", ended.errors);
    assert_eq!(record(&api, PHONE_NUMBER, "Lee")["phone_numbers"].as_array().unwrap().len(), 1);
}

#[test]
fn an_id_names_a_record_of_any_list() {
    let (api, path) = (Api::start(), valid(2));
    run(&mut load(&api, NOTHING, &path, &[]));
    let id = |name: &str| record(&api, NOTHING, name)["id"].as_str().unwrap().to_owned();
    let (first, second) = (id("Row 0000000"), id("Row 0000001"));
    let none = "00000000-0000-4000-8000-000000000000";
    let rows = format!("id,priority\n{first},7\n{},8\n{none},9\n{first},10\n,1\n", second.to_uppercase());
    let path = file("priorities.csv", rows);
    for arguments in [&["--update", "--dry-run"][..], &["--update"]] {
        let ended = run(&mut load(&api, NOTHING, &path, arguments));
        let expected = Changes { status: 3, updated: 2, refused: 3, ..Changes::default() };
        assert_eq!(ended.changes(), expected, "{}", ended.errors);
    }
    let refused: Vec<_> = csv_rejects(&path).into_iter().map(|reject| (reject.line, reject.codes)).collect();
    let refused: Vec<_> = refused.iter().map(|(line, codes)| (*line, codes.as_str())).collect();
    assert_eq!(refused, [(4, "RECORD_NOT_FOUND"), (5, "OTHER"), (6, "OTHER")]);
    assert_eq!(record(&api, NOTHING, "Row 0000001")["priority"], 8);
    let json = file("priorities.ndjson", json!({"id": first, "priority": 3, "extra_data": null}).to_string());
    let ended = run(&mut load(&api, NOTHING, &json, &["--update"]));
    assert_eq!(ended.changes(), Changes { updated: 1, ..Changes::default() }, "{}", ended.errors);
    assert_eq!(record(&api, NOTHING, "Row 0000000")["priority"], 3);
}

#[test]
fn a_column_of_other_ids_stops_before_anything_is_sent() {
    let rows = format!("id,first_name,last_name,mobile\n42,Ann,Lee,{}\n", number(1));
    for (arguments, status) in [(&["--update"][..], 2), (&["--update", "--ignore", "id"], 0), (&[], 0)] {
        let ended = run(&mut load(&Api::start(), PHONE_NUMBER, &file("contacts.csv", &rows), arguments));
        assert_eq!(ended.status, Some(status), "{arguments:?}: {}", ended.errors);
        assert_eq!(ended.errors.contains("`id` has no IDs of records."), status == 2, "{}", ended.errors);
    }
}

#[test]
fn a_row_with_an_earlier_row_s_identifier_is_rejected_before_it_is_sent() {
    for (list, code) in [(PHONE_NUMBER, "PHONE_NUMBER_NOT_UNIQUE"), (EXTERNAL, "EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE")] {
        let api = Api::start();
        let rows = std::fs::read_to_string(valid(250)).unwrap();
        let row = |name: &str, of: u64| format!("Eve,{name},{},crm,{of}\n", number(of));
        let path = file("duplicates.csv", [rows, row("Near", 249), row("Far", 1)].concat());
        for arguments in [&["--update", "--dry-run"][..], &["--update"], &["--update"]] {
            let ended = run(&mut load(&api, list, &path, arguments));
            assert_eq!(ended.changes().refused, 2, "{}", ended.errors);
        }
        let rejects: Vec<_> = csv_rejects(&path).into_iter().map(|reject| (reject.line, reject.reasons)).collect();
        assert!(
            rejects[0].1.starts_with("The row on line 251 has ") && rejects[1].1.starts_with("The row on line 3 has ")
        );
        assert!(csv_rejects(&path).iter().all(|reject| reject.codes == code));
        assert!(api.seen().iter().all(|seen| !seen.body.contains("Far") && !seen.body.contains("Near")));
        assert!(!api.stored().contains(&"Far".to_owned()));
    }
}

#[test]
fn rows_that_the_list_cannot_follow_have_a_heading_of_their_own() {
    let api = Api::start();
    let header = "first_name,last_name,mobile,home";
    let both = file("both.csv", format!("{header}\nAnn,Lee,{},{}\n", number(1), number(2)));
    run(&mut load(&api, PHONE_NUMBER, &both, &["--update"]));
    let before = api.records(PHONE_NUMBER);
    let second = file("second.csv", format!("{header}\n,Ray,{},\nAnn,Lee,,{}\n", number(3), number(2)));
    let ended = run(&mut load(&api, PHONE_NUMBER, &second, &["--update"]));
    assert_eq!(ended.changes(), Changes { status: 3, refused: 2, ..Changes::default() }, "{}", ended.errors);
    assert!(ended.errors.contains("Rows that the list cannot follow: 1\n  on line 3\n"), "{}", ended.errors);
    assert_eq!(api.records(PHONE_NUMBER), before);
}

#[test]
fn a_batch_is_sent_until_it_is_processed_and_counts_what_every_attempt_did() {
    let faults = [
        Fault::NotStored,
        Fault::Response(429, None, ""),
        Fault::LostRequest,
        Fault::Response(503, Some(1), ""),
        Fault::Response(500, None, "<html>"),
    ];
    let api = Api::with(move |seen| faults.get(seen.attempt).copied());
    let ended = run(&mut load(&api, EXTERNAL, &valid(250), &["--update"]));
    assert_eq!(ended.changes(), Changes { created: 250, ..Changes::default() }, "{}", ended.errors);
    assert_eq!(api.seen().len(), 3 * 6);
    let lost = Api::with(|seen| (seen.attempt == 0).then_some(Fault::LostResponse));
    let ended = run(&mut load(&lost, EXTERNAL, &valid(250), &["--update"]));
    assert_eq!(ended.changes(), Changes { created: 250, ..Changes::default() }, "{}", ended.errors);
    assert_eq!(lost.stored().len(), 250);
}
