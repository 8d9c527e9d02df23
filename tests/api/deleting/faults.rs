//! Records that are reported deleted are gone, and records created again stay, even if calls fail.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{assert_counts, entries};
use crate::support::{
    Call, DOWN, EXTERNAL, Failed, Fault, Function, PHONE_NUMBER, Places, Response, Setup, at_first_writes,
    hold_the_first_write, link, record, records, with_numbers, with_three_numbers,
};

/// The code of a conditional `DELETE` of a missing item. DynamoDB can also report success.
const CONDITION: &str = "ConditionalCheckFailed";

/// Whatever DynamoDB says of the first attempt, the records are gone after it or after the second.
#[tokio::test]
async fn a_deletion_is_settled_by_what_is_read_back() {
    let faults = [
        Fault::LostResponse,
        Fault::LostCall,
        Fault::Statements(Failed::stored(CONDITION, Places::ALL)),
        Fault::Statements(Failed::not_stored(CONDITION, Places::ODD)),
        Fault::Statements(Failed::stored("ThrottlingError", Places::every(3, 0))),
        Fault::Statements(Failed::not_stored("ThrottlingError", Places::ALL)),
    ];
    for fault in faults {
        let setup = Setup::new(at_first_writes(1, fault)).await;
        let created = Function::new(&setup.table).post(EXTERNAL, &records(30)).await;
        assert_counts(&setup.function.delete_all(EXTERNAL, &entries(&created)).await, 30, 0);
        assert_eq!(setup.table.items().await, [], "{fault:?}");
    }
}

#[tokio::test]
async fn a_record_and_its_aliases_are_settled_by_what_is_read_back() {
    let codes = ["TransactionConflict", "ThrottlingError", CONDITION];
    let failed =
        codes.into_iter().flat_map(|code| [true, false].map(|stored| Failed { code, stored, chosen: Places::EVEN }));
    for fault in failed.map(Fault::Cancelled).chain([Fault::LostResponse, Fault::LostCall]) {
        let setup = Setup::new(at_first_writes(2, fault)).await;
        let created = Function::new(&setup.table).post(PHONE_NUMBER, &with_three_numbers(9)).await;
        assert_counts(&setup.function.delete_all(PHONE_NUMBER, &entries(&created)).await, 9, 0);
        assert_eq!(setup.table.items().await, [], "{fault:?}");
    }
}

#[tokio::test]
async fn only_what_is_still_there_is_deleted_again() {
    let half = Fault::Statements(Failed::not_stored("ThrottlingError", Places::ODD));
    let setup = Setup::new(at_first_writes(1, half)).await;
    let created = Function::new(&setup.table).post(EXTERNAL, &records(50)).await;
    assert_counts(&setup.function.delete_all(EXTERNAL, &entries(&created)).await, 50, 0);
    let mut statements = setup.proxy.statements();
    statements.sort_unstable();
    assert_eq!(statements, [12, 12, 25, 25]);
    let reads: Vec<usize> =
        setup.proxy.calls().iter().filter(|call| !call.is_write()).map(|call| call.keys.len()).collect();
    assert_eq!(reads, [1, 50], "the list, and what is to be deleted: a second attempt tells the rest");
}

#[tokio::test]
async fn a_record_that_was_created_again_meanwhile_is_left_alone() {
    for (list, records) in [(EXTERNAL, records(3)), (PHONE_NUMBER, with_three_numbers(3))] {
        let setup = Setup::new(hold_the_first_write).await;
        let other = Function::new(&setup.table);
        let created = other.post(list, &records).await;
        let again = async {
            other.delete(link(&created.records()[1], "self")).await;
            other.create(list, &records[1]).await
        };
        let (response, again) = setup.interrupt(setup.function.delete_all(list, &entries(&created)), again).await;
        // The record that the request found is gone, if not by this request.
        assert_counts(&response, 3, 0);
        assert_eq!(again["id"], created.records()[1]["id"]);
        assert_eq!(other.get(link(&again, "self")).await.body, again);
        assert_eq!(setup.table.records().await.len(), 1);
    }
}

#[tokio::test]
async fn of_two_deletions_at_once_both_may_report_a_record_deleted() {
    for (list, records) in [(EXTERNAL, records(3)), (PHONE_NUMBER, with_three_numbers(3))] {
        let setup = Setup::new(hold_the_first_write).await;
        let other = Function::new(&setup.table);
        let created = other.post(list, &records).await;
        let entries = entries(&created);
        let theirs = other.delete_all(list, &entries);
        let (ours, theirs) = setup.interrupt(setup.function.delete_all(list, &entries), theirs).await;
        assert_counts(&theirs, 3, 0);
        assert_counts(&ours, 3, 0);
        assert_eq!(setup.table.items().await, []);
        assert_counts(&other.delete_all(list, &entries).await, 0, 3);
    }
}

