//! The record that a patch of several names: by its ID, its reference, or one of its numbers.

use http::StatusCode;
use serde_json::{Value, json};

use super::{changed_like, statuses, with};
use crate::support::{
    EXTERNAL, Function, NO_ID, NOTHING, NUMBER_TAKEN, OTHER, PHONE_NUMBER, REFERENCE_TAKEN, Table, bulks_of,
    number_text, record, records, request, with_numbers,
};

const NOT_FOUND: &str = "RECORD_NOT_FOUND";

fn reference(number: usize) -> Value {
    json!({"external_provider": "crm", "external_id": format!("C-{number}")})
}

fn renamed(named: &Value) -> Value {
    with(named, &json!({"first_name": "Joan"}))
}

#[tokio::test]
async fn a_record_is_named_by_its_id_in_any_list_and_any_letter_case() {
    for list in [EXTERNAL, PHONE_NUMBER, NOTHING] {
        let function = Function::new(&Table::new().await);
        let created = function.post(list, &records(2)).await;
        let ids = created.records().iter().map(|record| record["id"].as_str().unwrap());
        let patches: Vec<Value> = ids.map(|id| json!({"id": id.to_uppercase(), "first_name": "Joan"})).collect();
        let response = function.patch_all(list, &patches).await;
        assert_eq!(statuses(&response), ["updated"; 2], "{list}: {response:?}");
        for (created, returned) in created.records().iter().zip(response.any_records()) {
            let expected = changed_like(created, &json!({"first_name": "Joan", "status": "updated"}), returned);
            assert_eq!(*returned, expected, "{list}");
        }
    }
}

#[tokio::test]
async fn a_record_is_named_by_the_identity_of_its_list() {
    let cases = [(EXTERNAL, reference(1)), (PHONE_NUMBER, json!({"phone_number": "+1 202 555 0001"}))];
    for (list, named) in cases {
        let function = Function::new(&Table::new().await);
        let created = function.post(list, &records(3)).await;
        let response = function.patch_all(list, &[renamed(&named)]).await;
        let expected = changed_like(
            &created.records()[1],
            &json!({"first_name": "Joan", "status": "updated"}),
            &response.any_records()[0],
        );
        assert_eq!(response.any_records()[0], expected, "{list}");
    }
}

/// There, a `phone_number` without `phone_numbers` only names the record.
#[tokio::test]
async fn a_phone_number_that_names_a_record_leaves_its_numbers() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let before = table.items().await;
    for number in [1, 2] {
        let response = function.patch_all(PHONE_NUMBER, &[json!({"phone_number": number_text(number)})]).await;
        assert_eq!(response.any_records()[0], with(&created, &json!({"status": "unchanged"})), "{number}");
    }
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn an_id_is_required_where_nothing_is_unique() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(NOTHING, &record(1)).await;
    let response = function.patch_all(NOTHING, &[record(1), reference(1), json!({"id": null, "priority": 1})]).await;
    assert_eq!(statuses(&response), ["refused"; 3], "{response:?}");
    for refused in response.any_records() {
        assert_eq!(refused["errors"], json!([OTHER]), "{refused}");
        assert_eq!(refused["fields"][0]["name"], "id", "{refused}");
    }
    assert_eq!(function.read(&created).await, created);
    assert_eq!(table.items().await.len(), 1);
}

#[tokio::test]
async fn a_record_that_does_not_exist_is_created_or_refused_as_the_query_says() {
    for (list, missing) in [(EXTERNAL, record(7)), (PHONE_NUMBER, with_numbers(&[7, 8]))] {
        let table = Table::new().await;
        let function = Function::new(&table);
        let refuse = format!("{}?if_missing=refuse", bulks_of(list));
        let response = function.patch(&refuse, &json!({"records": [missing]})).await;
        let refused = &response.any_records()[0];
        assert_eq!((&refused["status"], &refused["errors"]), (&json!("refused"), &json!([NOT_FOUND])), "{refused}");
        assert_eq!((refused.get("id"), refused["first_name"].as_str()), (None, Some("Jane")), "it is echoed");
        assert_eq!(table.items().await, []);
        for query in ["", "?if_missing=create"] {
            let response = function.patch(&format!("{}{query}", bulks_of(list)), &json!({"records": [missing]})).await;
            let expected = if query.is_empty() { "created" } else { "unchanged" };
            assert_eq!(statuses(&response), [expected], "{list}{query}");
            let read = function.read(&response.any_records()[0]).await;
            assert_eq!(with(&response.any_records()[0], &json!({"status": null})), read, "{list}{query}");
        }
    }
}

