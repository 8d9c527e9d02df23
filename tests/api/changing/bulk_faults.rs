//! Records changed in one request, each exactly once, even if calls fail.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{statuses, with};
use crate::support::{
    Call, DOWN, EXTERNAL, Failed, Fault, Function, NUMBER_TAKEN, OTHER, PHONE_NUMBER, Places, Setup,
    assert_numbers_are_held, at_first, at_first_writes, hold_the_first_write, link, number_text, record, records,
    skip_waiting, with_numbers,
};

/// A batch of which every other record exists and is changed, and the rest is created.
fn batch(list: &str, count: usize) -> Vec<Value> {
    let joan = json!({"first_name": "Joan"});
    match list {
        PHONE_NUMBER => (0..count).map(|n| with(&with_numbers(&[3 * n, 3 * n + 1, 3 * n + 2]), &joan)).collect(),
        _ => (0..count).map(|n| with(&record(n), &joan)).collect(),
    }
}

/// Creates every other record of [`batch`], as it is before.
async fn create_half(function: &Function, list: &str, count: usize) {
    let half = (0..count).step_by(2);
    let half: Vec<Value> = match list {
        PHONE_NUMBER => half.map(|n| with_numbers(&[3 * n, 3 * n + 2])).collect(),
        _ => half.map(record).collect(),
    };
    assert_eq!(function.post(list, &half).await.body["total_created"], half.len());
}

#[tokio::test]
async fn each_record_is_created_or_changed_once_whatever_fails_at_first() {
    let faults = [
        Fault::LostCall,
        Fault::LostResponse,
        DOWN,
        Fault::TooFew,
        Fault::HalfUnread,
        Fault::Statements(Failed::stored("InternalServerError", Places::EVEN)),
        Fault::Statements(Failed::not_stored("ThrottlingError", Places::ODD)),
        Fault::Cancelled(Failed::stored("TransactionConflict", Places::EVEN)),
        Fault::Cancelled(Failed::not_stored("ThrottlingError", Places::one(1))),
    ];
    for fault in faults {
        for list in [EXTERNAL, PHONE_NUMBER] {
            let fits = move |call: &Call| match fault {
                Fault::Statements(_) => call.operation == "BatchExecuteStatement",
                Fault::Cancelled(_) => call.operation == "ExecuteTransaction",
                Fault::HalfUnread => call.operation == "BatchGetItem",
                Fault::TooFew => call.is_write(),
                _ => true,
            };
            let setup = Setup::new(move |call| (fits(call) && call.attempt == 0).then_some(fault)).await;
            let other = Function::new(&setup.table);
            create_half(&other, list, 30).await;
            let response = setup.function.patch_all(list, &batch(list, 30)).await;
            let expected: Vec<&str> = (0..30).map(|n| if n % 2 == 0 { "updated" } else { "created" }).collect();
            assert_eq!(statuses(&response), expected, "{fault:?} {list}");
            for returned in response.any_records() {
                assert_eq!(other.read(returned).await, with(returned, &json!({"status": null})), "{fault:?} {list}");
            }
            assert_eq!(setup.table.records().await.len(), 30, "{fault:?} {list}");
            if list == PHONE_NUMBER {
                assert_numbers_are_held(&setup.table.items().await);
            }
            let again = setup.function.patch_all(list, &batch(list, 30)).await;
            assert_eq!(statuses(&again), ["unchanged"; 30], "{fault:?} {list}: what has happened");
        }
    }
}

#[tokio::test]
async fn a_record_that_another_writer_creates_meanwhile_is_changed() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let patches = batch(EXTERNAL, 3);
    let new = record(1);
    let ours = setup.function.patch_all(EXTERNAL, &patches);
    let (response, theirs) = setup.interrupt(ours, other.create(EXTERNAL, &new)).await;
    let returned = response.any_records();
    assert_eq!(returned[1]["status"], "updated");
    assert_eq!((&returned[1]["id"], &returned[1]["first_name"]), (&theirs["id"], &json!("Joan")));
    assert_eq!(returned[1]["created_at"], theirs["created_at"]);
}

#[tokio::test]
async fn a_record_that_is_deleted_meanwhile_is_created_or_not_found() {
    for (query, expected) in [("", "created"), ("?if_missing=refuse", "refused")] {
        let setup = Setup::new(hold_the_first_write).await;
        let other = Function::new(&setup.table);
        let created = other.post(EXTERNAL, &records(3)).await;
        let target = format!("{}{query}", crate::support::bulks_of(EXTERNAL));
        let patches = json!({"records": batch(EXTERNAL, 3)});
        let meanwhile = other.delete(link(&created.records()[1], "self"));
        let (response, _) = setup.interrupt(setup.function.patch(&target, &patches), meanwhile).await;
        assert_eq!(statuses(&response), ["updated", expected, "updated"], "{query}");
        let refused = &response.any_records()[1];
        if expected == "refused" {
            assert_eq!(refused["errors"], json!(["RECORD_NOT_FOUND"]));
        }
        assert_eq!(setup.table.records().await.len(), if expected == "created" { 3 } else { 2 }, "{query}");
    }
}

