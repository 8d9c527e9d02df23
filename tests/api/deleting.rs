//! Records, deleted: one by its path, and several at once.

mod bulk;
mod faults;
mod reasons;
mod versions;

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    CREATED, EXTERNAL, Function, NOTHING, NUMBER_TAKEN, PHONE_NUMBER, Response, Table, keyed, link, openapi, record,
    record_of, records_of, store_older, with_numbers, with_three_numbers,
};

/// The entries that name the created records of a response by their IDs.
fn entries(created: &Response) -> Vec<Value> {
    created.records().iter().map(|record| json!({"id": record["id"]})).collect()
}

#[track_caller]
fn assert_counts(response: &Response, deleted: usize, errors: usize) {
    let counts = (&response.body["total_deleted"], &response.body["total_errors"]);
    assert_eq!(counts, (&json!(deleted), &json!(errors)), "{response:?}");
}

#[tokio::test]
async fn a_deleted_record_is_gone() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (list, sent) in [(NOTHING, record(1)), (EXTERNAL, record(1)), (PHONE_NUMBER, with_numbers(&[1, 2, 3, 4, 5, 6]))]
    {
        let created = function.create(list, &sent).await;
        let target = link(&created, "self");
        let response = function.delete(target).await;
        assert_eq!((response.status, response.text.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(response.headers.keys().collect::<Vec<_>>(), ["cache-control", "x-request-id"]);
        assert_eq!(table.items().await, [], "{list}");
        for again in [function.get(target).await, function.delete(target).await] {
            assert_eq!((again.status, again.body), (StatusCode::NOT_FOUND, openapi::error("recordNotFound")));
        }
        assert_eq!(function.get(&records_of(list)).await.body["count"], 0);
    }
}

#[tokio::test]
async fn the_identifiers_of_a_deleted_record_can_be_used_again() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2, 3])).await;
    assert_eq!(function.post(PHONE_NUMBER, &[with_numbers(&[3])]).await.summary(), [NUMBER_TAKEN]);
    function.delete(link(&created, "self")).await;
    let again = [with_numbers(&[3]), with_numbers(&[2, 4]), with_numbers(&[1])];
    assert_eq!(function.post(PHONE_NUMBER, &again).await.summary(), [CREATED; 3]);
    let created = function.create(EXTERNAL, &record(1)).await;
    function.delete(link(&created, "self")).await;
    assert_eq!(function.create(EXTERNAL, &record(1)).await["id"], created["id"], "the ID is made of the reference");
}

#[tokio::test]
async fn an_idempotent_request_that_is_sent_again_creates_a_deleted_record_again() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (list, records) in [(PHONE_NUMBER, with_three_numbers(2)), (NOTHING, vec![record(1), record(2)])] {
        let event = keyed(list, &records, "a-key");
        let first = function.invoke(&event).await;
        function.delete(link(&first.records()[0], "self")).await;
        let again = function.invoke(&event).await;
        assert_eq!(again.summary(), [CREATED; 2]);
        assert_eq!(again.records()[0]["id"], first.records()[0]["id"]);
        assert_eq!(again.records()[1], first.records()[1], "what was not deleted is what it was");
        assert_eq!(function.get(link(&first.records()[0], "self")).await.body, again.records()[0]);
    }
}

#[tokio::test]
async fn the_rest_of_the_list_is_left_alone() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.post(PHONE_NUMBER, &with_three_numbers(20)).await;
    function.delete(link(&created.records()[7], "self")).await;
    assert_eq!(table.items().await.len(), 57);
    let mut left = created.records().to_vec();
    left.remove(7);
    left.sort_by_key(|record| record["id"].as_str().unwrap().to_owned());
    assert_eq!(function.get(&records_of(PHONE_NUMBER)).await.body["_embedded"]["records"], json!(left));
}

#[tokio::test]
async fn what_is_not_a_record_of_the_list_is_not_deleted() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_three_numbers(1)[0]).await;
    let elsewhere = function.create(EXTERNAL, &record(1)).await;
    let id = created["id"].as_str().unwrap();
    let items = table.items().await;
    let aliases = items.iter().filter(|item| item.contains_key("record_id"));
    let mut ids: Vec<String> = aliases.map(|item| item["sk"].as_s().unwrap().replace("RECORD#", "")).collect();
    assert_eq!(ids.len(), 2);
    ids.extend([elsewhere["id"].as_str().unwrap().to_owned(), id.replace('-', ""), "x".to_owned()]);
    for id in ids {
        let response = function.delete(&record_of(PHONE_NUMBER, &id)).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordNotFound")), "{id}");
    }
    assert_eq!(table.items().await.len(), 4);
}

#[tokio::test]
async fn numbers_that_no_rule_of_today_allows_are_deleted_as_they_are_stored() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let target = record_of(PHONE_NUMBER, &store_older(&table, &["+4930", "+490301234567890123"]).await);
    assert_eq!(table.items().await.len(), 2);
    assert_eq!(function.get(&target).await.body["phone_number"], "+4930");
    assert_eq!(function.delete(&target).await.status, StatusCode::NO_CONTENT);
    assert_eq!(table.items().await, []);
}
