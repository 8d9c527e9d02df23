//! One record, changed by its path.

use http::StatusCode;
use serde_json::{Value, json};

use super::{changed_like, operations, writes};
use crate::support::{
    EXTERNAL, Function, NO_ID, NOTHING, PHONE_NUMBER, Response, Setup, Table, link, openapi, record, record_of,
    request, request_text, text, with_numbers, with_three_numbers,
};

/// A record for each type of list.
fn batches() -> [(&'static str, Value); 4] {
    [(EXTERNAL, record(1)), (NOTHING, record(1)), (PHONE_NUMBER, record(1)), (PHONE_NUMBER, with_numbers(&[2, 3, 4]))]
}

#[track_caller]
fn assert_ok(response: &Response) {
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    assert_eq!(response.header("content-type"), Some("application/hal+json"));
}

#[tokio::test]
async fn a_changed_record_is_returned_as_it_is_now_stored() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for (list, sent) in batches() {
        let created = function.create(list, &sent).await;
        let before = table.items().await;
        let change =
            json!({"first_name": "Joan", "timezone": "GMT", "priority": 9, "external_url": "https://a.example"});
        let response = function.patch(link(&created, "self"), &change).await;
        assert_ok(&response);
        assert_eq!(response.body, changed_like(&created, &change, &response.body), "{list}");
        assert!(response.body["updated_at"].as_str() > created["updated_at"].as_str(), "{list}");
        let read = function.get(link(&created, "self")).await;
        assert_eq!((&read.body, read.header("etag")), (&response.body, response.header("etag")), "{list}");
        let after = table.items().await;
        assert_eq!(after.len(), before.len(), "{list}");
        let token = |items: &[crate::support::Item]| text(&items[0], "write_token").to_owned();
        assert_eq!(token(&after), token(&before), "a keyed request recognises its record by the token");
    }
}

#[tokio::test]
async fn an_etag_changes_with_the_record_and_with_nothing_else() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    let target = link(&created, "self");
    let mut etags = vec![function.get(target).await.header("etag").expect("a record has an ETag").to_owned()];
    for name in ["Joan", "Jane", "Joan"] {
        let changed = function.patch(target, &json!({"first_name": name})).await;
        let etag = changed.header("etag").expect("a changed record has an ETag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is strong");
        assert!(!etags.contains(&etag), "{etag} is that of another version");
        assert_eq!(function.get(target).await.header("etag"), Some(etag.as_str()));
        let again = function.patch(target, &json!({"first_name": name})).await;
        assert_eq!((again.header("etag"), &again.body), (Some(etag.as_str()), &changed.body), "nothing changes");
        etags.push(etag);
    }
}

#[tokio::test]
async fn a_record_that_is_sent_as_it_was_read_is_not_written() {
    for (list, sent) in batches() {
        let setup = Setup::new(|_| None).await;
        let created = Function::new(&setup.table).create(list, &sent).await;
        let before = setup.table.items().await;
        let patches = [created.clone(), json!({}), json!({"first_name": created["first_name"]})];
        for patch in patches {
            let response = setup.function.patch(link(&created, "self"), &patch).await;
            assert_ok(&response);
            assert_eq!(response.body, created, "{list}");
        }
        assert!(writes(&setup).is_empty(), "{list}");
        assert_eq!(setup.table.items().await, before, "{list}");
    }
}

#[tokio::test]
async fn a_change_takes_two_round_trips_and_one_statement_and_no_change_takes_one() {
    for (list, sent) in batches() {
        let setup = Setup::new(|_| None).await;
        let created = Function::new(&setup.table).create(list, &sent).await;
        let target = link(&created, "self");
        setup.function.patch(target, &json!({})).await;
        let before = setup.proxy.calls().len();
        assert_eq!(before, 2, "the list and the record");
        setup.function.patch(target, &json!({"last_name": "Roe"})).await;
        assert_eq!(operations(&setup, before).len(), 2, "{list}: the record, and its change");
        assert_eq!(setup.proxy.statements(), [1], "{list}: what holds its numbers stays");
        let before = setup.proxy.calls().len();
        setup.function.patch(target, &json!({"last_name": "Roe"})).await;
        assert_eq!(operations(&setup, before).len(), 1, "{list}: the record");
    }
}

