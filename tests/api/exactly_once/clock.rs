//! The clock of an environment stands still while it is frozen, so that the next signature can be too old.

use std::time::Duration;

use http::StatusCode;
use tokio::time;

use crate::support::{
    Call, DOWN, EXTERNAL, Fault, PHONE_NUMBER, Setup, at_first, records, skip_waiting, with_three_numbers,
};

const CODES: [&str; 3] = ["InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired"];

#[tokio::test]
async fn a_signature_that_is_too_old_is_made_again() {
    for code in CODES {
        for operation in ["GetItem", "BatchExecuteStatement", "ExecuteTransaction"] {
            let rule =
                move |call: &Call| (call.operation == operation && call.number == 0).then_some(Fault::Error(400, code));
            let setup = Setup::new(rule).await;
            let (list, records) = match operation {
                "ExecuteTransaction" => (PHONE_NUMBER, with_three_numbers(2)),
                _ => (EXTERNAL, records(100)),
            };
            let response = setup.function.post(list, &records).await;
            setup.assert_all_created_once(&response).await;
            let calls = setup.proxy.calls().into_iter().filter(|call| call.attempt > 0 && call.operation == operation);
            assert_eq!(calls.count(), 1, "{operation} {code}");
        }
    }
}

#[tokio::test]
async fn so_is_that_of_the_read_that_settles_a_lost_response() {
    for code in CODES {
        let rule = move |call: &Call| match call.operation.as_str() {
            "BatchExecuteStatement" if call.number == 0 => Some(Fault::LostResponse),
            "BatchGetItem" if call.number == 0 => Some(Fault::Error(400, code)),
            _ => None,
        };
        let setup = Setup::new(rule).await;
        let response = setup.function.post(EXTERNAL, &records(100)).await;
        setup.assert_all_created_once(&response).await;
        assert_eq!(setup.proxy.count("BatchGetItem"), 2, "{code}");
    }
}

/// Other failures before it say nothing about the credentials.
#[tokio::test]
async fn so_is_one_after_other_failures() {
    skip_waiting();
    let rule = |call: &Call| match call.number {
        0..5 if !call.is_write() => Some(Fault::LostCall),
        5 if !call.is_write() => Some(Fault::Error(400, "InvalidSignatureException")),
        _ => None,
    };
    let setup = Setup::new(rule).await;
    let response = setup.function.post(EXTERNAL, &records(3)).await;
    setup.assert_all_created_once(&response).await;
}

#[tokio::test]
async fn one_that_never_passes_is_an_internal_error_after_four_attempts() {
    for code in CODES {
        let setup = Setup::new(at_first(usize::MAX, Fault::Error(400, code))).await;
        let response = setup.function.post(EXTERNAL, &records(3)).await;
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{code}: {response:?}");
        assert_eq!(setup.proxy.calls().len(), 4, "{code}: signed once, and three times again");
    }
}

#[tokio::test]
async fn nor_is_a_batch_that_no_write_of_which_passes_unavailable() {
    for code in CODES {
        let rule = move |call: &Call| call.is_write().then_some(Fault::Error(400, code));
        let setup = Setup::new(rule).await;
        let response = setup.function.post(EXTERNAL, &records(100)).await;
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{code}: {response:?}");
        assert!(setup.table.items().await.is_empty());
    }
}

/// By a clock that is behind, Lambda's deadline seems far away. Lambda ends the function when its own timeout is over.
#[tokio::test]
async fn the_time_left_is_at_most_the_functions_timeout_whatever_the_clock_says() {
    skip_waiting();
    for fault in [DOWN, Fault::Hang] {
        let mut setup = Setup::new(at_first(usize::MAX, fault)).await;
        let timeout = setup.function.timeout;
        setup.function.timeout = Duration::from_hours(6);
        let response = time::timeout(timeout, setup.function.post(EXTERNAL, &records(3))).await;
        let response = response.unwrap_or_else(|_| panic!("{fault:?}: Lambda ends the function without a response"));
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
    }
}
