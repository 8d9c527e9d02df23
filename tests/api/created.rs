//! The `201`: callers receive exactly what is stored.

mod fields;
mod in_part;
mod not_unique;
mod other;
pub mod words;

use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, API, CREATED, EXTERNAL, Function, PHONE_NUMBER, Response, Table, as_created, as_json, event, event_names,
    post, record, sent_records, without_links,
};

/// The response's body with `<id 0>` for the first record's ID and so on, and `<now>` for each timestamp; their forms are
/// checked.
fn with_placeholders(response: &Response) -> Value {
    let mut text = response.body.to_string();
    for (index, record) in response.records().iter().enumerate().filter(|(_, record)| record.get("id").is_some()) {
        let (id, created_at) = (record["id"].as_str().unwrap(), record["created_at"].as_str().unwrap());
        assert_eq!(id, id.parse::<uuid::Uuid>().expect("an ID is a UUID").to_string());
        assert_eq!(created_at, format!("{:.3}", created_at.parse::<jiff::Timestamp>().expect("RFC 3339, UTC")));
        text = text.replace(id, &format!("<id {index}>")).replace(created_at, "<now>");
    }
    serde_json::from_str(&text).unwrap()
}

/// The created record at `index`: the members that were `sent`, and those that the service adds.
fn created(index: usize, sent: &Value, list: &str, api: &str) -> Value {
    let mut record = sent.clone();
    record["id"] = json!(format!("<id {index}>"));
    record["record_list_id"] = json!(list);
    record["phone_number"] = sent["phone_numbers"][0]["phone_number"].clone();
    record["created_at"] = json!("<now>");
    record["updated_at"] = json!("<now>");
    record["_links"] = json!({
        "self": {"href": format!("{api}/record-lists/{list}/records/<id {index}>")},
        "record_list": {"href": format!("{api}/record-lists/{list}")},
    });
    record
}

/// The response for `records`, of which `refused` are.
fn body(list: &str, api: &str, refused: usize, records: &[Value]) -> Value {
    json!({
        "record_list_id": list,
        "has_error": refused > 0,
        "total_errors": refused,
        "total_created": records.len() - refused,
        "_links": {
            "self": {"href": format!("{api}/record-lists/{list}/records")},
            "record_list": {"href": format!("{api}/record-lists/{list}")},
        },
        "_embedded": {"records": records},
    })
}

#[tokio::test]
async fn the_contracts_example_gets_its_whole_response() {
    let table = Table::new().await;
    let event = event("201-all-created");
    let response = Function::new(&table).invoke(&event).await;
    let records = sent_records(&event);
    let records = records.iter().enumerate().map(|(index, sent)| created(index, sent, PHONE_NUMBER, API));
    let records: Vec<Value> = records.collect();
    assert_eq!(with_placeholders(&response), body(PHONE_NUMBER, API, 0, &records));
    assert_eq!(response.header("content-type"), Some("application/hal+json"));
    assert_eq!(response.header("x-request-id"), event["requestContext"]["requestId"].as_str());
    assert_eq!(response.headers.len(), 3, "{:?}", response.headers);
}

#[tokio::test]
async fn what_is_returned_is_what_is_stored() {
    let table = Table::new().await;
    let response = Function::new(&table).invoke(&event("201-external-list")).await;
    let items = table.records().await;
    assert_eq!(items.len(), 3);
    for record in response.records() {
        let item = &items[record["id"].as_str().unwrap()];
        assert_eq!(as_created(item), without_links(record));
        let id = record["id"].as_str().unwrap();
        let pk = format!("ACCOUNT#{ACCOUNT}#LIST#{EXTERNAL}#{}", &id[..1]);
        assert_eq!((as_json(&item["pk"]), as_json(&item["sk"])), (json!(pk), json!(format!("RECORD#{id}"))));
    }
}

#[tokio::test]
async fn links_start_with_the_base_url_that_is_set() {
    let table = Table::new().await;
    let event = post(EXTERNAL, &json!({"records": [record(1)]}));
    let response = Function::with_base_url(&table, "https://api.example.com/v1/").invoke(&event).await;
    let records = [created(0, &record(1), EXTERNAL, "https://api.example.com/v1")];
    assert_eq!(with_placeholders(&response), body(EXTERNAL, "https://api.example.com/v1", 0, &records));
}

/// The events of a `201` whose records are all created, each in a list without it.
fn events_of_all_created() -> Vec<String> {
    let is_other = |name: &str| name.contains("in-part") || name.contains("record-list") || name.ends_with("-quoted");
    event_names("201").into_iter().filter(|name| !is_other(name)).collect()
}

#[tokio::test]
async fn every_event_of_a_201_creates_every_record() {
    let table = Table::new().await;
    for name in events_of_all_created() {
        let event = event(&name);
        let before = table.records().await.len();
        let response = Function::new(&table).invoke(&event).await;
        let sent = sent_records(&event).len();
        assert_eq!(response.summary(), vec![CREATED; sent], "{name}");
        assert_eq!(response.body["total_created"], sent, "{name}");
        assert_eq!(response.header("x-request-id"), event["requestContext"]["requestId"].as_str(), "{name}");
        assert_eq!(table.records().await.len(), before + sent, "{name}");
    }
}

#[tokio::test]
async fn a_key_in_quotes_is_the_key_without_them() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let [first, again] = ["201-idempotency-key", "201-idempotency-key-quoted"].map(event);
    let first = function.invoke(&first).await;
    assert_eq!(function.invoke(&again).await.body, first.body);
    assert_eq!(table.records().await.len(), first.created_ids().len());
}

#[tokio::test]
async fn the_deprecated_number_is_a_mobile_one() {
    let table = Table::new().await;
    let response = Function::new(&table).invoke(&event("201-deprecated-phone-number")).await;
    let numbers: Vec<_> = response.records().iter().map(|r| (&r["phone_number"], &r["phone_numbers"])).collect();
    let mobile = json!([{"phone_number": "+12025550141", "phone_type": "MOBILE"}]);
    let office = json!([{"phone_number": "+442079460142", "phone_type": "OFFICE"}]);
    assert_eq!(numbers, [(&json!("+12025550141"), &mobile), (&json!("+442079460142"), &office)]);
}
