//! Pages: every record once, none too large, and in few calls.

use std::collections::HashSet;
use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::support::{
    Call, Fault, Function, LAMBDA_RESPONSE_BYTES, NOTHING, PHONE_NUMBER, Response, Setup, Table, link, post_text,
    record, records, records_of, request, with_extra_data, with_numbers,
};

fn ids(page: &Response) -> Vec<String> {
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    assert_eq!(page.body["count"], page.any_records().len());
    page.any_records().iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect()
}

fn next(page: &Response) -> Option<&str> {
    page.body["_links"]["next"]["href"].as_str()
}

/// Follows `next` from the page at `start`: the pages.
async fn pages(function: &Function, start: &str) -> Vec<Response> {
    let mut pages = vec![function.get(start).await];
    while let Some(next) = next(pages.last().unwrap()).map(str::to_owned) {
        pages.push(function.get(&next).await);
    }
    pages
}

/// The IDs of the records of `pages`, which are sorted, so that none occurs twice.
fn all_ids(pages: &[Response]) -> Vec<String> {
    let ids: Vec<String> = pages.iter().flat_map(ids).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "the IDs are not sorted");
    ids
}

/// Creates `count` records that no other call creates.
async fn create(function: &Function, count: usize) -> HashSet<String> {
    let mut ids = HashSet::new();
    for _ in 0..count.div_ceil(100) {
        ids.extend(function.post(NOTHING, &records(count.min(100))).await.created_ids());
    }
    ids
}

/// The page at `target`, and its size as it is handed to Lambda. It is not held against `openapi.yaml`, which takes long.
async fn page(function: &Function, target: &str) -> (Value, usize) {
    let handed = function.hand(&request("GET", target, None)).await;
    let response: Value = serde_json::from_str(&handed).unwrap();
    assert_eq!(response["statusCode"], 200, "{response:.300}");
    (serde_json::from_str(response["body"].as_str().unwrap()).unwrap(), handed.len())
}

