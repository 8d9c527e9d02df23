//! A record is stored once and its caller told so, whatever happens to the calls and responses in between.

mod any_faults;
mod chains;
mod clock;
mod deadline;
mod given_up;
mod idempotency_key;
mod neighbours;
mod operators_items;
mod races;
mod unreadable;

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::support::openapi::error;
use crate::support::{
    CREATED, Call, EXTERNAL, Failed, Fault, Function, NOTHING, NUMBER_TAKEN, PHONE_NUMBER, Places, REFERENCE_TAKEN,
    Response, Setup, at_first, at_first_writes, records, with_numbers, with_three_numbers,
};

#[tokio::test]
async fn a_batch_whose_first_responses_are_all_lost_is_stored_once() {
    for list in [EXTERNAL, NOTHING, PHONE_NUMBER] {
        for count in [1, 30, 100] {
            let setup = Setup::new(at_first_writes(1, Fault::LostResponse)).await;
            let response = setup.function.post(list, &records(count)).await;
            setup.assert_all_created_once(&response).await;
            assert_eq!(response.created_ids().len(), count);
            assert_eq!(setup.proxy.count("BatchExecuteStatement"), 2 * count.div_ceil(25), "each write once again");
        }
    }
}

#[tokio::test]
async fn only_records_stored_before_a_lost_response_are_not_unique() {
    let setup = Setup::new(at_first_writes(1, Fault::LostResponse)).await;
    let records = records(50);
    let before: Vec<Value> = records.iter().skip(1).step_by(2).take(20).cloned().collect();
    assert_eq!(Function::new(&setup.table).post(EXTERNAL, &before).await.summary(), [CREATED; 20]);
    let response = setup.function.post(EXTERNAL, &records).await;
    let expected = |place: usize| if place % 2 == 1 && place < 40 { REFERENCE_TAKEN } else { CREATED };
    assert_eq!(response.summary(), (0..50).map(expected).collect::<Vec<_>>());
    assert_eq!(setup.table.records().await.len(), 50);
    setup.proxy.assert_nothing_known_was_sent_again();
}

#[tokio::test]
async fn a_transaction_whose_response_is_lost_is_stored_once() {
    let setup = Setup::new(at_first_writes(1, Fault::LostResponse)).await;
    let response = setup.function.post(PHONE_NUMBER, &with_three_numbers(40)).await;
    setup.assert_all_created_once(&response).await;
    assert_eq!(setup.table.items().await.len(), 120);
    assert_eq!(setup.proxy.count("ExecuteTransaction"), 4, "two transactions, each once again");
}

#[tokio::test]
async fn records_stored_before_a_transaction_whose_response_is_lost_are_not_unique() {
    let setup = Setup::new(at_first_writes(1, Fault::LostResponse)).await;
    let before = [with_numbers(&[1]), with_numbers(&[5, 11])];
    assert_eq!(Function::new(&setup.table).post(PHONE_NUMBER, &before).await.summary(), [CREATED; 2]);
    let response = setup.function.post(PHONE_NUMBER, &with_three_numbers(5)).await;
    assert_eq!(response.summary(), [NUMBER_TAKEN, NUMBER_TAKEN, CREATED, NUMBER_TAKEN, CREATED]);
    assert_eq!(setup.table.items().await.len(), 3 + 6);
    setup.proxy.assert_nothing_known_was_sent_again();
}

