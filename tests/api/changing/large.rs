//! Changes of large records: responses that always fit, and memory that stays small.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::statuses;
use crate::support::{
    EXTERNAL, Function, LAMBDA_RESPONSE_BYTES, Lambda, NOTHING, Table, bulks_of, post_text, record, request,
    with_extra_data,
};

/// Creates `count` records of almost 400 KB in `list`.
async fn create_large(function: &Function, list: &str, count: usize) -> Vec<Value> {
    let mut created = Vec::new();
    for number in 0..count {
        let text = with_extra_data(&record(number), &format!(r#"{{"a":"{}","b":0}}"#, "x".repeat(390_000)));
        let response = function.invoke(&post_text(list, &format!(r#"{{"records":[{text}]}}"#))).await;
        created.push(response.records()[0].clone());
    }
    created
}

fn patches(created: &[Value], number: usize) -> Vec<Value> {
    created.iter().map(|record| json!({"id": record["id"], "extra_data": {"b": number}})).collect()
}

/// From the record on with which the response would be too large, rows say the least.
#[tokio::test]
async fn a_response_to_a_hundred_large_records_fits_and_says_the_least_from_where_it_must() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = create_large(&function, NOTHING, 40).await;
    for (number, status) in [(1, "updated"), (1, "unchanged")] {
        let response = function.patch_all(NOTHING, &patches(&created, number)).await;
        assert_eq!(statuses(&response), vec![status; 40]);
        assert!(response.bytes < LAMBDA_RESPONSE_BYTES, "{}", response.bytes);
        let records = response.any_records();
        let whole = records.iter().take_while(|record| record.get("extra_data").is_some()).count();
        assert!((10..=16).contains(&whole), "{whole} records are whole");
        for (short, created) in records[whole..].iter().zip(&created[whole..]) {
            let expected = json!({
                "status": status, "id": created["id"], "updated_at": short["updated_at"], "_links": created["_links"],
            });
            assert_eq!(*short, expected);
        }
        assert_eq!(records[..whole].iter().filter(|record| record["extra_data"]["b"] == 1).count(), whole);
    }
}

/// A refused row is whole, so that its caller knows what to correct.
#[tokio::test]
async fn a_refused_record_behind_large_ones_is_whole() {
    let function = Function::new(&Table::new().await);
    let created = create_large(&function, NOTHING, 20).await;
    let mut patches = patches(&created, 1);
    patches.push(json!({"id": created[0]["id"], "priority": 99, "first_name": "Joan"}));
    let response = function.patch_all(NOTHING, &patches).await;
    let refused = response.any_records().last().unwrap();
    assert_eq!((&refused["status"], &refused["first_name"]), (&json!("refused"), &json!("Joan")), "{refused}");
    assert!(!refused["fields"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_record_is_as_large_as_can_be_with_its_stored_members_counted() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = create_large(&function, EXTERNAL, 1).await.remove(0);
    let before = table.items().await;
    let room = 409_600 - 390_000;
    let fits = json!({"id": created["id"], "extra_data": {"c": "x".repeat(room - 2_000)}});
    let exceeds = json!({"id": created["id"], "extra_data": {"c": "x".repeat(room)}});
    let response = function.patch_all(EXTERNAL, &[exceeds]).await;
    let refused = &response.any_records()[0];
    assert_eq!((&refused["errors"], &refused["fields"][0]["name"]), (&json!(["OTHER"]), &json!("extra_data")));
    assert_eq!(table.items().await, before);
    assert_eq!(statuses(&function.patch_all(EXTERNAL, &[fits]).await), ["updated"]);
}

/// The most memory that the process `id` held at once, in megabytes.
fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it has a peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("it is a number") / 1024
}

/// 100 records of 400 KB are 40 MB as they are stored, and as much as they are written; the smallest function has 192 MB.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_patches_of_large_records_pass_through_a_small_functions_memory() {
    let table = Table::new().await;
    let created = create_large(&Function::new(&table), NOTHING, 100).await;
    // Neither the function nor the engine is optimised here, and other tests run beside them.
    let mut lambda = Lambda::start(&table, &[("TIMEOUT_SECONDS", "100")]).await;
    lambda.timeout = Duration::from_secs(100);
    for number in [1, 1, 2] {
        let body = json!({"records": patches(&created, number)});
        let response = lambda.invoke(&request("PATCH", &bulks_of(NOTHING), Some(&body))).await;
        assert_eq!(response.status, StatusCode::OK);
        assert_eq!(statuses(&response).len(), 100);
        assert_eq!(response.body["total_errors"], 0);
    }
    let peak = peak_memory(lambda.id());
    assert!(peak < 180, "it held {peak} MB");
    let mut expected = created[99]["extra_data"].clone();
    expected["b"] = json!(2);
    assert_eq!(Function::new(&table).read(&created[99]).await["extra_data"], expected);
}
