//! The entries of a deletion that failed say why, and one that was read is deleted as it was read.

use std::slice::from_ref;

use http::StatusCode;
use serde_json::{Value, json};

use super::assert_counts;
use crate::support::{
    EXTERNAL, Function, NO_ID, NOTHING, PHONE_NUMBER, Response, Setup, Table, hold_the_first_write, link, number_text,
    record, records, records_of, request, with_numbers,
};

fn joan() -> Value {
    json!({"first_name": "Joan"})
}

fn failed(response: &Response) -> &[Value] {
    response.body["_embedded"]["failed_records"].as_array().map_or(&[], Vec::as_slice)
}

/// The names of the fields of an entry that failed.
fn names(failed: &Value) -> Vec<&str> {
    failed["fields"].as_array().unwrap().iter().map(|field| field["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_entry_that_failed_names_the_identifier_at_fault() {
    let table = [
        (NOTHING, json!({"id": NO_ID}), "RECORD_NOT_FOUND", vec!["id"]),
        (EXTERNAL, json!({"external_provider": "crm", "external_id": "none"}), "RECORD_NOT_FOUND", vec!["external_id"]),
        (PHONE_NUMBER, json!({"phone_number": number_text(9)}), "RECORD_NOT_FOUND", vec!["phone_number"]),
        (PHONE_NUMBER, json!({"phone_number": "1"}), "IDENTIFIER_INVALID", vec!["phone_number"]),
        (EXTERNAL, json!({"phone_number": number_text(9)}), "IDENTIFIER_INVALID", vec!["phone_number"]),
        (EXTERNAL, json!({"external_provider": "crm"}), "IDENTIFIER_INVALID", vec!["external_id"]),
        (EXTERNAL, json!({"external_id": "C-1"}), "IDENTIFIER_INVALID", vec!["external_provider"]),
    ];
    let function = Function::new(&Table::new().await);
    for (list, entry, code, expected) in table {
        let response = function.delete_all(list, from_ref(&entry)).await;
        let failed = &failed(&response)[0];
        assert_eq!((&failed["errors"], names(failed)), (&json!([code]), expected), "{entry}");
        for (name, value) in entry.as_object().unwrap() {
            assert_eq!(failed[name], *value, "{entry} is echoed");
            let quoted = value.as_str().unwrap();
            let mut descriptions =
                failed["fields"].as_array().unwrap().iter().map(|field| field["description"].as_str().unwrap());
            assert!(
                quoted.len() < 3 || descriptions.all(|text| !text.contains(quoted)),
                "a description never quotes: {failed}"
            );
        }
    }
}

#[tokio::test]
async fn an_entry_that_an_earlier_one_deletes_says_so() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    let entry = json!({"id": created["id"]});
    let response = function.delete_all(EXTERNAL, &[entry.clone(), entry]).await;
    assert_counts(&response, 1, 1);
    assert_eq!(
        (&failed(&response)[0]["errors"], names(&failed(&response)[0])),
        (&json!(["RECORD_NOT_FOUND"]), vec!["id"])
    );
}

#[tokio::test]
async fn a_page_is_deleted_as_it_was_read() {
    for (list, sent) in
        [(EXTERNAL, records(30)), (NOTHING, records(30)), (PHONE_NUMBER, vec![with_numbers(&[1, 2, 3])])]
    {
        let table = Table::new().await;
        let function = Function::new(&table);
        function.post(list, &sent).await;
        let page = function.get(&records_of(list)).await.any_records().to_vec();
        assert_counts(&function.delete_all(list, &page).await, sent.len(), 0);
        assert_eq!(table.items().await, [], "{list}");
    }
}

#[tokio::test]
async fn an_entry_with_an_id_is_known_by_it_alone() {
    let function = Function::new(&Table::new().await);
    let created = function.post(EXTERNAL, &records(2)).await;
    let [first, second] = created.records() else { panic!("{created:?}") };
    let id = first["id"].as_str().unwrap().to_uppercase();
    let entry = json!({"id": id, "external_id": second["external_id"], "phone_number": "x", "color": ["red"]});
    assert_counts(&function.delete_all(EXTERNAL, &[entry]).await, 1, 0);
    assert_eq!(function.get(link(first, "self")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(function.get(link(second, "self")).await.body, *second);
}

#[tokio::test]
async fn an_entry_with_updated_at_deletes_only_what_was_read() {
    for (list, sent) in
        [(EXTERNAL, records(3)), (PHONE_NUMBER, (0..3).map(|n| with_numbers(&[2 * n, 2 * n + 1])).collect())]
    {
        let table = Table::new().await;
        let function = Function::new(&table);
        let created = function.post(list, &sent).await;
        let [_, changed, _] = created.records() else { panic!("{created:?}") };
        function.patch(link(changed, "self"), &joan()).await;
        let now = function.get(link(changed, "self")).await.body;
        let response = function.delete_all(list, created.records()).await;
        assert_counts(&response, 2, 1);
        let refused = &failed(&response)[0];
        assert_eq!((&refused["id"], &refused["errors"]), (&changed["id"], &json!(["RECORD_CHANGED"])), "{list}");
        assert!(!names(refused).is_empty(), "{list}: it says why");
        assert_eq!(function.get(link(changed, "self")).await.body, now, "{list}");
        assert_counts(&function.delete_all(list, &[now]).await, 1, 0);
        assert_eq!(table.items().await, [], "{list}");
    }
}

#[tokio::test]
async fn an_entry_without_updated_at_deletes_whatever_the_record_is_now() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    assert_eq!(function.patch(link(&created, "self"), &joan()).await.status, StatusCode::OK);
    let entries = [json!({"id": created["id"], "created_at": "2000-01-01T00:00:00.000Z", "updated_at": null})];
    assert_counts(&function.delete_all(EXTERNAL, &entries).await, 1, 0);
}

#[tokio::test]
async fn a_record_that_changes_between_the_read_and_the_deletion_is_reported_as_changed() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.create(EXTERNAL, &record(1)).await;
    let joan = joan();
    let meanwhile = other.patch(link(&created, "self"), &joan);
    let (response, _) =
        setup.interrupt(setup.function.delete_all(EXTERNAL, from_ref(&created)), Box::pin(meanwhile)).await;
    assert_counts(&response, 0, 1);
    assert_eq!(failed(&response)[0]["errors"], json!(["RECORD_CHANGED"]), "{response:?}");
    assert_eq!(other.get(link(&created, "self")).await.body["first_name"], "Joan");
}

/// Deleting by a number acts only on a record that, as it is read, has it.
#[tokio::test]
async fn a_record_that_changes_meanwhile_is_deleted_if_the_entry_still_names_it() {
    for (numbers, deleted) in [([1, 2], 1), ([1, 3], 0)] {
        let setup = Setup::new(hold_the_first_write).await;
        let other = Function::new(&setup.table);
        let created = other.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
        let patch = json!({"first_name": "Joan", "phone_numbers": with_numbers(&numbers)["phone_numbers"]});
        let event = request("PATCH", link(&created, "self"), Some(&patch));
        let meanwhile = Box::pin(other.invoke(&event));
        let entries = [json!({"phone_number": number_text(2)})];
        let (response, changed) = setup.interrupt(setup.function.delete_all(PHONE_NUMBER, &entries), meanwhile).await;
        assert_eq!(changed.status, StatusCode::OK);
        assert_counts(&response, deleted, 1 - deleted);
        assert_eq!(setup.table.items().await.len(), 2 * (1 - deleted));
    }
}
