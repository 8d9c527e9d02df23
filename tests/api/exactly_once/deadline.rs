//! The response leaves before Lambda's deadline, and no work goes on after it.

use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::support::{
    CREATED, Call, DOWN, EXTERNAL, Fault, NOTHING, OTHER, PHONE_NUMBER, Response, Setup, at_first, at_first_writes,
    record, records, skip_waiting, with_three_numbers,
};

/// The longest time after a response in which a call that was on its way can come in.
const ON_ITS_WAY: Duration = Duration::from_millis(300);

/// Posts with so many seconds before the deadline, which the response must meet.
async fn post_in_time(setup: &mut Setup, seconds: u64, list: &str, records: &[Value]) -> Response {
    setup.function.timeout = Duration::from_secs(seconds);
    let response = timeout(setup.function.timeout, setup.function.post(list, records)).await;
    response.expect("the response meets the deadline")
}

fn assert_unavailable(response: &Response) {
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
    assert_eq!(response.headers["retry-after"], "5");
    assert_eq!(response.body["code"], "SERVICE_UNAVAILABLE");
    assert_eq!(response.body["fields"], json!([]));
}

#[tokio::test]
async fn a_valid_batch_is_unavailable_if_no_write_succeeds() {
    skip_waiting();
    for (list, records) in [(EXTERNAL, records(100)), (PHONE_NUMBER, with_three_numbers(40))] {
        let mut setup = Setup::new(at_first_writes(usize::MAX, DOWN)).await;
        assert_unavailable(&post_in_time(&mut setup, 2, list, &records).await);
        assert!(setup.table.items().await.is_empty());
        assert!(setup.proxy.calls().iter().any(|call| call.attempt > 2), "it is tried again while there is time");
    }
}

#[tokio::test]
async fn records_that_could_not_be_written_are_refused_beside_one_with_an_error_of_its_own() {
    skip_waiting();
    let mut setup = Setup::new(at_first_writes(usize::MAX, Fault::LostCall)).await;
    let mut records = records(3);
    records[1]["first_name"] = json!("");
    let response = post_in_time(&mut setup, 2, EXTERNAL, &records).await;
    assert_eq!(response.summary(), [OTHER, "FIRST_NAME_MISSING", OTHER]);
    assert!(setup.table.items().await.is_empty());
}

#[tokio::test]
async fn a_batch_is_unavailable_if_the_list_cannot_be_read() {
    skip_waiting();
    let throttle = Fault::Error(400, "ThrottlingException");
    join_all([DOWN, throttle, Fault::LostCall, Fault::LostResponse, Fault::Hang].map(post_while_every_call_fails))
        .await;
}

async fn post_while_every_call_fails(fault: Fault) {
    let mut setup = Setup::new(at_first(usize::MAX, fault)).await;
    assert_unavailable(&post_in_time(&mut setup, 2, EXTERNAL, &records(3)).await);
    assert_eq!(setup.proxy.count("GetItem"), setup.proxy.calls().len());
    assert!(setup.table.items().await.is_empty());
}

#[tokio::test]
async fn a_batch_is_unavailable_if_every_write_hangs() {
    skip_waiting();
    for (list, records) in [(EXTERNAL, records(100)), (PHONE_NUMBER, with_three_numbers(40))] {
        let mut setup = Setup::new(at_first_writes(usize::MAX, Fault::Hang)).await;
        assert_unavailable(&post_in_time(&mut setup, 3, list, &records).await);
        assert!(setup.table.items().await.is_empty());
        assert!(setup.proxy.calls().iter().any(|call| call.attempt == 1), "a call that hangs is abandoned in time");
    }
}

/// Posts 100 records while every other call hangs, beginning with the first or second.
async fn post_while_half_of_the_calls_hang(seconds: u64, list: &str, records: &[Value], hangs: usize) {
    let fault = if hangs == 0 { Fault::Hang } else { Fault::HungResponse };
    let mut setup = Setup::new(move |call| (call.number % 2 == hangs).then_some(fault)).await;
    let response = post_in_time(&mut setup, seconds, list, records).await;
    if response.status == StatusCode::CREATED {
        assert!(response.summary().iter().all(|outcome| outcome == CREATED || outcome == OTHER));
        assert!(response.created_ids().is_subset(&setup.stored_ids().await));
    } else {
        assert_unavailable(&response);
    }
}

#[tokio::test]
async fn the_response_meets_its_deadline_while_half_of_the_calls_hang() {
    skip_waiting();
    let batches = [(EXTERNAL, records(100)), (PHONE_NUMBER, with_three_numbers(100)), (NOTHING, records(100))];
    for (place, seconds) in [3, 4, 5].into_iter().enumerate() {
        for hangs in [0, 1] {
            let (list, records) = &batches[(place + hangs) % 3];
            post_while_half_of_the_calls_hang(seconds, list, records, hangs).await;
        }
    }
}

#[tokio::test]
async fn all_are_created_if_only_the_first_writes_hang() {
    skip_waiting();
    for fault in [Fault::Hang, Fault::HungResponse] {
        let mut setup = Setup::new(at_first_writes(1, fault)).await;
        let response = post_in_time(&mut setup, 10, EXTERNAL, &records(100)).await;
        setup.assert_all_created_once(&response).await;
    }
}

#[tokio::test]
async fn no_call_is_made_after_the_response() {
    skip_waiting();
    let at_writes = |fault| move |call: &Call| (call.is_write() || call.number > 0).then_some(fault);
    join_all(
        [DOWN, Fault::LostResponse, Fault::Hang, Fault::HungResponse].map(at_writes).map(watch_after_the_response),
    )
    .await;
}

async fn watch_after_the_response(rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) {
    let mut setup = Setup::new(rule).await;
    let records: Vec<Value> = with_three_numbers(34).into_iter().chain((200..260).map(record)).collect();
    assert_unavailable(&post_in_time(&mut setup, 2, PHONE_NUMBER, &records).await);
    sleep(ON_ITS_WAY).await;
    let (calls, items) = (setup.proxy.calls().len(), setup.table.items().await.len());
    assert!(calls > 1, "writes were tried");
    sleep(Duration::from_secs(2)).await;
    assert_eq!(setup.proxy.calls().len(), calls);
    assert_eq!(setup.table.items().await.len(), items);
}
