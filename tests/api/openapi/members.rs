//! Every member that the document names occurs. That no other occurs is held against every response of all tests.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::schema;
use crate::support::{
    EXTERNAL, Function, NOTHING, PHONE_NUMBER, Response, Table, bulks_of, event, link, post, record, request,
    sent_records, with_numbers,
};

fn members(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap_or_else(|| panic!("{object} is not an object")).keys().map(String::as_str).collect()
}

#[track_caller]
fn assert_has_all(object: &Value, name: &str) {
    assert_eq!(members(object), members(&schema(name)["properties"]), "{name}");
}

/// A record that has every member.
fn full() -> Value {
    let mut full = sent_records(&event("201-external-list"))[0].clone();
    full["phone_number"] = full["phone_numbers"][0]["phone_number"].clone();
    full["sync_external_id"] = json!(true);
    assert_has_all(&full, "NewRecord");
    full
}

async fn created(function: &Function) -> Response {
    function
        .invoke(&post(EXTERNAL, &json!({"records": [full(), full(), sent_records(&event("201-external-list"))[1]]})))
        .await
}

#[tokio::test]
async fn a_batch_has_every_documented_member() {
    let response = created(&Function::new(&Table::new().await)).await;
    assert_has_all(&response.body, "CreateRecordsResponse");
    assert_has_all(&response.body["_links"], "BulkLinks");
    let [created, refused, ..] = response.records() else { panic!("{response:?}") };
    assert_has_all(created, "Record");
    assert_has_all(&created["_links"], "RecordLinks");
    assert_has_all(&created["phone_numbers"][0], "PhoneNumber");
    assert_has_all(refused, "RefusedRecord");
    assert_has_all(&refused["_links"], "RefusedRecordLinks");
    assert_has_all(&refused["phone_numbers"][0], "RefusedPhoneNumber");
    assert_has_all(&refused["fields"][0], "FieldError");
}

#[tokio::test]
async fn a_record_and_a_page_of_records_have_every_documented_member() {
    let function = Function::new(&Table::new().await);
    let batch = created(&function).await;
    let record = &batch.records()[0];
    let read = function.get(link(record, "self")).await;
    assert_eq!(&read.body, record, "it is returned as it was created");
    let page = function.get(&format!("{}?per_page=1", link(&batch.body, "self"))).await;
    assert_has_all(&page.body, "RecordPage");
    assert_has_all(&page.body["_links"], "PageLinks");
    assert_has_all(&page.body["_embedded"], "EmbeddedRecords");
    let next = function.get(link(&page.body, "next")).await;
    let ids = |page: &Response| page.any_records().iter().map(|r| r["id"].to_string()).collect::<Vec<_>>();
    assert_eq!([ids(&page), ids(&next)].concat().len(), 2);
    assert_ne!(ids(&page), ids(&next));
}

#[tokio::test]
async fn a_list_and_a_page_of_lists_have_every_documented_member() {
    let function = Function::new(&Table::new().await);
    let list = function.invoke(&event("201-record-list")).await;
    assert_has_all(&list.body, "RecordList");
    assert_has_all(&list.body["_links"], "RecordListLinks");
    let href = link(&list.body, "self");
    assert_eq!(list.header("location"), Some(href));
    assert_eq!(function.get(href).await.body, list.body);
    let page = function.invoke(&event("200-record-lists-page")).await;
    assert_has_all(&page.body, "RecordListPage");
    assert_has_all(&page.body["_links"], "PageLinks");
    assert_has_all(&page.body["_embedded"], "EmbeddedRecordLists");
    assert_has_all(&page.body["_embedded"]["record_lists"][0], "RecordList");
}

#[tokio::test]
async fn a_deletion_has_every_documented_member() {
    let mut event = event("200-delete-records");
    let entry = json!({"id": "a", "phone_number": "a", "external_provider": "a", "external_id": "a"});
    event["body"] = json!(json!([entry]).to_string());
    let response = Function::new(&Table::new().await).invoke(&event).await;
    assert_has_all(&response.body, "DeleteRecordsResponse");
    assert_has_all(&response.body["_links"], "BulkLinks");
    assert_has_all(&response.body["_embedded"], "EmbeddedFailedRecords");
    assert_has_all(&response.body["_embedded"]["failed_records"][0], "FailedRecord");
}

/// A full record, as the schema of a patch has it: with an ID.
fn full_patch(id: &Value) -> Value {
    let mut patch = full();
    patch["id"] = id.clone();
    assert_has_all(&patch, "RecordPatch");
    patch
}

