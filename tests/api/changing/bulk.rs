//! Up to 100 records, changed in one request: the whole response, and its calls.

use http::StatusCode;
use serde_json::{Value, json};

use super::{changed_like, operations, statuses, with, writes};
use crate::created::words::{NUMBER_NO_PLUS, PRIORITY};
use crate::support::{
    API, EXTERNAL, Fault, Function, NOTHING, PHONE_NUMBER, Response, Setup, Table, bulks_of, link, record, records,
    records_of, request, request_text, with_numbers, with_three_numbers,
};

/// The response for records of which so many have each status.
fn body(list: &str, [created, updated, unchanged, refused]: [usize; 4], records: &[Value]) -> Value {
    json!({
        "record_list_id": list,
        "has_errors": refused > 0,
        "total_created": created,
        "total_updated": updated,
        "total_unchanged": unchanged,
        "total_errors": refused,
        "_links": {
            "self": {"href": format!("{API}/record-lists/{list}/records")},
            "record_list": {"href": format!("{API}/record-lists/{list}")},
        },
        "_embedded": {"records": records},
    })
}

fn with_status(record: &Value, status: &str) -> Value {
    with(record, &json!({ "status": status }))
}

#[track_caller]
fn assert_all(response: &Response, status: &str) {
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert!(statuses(response).iter().all(|other| *other == status), "{:?}", statuses(response));
}

#[tokio::test]
async fn each_record_has_its_status_in_the_order_sent_and_the_response_counts_them() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let before = function.post(EXTERNAL, &records(3)).await;
    let [zero, one, two] = before.records() else { panic!("{before:?}") };
    let change = json!({"last_name": "Roe", "priority": null});
    let wrong =
        with(&record(2), &json!({"priority": 0, "phone_numbers": [{"phone_number": "1", "phone_type": "HOME"}]}));
    let mut update = with(&record(1), &change);
    update["priority"] = Value::Null;
    let response = function.patch_all(EXTERNAL, &[update, record(5), wrong.clone(), record(0)]).await;
    assert_eq!(response.header("content-type"), Some("application/hal+json"));
    let returned = response.any_records().to_vec();
    let created = function.get(link(&returned[1], "self")).await.body;
    let mut refused = with_status(&wrong, "refused");
    refused["errors"] = json!(["PHONE_NUMBER_INVALID", "PRIORITY_INVALID"]);
    refused["fields"] = json!([
        {"name": "phone_numbers[0].phone_number", "description": NUMBER_NO_PLUS},
        {"name": "priority", "description": PRIORITY},
    ]);
    refused["_links"] = json!({"self": two["_links"]["self"]});
    let expected = [
        with_status(&changed_like(one, &change, &returned[0]), "updated"),
        with_status(&created, "created"),
        refused,
        with_status(zero, "unchanged"),
    ];
    assert_eq!(response.body, body(EXTERNAL, [1, 1, 1, 1], &expected));
    assert_eq!(function.read(one).await, with(&returned[0], &json!({"status": null})));
    assert_eq!(function.read(two).await, *two, "nothing of a refused record is written");
    assert_eq!(table.records().await.len(), 4);
}

/// A page of records, sent back whole.
async fn page(function: &Function, list: &str) -> Vec<Value> {
    function.get(&records_of(list)).await.any_records().to_vec()
}

#[tokio::test]
async fn a_page_that_is_sent_back_whole_is_unchanged_and_not_written() {
    let batches = [
        (EXTERNAL, records(100)),
        (NOTHING, records(100)),
        (PHONE_NUMBER, records(100)),
        (PHONE_NUMBER, with_three_numbers(100)),
    ];
    for (list, sent) in batches {
        let setup = Setup::new(|_| None).await;
        Function::new(&setup.table).post(list, &sent).await;
        let page = page(&setup.function, list).await;
        let (before, items) = (setup.proxy.calls().len(), setup.table.items().await);
        let response = setup.function.patch_all(list, &page).await;
        let expected: Vec<Value> = page.iter().map(|record| with_status(record, "unchanged")).collect();
        assert_eq!(response.body, body(list, [0, 0, 100, 0], &expected), "{list}");
        assert_eq!(operations(&setup, before), ["BatchGetItem"], "{list}: the list is known");
        assert_eq!(setup.table.items().await, items, "{list}");
    }
}

#[tokio::test]
async fn a_page_with_one_member_changed_is_one_write() {
    for (list, sent) in [(EXTERNAL, records(100)), (NOTHING, records(100)), (PHONE_NUMBER, with_three_numbers(100))] {
        let setup = Setup::new(|_| None).await;
        Function::new(&setup.table).post(list, &sent).await;
        let mut page = page(&setup.function, list).await;
        page[41]["last_name"] = json!("Roe");
        let response = setup.function.patch_all(list, &page).await;
        let mut expected: Vec<Value> = page.iter().map(|record| with_status(record, "unchanged")).collect();
        let changed = changed_like(&page[41], &json!({"status": "updated"}), &response.any_records()[41]);
        expected[41] = changed;
        assert_eq!(response.body, body(list, [0, 1, 99, 0], &expected), "{list}");
        assert_eq!(setup.proxy.statements(), [1], "{list}");
    }
}

