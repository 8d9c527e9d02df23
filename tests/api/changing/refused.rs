//! A change of one record that would break a rule: `422` with the record's codes, and nothing is written.

use http::StatusCode;
use serde_json::{Value, json};

use crate::created::words::{
    LIST_REQUIRES, NAME_BLANK, NAME_MISSING, NAME_NOT_TEXT, NUMBER_IN_LIST, NUMBER_LENGTH, NUMBERS_EMPTY,
    NUMBERS_MISSING, PRIORITY, REFERENCE_NOT_TEXT, SYNC, SYNC_REQUIRES, TIMEZONE_BLANK, TIMEZONE_UNMATCHED, TOO_LARGE,
    TYPE_REPEATED, URL,
};
use crate::support::{
    API, EXTERNAL, Function, NOTHING, NUMBER_TAKEN, PHONE_NUMBER, Response, Table, link, number_text, record,
    with_numbers,
};

/// A patch, and the codes and fields of its refusal.
struct Refusal {
    list: &'static str,
    patch: Value,
    codes: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

fn refusal(
    list: &'static str,
    patch: Value,
    codes: &'static str,
    fields: &'static [(&'static str, &'static str)],
) -> Refusal {
    Refusal { list, patch, codes, fields }
}

fn of_texts() -> Vec<Refusal> {
    vec![
        refusal(NOTHING, json!({"first_name": null}), "FIRST_NAME_MISSING", &[("first_name", NAME_MISSING)]),
        refusal(NOTHING, json!({"last_name": "\u{200b}"}), "LAST_NAME_MISSING", &[("last_name", NAME_BLANK)]),
        refusal(NOTHING, json!({"first_name": 5}), "FIRST_NAME_INVALID", &[("first_name", NAME_NOT_TEXT)]),
        refusal(NOTHING, json!({"timezone": " "}), "TIMEZONE_MISSING", &[("timezone", TIMEZONE_BLANK)]),
        refusal(NOTHING, json!({"timezone": "Mars"}), "TIMEZONE_UNMATCHED", &[("timezone", TIMEZONE_UNMATCHED)]),
        refusal(NOTHING, json!({"priority": 11}), "PRIORITY_INVALID", &[("priority", PRIORITY)]),
        refusal(NOTHING, json!({"external_url": "a"}), "OTHER", &[("external_url", URL)]),
        refusal(NOTHING, json!({"sync_external_id": "yes"}), "OTHER", &[("sync_external_id", SYNC)]),
        refusal(NOTHING, json!({"external_id": 7}), "OTHER", &[("external_id", REFERENCE_NOT_TEXT)]),
        refusal(
            NOTHING,
            json!({"first_name": null, "timezone": "Mars", "priority": 0}),
            "FIRST_NAME_MISSING TIMEZONE_UNMATCHED PRIORITY_INVALID",
            &[("first_name", NAME_MISSING), ("timezone", TIMEZONE_UNMATCHED), ("priority", PRIORITY)],
        ),
    ]
}

fn of_numbers() -> Vec<Refusal> {
    let number = |number: &str, kind: &str| json!({"phone_number": number, "phone_type": kind});
    vec![
        refusal(NOTHING, json!({"phone_numbers": null}), "PHONE_NUMBER_MISSING", &[("phone_numbers", NUMBERS_MISSING)]),
        refusal(NOTHING, json!({"phone_numbers": []}), "PHONE_NUMBER_MISSING", &[("phone_numbers", NUMBERS_EMPTY)]),
        refusal(
            PHONE_NUMBER,
            json!({"phone_numbers": [number("+12025550001", "HOME"), number("+4930", "MOBILE")]}),
            "PHONE_NUMBER_INVALID",
            &[("phone_numbers[1].phone_number", NUMBER_LENGTH)],
        ),
        refusal(
            PHONE_NUMBER,
            json!({"phone_numbers": [number("+12025550001", "HOME"), number("+12025550007", "HOME")]}),
            "PHONE_NUMBER_INVALID",
            &[("phone_numbers[1].phone_type", TYPE_REPEATED)],
        ),
    ]
}

/// Rules that join members look at the record as it would be.
fn of_references() -> Vec<Refusal> {
    vec![
        refusal(EXTERNAL, json!({"external_id": null}), "EXTERNAL_REF_MISSING", &[("external_id", LIST_REQUIRES)]),
        refusal(
            EXTERNAL,
            json!({"external_provider": " "}),
            "EXTERNAL_REF_MISSING",
            &[("external_provider", LIST_REQUIRES)],
        ),
        refusal(
            NOTHING,
            json!({"external_id": "", "sync_external_id": true}),
            "EXTERNAL_REF_MISSING",
            &[("external_id", SYNC_REQUIRES)],
        ),
    ]
}

#[track_caller]
fn assert_refused(response: &Response, codes: &str, fields: &[(&str, &str)], what: &Value) {
    let field = |(name, description): &(&str, &str)| json!({"name": name, "description": description});
    assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {response:?}");
    assert_eq!(response.header("content-type"), Some("application/json"), "{what}");
    assert_eq!(response.body["code"], "UNPROCESSABLE_RECORD", "{what}");
    assert_eq!(response.body["errors"], codes.split(' ').collect::<Value>(), "{what}");
    assert_eq!(response.body["fields"], fields.iter().map(field).collect::<Value>(), "{what}");
    let known = ["code", "message", "description", "fields", "errors", "_links"];
    let mut members = response.body.as_object().unwrap().keys();
    assert!(members.all(|name| known.contains(&name.as_str())), "{what}: {response:?}");
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_is_refused_with_the_records_codes_and_changes_nothing() {
    for Refusal { list, patch, codes, fields } in of_texts().into_iter().chain(of_numbers()).chain(of_references()) {
        let table = Table::new().await;
        let function = Function::new(&table);
        let created = function.create(list, &record(1)).await;
        let before = table.items().await;
        let response = function.patch(link(&created, "self"), &patch).await;
        assert_refused(&response, codes, fields, &patch);
        assert_eq!(response.body.get("_links"), None, "{patch}");
        assert_eq!(table.items().await, before, "{patch}");
    }
}

#[tokio::test]
async fn a_number_of_another_record_is_refused_with_a_link_to_it() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let theirs = function.create(PHONE_NUMBER, &with_numbers(&[5, 6])).await;
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let before = table.items().await;
    let patch = json!({"phone_numbers": with_numbers(&[1, 3, 6])["phone_numbers"], "first_name": "Joan"});
    let response = function.patch(link(&created, "self"), &patch).await;
    assert_refused(&response, NUMBER_TAKEN, &[("phone_numbers[2].phone_number", NUMBER_IN_LIST)], &patch);
    let href = format!("{API}/record-lists/{PHONE_NUMBER}/records/{}", theirs["id"].as_str().unwrap());
    assert_eq!(response.body["_links"], json!({"existing_record": {"href": href}}));
    assert_eq!(table.items().await.len(), before.len(), "number 3 is still free");
    assert_eq!(function.read(&created).await, created);
}

/// A change that would end the identity that the record's ID was made from.
#[tokio::test]
async fn a_change_that_ends_the_identity_of_a_record_is_refused_and_names_the_member() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let external = function.create(EXTERNAL, &record(1)).await;
    let numbered = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let before = table.items().await;
    let cases = [
        (&external, json!({"external_id": "C-2"}), "external_id"),
        (&external, json!({"external_provider": "other"}), "external_provider"),
        (&numbered, json!({"phone_numbers": with_numbers(&[2, 3])["phone_numbers"]}), "phone_number"),
        (&numbered, json!({"phone_number": number_text(9)}), "phone_number"),
    ];
    for (record, patch, member) in cases {
        let response = function.patch(link(record, "self"), &patch).await;
        assert_eq!(response.status, StatusCode::UNPROCESSABLE_ENTITY, "{patch}: {response:?}");
        assert_eq!(response.body["errors"], json!(["OTHER"]), "{patch}");
        let fields = response.body["fields"].as_array().unwrap();
        assert_eq!(fields.len(), 1, "{patch}");
        assert!(fields[0]["name"].as_str().unwrap().starts_with(member), "{patch}: {}", fields[0]);
        assert!(fields[0]["description"].as_str().unwrap().contains("delete"), "it says what to do: {}", fields[0]);
    }
    assert_eq!(table.items().await, before);
}

/// In a record with other errors, the identity is not looked at.
#[tokio::test]
async fn the_end_of_an_identity_is_only_reported_without_other_errors() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    let patch = json!({"external_id": "C-2", "priority": 0});
    let response = function.patch(link(&created, "self"), &patch).await;
    assert_refused(&response, "PRIORITY_INVALID", &[("priority", PRIORITY)], &patch);
}

#[tokio::test]
async fn a_record_that_would_be_too_large_is_refused_by_its_stored_members_too() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let mut large = record(1);
    large["extra_data"] = json!({"a": "x".repeat(300_000)});
    let created = function.create(NOTHING, &large).await;
    let before = table.items().await;
    let patch = json!({"extra_data": {"b": "x".repeat(150_000)}});
    let response = function.patch(link(&created, "self"), &patch).await;
    assert_refused(&response, "OTHER", &[("extra_data", TOO_LARGE)], &json!("150,000 more bytes"));
    assert_eq!(table.items().await, before);
    let replaced = json!({"extra_data": {"a": null, "b": "x".repeat(150_000)}});
    assert_eq!(function.patch(link(&created, "self"), &replaced).await.status, StatusCode::OK);
}