#[tokio::test]
async fn a_record_that_is_named_by_its_id_is_never_created() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (list, id) in [(EXTERNAL, NO_ID), (NOTHING, NO_ID), (PHONE_NUMBER, "x")] {
        let patch = with(&record(1), &json!({ "id": id }));
        let response = function.patch_all(list, &[patch]).await;
        assert_eq!(response.any_records()[0]["errors"], json!([NOT_FOUND]), "{list}: {response:?}");
        assert!(!response.any_records()[0]["fields"].as_array().unwrap().is_empty(), "{list}: it says why");
    }
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_record_that_is_created_follows_all_rules_of_creating() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let patches = [
        with(&record(1), &json!({"first_name": null})),
        with(&record(2), &json!({"timezone": "Mars"})),
        with(&record(3), &json!({"phone_numbers": null})),
        record(4),
    ];
    let response = function.patch_all(EXTERNAL, &patches).await;
    let codes = ["FIRST_NAME_MISSING", "TIMEZONE_UNMATCHED", "PHONE_NUMBER_MISSING"];
    for (refused, code) in response.any_records().iter().zip(codes) {
        assert_eq!((&refused["status"], &refused["errors"]), (&json!("refused"), &json!([code])));
        assert_eq!(refused["_links"].get("self"), None, "the record does not exist");
    }
    assert_eq!(statuses(&response)[3], "created");
    assert_eq!(table.items().await.len(), 1);
}

#[tokio::test]
async fn a_record_that_an_earlier_one_names_too_is_refused() {
    let cases = [
        (EXTERNAL, record(1), renamed(&reference(1)), REFERENCE_TAKEN),
        (EXTERNAL, record(9), renamed(&record(9)), REFERENCE_TAKEN),
        (PHONE_NUMBER, with_numbers(&[1]), json!({"phone_number": number_text(1)}), NUMBER_TAKEN),
        (PHONE_NUMBER, with_numbers(&[8, 9]), with_numbers(&[9]), NUMBER_TAKEN),
    ];
    for (list, first, second, code) in cases {
        let function = Function::new(&Table::new().await);
        function.post(list, &records(3)).await;
        let response = function.patch_all(list, &[renamed(&first), second]).await;
        let [one, other] = response.any_records() else { panic!("{response:?}") };
        assert_ne!(one["status"], "refused", "{one}");
        assert_eq!((&other["status"], &other["errors"]), (&json!("refused"), &json!([code])), "{other}");
        assert_eq!(other["_links"]["existing_record"], one["_links"]["self"], "{other}");
    }
}

#[tokio::test]
async fn a_record_that_is_named_by_its_id_twice_is_refused_with_other() {
    for list in [EXTERNAL, PHONE_NUMBER, NOTHING] {
        let function = Function::new(&Table::new().await);
        let created = function.create(list, &record(1)).await;
        let id = json!({"id": created["id"]});
        let response = function.patch_all(list, &[renamed(&id), with(&id, &json!({"priority": 1}))]).await;
        assert_eq!(statuses(&response), ["updated", "refused"], "{list}");
        assert_eq!(response.any_records()[1]["errors"], json!([OTHER]), "{list}");
        assert_eq!(response.any_records()[1]["fields"][0]["name"], "id", "{list}");
        assert_eq!(function.read(&created).await["priority"], 5, "{list}");
    }
}

#[tokio::test]
async fn an_earlier_record_that_is_refused_by_a_rule_names_nothing() {
    let function = Function::new(&Table::new().await);
    function.post(EXTERNAL, &records(3)).await;
    let wrong = with(&reference(1), &json!({"priority": 11}));
    let response = function.patch_all(EXTERNAL, &[wrong, renamed(&reference(1))]).await;
    assert_eq!(statuses(&response), ["refused", "updated"], "{response:?}");
    assert!(response.any_records()[0]["_links"]["self"].is_object(), "the record exists");
}

#[tokio::test]
async fn a_query_that_breaks_its_rule_is_refused() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for query in ["if_missing=", "if_missing=maybe", "if_missing=CREATE", "if_missing=create&if_missing=create"] {
        let event =
            request("PATCH", &format!("{}?{query}", bulks_of(EXTERNAL)), Some(&json!({"records": [record(1)]})));
        let response = function.invoke(&event).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("INVALID_QUERY")),
            "{query}"
        );
        assert_eq!(response.body["fields"][0]["name"], "if_missing", "{query}");
    }
    assert_eq!(table.items().await, []);
}