/// The four calls of statements are made at once, or they would never go on.
#[tokio::test]
async fn a_hundred_changed_records_take_two_round_trips_and_a_hundred_statements() {
    let setup = Setup::new(|call| call.is_write().then_some(Fault::Together(4))).await;
    Function::new(&setup.table).post(EXTERNAL, &records(100)).await;
    let page = page(&setup.function, EXTERNAL).await;
    let before = setup.proxy.calls().len();
    let patches: Vec<Value> = page.iter().map(|record| with(record, &json!({"first_name": "Joan"}))).collect();
    assert_all(&setup.function.patch_all(EXTERNAL, &patches).await, "updated");
    let write = "BatchExecuteStatement";
    assert_eq!(operations(&setup, before), ["BatchGetItem", write, write, write, write]);
    assert_eq!(setup.proxy.statements(), [25; 4]);
}

#[tokio::test]
async fn a_hundred_new_records_take_two_round_trips() {
    let setup = Setup::new(|call| call.is_write().then_some(Fault::Together(4))).await;
    setup.function.get(&records_of(EXTERNAL)).await;
    let before = setup.proxy.calls().len();
    assert_all(&setup.function.patch_all(EXTERNAL, &records(100)).await, "created");
    let write = "BatchExecuteStatement";
    assert_eq!(operations(&setup, before), ["BatchGetItem", write, write, write, write]);
    assert_all(&setup.function.patch_all(EXTERNAL, &records(100)).await, "unchanged");
}

#[tokio::test]
async fn a_call_mixes_what_is_created_and_what_is_changed() {
    let setup = Setup::new(|_| None).await;
    Function::new(&setup.table).post(EXTERNAL, &records(10)).await;
    let patches: Vec<Value> = (0..20).map(|number| with(&record(number), &json!({"first_name": "Joan"}))).collect();
    let response = setup.function.patch_all(EXTERNAL, &patches).await;
    let expected: Vec<&str> = (0..20).map(|number| if number < 10 { "updated" } else { "created" }).collect();
    assert_eq!(statuses(&response), expected);
    assert_eq!(writes(&setup).len(), 1);
}

#[tokio::test]
async fn an_idempotency_key_is_ignored() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (key, name) in [("a-key", "Joan"), ("a-key", "Jane"), ("a b", "June")] {
        let patches = json!({"records": [with(&record(1), &json!({"first_name": name}))]});
        let mut event = request("PATCH", &bulks_of(EXTERNAL), Some(&patches));
        event["headers"]["Idempotency-Key"] = json!(key);
        event["multiValueHeaders"]["Idempotency-Key"] = json!([key]);
        let response = function.invoke(&event).await;
        assert_eq!((response.status, &response.any_records()[0]["first_name"]), (StatusCode::OK, &json!(name)));
    }
    assert_eq!(table.items().await.len(), 1);
}

#[tokio::test]
async fn a_body_that_is_not_1_to_100_records_is_refused() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let too_many = json!({"records": records(101)}).to_string();
    for body in
        ["", "[]", "{}", r#"{"records":[]}"#, r#"{"records":{}}"#, r#"{"records":[{}],"records":[{}]}"#, &too_many]
    {
        let response = function.invoke(&request_text("PATCH", &bulks_of(EXTERNAL), Some(body))).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("INVALID_BODY")),
            "{body:.50}"
        );
    }
    let response = function.patch_all("no-such-list", &[record(1)]).await;
    assert_eq!((response.status, &response.body["code"]), (StatusCode::NOT_FOUND, &json!("RECORD_LIST_NOT_FOUND")));
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_caller_who_may_only_read_changes_nothing() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(EXTERNAL, &record(1)).await;
    let before = table.items().await;
    let patch = json!({"first_name": "Joan"});
    let requests = [
        request("PATCH", link(&created, "self"), Some(&patch)),
        request("PATCH", &bulks_of(EXTERNAL), Some(&json!({"records": [with(&record(1), &patch)]}))),
    ];
    for mut event in requests {
        event["requestContext"]["authorizer"]["claims"]["scope"] = json!("record-lists:read");
        let response = function.invoke(&event).await;
        assert_eq!((response.status, &response.body["code"]), (StatusCode::FORBIDDEN, &json!("FORBIDDEN")));
    }
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn an_element_that_is_not_an_object_is_refused_and_leaves_its_neighbours_alone() {
    let function = Function::new(&Table::new().await);
    let response = function.patch_all(EXTERNAL, &[json!(null), json!(5), json!([]), record(1)]).await;
    assert_eq!(statuses(&response), ["refused", "refused", "refused", "created"]);
    for refused in &response.any_records()[..3] {
        assert_eq!(
            (&refused["errors"], &refused["fields"][0]["name"]),
            (&json!(["OTHER"]), &json!("record")),
            "{refused}"
        );
    }
    let none = function.patch_all(PHONE_NUMBER, &[json!({"first_name": "Joan"}), with_numbers(&[1])]).await;
    assert_eq!(statuses(&none), ["refused", "created"], "a patch that names no record");
}
