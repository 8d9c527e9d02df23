//! The `201`: what callers receive, and that it is what is stored.

use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, CREATED, EXTERNAL, Function, NUMBER_TAKEN, OTHER, PHONE_NUMBER, REFERENCE_TAKEN, Response, Table,
    as_created, as_json, event, event_names, post, record, sent_records, without_links,
};

/// What the caller of the events used: host and stage.
const API: &str = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod";

/// The response's body with `<id>` for each record's ID and `<now>` for each timestamp, whose forms are checked.
fn with_placeholders(response: &Response) -> Value {
    let mut text = response.body.to_string();
    for record in response.records().iter().filter(|record| record.get("id").is_some()) {
        let (id, created_at) = (record["id"].as_str().unwrap(), record["created_at"].as_str().unwrap());
        assert_eq!(id, id.parse::<uuid::Uuid>().expect("an ID is a UUID").to_string());
        assert_eq!(created_at, format!("{:.3}", created_at.parse::<jiff::Timestamp>().expect("RFC 3339, UTC")));
        text = text.replace(id, "<id>").replace(created_at, "<now>");
    }
    serde_json::from_str(&text).unwrap()
}

/// A created record: what was `sent`, and what the service adds.
fn created(sent: &Value, list: &str, api: &str) -> Value {
    let mut record = sent.clone();
    record["id"] = json!("<id>");
    record["record_list_id"] = json!(list);
    record["phone_number"] = sent["phone_numbers"][0]["phone_number"].clone();
    record["created_at"] = json!("<now>");
    record["updated_at"] = json!("<now>");
    record["_links"] = json!({
        "self": {"href": format!("{api}/record-lists/{list}/records/<id>")},
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
            "self": {"href": format!("{api}/record-lists/{list}/records/bulks")},
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
    let records: Vec<Value> = sent_records(&event).iter().map(|sent| created(sent, PHONE_NUMBER, API)).collect();
    assert_eq!(with_placeholders(&response), body(PHONE_NUMBER, API, 0, &records));
    assert_eq!(response.header("content-type"), Some("application/hal+json"));
    assert_eq!(response.header("x-request-id"), event["requestContext"]["requestId"].as_str());
    assert_eq!(response.headers.len(), 2, "{:?}", response.headers);
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
    let records = [created(&record(1), EXTERNAL, "https://api.example.com/v1")];
    assert_eq!(with_placeholders(&response), body(EXTERNAL, "https://api.example.com/v1", 0, &records));
}

#[tokio::test]
async fn every_event_of_a_201_creates_every_record() {
    let table = Table::new().await;
    for name in event_names("201").iter().filter(|name| !name.contains("in-part")) {
        let event = event(name);
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
async fn the_deprecated_number_is_a_mobile_one() {
    let table = Table::new().await;
    let response = Function::new(&table).invoke(&event("201-deprecated-phone-number")).await;
    let numbers: Vec<_> = response.records().iter().map(|r| (&r["phone_number"], &r["phone_numbers"])).collect();
    let mobile = json!([{"phone_number": "+12025550141", "phone_type": "MOBILE"}]);
    let office = json!([{"phone_number": "+442079460142", "phone_type": "OFFICE"}]);
    assert_eq!(numbers, [(&json!("+12025550141"), &mobile), (&json!("+442079460142"), &office)]);
}

/// A record as it is refused: what was `sent` but for the members `left_out`, since their JSON type is not the schema's.
fn refused(sent: &Value, codes: &str, left_out: &[&str]) -> Value {
    let mut record = if sent.is_object() { sent.clone() } else { json!({}) };
    record.as_object_mut().unwrap().retain(|name, _| !left_out.contains(&name.as_str()));
    record["errors"] = codes.split(' ').collect();
    record
}

/// What becomes of each record of `events/201-in-part.json`: its codes, and the members that are not echoed.
const IN_PART: [(&str, &[&str]); 26] = [
    ("", &[]),
    ("PHONE_NUMBER_INVALID", &[]),
    ("PHONE_NUMBER_INVALID", &[]),
    ("PHONE_NUMBER_INVALID", &[]),
    ("PHONE_NUMBER_INVALID", &["phone_numbers"]),
    ("PHONE_NUMBER_MISSING", &[]),
    ("PHONE_NUMBER_MISSING", &[]),
    ("PHONE_NUMBER_MISSING", &[]),
    ("FIRST_NAME_INVALID LAST_NAME_INVALID", &["first_name"]),
    ("FIRST_NAME_MISSING LAST_NAME_MISSING", &[]),
    ("TIMEZONE_INVALID", &["timezone"]),
    ("TIMEZONE_MISSING", &[]),
    ("TIMEZONE_UNMATCHED", &[]),
    ("PRIORITY_INVALID", &[]),
    ("PRIORITY_INVALID", &["priority"]),
    ("EXTERNAL_REF_MISSING", &[]),
    ("EXTERNAL_REF_MISSING", &[]),
    (REFERENCE_TAKEN, &[]),
    ("", &[]),
    (OTHER, &[]),
    (OTHER, &[]),
    (OTHER, &[]),
    (OTHER, &["sync_external_id"]),
    (OTHER, &["extra_data"]),
    (
        "PHONE_NUMBER_INVALID PHONE_NUMBER_MISSING FIRST_NAME_INVALID LAST_NAME_MISSING TIMEZONE_UNMATCHED \
         PRIORITY_INVALID EXTERNAL_REF_MISSING OTHER",
        &["first_name"],
    ),
    ("", &[]),
];

/// The records of the response to those `sent`, by the outcome of each.
fn expected(sent: &[Value], list: &str, outcomes: &[(&str, &[&str])]) -> Vec<Value> {
    assert_eq!(sent.len(), outcomes.len());
    let expected = |(sent, (codes, left_out)): (&Value, &(&str, &[&str]))| match *codes {
        "" => created(sent, list, API),
        codes => refused(sent, codes, left_out),
    };
    sent.iter().zip(outcomes).map(expected).collect()
}

#[tokio::test]
async fn a_batch_that_is_valid_in_part_is_created_in_part() {
    let table = Table::new().await;
    let event = event("201-in-part");
    let response = Function::new(&table).invoke(&event).await;
    let mut records = expected(&sent_records(&event), EXTERNAL, &IN_PART);
    records[18]["timezone"] = json!("GMT");
    records[18].as_object_mut().unwrap().remove("middle_name");
    records[25]["priority"] = json!(7);
    records[25].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(with_placeholders(&response), body(EXTERNAL, API, 23, &records));
    assert_eq!(table.items().await.len(), 3, "nothing of a refused record is stored");
}

#[tokio::test]
async fn a_list_of_unique_numbers_accepts_the_records_whose_numbers_are_free() {
    let table = Table::new().await;
    let event = event("201-in-part-phone-number-list");
    let response = Function::new(&table).invoke(&event).await;
    let taken = NUMBER_TAKEN;
    let codes =
        ["", taken, "LAST_NAME_MISSING", "", "", taken, "", taken, "PRIORITY_INVALID", "EXTERNAL_REF_MISSING", ""];
    let outcomes = codes.map(|codes| (codes, &[][..]));
    let records = expected(&sent_records(&event), PHONE_NUMBER, &outcomes);
    assert_eq!(with_placeholders(&response), body(PHONE_NUMBER, API, 6, &records));
    assert_eq!(table.records().await.len(), 5);
    assert_eq!(table.items().await.len(), 6, "the further number of one record has an item too");
}

#[tokio::test]
async fn a_refused_record_echoes_nothing_of_another_json_type() {
    let sent = json!({
        "phone_numbers": [{"phone_number": 1, "phone_type": "HOME"}],
        "phone_number": 1,
        "first_name": [],
        "last_name": {},
        "timezone": true,
        "priority": 1.5,
        "extra_data": "a",
        "external_provider": 1,
        "external_id": 1,
        "external_url": 1,
        "sync_external_id": 1,
    });
    let response = Function::new(&Table::new().await).post(EXTERNAL, &[sent]).await;
    let codes = "PHONE_NUMBER_INVALID FIRST_NAME_INVALID LAST_NAME_INVALID TIMEZONE_INVALID PRIORITY_INVALID OTHER";
    assert_eq!(response.records(), [refused(&json!({}), codes, &[])]);
}
