//! Functions that are given the same records at once.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    EXTERNAL, Function, PHONE_NUMBER, Response, Table, as_created, assert_numbers_are_held, numbers, records, text,
    with_numbers, with_three_numbers,
};

const FUNCTIONS: usize = 4;
const ROUNDS: u64 = 5;

/// Posts `records` to `list` by four functions at once, each in an order of its own, the numbers of a record too.
async fn race(table: &Table, list: &'static str, records: &[Value], rng: &mut Rng) -> Vec<Response> {
    let posts = (0..FUNCTIONS).map(|_| {
        let mut records = records.to_vec();
        rng.shuffle(&mut records);
        for record in &mut records {
            rng.shuffle(record["phone_numbers"].as_array_mut().expect("a record has numbers"));
        }
        let function = Function::new(table);
        tokio::spawn(async move { function.post(list, &records).await })
    });
    join_all(posts).await.into_iter().map(|response| response.expect("no function panics")).collect()
}

/// Names each of `records`, so that it is known in every response.
fn with_names(records: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let with_name = |(name, mut record): (usize, Value)| {
        record["first_name"] = json!(name.to_string());
        record
    };
    records.into_iter().enumerate().map(with_name).collect()
}

/// The IDs with which each record was created, by its name: none if all responses refused it as not unique.
fn created_ids(responses: &[Response]) -> HashMap<String, Vec<String>> {
    let mut ids: HashMap<String, Vec<String>> = HashMap::new();
    for response in responses {
        for (record, outcome) in response.records().iter().zip(response.outcomes()) {
            let of_record = ids.entry(record["first_name"].as_str().expect("a name").to_owned()).or_default();
            match outcome {
                Ok(id) => of_record.push(id),
                Err(codes) => assert!(codes.len() == 1 && codes[0].ends_with("_NOT_UNIQUE"), "{codes:?}"),
            }
        }
    }
    ids
}

/// The ID under which each record is stored, by its name. A record that is stored twice fails the test.
async fn stored_ids(table: &Table) -> HashMap<String, String> {
    let mut ids = HashMap::new();
    for (id, record) in table.records().await {
        let name = text(&record, "first_name").to_owned();
        assert_eq!(ids.insert(name, id), None, "{record:?} is stored twice");
    }
    ids
}

/// Exactly one of the functions created each record, and it is stored under the ID that this one returned.
async fn assert_each_is_created_once(table: &Table, responses: &[Response]) {
    let stored = stored_ids(table).await;
    let created = created_ids(responses);
    assert_eq!(created.len(), 100);
    for (name, ids) in created {
        assert_eq!(ids, [stored[&name].clone()], "record {name}");
    }
    assert_eq!(stored.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_hundred_references_is_created_by_exactly_one_function() {
    let records = with_names(records(100));
    for seed in 0..ROUNDS {
        let table = Table::new().await;
        let responses = race(&table, EXTERNAL, &records, &mut Rng::with_seed(seed)).await;
        assert_each_is_created_once(&table, &responses).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_hundred_numbers_is_created_by_exactly_one_function() {
    let records = with_names(records(100));
    for seed in 0..ROUNDS {
        let table = Table::new().await;
        let responses = race(&table, PHONE_NUMBER, &records, &mut Rng::with_seed(seed)).await;
        assert_each_is_created_once(&table, &responses).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_hundred_records_with_several_numbers_is_created_by_exactly_one_function() {
    let records = with_names(with_three_numbers(100));
    for seed in 0..ROUNDS {
        let table = Table::new().await;
        let responses = race(&table, PHONE_NUMBER, &records, &mut Rng::with_seed(seed)).await;
        assert_each_is_created_once(&table, &responses).await;
        assert_numbers_are_held(&table.items().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_records_that_share_numbers_each_is_created_once_or_refused_for_one_that_is_stored() {
    for seed in 0..ROUNDS {
        let mut rng = Rng::with_seed(seed);
        let records = with_names((0..100).map(|_| sharing(&mut rng)));
        let table = Table::new().await;
        let created = created_ids(&race(&table, PHONE_NUMBER, &records, &mut rng).await);
        let stored = stored_ids(&table).await;
        let stored_records: Vec<Value> = table.records().await.values().map(as_created).collect();
        let held: HashSet<&str> = stored_records.iter().flat_map(numbers).collect();
        for record in &records {
            let name = record["first_name"].as_str().expect("a name");
            assert_eq!(created[name], stored.get(name).cloned().into_iter().collect::<Vec<_>>(), "record {name}");
            assert!(numbers(record).any(|number| held.contains(number)), "record {name} was refused without a reason");
        }
        assert_numbers_are_held(&table.items().await);
    }
}

/// A record of one to four numbers, of which there are 150.
fn sharing(rng: &mut Rng) -> Value {
    with_numbers(&(0..rng.usize(1..=4)).map(|_| rng.usize(0..150)).collect::<Vec<_>>())
}
