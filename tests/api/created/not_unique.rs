//! A record refused as not unique: which of its identifiers another record has, and which record that is.

use serde_json::{Value, json};

use super::words::{NUMBER_IN_LIST, NUMBER_IN_REQUEST, NUMBER_LENGTH, REFERENCE_IN_LIST, REFERENCE_IN_REQUEST};
use crate::support::{
    API, CREATED, EXTERNAL, Function, NUMBER_TAKEN, PHONE_NUMBER, REFERENCE_TAKEN, Response, Table, record,
    store_older, with_numbers,
};

/// The ID of the record at `index`.
fn id(response: &Response, index: usize) -> String {
    response.outcomes()[index].clone().expect("the record is created")
}

/// Fails if `refused` does not have this code and these fields alone, or does not link `existing`.
#[track_caller]
fn assert_taken(refused: &Value, code: &str, fields: &[(&str, &str)], list: &str, existing: &str) {
    let field = |(name, description): &(&str, &str)| json!({"name": name, "description": description});
    assert_eq!(refused["errors"], json!([code]), "{refused}");
    assert_eq!(refused["fields"], fields.iter().map(field).collect::<Value>(), "{refused}");
    let href = format!("{API}/record-lists/{list}/records/{existing}");
    assert_eq!(refused["_links"], json!({"existing_record": {"href": href}}), "{refused}");
}

#[tokio::test]
async fn a_reference_names_the_record_that_has_it() {
    let function = Function::new(&Table::new().await);
    let first = function.post(EXTERNAL, &[record(1), record(2), record(2)]).await;
    let again = [("external_id", REFERENCE_IN_REQUEST)];
    assert_taken(&first.records()[2], REFERENCE_TAKEN, &again, EXTERNAL, &id(&first, 1));
    let second = function.post(EXTERNAL, &[record(3), record(1)]).await;
    let in_list = [("external_id", REFERENCE_IN_LIST)];
    assert_taken(&second.records()[1], REFERENCE_TAKEN, &in_list, EXTERNAL, &id(&first, 0));
}

#[tokio::test]
async fn a_number_names_the_record_that_has_it_in_any_position() {
    let function = Function::new(&Table::new().await);
    let first = function.post(PHONE_NUMBER, &[with_numbers(&[1]), with_numbers(&[2, 3, 4])]).await;
    let second =
        [with_numbers(&[4]), with_numbers(&[9, 8, 7, 6, 5, 3]), with_numbers(&[2, 10, 1]), with_numbers(&[10])];
    let second = function.post(PHONE_NUMBER, &second).await;
    let table = [
        (0, vec![("phone_numbers[0].phone_number", NUMBER_IN_LIST)], 1),
        (1, vec![("phone_numbers[5].phone_number", NUMBER_IN_LIST)], 1),
        (
            2,
            vec![("phone_numbers[0].phone_number", NUMBER_IN_LIST), ("phone_numbers[2].phone_number", NUMBER_IN_LIST)],
            1,
        ),
    ];
    for (index, fields, existing) in table {
        assert_taken(&second.records()[index], NUMBER_TAKEN, &fields, PHONE_NUMBER, &id(&first, existing));
    }
    assert_eq!(second.summary()[3], CREATED, "a refused record holds on to none of its numbers");
}

#[tokio::test]
async fn a_number_of_an_earlier_record_of_the_request_is_told_from_one_of_the_list() {
    let function = Function::new(&Table::new().await);
    let first = function.post(PHONE_NUMBER, &[with_numbers(&[1, 2])]).await;
    let deprecated = json!({"phone_number": "+12025550002", "first_name": "Jane", "last_name": "Doe"});
    let batch = [with_numbers(&[3, 4]), with_numbers(&[5, 4]), with_numbers(&[6, 4, 2]), deprecated];
    let second = function.post(PHONE_NUMBER, &batch).await;
    let in_request = ("phone_numbers[1].phone_number", NUMBER_IN_REQUEST);
    assert_taken(&second.records()[1], NUMBER_TAKEN, &[in_request], PHONE_NUMBER, &id(&second, 0));
    let both = &second.records()[2];
    assert_eq!(both["errors"], json!([NUMBER_TAKEN]));
    let existing = both["_links"]["existing_record"]["href"].as_str().unwrap();
    assert!([id(&first, 0), id(&second, 0)].iter().any(|id| existing.ends_with(id)), "{both}");
    let named = ("phone_number", NUMBER_IN_LIST);
    assert_taken(&second.records()[3], NUMBER_TAKEN, &[named], PHONE_NUMBER, &id(&first, 0));
}

#[tokio::test]
async fn a_link_to_the_existing_record_can_be_followed() {
    let function = Function::new(&Table::new().await);
    let first = function.post(PHONE_NUMBER, &[with_numbers(&[1, 2])]).await;
    let second = function.post(PHONE_NUMBER, &[with_numbers(&[2])]).await;
    let href = second.records()[0]["_links"]["existing_record"]["href"].as_str().unwrap();
    assert_eq!(function.get(href).await.body, first.records()[0]);
}

#[tokio::test]
async fn a_stored_number_that_would_be_refused_today_is_still_a_records() {
    let table = Table::new().await;
    let older = store_older(&table, &["+4930", "+12025550001"]).await;
    let function = Function::new(&table);
    let today = json!({"phone_number": "+4930", "first_name": "Jane", "last_name": "Doe"});
    let response = function.post(PHONE_NUMBER, &[with_numbers(&[1]), today, with_numbers(&[2])]).await;
    let taken = ("phone_numbers[0].phone_number", NUMBER_IN_LIST);
    assert_taken(&response.records()[0], NUMBER_TAKEN, &[taken], PHONE_NUMBER, &older);
    assert_eq!(response.records()[1]["errors"], json!(["PHONE_NUMBER_INVALID"]));
    assert_eq!(response.records()[1]["fields"], json!([{"name": "phone_number", "description": NUMBER_LENGTH}]));
    assert_eq!(response.summary()[2], CREATED);
    assert_eq!(table.items().await.len(), 3, "the record, its alias, and the new one");
}
