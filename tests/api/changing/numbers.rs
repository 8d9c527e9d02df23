//! Numbers of a record of a list of unique numbers: gained, lost, moved, and held by exactly one item each.

use http::StatusCode;
use serde_json::{Value, json};

use super::{statuses, with, writes};
use crate::support::{
    CREATED, Fault, Function, NUMBER_TAKEN, OTHER, PHONE_NUMBER, Setup, Table, assert_numbers_are_held, fail_number,
    key_of_number, link, number_text, skip_waiting, with_numbers,
};

fn numbers(numbers: &[usize]) -> Value {
    json!({"phone_numbers": with_numbers(numbers)["phone_numbers"]})
}

/// `numbers` of the record that has the first of them.
fn patch(numbers: &[usize]) -> Value {
    with_numbers(numbers)
}

#[tokio::test]
async fn a_number_that_is_gained_is_held_and_one_that_is_lost_is_free_at_once() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2, 3])).await;
    let changed = function.patch(link(&created, "self"), &numbers(&[1, 3, 4, 5])).await;
    assert_eq!(
        (changed.status, &changed.body["phone_numbers"]),
        (StatusCode::OK, &numbers(&[1, 3, 4, 5])["phone_numbers"])
    );
    let items = table.items().await;
    assert_numbers_are_held(&items);
    assert_eq!(items.len(), 4);
    assert!(items.iter().all(|item| item["created_at"] == items[0]["created_at"]), "an alias has its record's time");
    let others = [with_numbers(&[2]), with_numbers(&[4]), with_numbers(&[6, 5])];
    assert_eq!(function.post(PHONE_NUMBER, &others).await.summary(), [CREATED, NUMBER_TAKEN, NUMBER_TAKEN]);
    assert_eq!(function.patch(link(&created, "self"), &numbers(&[1])).await.status, StatusCode::OK);
    assert_eq!(table.items().await.len(), 2, "the record, and the one that took number 2");
}

#[tokio::test]
async fn the_first_number_can_move_to_another_place() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let changed = function.patch(link(&created, "self"), &numbers(&[2, 7, 1])).await;
    assert_eq!(
        (&changed.body["phone_number"], &changed.body["id"]),
        (&json!(number_text(2)), &created["id"]),
        "{changed:?}"
    );
    assert_numbers_are_held(&table.items().await);
    let again = function.post(PHONE_NUMBER, &[with_numbers(&[1]), with_numbers(&[2])]).await;
    assert_eq!(again.summary(), [NUMBER_TAKEN; 2]);
    let renamed = function.patch(link(&created, "self"), &json!({"first_name": "Joan"})).await;
    assert_eq!(renamed.status, StatusCode::OK, "what is sent as it is stored, or not at all, is not checked");
}

#[tokio::test]
async fn a_change_of_numbers_is_one_transaction() {
    let setup = Setup::new(|_| None).await;
    let created = Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[1, 2, 3])).await;
    setup.function.patch(link(&created, "self"), &numbers(&[1, 3, 4])).await;
    let writes = writes(&setup);
    let of_call: Vec<(&str, usize)> = writes.iter().map(|call| (call.operation.as_str(), call.keys.len())).collect();
    assert_eq!(of_call, [("ExecuteTransaction", 3)], "the record, the alias gained, and the alias lost");
}

