//! Any batch, any faults: what the response says is what the table holds.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{
    Call, EXTERNAL, Fault, Function, Item, NOTHING, OTHER, PHONE_NUMBER, Property, Proxy, Response, Table, any_of,
    as_created, assert_numbers_are_held, identifiers, keyed, named, passing_faults, post, text, without_links,
};

/// One case in ten has so little time that a call which hangs is not made again.
const LITTLE_TIME: Duration = Duration::from_millis(900);

/// A batch, the records that exist before it, and the faults.
#[derive(Debug, Clone)]
struct Case {
    list: &'static str,
    /// The numbers of each record, which [`named`] makes it of.
    before: Vec<Vec<usize>>,
    batch: Vec<Vec<usize>>,
    idempotent: bool,
    hurried: bool,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let list = prop::sample::select(vec![EXTERNAL, NOTHING, PHONE_NUMBER, PHONE_NUMBER]);
    let record = || prop_oneof![3 => vec(0_usize..60, 1), 1 => vec(0_usize..60, 2..5)];
    let parts =
        (list, vec(record(), 0..10), vec(record(), 1..50), any::<bool>(), prop::bool::weighted(0.1), any::<u64>());
    parts.prop_map(|(list, before, batch, idempotent, hurried, seed)| Case {
        list,
        before,
        batch,
        idempotent,
        hurried,
        seed,
    })
}

impl Case {
    /// The records, each with a name that tells it from every other.
    fn records(&self, prefix: &str, numbers: &[Vec<usize>]) -> Vec<Value> {
        let record = |(place, numbers): (usize, &Vec<usize>)| named(&format!("{prefix} {place}"), self.list, numbers);
        numbers.iter().enumerate().map(record).collect()
    }

    /// The fault of `call`.
    fn fault(&self, call: &Call) -> Option<Fault> {
        let faults: &[Fault] = match call.operation.as_str() {
            "GetItem" if self.hurried => &[],
            _ if self.hurried => &[Fault::Hang, Fault::HungResponse],
            operation => passing_faults(operation),
        };
        any_of(faults, self.seed, call)
    }
}

#[test]
fn the_response_says_what_the_table_holds_whatever_goes_wrong() {
    Property::of_cases(48).assert_holds(cases(), check);
}

async fn check(case: Case) {
    let table = Table::new().await;
    let unharmed = Function::new(&table);
    let before = case.records("before", &case.before);
    if !before.is_empty() {
        unharmed.post(case.list, &before).await;
    }
    let records = case.records("sent", &case.batch);
    let event = if case.idempotent {
        keyed(case.list, &records, "a-key")
    } else {
        post(case.list, &json!({ "records": records }))
    };
    let faults = case.clone();
    let proxy = Proxy::before(&table, move |call| faults.fault(call)).await;
    let mut function = proxy.function();
    if case.hurried {
        function.timeout = LITTLE_TIME;
    }
    let response = function.invoke(&event).await;
    assert!(case.hurried || !unknown(&response), "there was enough time: {response:?}");
    proxy.assert_nothing_known_was_sent_again();
    Stored::read(&table, case.list).await.assert_agrees(&response);
    if case.idempotent {
        assert_repeats(&response, &unharmed.invoke(&event).await);
        Stored::read(&table, case.list).await.assert_agrees(&response);
    }
}

/// Whether the response leaves the outcome of a record open.
fn unknown(response: &Response) -> bool {
    response.status != StatusCode::CREATED || response.summary().iter().any(|outcome| outcome == OTHER)
}

/// A request that is sent again has the same outcomes. Which of several identifiers a refused record's `fields` name
/// depends on what the list holds by then.
fn assert_repeats(first: &Response, again: &Response) {
    assert!(!unknown(again), "{again:?}");
    for (first, again) in first.any_records().iter().zip(again.any_records()) {
        assert!(
            first["errors"] == json!([OTHER]) || without_reasons(first) == without_reasons(again),
            "{first} became {again}"
        );
    }
}

fn without_reasons(record: &Value) -> Value {
    let mut record = record.clone();
    if record.get("errors").is_some() {
        record.as_object_mut().unwrap().retain(|name, _| name != "fields" && name != "_links");
    }
    record
}

/// The records of the table.
struct Stored {
    list: &'static str,
    /// By name, which no two records have.
    records: HashMap<String, Item>,
    identifiers: HashSet<String>,
}

impl Stored {
    async fn read(table: &Table, list: &'static str) -> Self {
        let items = table.items().await;
        if list == PHONE_NUMBER {
            assert_numbers_are_held(&items);
        }
        let mut records = HashMap::new();
        for item in items.into_iter().filter(|item| item.contains_key("id")) {
            let twin = records.insert(text(&item, "first_name").to_owned(), item);
            assert!(twin.is_none(), "{twin:?} is stored twice");
        }
        let identifiers = records.values().flat_map(|record| identifiers(list, &as_created(record))).collect();
        Self { list, records, identifiers }
    }

    fn assert_agrees(&self, response: &Response) {
        for record in response.any_records() {
            let stored = self.records.get(record["first_name"].as_str().expect("a name"));
            match record.get("errors") {
                None => assert_eq!(stored.map(as_created), Some(without_links(record))),
                Some(errors) if *errors == json!([OTHER]) => {}
                Some(_) => {
                    assert!(stored.is_none(), "{record} is stored");
                    assert!(!self.identifiers.is_disjoint(&identifiers(self.list, record)), "{record} is unique");
                }
            }
        }
    }
}
