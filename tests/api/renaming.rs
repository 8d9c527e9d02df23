//! A list, renamed.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    API, EXTERNAL, Fault, Function, PHONE_NUMBER, Response, Setup, Table, at_first_writes, link, of_account, openapi,
    record, request, request_text,
};

async fn rename(function: &Function, list: &str, patch: &Value) -> Response {
    function.patch(&format!("/record-lists/{list}"), patch).await
}

async fn created(function: &Function) -> Value {
    let body = json!({"name": "Leads", "unique_identifier_type": "EXTERNAL"});
    let response = function.invoke(&request("POST", "/record-lists", Some(&body))).await;
    assert_eq!(response.status, StatusCode::CREATED, "{response:?}");
    response.body
}

#[tokio::test]
async fn a_list_gets_another_name_and_keeps_all_else() {
    let function = Function::new(&Table::new().await);
    let list = created(&function).await;
    let response = rename(&function, list["id"].as_str().unwrap(), &json!({"name": " Leads 2\n"})).await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    let mut expected = list.clone();
    expected["name"] = json!(" Leads 2\n");
    expected["updated_at"] = response.body["updated_at"].clone();
    assert_eq!(response.body, expected);
    assert!(response.body["updated_at"].as_str() > list["updated_at"].as_str());
    assert_eq!(function.get(link(&list, "self")).await.body, expected);
}

#[tokio::test]
async fn a_list_that_was_stored_before_lists_were_changed_can_be_renamed() {
    let function = Function::new(&Table::new().await);
    let record = function.create(EXTERNAL, &record(1)).await;
    let response = rename(&function, EXTERNAL, &json!({"name": "Renamed"})).await;
    assert_eq!((response.status, &response.body["name"]), (StatusCode::OK, &json!("Renamed")), "{response:?}");
    assert_eq!(response.body["_links"]["self"]["href"], format!("{API}/record-lists/{EXTERNAL}"));
    assert_eq!(function.get(link(&record, "self")).await.body, record);
    assert_eq!(function.post(EXTERNAL, &[crate::support::record(2)]).await.body["total_created"], 1);
}

#[tokio::test]
async fn a_rename_that_changes_nothing_or_sends_the_list_as_it_was_read_writes_nothing() {
    let setup = Setup::new(|_| None).await;
    let list = created(&Function::new(&setup.table)).await;
    let id = list["id"].as_str().unwrap();
    for patch in [json!({}), json!({"name": "Leads"}), list.clone(), json!({"unique_identifier_type": "EXTERNAL"})] {
        let response = rename(&setup.function, id, &patch).await;
        assert_eq!((response.status, &response.body), (StatusCode::OK, &list), "{patch}");
    }
    assert!(!setup.proxy.calls().iter().any(crate::support::Call::is_write));
}

#[tokio::test]
async fn a_rename_that_breaks_a_rule_is_refused_and_names_the_member() {
    let function = Function::new(&Table::new().await);
    let list = created(&function).await;
    let cases = [
        (json!({"name": null}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "\u{200b}"}), "name"),
        (json!({"name": 5}), "name"),
        (json!({"name": "ä".repeat(121)}), "name"),
        (json!({"unique_identifier_type": "PHONE_NUMBER"}), "unique_identifier_type"),
        (json!({"unique_identifier_type": "x", "name": "Other"}), "unique_identifier_type"),
        (json!(["name"]), "body"),
    ];
    for (patch, name) in cases {
        let response = rename(&function, list["id"].as_str().unwrap(), &patch).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("INVALID_BODY")),
            "{patch}"
        );
        assert_eq!(response.body["fields"][0]["name"], name, "{patch}");
    }
    assert_eq!(function.get(link(&list, "self")).await.body, list);
    let longest = rename(&function, list["id"].as_str().unwrap(), &json!({"name": "ä".repeat(120)})).await;
    assert_eq!(longest.status, StatusCode::OK);
}

#[tokio::test]
async fn media_types_are_those_of_a_merge_patch() {
    let function = Function::new(&Table::new().await);
    for (media_type, status) in [
        ("application/merge-patch+json", StatusCode::OK),
        ("application/json", StatusCode::OK),
        ("text/csv", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let mut event = request_text("PATCH", &format!("/record-lists/{PHONE_NUMBER}"), Some(r#"{"name":"a"}"#));
        event["headers"]["Content-Type"] = json!(media_type);
        event["multiValueHeaders"]["Content-Type"] = json!([media_type]);
        let response = function.invoke(&event).await;
        assert_eq!(response.status, status, "{media_type}");
        assert_eq!(response.header("accept-patch").is_some(), status != StatusCode::OK, "{media_type}");
    }
}

#[tokio::test]
async fn a_list_of_another_account_or_none_is_not_found() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let list = created(&function).await;
    let event = request("PATCH", link(&list, "self"), Some(&json!({"name": "Theirs"})));
    let theirs = function.invoke(&of_account("another-account", event)).await;
    let none = rename(&function, "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1fff", &json!({"name": "None"})).await;
    for response in [theirs, none] {
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordListNotFound")));
    }
    assert_eq!(function.get(link(&list, "self")).await.body, list);
    assert_eq!(function.get("/record-lists").await.body["count"], 4, "a rename creates nothing");
}

#[tokio::test]
async fn a_rename_whose_response_is_lost_happens_once() {
    let setup = Setup::new(at_first_writes(1, Fault::LostResponse)).await;
    let list = created(&Function::new(&setup.table)).await;
    let response = rename(&setup.function, list["id"].as_str().unwrap(), &json!({"name": "Renamed"})).await;
    assert_eq!((response.status, &response.body["name"]), (StatusCode::OK, &json!("Renamed")), "{response:?}");
    assert_eq!(setup.function.get(link(&list, "self")).await.body, response.body);
}

#[tokio::test]
async fn the_type_of_a_list_that_is_known_is_kept_through_a_rename() {
    let function = Function::new(&Table::new().await);
    let list = created(&function).await;
    let id = list["id"].as_str().unwrap();
    assert_eq!(function.post(id, &[record(1)]).await.body["total_created"], 1);
    assert_eq!(rename(&function, id, &json!({"name": "Renamed"})).await.status, StatusCode::OK);
    assert_eq!(function.post(id, &[record(1)]).await.body["total_errors"], 1, "references are unique in it");
}
