//! A deletion removes the version of a record that it found, and no key is in one call twice.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue::S;
use http::StatusCode;
use serde_json::json;

use super::{assert_counts, entries};
use crate::support::{
    Call, EXTERNAL, Fault, Function, NOTHING, PHONE_NUMBER, Places, Setup, Table, hold_the_first_write, key_of_number,
    keyed, link, number_text, record, records, text, with_numbers, with_three_numbers,
};

#[track_caller]
fn assert_no_key_is_twice_in_a_call(setup: &Setup) {
    for call in setup.proxy.calls().iter().filter(|call| call.is_write()) {
        let keys: HashSet<&String> = call.keys.iter().collect();
        assert_eq!(keys.len(), call.keys.len(), "{:?}", call.keys);
    }
}

/// Of the first read, the item of number 3 is left unread; the second read, which asks for it again, is held.
fn read_number_3_late(call: &Call) -> Option<Fault> {
    let late = key_of_number(3);
    match (call.operation.as_str(), call.number) {
        ("BatchGetItem", 0) => Some(Fault::Unread(Places::of(|place| call.keys.get(place) == Some(&late)))),
        ("BatchGetItem", 1) => Some(Fault::Held),
        _ => None,
    }
}

/// Both records are found, and both have number 2: one had it when it was read, and the other has it now.
#[tokio::test]
async fn two_records_that_had_one_number_one_after_the_other_are_deleted_by_one_request() {
    let setup = Setup::new(read_number_3_late).await;
    let other = Function::new(&setup.table);
    let first = other.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let neighbours = [with_numbers(&[4, 5]), with_numbers(&[6, 7])];
    assert_eq!(other.post(PHONE_NUMBER, &neighbours).await.body["total_created"], 2);
    let meanwhile = async {
        other.delete(link(&first, "self")).await;
        other.create(PHONE_NUMBER, &with_numbers(&[3, 2])).await
    };
    let entries = [1, 3, 4, 6].map(|number| json!({"phone_number": number_text(number)}));
    let (response, _) = setup.interrupt(setup.function.delete_all(PHONE_NUMBER, &entries), meanwhile).await;
    assert_counts(&response, 4, 0);
    assert_no_key_is_twice_in_a_call(&setup);
    assert_eq!(setup.table.items().await, []);
}

/// The same, but the later record is created again after it was read: that one is left alone.
#[tokio::test]
async fn a_record_that_took_a_number_after_it_was_read_is_left_alone() {
    let setup = Setup::new(|call| read_number_3_late(call).or_else(|| hold_the_first_write(call))).await;
    let other = Function::new(&setup.table);
    let first = other.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let steps = async {
        other.delete(link(&first, "self")).await;
        let second = other.create(PHONE_NUMBER, &with_numbers(&[3, 2])).await;
        setup.proxy.release();
        setup.proxy.held().await;
        other.delete(link(&second, "self")).await;
        other.create(PHONE_NUMBER, &with_numbers(&[8, 2])).await
    };
    let entries = [1, 3].map(|number| json!({"phone_number": number_text(number)}));
    let (response, third) = setup.interrupt(setup.function.delete_all(PHONE_NUMBER, &entries), steps).await;
    assert_counts(&response, 2, 0);
    assert_no_key_is_twice_in_a_call(&setup);
    assert_eq!(other.get(link(&third, "self")).await.body, third);
    assert_eq!(setup.table.items().await.len(), 2);
}

/// Gives every item of `table` this time, as if all were written in one millisecond.
async fn set_times(table: &Table, time: &str) {
    for mut item in table.items().await {
        for name in ["created_at", "updated_at"] {
            item.entry(name.to_owned()).and_modify(|value| *value = S(time.to_owned()));
        }
        table.put(item).await;
    }
}

#[tokio::test]
async fn a_record_created_again_by_its_key_in_the_same_millisecond_is_another_version() {
    let batches = [(EXTERNAL, records(1)), (NOTHING, records(1)), (PHONE_NUMBER, with_three_numbers(1))];
    for (list, records) in batches {
        let setup = Setup::new(hold_the_first_write).await;
        let other = Function::new(&setup.table);
        let event = keyed(list, &records, "a-key");
        let created = other.invoke(&event).await;
        let first = created.records()[0].clone();
        let again = Box::pin(async {
            other.delete(link(&first, "self")).await;
            other.invoke(&event).await;
            set_times(&setup.table, first["created_at"].as_str().expect("a record has a time")).await;
        });
        let (response, ()) = setup.interrupt(setup.function.delete_all(list, &entries(&created)), again).await;
        assert_counts(&response, 1, 0);
        let read = other.get(link(&first, "self")).await;
        assert_eq!((read.status, &read.body), (StatusCode::OK, &first), "{list}: the second version is left alone");
        assert_eq!(setup.table.items().await.len(), if list == PHONE_NUMBER { 3 } else { 1 }, "{list}");
    }
}

/// The token's suffix is another, and all before it, which recognises the record, is the same.
#[tokio::test]
async fn each_execution_of_a_request_writes_a_token_of_its_own() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let event = keyed(EXTERNAL, &[record(1)], "a-key");
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let created = function.invoke(&event).await;
        assert_eq!(function.invoke(&event).await.body, created.body, "it is recognised while it is stored");
        let item = table.items().await.remove(0);
        tokens.push(text(&item, "write_token").to_owned());
        function.delete(link(&created.records()[0], "self")).await;
    }
    assert_ne!(tokens[0], tokens[1]);
}
