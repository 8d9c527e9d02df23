//! A request that is sent again with its `Idempotency-Key` is the same request.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::join_all;
use local::{dynamodb, lists};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{
    ACCOUNT, CREATED, Call, EXTERNAL, Fault, Function, NOTHING, NUMBER_TAKEN, OTHER, PHONE_NUMBER, REFERENCE_TAKEN,
    Response, Setup, Table, assert_numbers_are_held, keyed, of_account, record, records, with_numbers,
    with_three_numbers,
};

const KEY: &str = "0d9a4f6e-5c3b-4b0e-9f57-2f1f6f1c8a34";

/// Posts some milliseconds later, so that a new timestamp would show.
async fn later(function: &Function, event: &Value) -> Response {
    sleep(Duration::from_millis(5)).await;
    function.invoke(event).await
}

/// A hundred records for a list of each type, and a hundred that go out in transactions.
fn batches() -> [(&'static str, Vec<Value>); 4] {
    let single = || records(100);
    [(EXTERNAL, single()), (NOTHING, single()), (PHONE_NUMBER, single()), (PHONE_NUMBER, with_three_numbers(100))]
}

#[tokio::test]
async fn the_same_request_again_has_the_same_response_and_stores_nothing() {
    for (list, records) in batches() {
        let table = Table::new().await;
        let function = Function::new(&table);
        let event = keyed(list, &records, KEY);
        let first = function.invoke(&event).await;
        assert_eq!(first.summary(), [CREATED; 100]);
        let items = table.records().await;
        let again = later(&Function::new(&table), &event).await;
        assert_eq!((again.status, again.body), (first.status, first.body));
        assert_eq!(table.records().await, items);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_stopped_half_way_is_finished_by_the_next() {
    for (list, records) in batches() {
        join_all([Fault::Hang, Fault::HungResponse].map(|fault| finish(list, &records, fault))).await;
    }
}

/// Two of the four writes of the first request, and all further attempts at them, hang until the deadline.
fn hang_two_of_four(fault: Fault) -> impl Fn(&Call) -> Option<Fault> {
    let hanging = Mutex::new(HashSet::new());
    move |call| {
        let mut hanging = hanging.lock().expect("no other call has panicked");
        if call.is_write() && [1, 2].contains(&call.number) {
            hanging.extend(call.keys.clone());
        }
        call.keys.iter().any(|key| hanging.contains(key)).then_some(fault)
    }
}

async fn finish(list: &str, records: &[Value], fault: Fault) {
    let mut setup = Setup::new(hang_two_of_four(fault)).await;
    setup.function.timeout = Duration::from_secs(4);
    let event = keyed(list, records, KEY);
    let first = setup.function.invoke(&event).await;
    assert_eq!(first.summary().iter().filter(|outcome| *outcome == OTHER).count(), refused(&first));
    assert!((1..100).contains(&refused(&first)), "it stopped half way");
    let again = later(&Function::new(&setup.table), &event).await;
    setup.assert_all_created_once(&again).await;
    for (before, now) in first.records().iter().zip(again.records()) {
        assert!(before.get("errors").is_some() || before == now, "{before} became {now}");
    }
    assert_eq!(later(&Function::new(&setup.table), &event).await.body, again.body);
}

fn refused(response: &Response) -> usize {
    response.records().iter().filter(|record| record.get("errors").is_some()).count()
}

#[tokio::test]
async fn the_same_request_at_once_has_the_same_response_everywhere() {
    for (list, records) in batches() {
        let table = Table::new().await;
        let functions = [(); 4].map(|()| Function::new(&table));
        let event = keyed(list, &records, KEY);
        let responses = join_all(functions.iter().map(|function| function.invoke(&event))).await;
        assert_eq!(responses[0].summary(), [CREATED; 100]);
        assert!(responses.iter().all(|response| response.body == responses[0].body));
        assert_eq!(table.records().await.len(), 100);
    }
}

#[tokio::test]
async fn the_same_key_with_another_body_is_another_request() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (list, expected) in [(EXTERNAL, [REFERENCE_TAKEN, CREATED]), (PHONE_NUMBER, [NUMBER_TAKEN, CREATED])] {
        function.invoke(&keyed(list, &[record(1)], KEY)).await;
        assert_eq!(function.invoke(&keyed(list, &[record(1), record(2)], KEY)).await.summary(), expected);
    }
    function.invoke(&keyed(NOTHING, &[record(1)], KEY)).await;
    assert_eq!(function.invoke(&keyed(NOTHING, &[record(1), record(2)], KEY)).await.summary(), [CREATED; 2]);
    assert_eq!(table.records().await.len(), 2 + 2 + 3);
}

#[tokio::test]
async fn the_same_request_with_another_key_or_none_is_another_request() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (list, expected) in [(EXTERNAL, REFERENCE_TAKEN), (PHONE_NUMBER, NUMBER_TAKEN), (NOTHING, CREATED)] {
        assert_eq!(function.invoke(&keyed(list, &[record(1)], KEY)).await.summary(), [CREATED]);
        assert_eq!(function.invoke(&keyed(list, &[record(1)], "another")).await.summary(), [expected]);
        assert_eq!(function.post(list, &[record(1)]).await.summary(), [expected]);
        assert_eq!(function.post(list, &[record(1)]).await.summary(), [expected]);
    }
    assert_eq!(table.records().await.len(), 1 + 1 + 4);
}

/// Stores the lists again for another account, and again under other IDs for the same.
async fn set_up_more_lists(table: &Table, account: &str, prefix: &str) {
    for mut list in lists::items() {
        let id = format!("{prefix}{}", &list["id"][prefix.len()..]);
        list.extend(
            [("pk", format!("ACCOUNT#{account}")), ("sk", format!("LIST#{id}")), ("id", id)]
                .map(|(name, value)| (name.to_owned(), value)),
        );
        dynamodb::put_list(&table.client, &table.name, list).await;
    }
}

#[tokio::test]
async fn the_same_key_and_body_in_another_list_or_account_is_another_request() {
    let table = Table::new().await;
    set_up_more_lists(&table, "another-account", "").await;
    set_up_more_lists(&table, ACCOUNT, "another-").await;
    let function = Function::new(&table);
    for list in [EXTERNAL, PHONE_NUMBER, NOTHING] {
        let event = keyed(list, &[record(1)], KEY);
        let of_another_account = of_account("another-account", event.clone());
        let in_another_list = keyed(&format!("another-{}", &list[8..]), &[record(1)], KEY);
        for event in [event, of_another_account, in_another_list] {
            assert_eq!(function.invoke(&event).await.summary(), [CREATED]);
        }
    }
    assert_eq!(table.records().await.len(), 9);
}

#[tokio::test]
async fn a_repeated_batch_refuses_the_same_references_again() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(EXTERNAL, &[record(3)]).await;
    let mut twin = record(1);
    twin["last_name"] = json!("Twin");
    let event = keyed(EXTERNAL, &[record(1), twin, record(3), record(2), record(2)], KEY);
    let first = function.invoke(&event).await;
    assert_eq!(first.summary(), [CREATED, REFERENCE_TAKEN, REFERENCE_TAKEN, CREATED, REFERENCE_TAKEN]);
    assert_eq!(later(&function, &event).await.body, first.body);
    assert_eq!(table.records().await.len(), 3);
}