#[tokio::test]
async fn a_batch_of_patches_has_every_documented_member() {
    let function = Function::new(&Table::new().await);
    let batch = created(&function).await;
    let mut renamed = full_patch(&batch.records()[2]["id"]);
    renamed["external_id"] = json!("another");
    let mut changed = full_patch(&batch.records()[0]["id"]);
    changed["first_name"] = json!("Joseph");
    let patches = json!({"records": [changed, renamed]});
    let response = function.invoke(&request("PATCH", &bulks_of(EXTERNAL), Some(&patches))).await;
    assert_has_all(&response.body, "UpdateRecordsResponse");
    assert_has_all(&response.body["_embedded"], "EmbeddedChanges");
    let [changed, refused] = response.any_records() else { panic!("{response:?}") };
    assert_has_all(changed, "ChangedRecord");
    assert_eq!(changed["status"], "updated");
    assert_has_all(refused, "RefusedPatch");
    assert_eq!(members(&refused["_links"]), ["self"].into(), "a reference never changes, so nobody has it");
}

#[tokio::test]
async fn a_patch_that_is_not_unique_links_both_records() {
    let function = Function::new(&Table::new().await);
    let batch = function.post(PHONE_NUMBER, &[record(1), record(2)]).await;
    let numbers = &with_numbers(&[2, 1])["phone_numbers"];
    let patches = json!({"records": [{"id": batch.records()[1]["id"], "phone_numbers": numbers}]});
    let response = function.invoke(&request("PATCH", &bulks_of(PHONE_NUMBER), Some(&patches))).await;
    assert_has_all(&response.any_records()[0]["_links"], "RefusedPatchLinks");
    let target = link(&batch.records()[1], "self");
    let response = function.invoke(&request("PATCH", target, Some(&json!({"phone_numbers": numbers})))).await;
    assert_has_all(&response.body, "UnprocessableRecordError");
    assert_has_all(&response.body["_links"], "RefusedRecordLinks");
}

#[tokio::test]
async fn a_dry_run_has_every_documented_member() {
    let function = Function::new(&Table::new().await);
    let target = format!("{}?validate_only=true", bulks_of(EXTERNAL));
    let records = json!({"records": [full()]});
    let response = function.invoke(&request("POST", &target, Some(&records))).await;
    assert_has_all(&response.body, "ValidateRecordsResponse");
    assert_has_all(&response.body["_embedded"], "EmbeddedPreviews");
    assert_has_all(&response.any_records()[0], "CreatableRecord");
    assert_has_all(&response.any_records()[0]["_links"], "CreatableRecordLinks");
    let response = function.invoke(&request("PATCH", &target, Some(&records))).await;
    assert_has_all(&response.any_records()[0], "RecordToCreate");
}

fn large(place: usize, text: &str) -> Value {
    let mut record = record(place);
    record["extra_data"]["text"] = json!(text);
    record
}

#[tokio::test]
async fn a_record_that_does_not_fit_the_response_has_every_documented_member() {
    let function = Function::new(&Table::new().await);
    let text = "\"".repeat(160_000);
    let records: Vec<Value> = (0..20).map(|place| large(place, &text)).collect();
    let mut ids = Vec::new();
    for batch in records.chunks(5) {
        ids.extend(function.post(PHONE_NUMBER, batch).await.records().iter().map(|record| record["id"].clone()));
    }
    let patches: Vec<Value> = ids.iter().map(|id| json!({"id": id, "priority": 1})).collect();
    let response =
        function.invoke(&request("PATCH", &bulks_of(PHONE_NUMBER), Some(&json!({"records": patches})))).await;
    assert_has_all(response.any_records().last().expect("there are records"), "ShortenedRecord");
}

#[tokio::test]
async fn a_renamed_list_has_every_documented_member() {
    let function = Function::new(&Table::new().await);
    let body = json!({"name": "Leads", "unique_identifier_type": "NOTHING"});
    assert_has_all(&body, "UpdateRecordListRequest");
    let renamed = function.invoke(&request("PATCH", &format!("/record-lists/{NOTHING}"), Some(&body))).await;
    assert_has_all(&renamed.body, "RecordList");
}

#[tokio::test]
async fn an_error_has_every_documented_member() {
    let response = Function::new(&Table::new().await).invoke(&event("400-list-type")).await;
    assert_has_all(&response.body, "Error");
    assert_has_all(&response.body["fields"][0], "FieldError");
}
