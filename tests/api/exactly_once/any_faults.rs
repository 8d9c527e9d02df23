//! Any batch, any faults: what the response says is what the table holds.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::{
    Call, EXTERNAL, Fault, Function, Item, NOTHING, OTHER, PHONE_NUMBER, Proxy, Response, Table, any_of, as_created,
    assert_numbers_are_held, keyed, numbers, passing_faults, post, record, text, with_numbers, without_links,
};

/// One case in ten has so little time that a call which hangs is not made again.
const LITTLE_TIME: Duration = Duration::from_millis(900);

/// A batch, what was there before it, and what goes wrong.
#[derive(Debug, Clone)]
struct Case {
    list: &'static str,
    /// The numbers of each record; the first one makes its reference too.
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
        let record = |(place, numbers): (usize, &Vec<usize>)| {
            let mut record = record(numbers[0]);
            if self.list == PHONE_NUMBER {
                record["phone_numbers"] = with_numbers(numbers)["phone_numbers"].take();
            }
            record["first_name"] = json!(format!("{prefix} {place}"));
            record
        };
        numbers.iter().enumerate().map(record).collect()
    }

    /// What goes wrong with `call`.
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
    let config =
        ProptestConfig { cases: 48, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = TestRunner::new(config).run(&cases(), |case| {
        runtime.block_on(check(case));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
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

/// Whether the response leaves open what became of a record.
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

/// What the table holds.
struct Stored {
    list: &'static str,
    /// By name, which no two records have.
    records: HashMap<String, Item>,
    references: HashSet<String>,
    numbers: HashSet<String>,
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
        let references = records.values().map(|record| text(record, "external_id").to_owned()).collect();
        let numbers = records.values().flat_map(numbers).collect();
        Self { list, records, references, numbers }
    }

    fn assert_agrees(&self, response: &Response) {
        for record in response.any_records() {
            let stored = self.records.get(record["first_name"].as_str().expect("a name"));
            match record.get("errors") {
                None => assert_eq!(stored.map(as_created), Some(without_links(record))),
                Some(errors) if *errors == json!([OTHER]) => {}
                Some(_) => {
                    assert!(stored.is_none(), "{record} is stored");
                    assert!(self.holds_another_like(record), "{record} is unique");
                }
            }
        }
    }

    /// Whether an item is stored that makes `record`, which is not, a duplicate.
    fn holds_another_like(&self, record: &Value) -> bool {
        let holds =
            |number: &Value| number["phone_number"].as_str().is_some_and(|number| self.numbers.contains(number));
        match self.list {
            EXTERNAL => record["external_id"].as_str().is_some_and(|id| self.references.contains(id)),
            PHONE_NUMBER => record["phone_numbers"].as_array().is_some_and(|numbers| numbers.iter().any(holds)),
            _ => false,
        }
    }
}
