//! Every link that a response has can be followed, with `GET`.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{EXTERNAL, Function, PHONE_NUMBER, Table, openapi, record, records, request, with_three_numbers};

/// Three pages of them.
const RECORDS: usize = 250;

/// Adds every link of `value` to `links`.
fn collect(value: &Value, links: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            links.extend(members.get("href").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| collect(member, links));
        }
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, links)),
        _ => {}
    }
}

/// Follows links from those of `start` until none is new. Returns how many there are of each operation: every response is
/// a `200` that `openapi.yaml` describes.
async fn crawl(function: &Function, start: &Value) -> BTreeMap<&'static str, usize> {
    let (mut links, mut followed, mut counts) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    collect(start, &mut links);
    while let Some(link) = links.pop_first() {
        if followed.insert(link.clone()) {
            let response = function.get(&link).await;
            assert_eq!(response.status, StatusCode::OK, "{link}: {response:?}");
            *counts.entry(openapi::operation_of(&request("GET", &link, None))).or_default() += 1;
            collect(&response.body, &mut links);
        }
    }
    counts
}

#[tokio::test]
async fn every_link_from_a_201_can_be_followed() {
    let function = Function::new(&Table::new().await);
    let records = with_three_numbers(RECORDS);
    for records in records.chunks(100) {
        function.post(PHONE_NUMBER, records).await;
    }
    // The first of the two is refused, and the response links to the record that has its numbers.
    let mut refused = records[0].clone();
    refused["first_name"] = "Joey".into();
    let created = function.post(PHONE_NUMBER, &[refused, record(9_999)]).await;
    assert_eq!((&created.body["total_created"], &created.body["total_errors"]), (&1.into(), &1.into()));
    let counts = crawl(&function, &created.body).await;
    let expected = [("readRecord", RECORDS + 1), ("readRecordList", 1), ("readRecords", 3)];
    assert_eq!(counts, BTreeMap::from(expected));
}

#[tokio::test]
async fn every_link_from_the_lists_can_be_followed() {
    let function = Function::new(&Table::new().await);
    let list = json!({"name": "Leads"});
    let created = function.invoke(&request("POST", "/record-lists", Some(&list))).await;
    assert_eq!(crawl(&function, &created.body).await, BTreeMap::from([("readRecordList", 1), ("readRecords", 1)]));
    function.post(EXTERNAL, &records(20)).await;
    let lists = function.get("/record-lists?per_page=1").await;
    let counts = crawl(&function, &lists.body).await;
    // A page of lists for each, and one that is empty: that there are no more is known only then.
    let expected = [("readRecord", 20), ("readRecordList", 4), ("readRecordLists", 5), ("readRecords", 4)];
    assert_eq!(counts, BTreeMap::from(expected));
}
