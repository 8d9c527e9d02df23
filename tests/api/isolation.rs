//! Another account's lists and records look like ones that do not exist.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, EXTERNAL, Function, PHONE_NUMBER, REFERENCE_TAKEN, Table, bulks_of, of_account, openapi, post, record_of,
    records, records_of, request, with_three_numbers,
};

const STRANGER: &str = "another-account";

/// Every request that names a list.
fn requests(list: &str, record: &str) -> Vec<Value> {
    let bulks = bulks_of(list);
    vec![
        request("GET", &format!("/record-lists/{list}"), None),
        request("GET", &records_of(list), None),
        request("GET", &record_of(list, record), None),
        request("POST", &bulks, Some(&json!({"records": with_three_numbers(2)}))),
        request("DELETE", &record_of(list, record), None),
        request("DELETE", &bulks, Some(&json!([{"id": record}, {"phone_number": "+12025550000"}]))),
    ]
}

#[tokio::test]
async fn another_accounts_list_looks_like_one_that_does_not_exist_in_every_operation() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let record = function.create(PHONE_NUMBER, &with_three_numbers(1)[0]).await;
    let before = table.items().await;
    let id = record["id"].as_str().unwrap();
    let missing = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1fff";
    for (theirs, none) in requests(PHONE_NUMBER, id).into_iter().zip(requests(missing, id)) {
        let what = format!("{} {}", theirs["httpMethod"], theirs["path"]);
        let theirs = function.invoke(&of_account(STRANGER, theirs)).await;
        let none = function.invoke(&none).await;
        assert_eq!(
            (theirs.status, &theirs.body),
            (StatusCode::NOT_FOUND, &openapi::error("recordListNotFound")),
            "{what}"
        );
        assert_eq!(
            (none.status, &none.body, none.headers.len()),
            (theirs.status, &theirs.body, theirs.headers.len()),
            "{what}"
        );
    }
    assert_eq!(table.items().await.len(), before.len());
    assert_eq!(function.get(&record_of(PHONE_NUMBER, id)).await.body, record);
}

#[tokio::test]
async fn lists_of_the_same_id_in_two_accounts_have_nothing_in_common() {
    let table = Table::new().await;
    table.add_list(STRANGER, PHONE_NUMBER, Some("PHONE_NUMBER")).await;
    let function = Function::new(&table);
    let ours = function.create(PHONE_NUMBER, &with_three_numbers(1)[0]).await;
    let id = ours["id"].as_str().unwrap();
    let theirs = |event| of_account(STRANGER, event);
    let page = function.invoke(&theirs(request("GET", &records_of(PHONE_NUMBER), None))).await;
    assert_eq!(page.body["count"], 0);
    for method in ["GET", "DELETE"] {
        let response = function.invoke(&theirs(request(method, &record_of(PHONE_NUMBER, id), None))).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordNotFound")));
    }
    let entries = json!([{"id": id}, {"phone_number": "+12025550000"}, {"phone_number": "+12025550001"}]);
    let response = function.invoke(&theirs(request("DELETE", &bulks_of(PHONE_NUMBER), Some(&entries)))).await;
    assert_eq!((&response.body["total_deleted"], &response.body["total_errors"]), (&json!(0), &json!(3)));
    assert_eq!(function.get(&records_of(PHONE_NUMBER)).await.body["_embedded"]["records"], json!([ours]));
}

#[tokio::test]
async fn two_accounts_with_a_list_of_the_same_id_see_only_their_own_records() {
    let table = Table::new().await;
    let function = Function::new(&table);
    table.add_list(STRANGER, EXTERNAL, Some("EXTERNAL")).await;
    let event = post(EXTERNAL, &json!({"records": records(2)}));
    let own = function.invoke(&event).await.outcomes();
    let others = function.invoke(&of_account(STRANGER, event.clone())).await.outcomes();
    assert!(own.iter().chain(&others).all(Result::is_ok), "{own:?} {others:?}");
    assert!(own.iter().all(|id| !others.contains(id)), "{own:?} {others:?}");
    for account in [ACCOUNT, STRANGER] {
        let again = function.invoke(&of_account(account, event.clone())).await;
        assert_eq!(again.summary(), [REFERENCE_TAKEN; 2], "{account}");
    }
    assert_eq!(table.records().await.len(), 4);
}

#[tokio::test]
async fn an_account_sees_its_own_lists_only() {
    let table = Table::new().await;
    table.add_list("7d1f0c52#LIST", "theirs", Some("NOTHING")).await;
    table.add_list("7d1f0c5", "theirs-too", Some("NOTHING")).await;
    let page = Function::new(&table).get("/record-lists").await;
    assert_eq!(page.body["count"], 3);
    let page = Function::new(&table).invoke(&of_account(STRANGER, request("GET", "/record-lists", None))).await;
    assert_eq!(page.body["count"], 0);
}

/// `ACCOUNT#7d1f0c52#LIST#{list}#0` is a partition of the records, and the partition of such an account's lists.
#[tokio::test]
async fn an_account_whose_name_looks_like_a_key_reads_nothing_of_another() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(PHONE_NUMBER, &records(40)).await;
    for shard in 0..16 {
        let account = format!("7d1f0c52#LIST#{PHONE_NUMBER}#{shard:x}");
        let page = function.invoke(&of_account(&account, request("GET", "/record-lists", None))).await;
        assert_eq!(page.body["count"], 0);
    }
}