/// Follows `next` thousands of times. Returns the IDs.
async fn walk(function: &Function, per_page: usize) -> HashSet<String> {
    let (mut ids, mut next) = (Vec::new(), Some(format!("{}?per_page={per_page}", records_of(NOTHING))));
    while let Some(target) = next {
        let (page, _) = page(function, &target).await;
        let records = page["_embedded"]["records"].as_array().unwrap();
        ids.extend(records.iter().map(|record| record["id"].as_str().unwrap().to_owned()));
        next = page["_links"]["next"]["href"].as_str().map(str::to_owned);
    }
    assert!(ids.is_sorted_by(|a, b| a < b), "an ID occurs twice, or out of order");
    ids.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_2500_records_is_seen_once_while_others_are_created() {
    let table = Table::new().await;
    let before = create(&Function::new(&table), 2_500).await;
    let walks = [1, 7, 100].map(|per_page| {
        let function = Function::new(&table);
        tokio::spawn(async move { walk(&function, per_page).await })
    });
    let function = Function::new(&table);
    let mut created = HashSet::new();
    while !walks.iter().all(JoinHandle::is_finished) && created.len() < 100 {
        created.extend(create(&function, 10).await);
    }
    for walk in walks {
        let seen = walk.await.unwrap();
        assert_eq!(before.difference(&seen).count(), 0, "a record is missing");
        assert!(seen.difference(&before).all(|id| created.contains(id)), "a record was never created");
    }
}

#[tokio::test]
async fn a_page_of_a_list_full_of_aliases_is_filled() {
    let setup = Setup::new(|_| None).await;
    for start in [0, 600] {
        let records: Vec<Value> =
            (0..100).map(|n| start + 6 * n).map(|n| with_numbers(&[n, n + 1, n + 2, n + 3, n + 4, n + 5])).collect();
        setup.function.post(PHONE_NUMBER, &records).await;
    }
    assert_eq!(setup.table.items().await.len(), 1_200);
    let pages = pages(&setup.function, &format!("{}?per_page=60", records_of(PHONE_NUMBER))).await;
    assert_eq!(pages.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [60, 60, 60, 20]);
    assert_eq!(all_ids(&pages).len(), 200);
}

/// Creates `count` records of almost 400 KB, which have `text` again and again: so many bytes once it is decoded.
async fn create_large(function: &Function, count: usize, text: &str, bytes: usize) {
    let extra_data = format!(r#"{{"a":"{}"}}"#, text.repeat(390_000 / bytes));
    let body = format!(r#"{{"records":[{}]}}"#, with_extra_data(&record(1), &extra_data));
    for _ in 0..count {
        let handed = function.hand(&post_text(NOTHING, &body)).await;
        assert!(handed.contains(r#"\"total_created\":1"#), "{handed:.300}");
    }
}

#[tokio::test]
async fn a_hundred_records_of_400_kb_page_through_whole() {
    let (table, path) = (Table::new().await, "a".repeat(480));
    let function = Function::with_base_url(&table, &format!("https://api.example.com/{path}"));
    for (count, text, bytes) in [(60, "x", 1), (20, "ä", 2), (15, r#"\""#, 1), (5, r"\u0001", 1)] {
        create_large(&function, count, text, bytes).await;
    }
    let (mut next, mut ids) = (Some(records_of(NOTHING)), Vec::new());
    while let Some(target) = next {
        let (page, bytes) = page(&function, &target).await;
        assert!(bytes < LAMBDA_RESPONSE_BYTES, "{bytes}");
        for record in page["_embedded"]["records"].as_array().unwrap() {
            assert!(record["extra_data"]["a"].as_str().unwrap().len() == 390_000);
            ids.push(record["id"].as_str().unwrap().to_owned());
        }
        let link = page["_links"]["next"]["href"].as_str();
        next = link.map(|link| link.replace(&format!("https://api.example.com/{path}"), ""));
    }
    assert!(ids.is_sorted_by(|a, b| a < b));
    assert_eq!(ids.len(), 100);
}

/// One of 400 KB would be larger than any response with them.
#[tokio::test]
async fn the_zeros_of_large_numbers_are_not_spelled_out() {
    let function = Function::new(&Table::new().await);
    let numbers = vec!["1e125"; 2_000].join(",");
    let record = record(1).to_string().replace(r#""country":"USA""#, &format!(r#""numbers":[{numbers}]"#));
    let created = function.invoke(&post_text(NOTHING, &format!(r#"{{"records":[{record}]}}"#))).await;
    assert_eq!(created.body["total_created"], 1, "{:.300}", created.text);
    let page = function.get(&records_of(NOTHING)).await;
    assert_eq!(ids(&page).len(), 1);
    // With the zeros, which DynamoDB spells out, each would take 126.
    assert!(page.bytes < 2_000 * 8, "{}", page.bytes);
}

/// The calls that `setup` has made since it was asked last.
struct Calls<'a> {
    setup: &'a Setup,
    before: usize,
}

impl<'a> Calls<'a> {
    fn of(setup: &'a Setup) -> Self {
        Self { setup, before: setup.proxy.calls().len() }
    }

    fn take(&mut self) -> Vec<Call> {
        let calls = self.setup.proxy.calls().split_off(self.before);
        self.before += calls.len();
        calls
    }

    fn operations(&mut self) -> Vec<String> {
        self.take().into_iter().map(|call| call.operation).collect()
    }
}

#[tokio::test]
async fn a_full_page_takes_one_query_or_two_at_a_shards_edge() {
    let setup = Setup::new(|_| None).await;
    create(&setup.function, 500).await;
    let mut calls = Calls::of(&setup);
    let first = setup.function.get(&format!("{}?per_page=10", records_of(NOTHING))).await;
    assert_eq!(calls.operations(), ["Query"], "the list is known");
    let mut page = setup.function.get(next(&first).unwrap()).await;
    calls.operations();
    let mut edges = 0;
    while let Some(next) = next(&page).map(str::to_owned) {
        page = setup.function.get(&next).await;
        let ids = ids(&page);
        let shards: HashSet<char> = ids.iter().filter_map(|id| id.chars().next()).collect();
        let queries = calls.take();
        if ids.len() == 10 {
            // A shard can end just where the page before it did.
            let count = queries.len();
            assert!(count == shards.len() || count == shards.len() + 1, "{count} queries of {shards:?}");
            edges += usize::from(count > 1);
            if let [_, second] = queries.as_slice() {
                let missing = ids.iter().filter(|id| id[..1] == ids[9][..1]).count();
                assert_eq!(second.body["Limit"], missing, "no more is read than the page takes");
            }
        }
    }
    assert!((10..=17).contains(&edges), "{edges}");
}

#[tokio::test]
async fn the_first_and_the_last_page_take_one_query_and_the_list_is_read_once() {
    let setup = Setup::new(|_| None).await;
    // Of so many, a hundred are in the first shard as good as always.
    let count = 2_500;
    let mut created: Vec<String> = create(&Function::new(&setup.table), count).await.into_iter().collect();
    created.sort();
    let mut calls = Calls { setup: &setup, before: 0 };
    let first = setup.function.get(&records_of(NOTHING)).await;
    assert_eq!(ids(&first), created[..100]);
    assert_eq!(calls.operations(), ["GetItem", "Query"]);
    let last = setup.function.get(&format!("{}?after={}", records_of(NOTHING), created[count - 51])).await;
    assert_eq!((ids(&last).as_slice(), next(&last)), (&created[count - 50..], None));
    assert_eq!(calls.operations(), ["Query"]);
}

/// Fifteen shards are asked at once, or the queries would never go on.
#[tokio::test]
async fn a_list_of_five_records_takes_two_round_trips() {
    let together = |call: &Call| (call.operation == "Query" && call.number > 0).then_some(Fault::Together(16));
    let setup = Setup::new(together).await;
    let created = Function::new(&setup.table).post(NOTHING, &records(5)).await;
    let shards: HashSet<String> = created.created_ids().iter().map(|id| id[..1].to_owned()).collect();
    let page = setup.function.get(&records_of(NOTHING)).await;
    assert_eq!(ids(&page).into_iter().collect::<HashSet<_>>(), created.created_ids(), "{shards:?}");
    assert_eq!(next(&page), None);
    assert_eq!(setup.proxy.count("Query"), 16);
    assert_eq!(setup.proxy.calls().len(), 17);
}

/// A caller can read the shards side by side: the ID to start after need not exist.
#[tokio::test]
async fn a_list_can_be_read_in_parts_at_once() {
    let table = Table::new().await;
    let before = create(&Function::new(&table), 300).await;
    let function = Arc::new(Function::new(&table));
    let parts = (0..16_u8).map(|shard| {
        let function = function.clone();
        tokio::spawn(async move {
            let after = format!("{shard:x}0000000-0000-0000-0000-000000000000");
            let page = function.get(&format!("{}?after={after}&per_page=100", records_of(NOTHING))).await;
            ids(&page).into_iter().filter(|id| id.starts_with(&format!("{shard:x}"))).collect::<Vec<_>>()
        })
    });
    let parts = futures_util::future::join_all(parts).await;
    let seen: Vec<String> = parts.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(seen.iter().cloned().collect::<HashSet<_>>(), before);
    assert_eq!(seen.len(), 300);
}

#[tokio::test]
async fn an_insertion_between_two_pages_moves_nothing() {
    let function = Function::new(&Table::new().await);
    create(&function, 30).await;
    let first = function.get(&format!("{}?per_page=10", records_of(NOTHING))).await;
    create(&function, 30).await;
    let again = function.get(link(&first.body, "next")).await;
    assert!(ids(&first).last() < ids(&again).first());
}
