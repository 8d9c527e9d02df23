//! Record lists, created and read.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, API, Call, EXTERNAL, Fault, Function, NOTHING, PHONE_NUMBER, Response, Setup, Table, link, of_account,
    record, request,
};

/// The event that creates a list, with an `Idempotency-Key` if there is one.
fn create(body: &Value, key: Option<&str>) -> Value {
    let mut event = request("POST", "/record-lists", Some(body));
    if let Some(key) = key {
        event["multiValueHeaders"]["Idempotency-Key"] = json!([key]);
    }
    event
}

fn leads() -> Value {
    json!({"name": "Leads", "unique_identifier_type": "NOTHING"})
}

async fn created(function: &Function, event: &Value) -> Response {
    let response = function.invoke(event).await;
    assert_eq!(response.status, StatusCode::CREATED, "{response:?}");
    response
}

/// The IDs of the account's lists.
async fn ids(function: &Function) -> Vec<Value> {
    let page = function.get("/record-lists").await;
    let lists = page.body["_embedded"]["record_lists"].as_array().expect("a page has lists");
    lists.iter().map(|list| list["id"].clone()).collect()
}

#[tokio::test]
async fn a_list_is_returned_as_it_was_created() {
    let function = Function::new(&Table::new().await);
    let response = created(&function, &create(&json!({"name": " Leads\n ", "color": "red"}), None)).await;
    let (id, now) = (response.body["id"].as_str().unwrap(), &response.body["created_at"]);
    let url = format!("{API}/record-lists/{id}");
    let expected = json!({
        "id": id,
        "name": " Leads\n ",
        "unique_identifier_type": "PHONE_NUMBER",
        "created_at": now,
        "updated_at": now,
        "_links": {"self": {"href": url}, "records": {"href": format!("{url}/records")}},
    });
    assert_eq!(response.body, expected);
    assert_eq!(response.header("location"), Some(url.as_str()));
    assert_eq!(function.get(&url).await.body, expected);
    assert!(ids(&function).await.contains(&json!(id)));
}

#[tokio::test]
async fn a_list_has_the_type_it_was_created_with() {
    let function = Function::new(&Table::new().await);
    for unique in ["EXTERNAL", "PHONE_NUMBER", "NOTHING"] {
        let list = created(&function, &create(&json!({"name": "a", "unique_identifier_type": unique}), None)).await;
        assert_eq!(list.body["unique_identifier_type"], unique);
        let again = function.get(link(&list.body, "self")).await;
        assert_eq!(again.body, list.body);
    }
}

#[tokio::test]
async fn the_same_key_and_body_is_the_same_list() {
    let function = Function::new(&Table::new().await);
    let event = create(&leads(), Some("a-key"));
    let first = created(&function, &event).await;
    let again = created(&function, &event).await;
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    assert_eq!(ids(&function).await.len(), 4, "the three of the table, and one");
}

#[tokio::test]
async fn another_key_body_or_account_is_another_list() {
    let function = Function::new(&Table::new().await);
    let events = [
        create(&leads(), Some("a-key")),
        create(&leads(), Some("another")),
        create(&json!({"name": "Leads", "unique_identifier_type": "EXTERNAL"}), Some("a-key")),
        create(&leads(), None),
        create(&leads(), None),
    ];
    for event in &events {
        created(&function, event).await;
    }
    assert_eq!(ids(&function).await.len(), 3 + 5);
    let of_another = created(&function, &of_account("another-account", events[0].clone())).await;
    assert!(!ids(&function).await.contains(&of_another.body["id"]));
}

#[tokio::test]
async fn a_list_whose_response_is_lost_is_created_once() {
    for key in [None, Some("a-key")] {
        let lost = |call: &Call| (call.is_write() && call.attempt == 0).then_some(Fault::LostResponse);
        let setup = Setup::new(lost).await;
        let event = create(&leads(), key);
        let first = created(&setup.function, &event).await;
        assert_eq!(setup.function.get(link(&first.body, "self")).await.body, first.body);
        assert_eq!(ids(&setup.function).await.len(), 4);
        setup.proxy.assert_nothing_known_was_sent_again();
        if key.is_some() {
            assert_eq!(created(&setup.function, &event).await.body, first.body);
        }
    }
}