/// A number's alias can be read just before its record is deleted, and its record just after another was created, which
/// has the same first number, and so the same ID.
#[tokio::test]
async fn a_number_does_not_delete_a_later_record_that_does_not_have_it() {
    let second_read = |call: &Call| (call.operation == "BatchGetItem" && call.number == 1).then_some(Fault::Held);
    let setup = Setup::new(second_read).await;
    let other = Function::new(&setup.table);
    let created = other.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let again = async {
        other.delete(link(&created, "self")).await;
        other.create(PHONE_NUMBER, &with_numbers(&[1, 3])).await
    };
    let entry = json!({"phone_number": "+12025550002"});
    let (response, again) = setup.interrupt(setup.function.delete_all(PHONE_NUMBER, &[entry]), again).await;
    assert_counts(&response, 0, 1);
    assert_eq!(response.body["_embedded"]["failed_records"][0]["errors"], json!(["RECORD_NOT_FOUND"]));
    assert_eq!(other.get(link(&again, "self")).await.body, again);
}

/// The function with little time, after two records were created.
async fn hurried(rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> (Setup, Response) {
    let mut setup = Setup::new(rule).await;
    let created = Function::new(&setup.table).post(EXTERNAL, &records(2)).await;
    setup.function.timeout = Duration::from_millis(1_200);
    (setup, created)
}

#[tokio::test]
async fn what_is_still_there_is_never_reported_deleted() {
    for fault in [DOWN, Fault::LostCall, Fault::Error(400, "ThrottlingException")] {
        let (setup, created) = hurried(at_first_writes(usize::MAX, fault)).await;
        let mut entries = entries(&created);
        entries.push(entries[0].clone());
        let response = setup.function.delete_all(EXTERNAL, &entries).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
        let response = setup.function.delete(link(&created.records()[0], "self")).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
        entries.push(json!({"id": "x"}));
        let response = setup.function.delete_all(EXTERNAL, &entries).await;
        assert_counts(&response, 0, 4);
        let failed = response.body["_embedded"]["failed_records"].as_array().unwrap();
        let codes: Vec<&Value> = failed.iter().map(|failed| &failed["errors"][0]).collect();
        assert_eq!(codes, ["OTHER", "OTHER", "OTHER", "RECORD_NOT_FOUND"], "one that fails fails for every entry");
        assert_eq!(setup.table.records().await.len(), 2);
    }
}

#[tokio::test]
async fn what_is_unclear_and_could_not_be_read_back_is_not_reported_deleted() {
    let rule = |call: &Call| match call.operation.as_str() {
        "BatchGetItem" if call.number > 0 => Some(DOWN),
        _ => call.is_write().then_some(Fault::LostResponse),
    };
    let (setup, created) = hurried(rule).await;
    let response = setup.function.delete_all(EXTERNAL, &entries(&created)).await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
    assert_eq!(setup.table.items().await, [], "they may be gone all the same");
}

#[tokio::test]
async fn a_deletion_in_part_reports_the_rest_as_other() {
    let second = Fault::Statements(Failed::not_stored("ThrottlingError", Places::one(1)));
    let rule = move |call: &Call| match call.number {
        0 => call.is_write().then_some(second),
        _ => call.is_write().then_some(DOWN),
    };
    let (setup, created) = hurried(rule).await;
    let response = setup.function.delete_all(EXTERNAL, &entries(&created)).await;
    assert_counts(&response, 1, 1);
    let left = json!([{"id": created.records()[1]["id"], "errors": ["OTHER"], "fields": []}]);
    assert_eq!(response.body["_embedded"]["failed_records"], left);
}

#[tokio::test]
async fn what_dynamodb_refuses_is_an_internal_error_and_not_tried_again() {
    let refusals = [
        Fault::Error(400, "AccessDeniedException"),
        Fault::Statements(Failed::not_stored("AccessDenied", Places::ALL)),
    ];
    for fault in refusals {
        let setup = Setup::new(at_first_writes(usize::MAX, fault)).await;
        let created = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
        let response = setup.function.delete(link(&created, "self")).await;
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{fault:?}");
        assert_eq!(setup.proxy.count("BatchExecuteStatement"), 1, "{fault:?}");
    }
}