#[tokio::test]
async fn a_record_is_created_after_two_failed_calls_of_any_kind() {
    let faults = [
        Fault::Error(500, "InternalServerError"),
        Fault::Error(503, "ServiceUnavailable"),
        Fault::Error(400, "ThrottlingException"),
        Fault::Error(400, "ProvisionedThroughputExceededException"),
        Fault::Error(400, "RequestLimitExceeded"),
        Fault::Error(400, "TransactionConflictException"),
        Fault::LostCall,
    ];
    for fault in faults {
        let setup = Setup::new(at_first(2, fault)).await;
        let records = [with_numbers(&[1]), with_numbers(&[2, 3])];
        let response = setup.function.post(PHONE_NUMBER, &records).await;
        setup.assert_all_created_once(&response).await;
        for operation in ["GetItem", "BatchExecuteStatement", "ExecuteTransaction"] {
            assert_eq!(setup.proxy.count(operation), 3, "{operation} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_transaction_cancelled_for_a_passing_reason_is_sent_again() {
    let codes = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    for (code, stored) in codes.into_iter().flat_map(|code| [(code, true), (code, false)]) {
        let setup =
            Setup::new(at_first_writes(2, Fault::Cancelled(Failed { code, stored, chosen: Places::EVEN }))).await;
        let response = setup.function.post(PHONE_NUMBER, &with_three_numbers(40)).await;
        setup.assert_all_created_once(&response).await;
        assert_eq!(setup.table.items().await.len(), 120);
        // Two transactions; then each record, which their reasons name, alone: once in vain and once more.
        assert_eq!(setup.proxy.count("ExecuteTransaction"), 2 + 40 + 40, "{code}, stored: {stored}");
    }
}

#[tokio::test]
async fn only_the_statements_that_were_throttled_are_sent_again() {
    let codes = ["ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "InternalServerError"];
    for (code, stored) in codes.into_iter().flat_map(|code| [(code, true), (code, false)]) {
        let failed = Failed { code, stored, chosen: Places::ODD };
        let setup = Setup::new(at_first_writes(1, Fault::Statements(failed))).await;
        let response = setup.function.post(EXTERNAL, &records(50)).await;
        setup.assert_all_created_once(&response).await;
        let mut statements = setup.proxy.statements();
        statements.sort_unstable();
        assert_eq!(statements, [12, 12, 25, 25], "{code}, stored: {stored}");
    }
}

#[tokio::test]
async fn ownership_is_read_until_every_key_is_processed() {
    let rule = |call: &Call| match call.operation.as_str() {
        "BatchExecuteStatement" if call.attempt == 0 => Some(Fault::LostResponse),
        "BatchGetItem" if call.number == 0 => Some(Fault::LostCall),
        "BatchGetItem" if call.number < 4 => Some(Fault::HalfUnread),
        _ => None,
    };
    let setup = Setup::new(rule).await;
    let response = setup.function.post(EXTERNAL, &records(25)).await;
    setup.assert_all_created_once(&response).await;
    let reads = setup.proxy.calls().into_iter().filter(|call| call.operation == "BatchGetItem");
    assert_eq!(reads.map(|call| call.keys.len()).collect::<Vec<_>>(), [25, 25, 13, 7, 4]);
    assert_eq!(setup.proxy.statements(), [25, 25], "what could not be read at first is not written again");
}

#[tokio::test]
async fn a_hundred_records_with_one_lost_response_take_seven_calls() {
    let lose_one = |call: &Call| (call.is_write() && call.number == 0).then_some(Fault::LostResponse);
    let setup = Setup::new(lose_one).await;
    let response = setup.function.post(EXTERNAL, &records(100)).await;
    setup.assert_all_created_once(&response).await;
    let operations = ["GetItem", "BatchExecuteStatement", "BatchGetItem"];
    assert_eq!(operations.map(|operation| setup.proxy.count(operation)), [1, 5, 1]);
    assert_eq!(setup.proxy.calls().len(), 7);
}

/// One read settles those of all calls, unless their responses arrive far apart.
#[tokio::test]
async fn a_hundred_duplicates_are_read_together() {
    let setup = Setup::new(|_| None).await;
    Function::new(&setup.table).post(EXTERNAL, &records(100)).await;
    let response = setup.function.post(EXTERNAL, &records(100)).await;
    assert_eq!(response.summary(), [REFERENCE_TAKEN; 100]);
    assert_eq!(["GetItem", "BatchExecuteStatement"].map(|operation| setup.proxy.count(operation)), [1, 4]);
    assert!((1..4).contains(&setup.proxy.count("BatchGetItem")), "{}", setup.proxy.count("BatchGetItem"));
}

#[tokio::test]
async fn a_slow_response_is_awaited() {
    let setup = Setup::new(at_first(1, Fault::Delay(Duration::from_millis(400)))).await;
    let response = setup.function.post(EXTERNAL, &records(100)).await;
    setup.assert_all_created_once(&response).await;
    assert_eq!(setup.proxy.calls().len(), 5);
}

#[tokio::test]
async fn permanent_failures_are_internal_errors_and_not_retried() {
    for code in ["AccessDeniedException", "ResourceNotFoundException"] {
        for operation in ["GetItem", "BatchExecuteStatement", "ExecuteTransaction"] {
            let rule = move |call: &Call| (call.operation == operation).then_some(Fault::Error(400, code));
            let setup = Setup::new(rule).await;
            let records = if operation == "ExecuteTransaction" { with_three_numbers(2) } else { records(2) };
            assert_internal_error(&setup.function.post(PHONE_NUMBER, &records).await);
            assert_eq!(setup.proxy.count(operation), 1, "{operation} {code}");
            assert!(setup.table.items().await.is_empty());
        }
    }
}

#[tokio::test]
async fn statements_without_permission_are_an_internal_error() {
    let fault = Fault::Statements(Failed::not_stored("AccessDenied", Places::ALL));
    let setup = Setup::new(at_first_writes(99, fault)).await;
    assert_internal_error(&setup.function.post(EXTERNAL, &records(30)).await);
    assert_eq!(setup.proxy.count("BatchExecuteStatement"), 2);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_back_is_not_reported_as_created() {
    let rule = |call: &Call| match call.operation.as_str() {
        "BatchExecuteStatement" if call.attempt == 0 => Some(Fault::LostResponse),
        "BatchGetItem" => Some(Fault::Error(400, "AccessDeniedException")),
        _ => None,
    };
    let setup = Setup::new(rule).await;
    assert_internal_error(&setup.function.post(EXTERNAL, &records(10)).await);
    assert_eq!(setup.proxy.count("BatchGetItem"), 1);
}

#[tokio::test]
async fn a_missing_table_is_an_internal_error() {
    let setup = Setup::new(|_| None).await;
    let function = Function::at(&setup.proxy.endpoint, "no-such-table");
    let response = function.post(EXTERNAL, &records(1)).await;
    assert_internal_error(&response);
    assert_eq!(response.headers.len(), 3, "{:?}", response.headers);
    assert_eq!(setup.proxy.calls().len(), 1);
}

fn assert_internal_error(response: &Response) {
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{response:?}");
    assert_eq!(response.body, error("internalError"));
}