#[tokio::test]
async fn a_list_that_could_not_be_stored_is_not_reported_as_created() {
    let table = [
        (Fault::Error(400, "AccessDeniedException"), StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
        (Fault::Error(400, "ThrottlingException"), StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"),
    ];
    for (fault, status, code) in table {
        let mut setup = Setup::new(move |call| call.is_write().then_some(fault)).await;
        setup.function.timeout = Duration::from_millis(700);
        let response = setup.function.invoke(&create(&leads(), None)).await;
        assert_eq!((response.status, &response.body["code"]), (status, &json!(code)));
        assert_eq!(ids(&setup.function).await.len(), 3);
    }
}

#[tokio::test]
async fn records_go_into_a_list_as_soon_as_it_is_created() {
    let function = Function::new(&Table::new().await);
    let list = created(&function, &create(&leads(), None)).await.body;
    let record = function.create(list["id"].as_str().unwrap(), &record(1)).await;
    assert_eq!(link(&record, "record_list"), link(&list, "self"));
    let page = function.get(link(&list, "records")).await;
    assert_eq!(page.body["_embedded"]["records"], json!([record]));
}

#[tokio::test]
async fn the_lists_of_an_account_are_read_in_pages() {
    let function = Function::new(&Table::new().await);
    let url = format!("{API}/record-lists");
    let lists = function.get("/record-lists").await.body["_embedded"]["record_lists"].clone();
    assert_eq!(
        lists.as_array().unwrap().iter().map(|list| &list["id"]).collect::<Vec<_>>(),
        [EXTERNAL, PHONE_NUMBER, NOTHING]
    );
    let first = function.get("/record-lists?per_page=2").await;
    let expected = json!({
        "count": 2,
        "per_page": 2,
        "_links": {
            "self": {"href": format!("{url}?per_page=2")},
            "first": {"href": format!("{url}?per_page=2")},
            "next": {"href": format!("{url}?per_page=2&after={PHONE_NUMBER}")},
        },
        "_embedded": {"record_lists": [lists[0], lists[1]]},
    });
    assert_eq!(first.body, expected);
    let last = function.get(link(&first.body, "next")).await;
    assert_eq!(last.body["_embedded"]["record_lists"], json!([lists[2]]));
    assert_eq!(last.body["_links"].get("next"), None);
}

#[tokio::test]
async fn a_page_of_lists_can_start_after_a_list_that_does_not_exist() {
    let function = Function::new(&Table::new().await);
    let page = function.get("/record-lists?after=3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02x").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "an ID has 36 characters at most");
    let page = function.get("/record-lists?after=3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02~").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    for (after, count) in [("0", 3), ("3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f", 3), ("4", 0), ("~", 0)] {
        let page = function.get(&format!("/record-lists?after={after}")).await;
        assert_eq!(page.body["count"], count, "{after}");
        assert_eq!(page.body["_links"].get("next"), None, "{after}");
    }
}

#[tokio::test]
async fn an_account_without_lists_has_an_empty_page() {
    let function = Function::new(&Table::new().await);
    let response = function.invoke(&of_account("another-account", request("GET", "/record-lists", None))).await;
    let url = format!("{API}/record-lists");
    let expected = json!({
        "count": 0,
        "per_page": 100,
        "_links": {"self": {"href": url}, "first": {"href": url}},
        "_embedded": {"record_lists": []},
    });
    assert_eq!((response.status, response.body), (StatusCode::OK, expected));
}

#[tokio::test]
async fn a_list_without_a_type_is_left_out_of_a_page_and_an_error_of_ours_alone() {
    let table = Table::new().await;
    table.add_list(ACCOUNT, "0-without-type", None).await;
    table.add_list(ACCOUNT, "3f6c1a52-0-without-type", None).await;
    let function = Function::new(&table);
    assert_eq!(function.get("/record-lists/0-without-type").await.status, StatusCode::INTERNAL_SERVER_ERROR);
    let page = function.get("/record-lists?per_page=1").await;
    assert_eq!(page.body["_embedded"]["record_lists"][0]["id"], EXTERNAL);
    assert_eq!(ids(&function).await, [EXTERNAL, PHONE_NUMBER, NOTHING]);
    table.add_list(ACCOUNT, "4", Some("NOTHING")).await;
    let page = function.get("/record-lists?per_page=3").await;
    assert_eq!(page.body["count"], 3, "what fills the page is read, and no more");
    assert_eq!(page.body["_embedded"]["record_lists"][2]["id"], NOTHING);
}

#[tokio::test]
async fn a_list_without_updated_at_was_updated_when_it_was_created() {
    let function = Function::new(&Table::new().await);
    let list = function.get(&format!("/record-lists/{EXTERNAL}")).await;
    assert_eq!(list.body["created_at"], "2026-11-02T09:00:00.000Z");
    assert_eq!(list.body["updated_at"], list.body["created_at"]);
}

#[tokio::test]
async fn what_does_not_describe_a_list_is_refused_with_the_members_at_fault() {
    let function = Function::new(&Table::new().await);
    let table = [
        (json!({}), vec!["name"]),
        (json!({"name": null, "unique_identifier_type": "phone_number"}), vec!["name", "unique_identifier_type"]),
        (json!({"name": "\u{2028}\t", "unique_identifier_type": 1}), vec!["name", "unique_identifier_type"]),
        (json!({"name": "ä".repeat(121)}), vec!["name"]),
        (json!({"name": ["a"]}), vec!["name"]),
        (json!({"name": "a", "unique_identifier_type": ""}), vec!["unique_identifier_type"]),
        (json!(["a"]), vec!["body"]),
    ];
    for (body, fields) in table {
        let response = function.invoke(&create(&body, None)).await;
        assert_eq!((response.status, &response.body["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_BODY")));
        let names = response.body["fields"].as_array().unwrap().iter().map(|field| &field["name"]);
        assert_eq!(names.collect::<Vec<_>>(), fields, "{body}");
    }
    assert_eq!(ids(&function).await.len(), 3);
    created(&function, &create(&json!({"name": "ä".repeat(120)}), None)).await;
}
