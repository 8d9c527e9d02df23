//! The order and the pace of a sweep: it takes turns with all deleted lists, and is no faster than it should be.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::support::{ACCOUNT, Function, Item, Setup, Table, record, records};

/// More rows than a sweep handles.
const ROWS: usize = 1_001;

/// The row of a list without records, which was deleted on the last day that there is.
fn row(number: usize) -> Item {
    let id = format!("00000000-0000-4000-8000-{number:012}");
    let members = [
        ("pk", "DELETIONS"),
        ("sk", &format!("LIST#{id}#{ACCOUNT}")),
        ("account", ACCOUNT),
        ("record_list_id", &id),
        ("deleted_at", "9999-12-30T00:00:00.000Z"),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned()))).collect()
}

#[tokio::test]
async fn a_sweep_goes_round_the_shards_of_a_list() {
    let setup = Setup::new(|_| None).await;
    let other = Function::new(&setup.table);
    let list = other.new_list("EXTERNAL").await;
    other.post(&list, &records(100)).await;
    other.end_list(&list).await;
    assert_eq!(setup.function.sweep().await, 100);
    let calls = setup.proxy.calls();
    let partitions = calls.iter().filter(|call| call.operation == "Query").flat_map(|call| &call.keys);
    let visited: Vec<&str> = partitions.filter_map(|key| key.split_once(&list)?.1.get(..2)).collect();
    let round: Vec<String> = (0..16).map(|shard| format!("#{shard:x}")).collect();
    assert_eq!(visited[..16], round);
    assert!(visited[16..].iter().zip(round.iter().cycle()).all(|(visited, shard)| visited == shard), "{visited:?}");
}

#[tokio::test]
async fn a_sweep_of_large_records_takes_its_time() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let list = function.new_list("EXTERNAL").await;
    let mut large = record(1);
    large["extra_data"] = json!({"notes": "n".repeat(300_000)});
    for number in 1..=10 {
        large["external_id"] = json!(number.to_string());
        function.create(&list, &large).await;
    }
    function.end_list(&list).await;
    let began = Instant::now();
    assert_eq!(function.sweep().await, 10);
    let least = Duration::from_millis(10 * 290);
    assert!(began.elapsed() > least, "3,000 write units in {:?}", began.elapsed());
}

#[tokio::test]
async fn of_many_lists_the_first_deleted_comes_first() {
    let table = Table::new().await;
    let mut function = Function::new(&table);
    let list = function.new_list("EXTERNAL").await;
    function.post(&list, &records(100)).await;
    function.end_list(&list).await;
    for number in 0..ROWS {
        table.put(row(number)).await;
    }
    function.timeout = Duration::from_secs(3);
    assert_ne!(function.sweep().await, 0);
}