#[tokio::test]
async fn a_number_twice_or_in_another_spelling_is_one_number() {
    let setup = Setup::new(|_| None).await;
    let created = Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let number = |number: &str, kind: &str| json!({"phone_number": number, "phone_type": kind});
    let spelled = json!({"phone_numbers": [number("+1 202 555 0001", "HOME"), number("+1-202-555-0002", "OFFICE")]});
    assert_eq!(setup.function.patch(link(&created, "self"), &spelled).await.body, created);
    assert!(writes(&setup).is_empty(), "numbers are compared by value");
    let twice = setup.function.patch(link(&created, "self"), &numbers(&[1, 2, 2])).await;
    assert_eq!(twice.body["phone_numbers"], numbers(&[1, 2, 2])["phone_numbers"], "{twice:?}");
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn an_entry_by_a_number_names_the_record_that_has_it_now() {
    let function = Function::new(&Table::new().await);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    function.patch(link(&created, "self"), &numbers(&[1, 3])).await;
    let lost = function.delete_all(PHONE_NUMBER, &[json!({"phone_number": number_text(2)})]).await;
    assert_eq!((&lost.body["total_deleted"], &lost.body["total_errors"]), (&json!(0), &json!(1)));
    let gained = function.delete_all(PHONE_NUMBER, &[json!({"phone_number": number_text(3)})]).await;
    assert_eq!(gained.body["total_deleted"], 1, "{gained:?}");
    assert_eq!(function.get(link(&created, "self")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_number_that_one_record_loses_is_gained_by_a_later_one_of_the_request() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.post(PHONE_NUMBER, &[with_numbers(&[1, 2]), with_numbers(&[3])]).await;
    assert_eq!(created.summary(), [CREATED; 2]);
    let response = function.patch_all(PHONE_NUMBER, &[patch(&[1]), patch(&[3, 2])]).await;
    assert_eq!(statuses(&response), ["updated", "updated"], "{response:?}");
    assert_numbers_are_held(&table.items().await);
    let back = function.patch_all(PHONE_NUMBER, &[patch(&[1, 2]), patch(&[3])]).await;
    assert_eq!(statuses(&back), ["refused", "updated"], "a later record loses it too late");
    assert_numbers_are_held(&table.items().await);
    let new = function.patch_all(PHONE_NUMBER, &[patch(&[1]), patch(&[9, 2])]).await;
    assert_eq!(statuses(&new), ["unchanged", "created"], "number 2 is free since the last request");
}

#[tokio::test]
async fn a_record_that_waits_for_a_refused_one_is_changed() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(PHONE_NUMBER, &[with_numbers(&[1]), with_numbers(&[2]), with_numbers(&[3])]).await;
    let response = function.patch_all(PHONE_NUMBER, &[patch(&[1, 7]), patch(&[2, 7, 8]), patch(&[3, 8])]).await;
    assert_eq!(statuses(&response), ["updated", "refused", "updated"], "{response:?}");
    assert_eq!(response.any_records()[1]["errors"], json!([NUMBER_TAKEN]));
    assert_numbers_are_held(&table.items().await);
}

/// The first change is refused at once, the second never gets a response, and the third waits for the first only.
#[tokio::test]
async fn a_record_that_waits_for_another_is_changed_beside_one_that_hangs() {
    let stuck = key_of_number(2);
    let mut setup = Setup::new(move |call| (call.is_write() && call.keys == [&*stuck]).then_some(Fault::Hang)).await;
    setup.function.timeout = std::time::Duration::from_secs(3);
    let created = [with_numbers(&[1]), with_numbers(&[2]), with_numbers(&[3]), with_numbers(&[5])];
    Function::new(&setup.table).post(PHONE_NUMBER, &created).await;
    let renamed = json!({"phone_number": number_text(2), "last_name": "Dow"});
    let response = setup.function.patch_all(PHONE_NUMBER, &[patch(&[1, 7, 5]), renamed, patch(&[3, 7])]).await;
    assert_eq!(statuses(&response), ["refused", "refused", "updated"], "{response:?}");
    let codes = response.any_records()[..2].iter().map(|refused| &refused["errors"]);
    assert_eq!(codes.collect::<Vec<_>>(), [&json!([NUMBER_TAKEN]), &json!([OTHER])]);
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn a_record_that_waits_for_a_number_is_given_up_with_the_one_that_has_it() {
    skip_waiting();
    let mut setup = Setup::new(fail_number(1, "ThrottlingError")).await;
    setup.function.timeout = std::time::Duration::from_secs(3);
    let created = [with_numbers(&[1, 2]), with_numbers(&[3]), with_numbers(&[5])];
    Function::new(&setup.table).post(PHONE_NUMBER, &created).await;
    let response = setup.function.patch_all(PHONE_NUMBER, &[patch(&[1]), patch(&[3, 2]), patch(&[5, 6])]).await;
    assert_eq!(statuses(&response), ["refused", "refused", "updated"], "{response:?}");
    for refused in &response.any_records()[..2] {
        assert_eq!((&refused["errors"], &refused["fields"]), (&json!([OTHER]), &json!([])), "{refused}");
    }
    let again =
        Function::new(&setup.table).patch_all(PHONE_NUMBER, &[patch(&[1]), patch(&[3, 2]), patch(&[5, 6])]).await;
    assert_eq!(statuses(&again), ["updated", "updated", "unchanged"]);
    assert_numbers_are_held(&setup.table.items().await);
}

/// The first number is free and the second is not: no stored record is named, and a new one is not unique.
#[tokio::test]
async fn a_free_first_number_beside_a_held_one_is_a_new_record_that_is_not_unique() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let theirs = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let response = function.patch_all(PHONE_NUMBER, &[patch(&[9, 2])]).await;
    let refused = &response.any_records()[0];
    assert_eq!((&refused["status"], &refused["errors"]), (&json!("refused"), &json!([NUMBER_TAKEN])), "{refused}");
    assert_eq!(refused["_links"]["existing_record"], theirs["_links"]["self"]);
    assert_eq!(table.items().await.len(), 2);
}

#[tokio::test]
async fn any_number_of_a_stored_record_can_be_the_first_of_its_patch() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2, 3])).await;
    let response = function.patch_all(PHONE_NUMBER, &[with(&patch(&[3, 1, 4]), &json!({"first_name": "Joan"}))]).await;
    assert_eq!(statuses(&response), ["updated"], "{response:?}");
    assert_eq!(response.any_records()[0]["id"], created["id"]);
    assert_eq!(response.any_records()[0]["phone_number"], number_text(3));
    assert_numbers_are_held(&table.items().await);
    let without_first = function.patch_all(PHONE_NUMBER, &[patch(&[3, 4])]).await;
    assert_eq!(
        without_first.any_records()[0]["errors"],
        json!([OTHER]),
        "it would lose the number its ID was made from"
    );
}
