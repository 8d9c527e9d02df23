//! A response that cannot be understood counts as none.

use crate::support::{
    Call, EXTERNAL, Failed, Fault, NOTHING, PHONE_NUMBER, Places, Setup, at_first, at_first_writes, records,
    with_three_numbers,
};

const HTML: &str = "<html><body>Bad Gateway</body></html>";

/// Responses of something between the function and DynamoDB, which can have the call or not.
const TEXTS: [(u16, &str); 9] = [
    (200, HTML),
    (200, ""),
    (200, "{}"),
    (200, "{\"Responses\""),
    (204, ""),
    (302, HTML),
    (400, HTML),
    (403, HTML),
    (502, HTML),
];

/// Whether `text` is a whole response of the operation: a transaction's says nothing, and a list that does not exist is an
/// empty object.
fn is_a_response(operation: &str, text: &str) -> bool {
    text == "{}" && matches!(operation, "ExecuteTransaction" | "GetItem")
}

#[tokio::test]
async fn a_write_whose_response_says_nothing_is_stored_once() {
    for (status, text) in TEXTS {
        for executed in [true, false] {
            let garbled = Fault::Garbled { status, text, executed };
            let setup = Setup::new(at_first_writes(1, garbled)).await;
            let response = setup.function.post(EXTERNAL, &records(30)).await;
            setup.assert_all_created_once(&response).await;
            assert_eq!(setup.proxy.count("BatchExecuteStatement"), 4, "{garbled:?}");
        }
    }
}

#[tokio::test]
async fn a_transaction_whose_response_says_nothing_is_stored_once() {
    for (status, text) in TEXTS.into_iter().filter(|(_, text)| !is_a_response("ExecuteTransaction", text)) {
        for executed in [true, false] {
            let garbled = Fault::Garbled { status, text, executed };
            let setup = Setup::new(at_first_writes(1, garbled)).await;
            let response = setup.function.post(PHONE_NUMBER, &with_three_numbers(4)).await;
            setup.assert_all_created_once(&response).await;
            assert_eq!(setup.table.items().await.len(), 12, "{garbled:?}");
        }
    }
}

#[tokio::test]
async fn reads_whose_responses_say_nothing_are_made_again() {
    for (status, text) in TEXTS {
        let garbled = Fault::Garbled { status, text, executed: true };
        let rule = move |call: &Call| match call.operation.as_str() {
            "BatchExecuteStatement" if call.number == 0 => Some(Fault::LostResponse),
            operation if is_a_response(operation, text) => None,
            _ if !call.is_write() && call.number == 0 => Some(garbled),
            _ => None,
        };
        let setup = Setup::new(rule).await;
        let response = setup.function.post(EXTERNAL, &records(10)).await;
        setup.assert_all_created_once(&response).await;
        assert_eq!(setup.proxy.count("BatchGetItem"), 2, "{garbled:?}");
    }
}

#[tokio::test]
async fn half_a_response_says_nothing() {
    for (list, records) in [(EXTERNAL, records(100)), (PHONE_NUMBER, with_three_numbers(40)), (NOTHING, records(10))] {
        let setup = Setup::new(at_first(1, Fault::Truncated)).await;
        let response = setup.function.post(list, &records).await;
        setup.assert_all_created_once(&response).await;
    }
}

#[tokio::test]
async fn errors_that_pass_are_waited_for() {
    let errors = [
        (408, "RequestTimeout"),
        (408, "Unknown"),
        (429, "TooManyRequestsException"),
        (429, "Unknown"),
        (400, "Throttling"),
        (400, "ReplicatedWriteConflictException"),
        (400, "LimitExceededException"),
        (400, "TransactionInProgressException"),
        (503, "Unknown"),
    ];
    for (status, code) in errors {
        let setup = Setup::new(at_first(2, Fault::Error(status, code))).await;
        let response = setup.function.post(EXTERNAL, &records(3)).await;
        setup.assert_all_created_once(&response).await;
        assert_eq!(setup.proxy.count("GetItem"), 3, "{status} {code}");
    }
}

#[tokio::test]
async fn statements_that_fail_for_a_passing_reason_or_none_are_sent_again() {
    for code in ["", "Throttling", "ReplicatedWriteConflictException", "RequestTimeout"] {
        for stored in [true, false] {
            let fault = Fault::Statements(Failed { code, stored, chosen: Places::ALL });
            let setup = Setup::new(at_first_writes(1, fault)).await;
            let response = setup.function.post(EXTERNAL, &records(25)).await;
            setup.assert_all_created_once(&response).await;
        }
    }
}

/// A read that says that a key is unprocessed, but not which.
const UNKNOWN_KEY: &str =
    r#"{"Responses": {}, "UnprocessedKeys": {"records": {"Keys": [{"pk": {"N": "1"}, "sk": {"S": "RECORD#"}}]}}}"#;

/// An item that was not read is not one that does not exist: then it would be written again.
#[tokio::test]
async fn a_read_that_leaves_an_unknown_key_is_made_again() {
    let garbled = Fault::Garbled { status: 200, text: UNKNOWN_KEY, executed: true };
    let rule = move |call: &Call| match call.operation.as_str() {
        "BatchExecuteStatement" if call.number == 0 => Some(Fault::LostResponse),
        "BatchGetItem" if call.number == 0 => Some(garbled),
        _ => None,
    };
    let setup = Setup::new(rule).await;
    let response = setup.function.post(EXTERNAL, &records(10)).await;
    setup.assert_all_created_once(&response).await;
    assert_eq!(["BatchExecuteStatement", "BatchGetItem"].map(|operation| setup.proxy.count(operation)), [2, 2]);
}
