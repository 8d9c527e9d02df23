//! A list's end: 202, then 404 everywhere, and in the end nothing of it in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::join;
use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, CREATED, DOWN, EXTERNAL, Fault, Function, Item, PHONE_NUMBER, Response, Setup, Table, at_first_writes,
    bulks_of, hold_the_first_write, of_account, post, record, records, request, text, with_three_numbers,
};

const MINUTE: i64 = 60_000;

/// The target of `list`.
fn target(list: &str) -> String {
    format!("/record-lists/{list}")
}

/// `event`, received `milliseconds` later.
fn later(mut event: Value, milliseconds: i64) -> Value {
    let time = event["requestContext"]["requestTimeEpoch"].as_i64().expect("the event has a time");
    event["requestContext"]["requestTimeEpoch"] = json!(time + milliseconds);
    event
}

/// The event that creates a list, with an `Idempotency-Key`.
fn keyed_list(key: &str, unique: &str) -> Value {
    let body = json!({"name": "Leads", "unique_identifier_type": unique});
    let mut event = request("POST", "/record-lists", Some(&body));
    event["multiValueHeaders"]["Idempotency-Key"] = json!([key]);
    event
}

impl Function {
    /// The ID of a new list.
    pub async fn new_list(&self, unique: &str) -> String {
        let body = json!({"name": "Leads", "unique_identifier_type": unique});
        let response = self.invoke(&request("POST", "/record-lists", Some(&body))).await;
        assert_eq!(response.status, StatusCode::CREATED);
        response.body["id"].as_str().expect("it has an ID").to_owned()
    }

    pub async fn end_list(&self, list: &str) -> Response {
        self.invoke(&request("DELETE", &target(list), None)).await
    }

    /// The number of items that one run of the sweep removes.
    pub async fn sweep(&self) -> u64 {
        let output: Value = serde_json::from_str(&self.hand(&json!({"sweep": {}})).await).expect("it is JSON");
        output["swept"].as_u64().expect("it says how many")
    }
}

impl Table {
    /// Every item in the partition of deletions.
    async fn deletions(&self) -> Vec<Item> {
        let all = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        let all: Vec<Item> = all.try_collect().await.expect("the table can be read");
        all.into_iter().filter(|item| text(item, "pk") == "DELETIONS").collect()
    }

    /// Lets the deletions be of an hour ago.
    async fn age_deletions(&self) {
        for mut row in self.deletions().await {
            row.insert("deleted_at".to_owned(), AttributeValue::S("2026-11-01T00:00:00.000Z".to_owned()));
            self.put(row).await;
        }
    }
}

#[tokio::test]
async fn a_deleted_list_is_gone_and_so_are_its_records_in_the_end() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let list = function.new_list("PHONE_NUMBER").await;
    assert_eq!(function.post(&list, &with_three_numbers(30)).await.summary(), vec![CREATED; 30]);
    let ended = function.end_list(&list).await;
    assert_eq!((ended.status, ended.text.as_str()), (StatusCode::ACCEPTED, ""));
    for other in [&function, &Function::new(&table)] {
        let requests = [
            request("GET", &target(&list), None),
            request("PATCH", &target(&list), Some(&json!({"name": "Others"}))),
            request("GET", &format!("{}/records", target(&list)), None),
            post(&list, &json!({"records": [record(1)]})),
            request("DELETE", &target(&list), None),
        ];
        for event in requests {
            let response = other.invoke(&event).await;
            assert_eq!(
                (response.status, &response.body["code"]),
                (StatusCode::NOT_FOUND, &json!("RECORD_LIST_NOT_FOUND"))
            );
        }
    }
    let lists = function.get("/record-lists").await;
    let ids: Vec<&Value> =
        lists.body["_embedded"]["record_lists"].as_array().unwrap().iter().map(|list| &list["id"]).collect();
    assert!(!ids.contains(&&json!(list)), "{ids:?}");
    assert_eq!(function.sweep().await, 90);
    assert_eq!(table.items().await, []);
    assert_eq!(table.deletions().await.len(), 1, "somebody could still add a record");
    table.age_deletions().await;
    assert_eq!(function.sweep().await, 0);
    assert_eq!(table.deletions().await, []);
}