#[tokio::test]
async fn a_repeated_batch_refuses_the_same_records_of_several_numbers_again() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(PHONE_NUMBER, &[with_numbers(&[1])]).await;
    let batch: [(&[usize], &str); 7] = [
        (&[1, 2], NUMBER_TAKEN), // 1 was there before
        (&[2, 3], CREATED),
        (&[3], NUMBER_TAKEN),
        (&[4], CREATED),
        (&[5, 4], NUMBER_TAKEN),
        (&[5, 6], CREATED),
        (&[6, 2], NUMBER_TAKEN),
    ];
    let event = keyed(PHONE_NUMBER, &batch.map(|(numbers, _)| with_numbers(numbers)), KEY);
    let first = function.invoke(&event).await;
    assert_eq!(first.summary(), batch.map(|(_, outcome)| outcome));
    assert_eq!(later(&function, &event).await.body, first.body);
    assert_numbers_are_held(&table.items().await);
}

#[tokio::test]
async fn a_repeated_request_whose_responses_are_lost_too_has_the_same_response() {
    for (list, records) in batches() {
        let rule = |call: &Call| (call.is_write() && call.attempt.is_multiple_of(2)).then_some(Fault::LostResponse);
        let setup = Setup::new(rule).await;
        let event = keyed(list, &records, KEY);
        let first = setup.function.invoke(&event).await;
        setup.assert_all_created_once(&first).await;
        assert_eq!(later(&setup.function, &event).await.body, first.body);
        assert_eq!(setup.table.records().await.len(), 100);
    }
}
