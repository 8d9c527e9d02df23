//! Records, deleted: one by its path, and several at once.

mod bulk;
mod faults;

use aws_sdk_dynamodb::types::AttributeValue;
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::support::{
    ACCOUNT, CREATED, EXTERNAL, Function, NOTHING, NUMBER_TAKEN, PHONE_NUMBER, Table, keyed, link, openapi, record,
    record_of, records_of, with_numbers, with_three_numbers,
};

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
    ids.extend([elsewhere["id"].as_str().unwrap().to_owned(), id.to_uppercase(), id.replace('-', ""), "x".to_owned()]);
    for id in ids {
        let response = function.delete(&record_of(PHONE_NUMBER, &id)).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordNotFound")), "{id}");
    }
    assert_eq!(table.items().await.len(), 4);
}

/// Stores a record as an earlier version did that had other rules: its item, and one for its other number.
async fn store_older(table: &Table, [first, second]: [&str; 2]) -> String {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let number = |number: &str, phone_type: &str| {
        AttributeValue::M([("phone_number", text(number)), ("phone_type", text(phone_type))].map(owned).into())
    };
    let (id, alias) = (id_of(first), id_of(second));
    let record = [
        ("id", text(&id)),
        ("record_list_id", text(PHONE_NUMBER)),
        ("phone_numbers", AttributeValue::L(vec![number(first, "HOME"), number(second, "OFFICE")])),
        ("first_name", text("Jane")),
        ("last_name", text("Doe")),
        ("updated_at", text("2025-01-01T00:00:00.000Z")),
    ];
    for (key, attributes) in [(&id, &record[..]), (&alias, &[("record_id", text(&id))])] {
        let start = [
            ("pk", text(&format!("ACCOUNT#{ACCOUNT}#LIST#{PHONE_NUMBER}#{}", &key[..1]))),
            ("sk", text(&format!("RECORD#{key}"))),
            ("write_token", text("a-token/0")),
            ("created_at", text("2025-01-01T00:00:00.000Z")),
        ];
        let item = start.into_iter().chain(attributes.iter().cloned()).map(owned).collect();
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.expect("it is stored");
    }
    id
}

fn owned((name, value): (&str, AttributeValue)) -> (String, AttributeValue) {
    (name.to_owned(), value)
}

/// The ID that a number takes in the list.
fn id_of(number: &str) -> String {
    const NAMESPACE: Uuid = Uuid::from_u128(0x5d8c_35c1_7f0a_4b0e_9d35_86a5_57c2_0b5f);
    let name = json!([ACCOUNT, PHONE_NUMBER, "PHONE_NUMBER", number]).to_string();
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

#[tokio::test]
async fn numbers_that_no_rule_of_today_allows_are_deleted_as_they_are_stored() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let target = record_of(PHONE_NUMBER, &store_older(&table, ["+4930", "+490301234567890123"]).await);
    assert_eq!(table.items().await.len(), 2);
    assert_eq!(function.get(&target).await.body["phone_number"], "+4930");
    assert_eq!(function.delete(&target).await.status, StatusCode::NO_CONTENT);
    assert_eq!(table.items().await, []);
}