#[tokio::test]
async fn a_function_that_knew_the_list_knows_it_for_a_minute_at_most() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let list = function.new_list("EXTERNAL").await;
    let knowing = Function::new(&table);
    let create = |number| post(&list, &json!({"records": [record(number)]}));
    assert_eq!(knowing.invoke(&create(1)).await.status, StatusCode::CREATED);
    function.end_list(&list).await;
    assert_eq!(function.sweep().await, 1);
    assert_eq!(knowing.invoke(&later(create(2), MINUTE - 1)).await.status, StatusCode::CREATED);
    assert_eq!(knowing.invoke(&later(create(3), MINUTE)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(knowing.invoke(&create(4)).await.status, StatusCode::NOT_FOUND);
    assert_eq!(function.sweep().await, 1, "what it stored goes with the rest");
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn an_event_without_a_time_reads_the_list() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let list = function.new_list("EXTERNAL").await;
    let knowing = Function::new(&table);
    let mut event = post(&list, &json!({"records": [record(1)]}));
    assert_eq!(knowing.invoke(&event).await.status, StatusCode::CREATED);
    function.end_list(&list).await;
    for time in [Value::Null, json!("1795425509046")] {
        event["requestContext"]["requestTimeEpoch"] = time;
        assert_eq!(knowing.invoke(&event).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_id_of_a_deleted_list_is_never_used_again() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.invoke(&keyed_list("a-key", "NOTHING")).await;
    let list = created.body["id"].as_str().unwrap();
    assert_eq!(function.invoke(&keyed_list("a-key", "NOTHING")).await.body, created.body);
    let renamed = function.invoke(&request("PATCH", &target(list), Some(&json!({"name": "Others"})))).await;
    assert_eq!(renamed.body["name"], "Others");
    assert_eq!(function.invoke(&keyed_list("a-key", "NOTHING")).await.body, renamed.body);
    assert_eq!(function.end_list(list).await.status, StatusCode::ACCEPTED);
    function.sweep().await;
    for _ in 0..2 {
        let again = function.invoke(&keyed_list("a-key", "NOTHING")).await;
        assert_eq!((again.status, &again.body["code"]), (StatusCode::CONFLICT, &json!("RECORD_LIST_DELETED")));
    }
    assert_eq!(function.invoke(&keyed_list("another", "NOTHING")).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_deletion_whose_response_was_lost_is_not_a_404() {
    for fault in [Fault::LostResponse, Fault::LostCall, DOWN] {
        let setup = Setup::new(at_first_writes(1, fault)).await;
        let list = Function::new(&setup.table).new_list("EXTERNAL").await;
        assert_eq!(setup.function.end_list(&list).await.status, StatusCode::ACCEPTED, "{fault:?}");
        assert_eq!(setup.table.deletions().await.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_renamed_meanwhile_stays_deleted() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let list = other.new_list("EXTERNAL").await;
    let rename = request("PATCH", &target(&list), Some(&json!({"name": "Others"})));
    let (renamed, ended) = setup.interrupt(setup.function.invoke(&rename), other.end_list(&list)).await;
    assert_eq!((renamed.status, ended.status), (StatusCode::NOT_FOUND, StatusCode::ACCEPTED));
    assert_eq!(other.get(&target(&list)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_names_at_once_are_both_given_in_some_order() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let list = other.new_list("EXTERNAL").await;
    let rename = |name: &str| request("PATCH", &target(&list), Some(&json!({ "name": name })));
    let (ours, theirs) = (rename("Ours"), rename("Theirs"));
    let (ours, theirs) = setup.interrupt(setup.function.invoke(&ours), other.invoke(&theirs)).await;
    assert_eq!((&ours.body["name"], &theirs.body["name"]), (&json!("Ours"), &json!("Theirs")));
    assert_eq!(other.get(&target(&list)).await.body, ours.body);
    assert!(ours.body["updated_at"].as_str() > theirs.body["updated_at"].as_str());
}

#[tokio::test]
async fn a_sweep_goes_on_where_another_died_and_touches_no_other_list() {
    let setup = Setup::new(|call| (call.is_write() && call.number % 3 == 2).then_some(Fault::LostResponse)).await;
    let other = Function::new(&setup.table);
    let list = other.new_list("EXTERNAL").await;
    let looks_like_its_partition = format!("{ACCOUNT}#LIST#{list}#0");
    let body = json!({"name": "Another's", "unique_identifier_type": "EXTERNAL"});
    let anothers = of_account(&looks_like_its_partition, request("POST", "/record-lists", Some(&body)));
    let anothers = other.invoke(&anothers).await.body["id"].as_str().unwrap().to_owned();
    other.post(EXTERNAL, &records(20)).await;
    let strangers = post(&anothers, &json!({"records": records(20)}));
    assert_eq!(other.invoke(&of_account(&looks_like_its_partition, strangers)).await.status, StatusCode::CREATED);
    let kept = setup.table.records().await;
    for batch in 0..3 {
        let batch: Vec<Value> = (0..100).map(|number| record(1_000 + batch * 100 + number)).collect();
        other.post(&list, &batch).await;
    }
    other.end_list(&list).await;
    let mut hurried = setup.proxy.function();
    hurried.timeout = std::time::Duration::from_millis(700);
    for _ in 0..3 {
        join(hurried.sweep(), other.sweep()).await;
    }
    other.sweep().await;
    assert_eq!(setup.table.records().await, kept);
    let lists = other.invoke(&of_account(&looks_like_its_partition, request("GET", "/record-lists", None))).await;
    assert_eq!(lists.body["count"], 1);
}

#[tokio::test]
async fn ids_of_a_new_list_are_salted_and_the_salt_is_not_returned() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let mut ids = Vec::new();
    for unique in ["PHONE_NUMBER", "PHONE_NUMBER", "EXTERNAL", "EXTERNAL"] {
        let list = function.new_list(unique).await;
        let read = function.get(&target(&list)).await;
        assert!(read.body.get("salt").is_none(), "{:?}", read.body);
        let created = function.post(&list, &[record(1)]).await;
        ids.push(created.records()[0]["id"].clone());
        // The function, and one that reads the list, find the record again.
        for function in [&function, &Function::new(&table)] {
            let again =
                function.invoke(&request("POST", &bulks_of(&list), Some(&json!({"records": [record(1)]})))).await;
            let existing = &again.records()[0]["_links"]["existing_record"]["href"];
            assert!(existing.as_str().unwrap().ends_with(ids.last().unwrap().as_str().unwrap()), "{existing}");
        }
    }
    ids.push(function.post(PHONE_NUMBER, &[record(1)]).await.records()[0]["id"].clone());
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn of_two_requests_with_one_key_one_salt_is_used() {
    let table = Table::new().await;
    let (one, other) = (Function::new(&table), Function::new(&table));
    let event = keyed_list("a-key", "PHONE_NUMBER");
    let (first, second) = join(one.invoke(&event), other.invoke(&event)).await;
    assert_eq!(first.body["id"], second.body["id"]);
    let list = first.body["id"].as_str().unwrap();
    assert_eq!(one.post(list, &[record(1)]).await.summary(), [CREATED]);
    assert_ne!(other.post(list, &[record(1)]).await.summary(), [CREATED]);
}
