//! Up to 100 records, deleted at once.

use http::StatusCode;
use serde_json::{Value, json};

use super::entries;
use crate::support::{
    API, Call, EXTERNAL, Fault, Function, NO_ID, NOTHING, PHONE_NUMBER, Response, Setup, Table, at_first, bulks_of,
    number_text, openapi, record, records, request, request_text, with_numbers, with_three_numbers,
};

/// The `200` of a deletion from `list` after which these entries are left.
fn body(list: &str, deleted: usize, failed: &[Value]) -> Value {
    json!({
        "record_list_id": list,
        "has_errors": !failed.is_empty(),
        "total_deleted": deleted,
        "total_errors": failed.len(),
        "_links": {
            "self": {"href": format!("{API}/record-lists/{list}/records")},
            "record_list": {"href": format!("{API}/record-lists/{list}")},
        },
        "_embedded": {"failed_records": failed},
    })
}

#[track_caller]
fn assert_deleted(response: &Response, list: &str, deleted: usize, failed: &[Value]) {
    let mut without_fields = response.body.clone();
    for entry in without_fields["_embedded"]["failed_records"].as_array_mut().unwrap() {
        assert_says_why(&entry.as_object_mut().unwrap().remove("fields").unwrap_or_default());
    }
    assert_eq!((response.status, &without_fields), (StatusCode::OK, &body(list, deleted, failed)));
}

/// Fails unless `fields` has at least one name and description.
#[track_caller]
fn assert_says_why(fields: &Value) {
    let fields = fields.as_array().expect("an entry that failed has fields");
    let says = |field: &Value, name: &str| field[name].as_str().is_some_and(|text| !text.is_empty());
    assert!(
        !fields.is_empty() && fields.iter().all(|field| says(field, "name") && says(field, "description")),
        "{fields:?}"
    );
}

#[tokio::test]
async fn records_are_deleted_by_each_identifier_of_their_list() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let reference = json!({"external_provider": "crm", "external_id": "C-1", "color": "red"});
    let number = json!({"phone_number": " +1 (202) 555-0002 ", "id": null});
    for (list, entry) in [(EXTERNAL, reference), (PHONE_NUMBER, number)] {
        let created = function.post(list, &records(3)).await;
        let response = function.delete_all(list, &[entries(&created)[0].clone(), entry]).await;
        assert_deleted(&response, list, 2, &[]);
    }
    assert_eq!(table.records().await.len(), 2);
}

#[tokio::test]
async fn any_number_of_a_record_identifies_it() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(PHONE_NUMBER, &with_three_numbers(3)).await;
    let entries = ["+12025550000", "+12025550004", "+12025550008"].map(|number| json!({"phone_number": number}));
    assert_deleted(&function.delete_all(PHONE_NUMBER, &entries).await, PHONE_NUMBER, 3, &[]);
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn an_earlier_entry_leaves_nothing_to_a_later_one() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let entries = [
        json!({"phone_number": "+12025550002"}),
        json!({"id": created["id"]}),
        json!({"phone_number": "+12025550001"}),
        json!({"phone_number": "+12025550002"}),
    ];
    let failed = [&entries[1], &entries[2], &entries[3]].map(|entry| failed(entry, "RECORD_NOT_FOUND"));
    assert_deleted(&function.delete_all(PHONE_NUMBER, &entries).await, PHONE_NUMBER, 1, &failed);
    assert_eq!(table.items().await, []);
}

/// `entry` as it is reported.
fn failed(entry: &Value, code: &str) -> Value {
    let mut failed = entry.clone();
    failed["errors"] = json!([code]);
    failed
}

