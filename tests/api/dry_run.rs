//! `validate_only=true` reports what the same request would do, and writes nothing.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    API, Call, EXTERNAL, Fault, Function, NOTHING, NUMBER_TAKEN, PHONE_NUMBER, REFERENCE_TAKEN, Response, Setup, Table,
    bulks_of, keyed, link, record, records, records_of, request, with_numbers,
};

/// A role that may only read.
fn refuse_writes(call: &Call) -> Option<Fault> {
    call.is_write().then_some(Fault::Error(400, "AccessDeniedException"))
}

async fn try_out(function: &Function, method: &str, list: &str, records: &[Value]) -> Response {
    let target = format!("{}?validate_only=true", bulks_of(list));
    function.invoke(&request(method, &target, Some(&json!({ "records": records })))).await
}

/// `record` without the members that only a stored record has.
fn not_stored(record: &Value) -> Value {
    let mut record = record.clone();
    let members = record.as_object_mut().unwrap();
    members.retain(|name, _| !["id", "created_at", "updated_at"].contains(&name.as_str()));
    if let Some(links) = members.get_mut("_links").and_then(Value::as_object_mut) {
        links.remove("self");
    }
    record
}

fn batches() -> [(&'static str, Vec<Value>); 4] {
    let mut wrong = record(3);
    wrong["priority"] = json!(0);
    let mut twin = record(1);
    twin["last_name"] = json!("Twin");
    let mixed = vec![record(0), record(1), twin, wrong, json!(5), record(4)];
    let numbers = vec![with_numbers(&[1, 2]), with_numbers(&[2, 3]), with_numbers(&[3]), with_numbers(&[7, 8])];
    [(EXTERNAL, mixed.clone()), (NOTHING, mixed.clone()), (PHONE_NUMBER, mixed), (PHONE_NUMBER, numbers)]
}

#[tokio::test]
async fn a_creation_that_is_tried_out_says_what_it_would_do_and_writes_nothing() {
    for (list, batch) in batches() {
        let setup = Setup::new(refuse_writes).await;
        let unharmed = Function::new(&setup.table);
        unharmed.post(list, &[record(0), with_numbers(&[8])][..]).await;
        let before = setup.table.items().await;
        let tried = try_out(&setup.function, "POST", list, &batch).await;
        assert_eq!(tried.status, StatusCode::OK, "{list}: {tried:?}");
        assert!(!setup.proxy.calls().iter().any(Call::is_write), "{list}");
        assert_eq!(setup.table.items().await, before, "{list}");
        let done = unharmed.post(list, &batch).await;
        for member in ["total_created", "total_errors", "has_error", "record_list_id"] {
            assert_eq!(tried.body[member], done.body[member], "{list}: {member}");
        }
        assert_eq!(tried.body["_links"], done.body["_links"], "{list}");
        for (tried, done) in tried.any_records().iter().zip(done.records()) {
            assert!(tried.get("id").is_none() && tried.get("created_at").is_none(), "{list}: {tried}");
            assert_eq!(tried["errors"], done["errors"], "{list}");
            if done.get("errors").is_none() {
                assert_eq!(*tried, not_stored(done), "{list}");
            }
        }
    }
}

#[tokio::test]
async fn a_creation_that_is_tried_out_reads_what_is_stored_now() {
    let setup = Setup::new(refuse_writes).await;
    let theirs = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
    let tried = try_out(&setup.function, "POST", EXTERNAL, &records(3)).await;
    let codes: Vec<&Value> = tried.any_records().iter().map(|record| &record["errors"]).collect();
    assert_eq!(codes, [&Value::Null, &json!([REFERENCE_TAKEN]), &Value::Null]);
    assert_eq!(tried.any_records()[1]["_links"]["existing_record"], theirs["_links"]["self"]);
    let record_list = json!({"record_list": {"href": format!("{API}/record-lists/{EXTERNAL}")}});
    assert_eq!(tried.any_records()[0]["_links"], record_list, "there is no record to link to");
}

/// A key only serves to recognise what it has created already.
#[tokio::test]
async fn a_keyed_creation_that_is_tried_out_recognises_what_it_has_created() {
    for (list, sent) in [(EXTERNAL, records(3)), (NOTHING, records(3)), (PHONE_NUMBER, vec![with_numbers(&[1, 2])])] {
        let table = Table::new().await;
        let function = Function::new(&table);
        let mut event = keyed(list, &sent, "a-key");
        let done = function.invoke(&event).await;
        let before = table.items().await;
        event["multiValueQueryStringParameters"] = json!({"validate_only": ["true"]});
        let tried = function.invoke(&event).await;
        assert_eq!((tried.status, tried.any_records()), (StatusCode::OK, done.records()), "{list}");
        assert_eq!(table.items().await, before, "{list}");
    }
}

#[tokio::test]
async fn an_update_that_is_tried_out_says_what_it_would_do_and_writes_nothing() {
    let setup = Setup::new(refuse_writes).await;
    let unharmed = Function::new(&setup.table);
    unharmed.post(EXTERNAL, &records(3)).await;
    let page = unharmed.get(&records_of(EXTERNAL)).await.any_records().to_vec();
    let before = setup.table.items().await;
    let mut patches = page.clone();
    patches[0]["last_name"] = json!("Roe");
    patches[1]["priority"] = json!(11);
    patches.push(record(7));
    let tried = try_out(&setup.function, "PATCH", EXTERNAL, &patches).await;
    assert_eq!(tried.status, StatusCode::OK, "{tried:?}");
    let statuses: Vec<&str> = tried.any_records().iter().map(|record| record["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["updated", "refused", "unchanged", "created"]);
    assert_eq!(tried.any_records()[0]["last_name"], "Roe");
    assert!(tried.any_records()[3].get("id").is_none(), "what would be created has no ID");
    assert_eq!(setup.table.items().await, before);
    assert!(!setup.proxy.calls().iter().any(Call::is_write));
    let done = unharmed.patch_all(EXTERNAL, &patches).await;
    for total in ["total_created", "total_updated", "total_unchanged", "total_errors", "has_errors"] {
        assert_eq!(tried.body[total], done.body[total], "{total}");
    }
}

/// Earlier records of the request count as done.
#[tokio::test]
async fn a_number_that_would_be_lost_can_be_gained_and_one_gained_cannot() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(PHONE_NUMBER, &[with_numbers(&[1, 2]), with_numbers(&[3])]).await;
    let before = table.items().await;
    let patches = [with_numbers(&[1]), with_numbers(&[3, 2]), with_numbers(&[8, 9]), with_numbers(&[6, 9])];
    let tried = try_out(&function, "PATCH", PHONE_NUMBER, &patches).await;
    let outcomes: Vec<(&Value, &Value)> =
        tried.any_records().iter().map(|record| (&record["status"], &record["errors"])).collect();
    let none = &Value::Null;
    let expected = [(json!("updated"), none), (json!("updated"), none), (json!("created"), none)];
    assert_eq!(outcomes[..3], expected.each_ref().map(|(status, errors)| (status, *errors)));
    assert_eq!(outcomes[3], (&json!("refused"), &json!([NUMBER_TAKEN])));
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn false_is_the_default_and_anything_else_is_refused() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for method in ["POST", "PATCH"] {
        for value in ["", "1", "TRUE", "yes", "true&validate_only=true"] {
            let target = format!("{}?validate_only={value}", bulks_of(EXTERNAL));
            let response = function.invoke(&request(method, &target, Some(&json!({"records": [record(1)]})))).await;
            assert_eq!(
                (response.status, &response.body["code"]),
                (StatusCode::BAD_REQUEST, &json!("INVALID_QUERY")),
                "{value}"
            );
            assert_eq!(response.body["fields"][0]["name"], "validate_only", "{method} {value}");
        }
    }
    assert_eq!(table.items().await, []);
    let target = format!("{}?validate_only=false", bulks_of(EXTERNAL));
    let response = function.invoke(&request("POST", &target, Some(&json!({"records": [record(1)]})))).await;
    assert_eq!((response.status, response.body["total_created"].as_u64()), (StatusCode::CREATED, Some(1)));
    assert_eq!(table.items().await.len(), 1);
}

/// Nobody writes by mistake.
#[tokio::test]
async fn an_operation_that_writes_and_cannot_be_tried_out_refuses_the_parameter() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(EXTERNAL, &record(1)).await;
    let before = table.items().await;
    let own = link(&created, "self");
    let list = format!("/record-lists/{EXTERNAL}");
    let requests = [
        ("POST", "/record-lists".to_owned(), Some(json!({"name": "Leads"}))),
        ("PATCH", list, Some(json!({"name": "Leads"}))),
        ("PATCH", own.to_owned(), Some(json!({"first_name": "Joan"}))),
        ("DELETE", own.to_owned(), None),
        ("DELETE", bulks_of(EXTERNAL), Some(json!([{"id": created["id"]}]))),
    ];
    for (method, target, body) in requests {
        for value in ["true", "false"] {
            let response =
                function.invoke(&request(method, &format!("{target}?validate_only={value}"), body.as_ref())).await;
            assert_eq!(
                (response.status, &response.body["code"]),
                (StatusCode::BAD_REQUEST, &json!("INVALID_QUERY")),
                "{method} {target}"
            );
            assert_eq!(response.body["fields"][0]["name"], "validate_only", "{method} {target}");
        }
    }
    assert_eq!(table.items().await, before);
    assert_eq!(function.get("/record-lists").await.body["count"], 3);
    let read = function.get(&format!("{own}?validate_only=true")).await;
    assert_eq!((read.status, &read.body), (StatusCode::OK, &created), "what only reads ignores it");
}

#[tokio::test]
async fn trying_out_takes_the_reads_of_the_request_and_no_more() {
    let setup = Setup::new(refuse_writes).await;
    setup.function.get(&records_of(EXTERNAL)).await;
    let before = setup.proxy.calls().len();
    let tried = try_out(&setup.function, "POST", EXTERNAL, &records(100)).await;
    assert_eq!(tried.body["total_created"], 100);
    let operations: Vec<String> = setup.proxy.calls().into_iter().skip(before).map(|call| call.operation).collect();
    assert_eq!(operations, ["BatchGetItem"]);
}