/// Of the record `id`, sets the time at which it was last changed.
async fn set_updated_at(table: &Table, id: &str, time: &str) {
    let mut item = table.records().await.remove(id).expect("the record is stored");
    item.insert("updated_at".to_owned(), aws_sdk_dynamodb::types::AttributeValue::S(time.to_owned()));
    table.put(item).await;
}

#[tokio::test]
async fn updated_at_moves_forward_whatever_the_clock_says() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(EXTERNAL, &record(1)).await;
    let future = "2099-12-31T23:59:59.999Z";
    set_updated_at(&table, created["id"].as_str().unwrap(), future).await;
    let changed = function.patch(link(&created, "self"), &json!({"first_name": "Joan"})).await;
    assert!(changed.body["updated_at"].as_str() > Some(future), "{}", changed.body["updated_at"]);
    assert_eq!(changed.body["created_at"], created["created_at"]);
    let again = function.patch(link(&created, "self"), &json!({"first_name": "Jane"})).await;
    assert!(again.body["updated_at"].as_str() > changed.body["updated_at"].as_str());
}

#[tokio::test]
async fn a_record_id_is_read_in_any_letter_case() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    let id = created["id"].as_str().unwrap();
    let mixed: String =
        id.chars().enumerate().map(|(place, c)| if place % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect();
    for spelling in [id.to_uppercase(), mixed] {
        let target = record_of(EXTERNAL, &spelling);
        assert_eq!(function.get(&target).await.body, created, "{spelling}: the response has lower case");
        let changed = function.patch(&target, &json!({})).await;
        assert_eq!((changed.status, &changed.body), (StatusCode::OK, &created), "{spelling}");
    }
    assert_eq!(function.delete(&record_of(EXTERNAL, &id.to_uppercase())).await.status, StatusCode::NO_CONTENT);
    assert_eq!(function.get(link(&created, "self")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_not_a_record_of_the_list_is_not_changed() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_three_numbers(1)[0]).await;
    let elsewhere = function.create(EXTERNAL, &record(1)).await;
    let before = table.items().await;
    let aliases = before.iter().filter(|item| item.contains_key("record_id"));
    let mut ids: Vec<String> = aliases.map(|item| text(item, "sk").replace("RECORD#", "")).collect();
    let own = created["id"].as_str().unwrap();
    ids.extend([elsewhere["id"].as_str().unwrap(), &own.replace('-', ""), NO_ID, "x"].map(str::to_owned));
    for id in ids {
        let response = function.patch(&record_of(PHONE_NUMBER, &id), &json!({"first_name": "Joan"})).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordNotFound")), "{id}");
    }
    let response = function.patch(&record_of("no-such-list", own), &json!({})).await;
    assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordListNotFound")));
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn a_patch_is_json_or_merge_patch_json_and_nothing_else() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    let table = [
        ("application/json", true),
        ("application/merge-patch+json", true),
        ("Application/Merge-Patch+JSON; charset=utf-8", true),
        ("application/json-patch+json", false),
        ("text/csv", false),
    ];
    for (media_type, is_accepted) in table {
        let mut event = request("PATCH", link(&created, "self"), Some(&json!({"last_name": media_type})));
        event["headers"]["Content-Type"] = json!(media_type);
        event["multiValueHeaders"]["Content-Type"] = json!([media_type]);
        let response = function.invoke(&event).await;
        if is_accepted {
            assert_eq!((response.status, &response.body["last_name"]), (StatusCode::OK, &json!(media_type)));
            continue;
        }
        assert_eq!(response.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media_type}: {response:?}");
        assert_eq!(response.body["code"], "UNSUPPORTED_MEDIA_TYPE");
        let accepted = response.header("accept-patch").expect("the header says what is accepted").replace(' ', "");
        let mut accepted: Vec<&str> = accepted.split(',').collect();
        accepted.sort_unstable();
        assert_eq!(accepted, ["application/json", "application/merge-patch+json"]);
    }
}

#[tokio::test]
async fn a_patch_that_is_not_a_json_object_is_refused() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(EXTERNAL, &record(1)).await;
    let before = table.items().await;
    for body in ["", "[]", "null", "\"a\"", "5", "{", "{\"first_name\":}"] {
        let response = function.invoke(&request_text("PATCH", link(&created, "self"), Some(body))).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("INVALID_BODY")),
            "{body}"
        );
        assert_eq!(response.body["fields"][0]["name"], "body", "{body}");
    }
    assert_eq!(table.items().await, before);
}