#[tokio::test]
async fn a_record_that_gains_the_number_of_another_patch_meanwhile_is_changed_once() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.post(PHONE_NUMBER, &[with_numbers(&[0, 1]), with_numbers(&[7])]).await;
    let patch = |number: usize, name: &str| json!({"phone_number": number_text(number), "first_name": name});
    let patches = [patch(1, "Joan"), patch(7, "Jill")];
    let theirs = json!({"phone_numbers": with_numbers(&[0, 1, 7])["phone_numbers"]});
    let meanwhile = async {
        other.delete(link(&created.records()[1], "self")).await;
        other.patch(link(&created.records()[0], "self"), &theirs).await
    };
    let (response, theirs) = setup.interrupt(setup.function.patch_all(PHONE_NUMBER, &patches), meanwhile).await;
    assert_eq!(theirs.status, StatusCode::OK);
    assert_eq!(statuses(&response), ["updated", "refused"]);
    let [changed, refused] = [&response.any_records()[0], &response.any_records()[1]];
    assert_eq!(refused["errors"], json!([NUMBER_TAKEN]));
    assert_eq!(link(refused, "existing_record"), link(changed, "self"));
    assert_eq!(other.read(changed).await["first_name"], "Joan");
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn members_that_another_writer_changes_meanwhile_are_kept() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.post(EXTERNAL, &records(3)).await;
    let theirs = json!({"last_name": "Roe"});
    let joan = |n: usize| json!({"external_provider": "crm", "external_id": format!("C-{n}"), "first_name": "Joan"});
    let meanwhile = async { other.patch(link(&created.records()[1], "self"), &theirs).await.status };
    let patches = [joan(0), joan(1), joan(2)];
    let (response, _) = setup.interrupt(setup.function.patch_all(EXTERNAL, &patches), meanwhile).await;
    let returned = response.any_records();
    assert_eq!((&returned[1]["first_name"], &returned[1]["last_name"]), (&json!("Joan"), &json!("Roe")));
    assert_eq!(returned[0]["last_name"], "Doe");
    assert_eq!(other.read(&created.records()[1]).await, with(&returned[1], &json!({"status": null})));
}

#[tokio::test]
async fn records_that_could_not_be_brought_up_to_date_in_time_are_refused_with_other() {
    skip_waiting();
    let rule = |call: &Call| match (call.is_write(), call.attempt) {
        (true, 0) => Some(Fault::Statements(Failed::not_stored("ThrottlingError", Places::ODD))),
        (true, _) => Some(DOWN),
        _ => None,
    };
    let mut setup = Setup::new(rule).await;
    setup.function.timeout = Duration::from_secs(3);
    create_half(&Function::new(&setup.table), EXTERNAL, 4).await;
    let response = setup.function.patch_all(EXTERNAL, &batch(EXTERNAL, 4)).await;
    assert_eq!(statuses(&response), ["updated", "refused", "updated", "refused"]);
    for refused in [&response.any_records()[1], &response.any_records()[3]] {
        assert_eq!((&refused["errors"], &refused["fields"]), (&json!([OTHER]), &json!([])), "{refused}");
    }
    assert_eq!((&response.body["total_errors"], &response.body["has_errors"]), (&json!(2), &json!(true)));
}

#[tokio::test]
async fn a_batch_of_which_nothing_could_be_stored_is_unavailable() {
    skip_waiting();
    for rule in [at_first_writes(usize::MAX, Fault::LostCall)] {
        let mut setup = Setup::new(rule).await;
        setup.function.timeout = Duration::from_secs(3);
        create_half(&Function::new(&setup.table), EXTERNAL, 4).await;
        let before = setup.table.items().await.len();
        let response = setup.function.patch_all(EXTERNAL, &batch(EXTERNAL, 4)).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::SERVICE_UNAVAILABLE, &json!("SERVICE_UNAVAILABLE"))
        );
        assert_eq!(setup.table.items().await.len(), before);
    }
    let mut setup = Setup::new(at_first(usize::MAX, Fault::LostCall)).await;
    setup.function.timeout = Duration::from_secs(3);
    let response = setup.function.patch_all(EXTERNAL, &batch(EXTERNAL, 4)).await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "what could not be read decides nothing");
}

/// A keyed request recognises the records that it has created, even after changes.
#[tokio::test]
async fn a_repeated_keyed_creation_changes_nothing_after_an_update_and_reports_what_it_created() {
    for (list, sent) in [(EXTERNAL, records(3)), (PHONE_NUMBER, vec![with_numbers(&[1, 2]), with_numbers(&[3])])] {
        let setup = Setup::new(|_| None).await;
        let function = Function::new(&setup.table);
        let event = crate::support::keyed(list, &sent, "a-key");
        let first = function.invoke(&event).await;
        let target = link(&first.records()[0], "self");
        let change = if list == PHONE_NUMBER {
            json!({"phone_numbers": with_numbers(&[1, 7])["phone_numbers"], "last_name": "Roe"})
        } else {
            json!({"last_name": "Roe"})
        };
        let changed = function.patch(target, &change).await;
        assert_eq!(changed.status, StatusCode::OK, "{list}");
        let before = setup.table.items().await;
        let again = function.invoke(&event).await;
        assert_eq!(again.body["total_created"], sent.len(), "{list}: {again:?}");
        assert_eq!(again.records()[0]["id"], first.records()[0]["id"], "{list}");
        assert_eq!(again.records()[0]["created_at"], first.records()[0]["created_at"], "{list}");
        assert_eq!(setup.table.items().await, before, "{list}");
        assert_eq!(function.get(target).await.body, changed.body, "{list}");
    }
}