#[tokio::test]
async fn an_entry_that_identifies_no_record_is_reported_with_the_identifiers_it_had() {
    let (invalid, missing) = ("IDENTIFIER_INVALID", "RECORD_NOT_FOUND");
    let none = json!({});
    let table = [
        (PHONE_NUMBER, json!({"id": NO_ID}), missing, None),
        (PHONE_NUMBER, json!({"id": ""}), missing, None),
        (PHONE_NUMBER, json!({"id": "AB9266D1-5D8E-5B45-94A7-C76CB78DE877"}), missing, None),
        (PHONE_NUMBER, json!({"phone_number": "+12025550001"}), missing, None),
        (EXTERNAL, json!({"external_provider": "crm", "external_id": "none"}), missing, None),
        (PHONE_NUMBER, json!({"phone_number": "+4930"}), invalid, None),
        (PHONE_NUMBER, json!({"phone_number": "2025550001"}), invalid, None),
        (PHONE_NUMBER, json!({"phone_number": " "}), invalid, None),
        (EXTERNAL, json!({"phone_number": "+12025550001"}), invalid, None),
        (NOTHING, json!({"phone_number": "+12025550001"}), invalid, None),
        (PHONE_NUMBER, json!({"external_provider": "crm", "external_id": "C-1"}), invalid, None),
        (NOTHING, json!({"external_provider": "crm", "external_id": "C-1"}), invalid, None),
        (EXTERNAL, json!({"external_provider": "crm"}), invalid, None),
        (EXTERNAL, json!({"external_provider": "crm", "external_id": "\u{200b} "}), invalid, None),
        (EXTERNAL, json!({"external_provider": "", "external_id": "C-1"}), invalid, None),
        (PHONE_NUMBER, json!({"id": "x", "phone_number": "+12025550001"}), missing, None),
        (EXTERNAL, json!({"id": "x", "external_provider": "crm", "external_id": "C-1"}), missing, None),
        (
            PHONE_NUMBER,
            json!({"id": 7, "phone_number": "+12025550001"}),
            invalid,
            Some(json!({"phone_number": "+12025550001"})),
        ),
        (PHONE_NUMBER, json!({"phone_number": ["+12025550001"]}), invalid, Some(none.clone())),
        (PHONE_NUMBER, json!({"color": "red"}), invalid, Some(none.clone())),
        (PHONE_NUMBER, json!({"id": null}), invalid, Some(none.clone())),
        (PHONE_NUMBER, json!(["x"]), invalid, Some(none.clone())),
        (PHONE_NUMBER, json!("+12025550001"), invalid, Some(none.clone())),
        (PHONE_NUMBER, json!(null), invalid, Some(none)),
    ];
    let function = Function::new(&Table::new().await);
    for (list, entry, code, echoed) in table {
        let expected = failed(echoed.as_ref().unwrap_or(&entry), code);
        assert_deleted(&function.delete_all(list, &[entry]).await, list, 0, &[expected]);
    }
}

