//! A change happens once, even if its calls fail, and never after a later change.

use std::time::Duration;

use futures_util::future::join;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{changed_like, patch_if, writes};
use crate::support::{
    Call, DOWN, EXTERNAL, Failed, Fault, Function, PASSING_CODES, PHONE_NUMBER, Places, Setup, assert_numbers_are_held,
    at_first, at_first_writes, key_of_number, link, record, skip_waiting, with_numbers,
};

/// The longest that a test waits for a change.
const PATIENCE: Duration = Duration::from_secs(30);

/// A change of a record without aliases, and one of numbers.
fn changes() -> [(&'static str, Value, Value); 3] {
    [
        (EXTERNAL, record(1), json!({"first_name": "Joan", "priority": null})),
        (PHONE_NUMBER, with_numbers(&[1, 2]), json!({"first_name": "Joan"})),
        (PHONE_NUMBER, with_numbers(&[1, 2]), json!({"phone_numbers": with_numbers(&[1, 3])["phone_numbers"]})),
    ]
}

#[tokio::test]
async fn a_change_whose_first_calls_fail_in_any_way_is_made_once() {
    let all = Places::ALL;
    let faults = [
        Fault::LostCall,
        Fault::LostResponse,
        DOWN,
        Fault::Error(400, "ThrottlingException"),
        Fault::Truncated,
        Fault::Garbled { status: 200, text: "<html>", executed: true },
        Fault::Garbled { status: 502, text: "", executed: false },
        Fault::Statements(Failed::stored("InternalServerError", all)),
        Fault::Statements(Failed::not_stored("ThrottlingError", all)),
        Fault::Cancelled(Failed::stored("TransactionConflict", Places::EVEN)),
        Fault::Cancelled(Failed::not_stored("TransactionConflict", Places::EVEN)),
    ];
    for fault in faults {
        for (list, sent, change) in changes() {
            let fits = move |call: &Call| match fault {
                Fault::Statements(_) => call.operation == "BatchExecuteStatement",
                Fault::Cancelled(_) => call.operation == "ExecuteTransaction",
                _ => true,
            };
            let setup = Setup::new(move |call| (fits(call) && call.attempt == 0).then_some(fault)).await;
            let created = Function::new(&setup.table).create(list, &sent).await;
            let response = setup.function.patch(link(&created, "self"), &change).await;
            assert_eq!(response.status, StatusCode::OK, "{fault:?} {change}: {response:?}");
            let read = Function::new(&setup.table).read(&created).await;
            assert_eq!(read, response.body, "{fault:?} {change}");
            if list == PHONE_NUMBER {
                assert_numbers_are_held(&setup.table.items().await);
            }
        }
    }
}

/// The response hangs, and another writer changes the record before the attempt is resolved: its change stays.
#[tokio::test]
async fn a_lost_response_does_not_overwrite_what_came_after() {
    for (list, sent, change) in changes() {
        let setup = Setup::new(|call| (call.is_write() && call.number == 0).then_some(Fault::HungResponse)).await;
        let other = Function::new(&setup.table);
        let created = other.create(list, &sent).await;
        let meanwhile = async {
            let changes = async {
                while other.read(&created).await == created {
                    sleep(Duration::from_millis(20)).await;
                }
            };
            timeout(PATIENCE, changes).await.expect("our change is made, although its response hangs");
            other.patch(link(&created, "self"), &json!({"last_name": "Roe", "first_name": "June"})).await.body
        };
        let ours = setup.function.patch(link(&created, "self"), &change);
        let (response, theirs) = join(Box::pin(ours), Box::pin(meanwhile)).await;
        assert_eq!(response.status, StatusCode::OK, "{change}: it happened, once: {response:?}");
        assert_eq!(other.read(&created).await, theirs, "{change}");
        assert_eq!((&theirs["first_name"], &theirs["last_name"]), (&json!("June"), &json!("Roe")), "{change}");
    }
}

#[tokio::test]
async fn a_change_by_an_etag_whose_response_is_lost_is_reported_as_made() {
    for (list, sent, change) in changes() {
        let setup = Setup::new(at_first_writes(1, Fault::LostResponse)).await;
        let other = Function::new(&setup.table);
        let created = other.create(list, &sent).await;
        let etag = other.get(link(&created, "self")).await.header("etag").unwrap().to_owned();
        let response = setup.function.invoke(&patch_if(link(&created, "self"), &change, &etag)).await;
        assert_eq!(response.status, StatusCode::OK, "{change}: our own change is not another's: {response:?}");
        assert_eq!(response.body, changed_like(&created, &change, &response.body), "{change}");
        assert_ne!(response.header("etag"), Some(etag.as_str()), "{change}");
    }
}

/// In our own way after a lost response: the aliases that the first attempt has inserted.
#[tokio::test]
async fn our_own_aliases_are_not_anothers_after_a_lost_response() {
    let setup = Setup::new(at_first_writes(2, Fault::LostResponse)).await;
    let created = Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let change = json!({"phone_numbers": with_numbers(&[1, 3, 4, 5])["phone_numbers"]});
    let response = setup.function.patch(link(&created, "self"), &change).await;
    assert_eq!(
        (response.status, &response.body["phone_numbers"]),
        (StatusCode::OK, &change["phone_numbers"]),
        "{response:?}"
    );
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn a_change_that_is_never_made_in_time_is_unavailable() {
    skip_waiting();
    for (list, sent, change) in changes() {
        let mut setup = Setup::new(at_first_writes(usize::MAX, Fault::LostCall)).await;
        setup.function.timeout = Duration::from_secs(3);
        let created = Function::new(&setup.table).create(list, &sent).await;
        let response = setup.function.patch(link(&created, "self"), &change).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{change}: {response:?}");
        assert_eq!(response.header("retry-after"), Some("5"));
        assert_eq!(Function::new(&setup.table).read(&created).await, created, "{change}");
    }
}

#[tokio::test]
async fn a_throttled_number_makes_a_change_of_numbers_unavailable_and_no_other() {
    skip_waiting();
    for code in PASSING_CODES {
        let key = key_of_number(3);
        let mut setup = Setup::new(move |call| Fault::at_key(call, &key, code)).await;
        setup.function.timeout = Duration::from_secs(3);
        let created = Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
        let change = json!({"phone_numbers": with_numbers(&[1, 3])["phone_numbers"]});
        let response = setup.function.patch(link(&created, "self"), &change).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{code}: {response:?}");
        let renamed = setup.function.patch(link(&created, "self"), &json!({"first_name": "Joan"})).await;
        assert_eq!(renamed.status, StatusCode::OK, "{code}");
        assert_numbers_are_held(&setup.table.items().await);
    }
}

#[tokio::test]
async fn a_change_that_dynamodb_refuses_is_an_internal_error_and_not_tried_again() {
    for operation in ["write", "read"] {
        let rule = move |call: &Call| {
            (call.is_write() == (operation == "write")).then_some(Fault::Error(400, "AccessDeniedException"))
        };
        let setup = Setup::new(rule).await;
        let created = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
        let response = setup.function.patch(link(&created, "self"), &json!({"first_name": "Joan"})).await;
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{operation}: {response:?}");
        assert!(writes(&setup).len() <= 1, "{operation}");
    }
}

#[tokio::test]
async fn a_read_that_fails_at_first_is_made_again() {
    let setup = Setup::new(at_first(2, Fault::LostCall)).await;
    let created = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
    let response = setup.function.patch(link(&created, "self"), &json!({"first_name": "Joan"})).await;
    assert_eq!((response.status, &response.body["first_name"]), (StatusCode::OK, &json!("Joan")));
}