#[tokio::test]
async fn an_entry_with_a_member_twice_is_invalid() {
    let function = Function::new(&Table::new().await);
    let event = request_text("DELETE", &bulks_of(NOTHING), Some(r#"[{"id": "x", "id": "x"}]"#));
    let expected = [failed(&json!({}), "IDENTIFIER_INVALID")];
    assert_deleted(&function.invoke(&event).await, NOTHING, 0, &expected);
}

#[tokio::test]
async fn entries_that_fail_leave_their_neighbours_alone() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.post(EXTERNAL, &records(4)).await;
    let of_another_list = function.create(NOTHING, &record(1)).await;
    let [first, second, third, _] = entries(&created).try_into().expect("four records were created");
    let of_another_list = json!({"id": of_another_list["id"]});
    let entries = [json!(7), first, of_another_list, second, json!({"external_id": "C-3"}), third];
    let failed = [
        failed(&json!({}), "IDENTIFIER_INVALID"),
        failed(&entries[2], "RECORD_NOT_FOUND"),
        failed(&entries[4], "IDENTIFIER_INVALID"),
    ];
    assert_deleted(&function.delete_all(EXTERNAL, &entries).await, EXTERNAL, 3, &failed);
    assert_eq!(table.records().await.len(), 2);
}

#[tokio::test]
async fn a_body_that_is_not_an_array_of_1_to_100_entries_is_refused() {
    let function = Function::new(&Table::new().await);
    let bulks = bulks_of("no-such-list");
    for body in [json!([]), json!({"id": "x"}), json!(vec![json!({"id": "x"}); 101])] {
        let response = function.invoke(&request("DELETE", &bulks, Some(&body))).await;
        assert_eq!((response.status, &response.body["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_BODY")));
        assert_eq!(response.body["fields"][0]["name"], "body");
    }
    let response = function.invoke(&request("DELETE", &bulks, Some(&json!([{"id": "x"}])))).await;
    assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordListNotFound")));
}

/// The four calls of statements are made at once, or they would never go on.
#[tokio::test]
async fn a_hundred_records_take_five_calls_in_two_round_trips_and_the_list() {
    let together = |call: &Call| call.is_write().then_some(Fault::Together(4));
    let setup = Setup::new(together).await;
    let created = Function::new(&setup.table).post(NOTHING, &records(100)).await;
    assert_deleted(&setup.function.delete_all(NOTHING, &entries(&created)).await, NOTHING, 100, &[]);
    let operations: Vec<String> = setup.proxy.calls().into_iter().map(|call| call.operation).collect();
    let (read, write) = ("BatchGetItem", "BatchExecuteStatement");
    assert_eq!(operations, ["GetItem", read, write, write, write, write]);
    assert_eq!(setup.proxy.statements(), [25; 4]);
    assert_eq!(setup.table.items().await, []);
}

#[tokio::test]
async fn a_hundred_records_with_aliases_go_in_full_transactions() {
    let setup = Setup::new(|_| None).await;
    let records: Vec<Value> = (0..100).map(|n| with_numbers(&[2 * n, 2 * n + 1])).collect();
    Function::new(&setup.table).post(PHONE_NUMBER, &records).await;
    let entries: Vec<Value> = (0..100).map(|n| json!({"phone_number": number_text(2 * n + 1)})).collect();
    assert_deleted(&setup.function.delete_all(PHONE_NUMBER, &entries).await, PHONE_NUMBER, 100, &[]);
    assert_eq!(setup.table.items().await, []);
    assert_eq!(setup.proxy.count("BatchExecuteStatement"), 0);
    assert_eq!(setup.proxy.statements(), [100, 100]);
    assert_eq!(setup.proxy.count("BatchGetItem"), 2, "aliases, and their records");
}

#[tokio::test]
async fn nothing_is_written_if_there_is_nothing_to_delete() {
    let setup = Setup::new(|_| None).await;
    setup.function.delete_all(NOTHING, &[json!({"id": NO_ID})]).await;
    assert_eq!(
        setup.proxy.calls().into_iter().map(|call| call.operation).collect::<Vec<_>>(),
        ["GetItem", "BatchGetItem"]
    );
    setup.function.delete_all(NOTHING, &[json!({"id": "x"})]).await;
    assert_eq!(setup.proxy.calls().len(), 2, "an ID that no record can have is not looked for");
}

#[tokio::test]
async fn a_deletion_is_made_again_after_two_failed_calls_of_any_kind() {
    let faults = [
        Fault::LostCall,
        Fault::LostResponse,
        Fault::Error(500, "InternalServerError"),
        Fault::Error(400, "ThrottlingException"),
        Fault::Error(400, "TransactionConflictException"),
    ];
    for fault in faults {
        let setup = Setup::new(at_first(2, fault)).await;
        let records = [with_numbers(&[1]), with_numbers(&[2, 3]), with_numbers(&[4])];
        let created = Function::new(&setup.table).post(PHONE_NUMBER, &records).await;
        assert_deleted(&setup.function.delete_all(PHONE_NUMBER, &entries(&created)).await, PHONE_NUMBER, 3, &[]);
        assert_eq!(setup.table.items().await, [], "{fault:?}");
    }
}
