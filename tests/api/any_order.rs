//! Records created, deleted and read in any order, whatever goes wrong: every response is what a model in memory says.

use std::collections::BTreeMap;

use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{
    EXTERNAL, Function, NO_ID, NOTHING, PHONE_NUMBER, Property, Setup, any_of, assert_numbers_are_held, identifiers,
    keyed, named, number_text, numbers, passing_faults, record_of, records_of,
};

/// The numbers that records are made of, few enough for them to collide.
const NUMBERS: usize = 12;

/// A step of a caller.
#[derive(Debug, Clone)]
enum Step {
    /// Sends records with these numbers; the first one makes a record's reference too.
    Create(Vec<Vec<usize>>),
    /// Sends an earlier request again, with the same `Idempotency-Key`.
    Repeat(prop::sample::Index),
    Delete(prop::sample::Index),
    DeleteAll(Vec<Named>),
    Read(prop::sample::Index),
    ReadAll {
        per_page: usize,
    },
}

/// A way to name a record in an entry of a deletion.
#[derive(Debug, Clone)]
enum Named {
    ById(prop::sample::Index),
    /// By a number, or the reference made of it.
    ByNumber(usize),
}

#[derive(Debug, Clone)]
struct Case {
    list: &'static str,
    steps: Vec<Step>,
    seed: u64,
}

fn cases() -> impl Strategy<Value = Case> {
    let index = any::<prop::sample::Index>;
    let record = || prop_oneof![1 => vec(0..NUMBERS, 1), 1 => vec(0..NUMBERS, 2..4)];
    let named = prop_oneof![index().prop_map(Named::ById), (0..NUMBERS).prop_map(Named::ByNumber)];
    let step = prop_oneof![
        4 => vec(record(), 1..6).prop_map(Step::Create),
        1 => index().prop_map(Step::Repeat),
        2 => index().prop_map(Step::Delete),
        3 => vec(named, 1..8).prop_map(Step::DeleteAll),
        1 => index().prop_map(Step::Read),
        2 => (1..5_usize).prop_map(|per_page| Step::ReadAll { per_page }),
    ];
    let list = prop::sample::select(vec![EXTERNAL, NOTHING, PHONE_NUMBER, PHONE_NUMBER]);
    (list, vec(step, 1..14), any::<u64>()).prop_map(|(list, steps, seed)| Case { list, steps, seed })
}

#[test]
fn every_response_is_what_a_model_in_memory_says() {
    Property::of_cases(24).assert_holds(cases(), check);
}

async fn check(case: Case) {
    let seed = case.seed;
    let setup = Setup::new(move |call| any_of(passing_faults(&call.operation), seed, call)).await;
    let mut model = Model { list: case.list, records: BTreeMap::new(), ids: Vec::new(), requests: Vec::new() };
    for step in &case.steps {
        model.take(&setup.function, step).await;
    }
    model.assert_reads_all(&setup.function, 100).await;
    let items = setup.table.items().await;
    if case.list == PHONE_NUMBER {
        assert_numbers_are_held(&items);
    }
    assert_eq!(items.iter().filter(|item| item.contains_key("id")).count(), model.records.len());
}

/// The records that the service must hold.
struct Model {
    list: &'static str,
    /// The records as they were created, by ID.
    records: BTreeMap<String, Value>,
    /// Every ID that a record had.
    ids: Vec<String>,
    /// The records of every request that created some.
    requests: Vec<Vec<Value>>,
}

impl Model {
    async fn take(&mut self, function: &Function, step: &Step) {
        match step {
            Step::Create(records) => {
                self.requests.push(self.draft(records));
                self.create(function, self.requests.len() - 1).await;
            }
            Step::Repeat(_) if self.requests.is_empty() => {}
            Step::Repeat(index) => self.create(function, index.index(self.requests.len())).await,
            Step::Delete(index) => self.delete(function, &self.any_id(*index)).await,
            Step::DeleteAll(entries) => self.delete_all(function, entries).await,
            Step::Read(index) => self.read(function, &self.any_id(*index)).await,
            Step::ReadAll { per_page } => self.assert_reads_all(function, *per_page).await,
        }
    }

    /// Records, each with a name that tells it from every other.
    fn draft(&self, records: &[Vec<usize>]) -> Vec<Value> {
        let record = |(place, numbers): (usize, &Vec<usize>)| {
            named(&format!("{} {place}", self.requests.len()), self.list, numbers)
        };
        records.iter().enumerate().map(record).collect()
    }

    /// One of the IDs so far, or one that no record has.
    fn any_id(&self, index: prop::sample::Index) -> String {
        self.ids.get(index.index(self.ids.len() + 1)).map_or(NO_ID.to_owned(), String::clone)
    }

    async fn create(&mut self, function: &Function, request: usize) {
        let sent = self.requests[request].clone();
        let response = function.invoke(&keyed(self.list, &sent, &format!("key-{request}"))).await;
        for (sent, returned) in sent.iter().zip(response.records()) {
            match self.records.values().find(|stored| stored["first_name"] == sent["first_name"]) {
                Some(stored) => assert_eq!(returned, stored, "it was stored before"),
                None if self.is_duplicate(sent) => {
                    assert!(returned.get("errors").is_some(), "{returned} is a duplicate");
                }
                None => {
                    let id = returned["id"].as_str().unwrap_or_else(|| panic!("{returned} is unique")).to_owned();
                    self.ids.push(id.clone());
                    assert_eq!(self.records.insert(id, returned.clone()), None);
                }
            }
        }
    }

    fn is_duplicate(&self, sent: &Value) -> bool {
        let wanted = identifiers(self.list, sent);
        self.records.values().any(|stored| !identifiers(self.list, stored).is_disjoint(&wanted))
    }

    async fn delete(&mut self, function: &Function, id: &str) {
        let response = function.delete(&record_of(self.list, id)).await;
        let expected = if self.records.remove(id).is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND };
        assert_eq!(response.status, expected, "{response:?}");
    }

    async fn delete_all(&mut self, function: &Function, entries: &[Named]) {
        let entries: Vec<Value> = entries.iter().map(|named| self.entry(named)).collect();
        let response = function.delete_all(self.list, &entries).await;
        let failed: Vec<&Value> = entries.iter().filter(|entry| !self.remove(entry)).collect();
        assert_eq!(response.body["total_deleted"], entries.len() - failed.len(), "{response:?}");
        let reported = response.body["_embedded"]["failed_records"].as_array().expect("there are failed records");
        let reported: Vec<Value> = reported.iter().map(without_errors).collect();
        assert_eq!(reported.iter().collect::<Vec<_>>(), failed);
    }

    fn entry(&self, named: &Named) -> Value {
        match named {
            Named::ById(index) => json!({"id": self.any_id(*index)}),
            Named::ByNumber(number) if self.list == PHONE_NUMBER => {
                json!({"phone_number": number_text(*number)})
            }
            Named::ByNumber(number) => json!({"external_provider": "crm", "external_id": format!("C-{number}")}),
        }
    }

    /// Removes the record that `entry` names: whether there is one. A list in which nothing is unique has IDs only.
    fn remove(&mut self, entry: &Value) -> bool {
        let is_named = |(id, record): &(&String, &Value)| match self.list {
            _ if entry["id"].is_string() => entry["id"] == **id,
            EXTERNAL => record["external_id"] == entry["external_id"],
            PHONE_NUMBER => {
                entry["phone_number"].as_str().is_some_and(|number| numbers(record).any(|own| own == number))
            }
            _ => false,
        };
        let id = self.records.iter().find(is_named).map(|(id, _)| id.clone());
        id.is_some_and(|id| self.records.remove(&id).is_some())
    }

    async fn read(&self, function: &Function, id: &str) {
        let response = function.get(&record_of(self.list, id)).await;
        match self.records.get(id) {
            Some(record) => assert_eq!((response.status, &response.body), (StatusCode::OK, record)),
            None => assert_eq!(response.status, StatusCode::NOT_FOUND, "{response:?}"),
        }
    }

    /// The pages have all records as they were created, in the order of their IDs.
    async fn assert_reads_all(&self, function: &Function, per_page: usize) {
        let (mut records, mut next) = (Vec::new(), Some(format!("{}?per_page={per_page}", records_of(self.list))));
        while let Some(target) = next {
            let page = function.get(&target).await;
            assert_eq!(page.status, StatusCode::OK, "{page:?}");
            assert!(page.any_records().len() <= per_page);
            records.extend(page.any_records().to_vec());
            next = page.body["_links"]["next"]["href"].as_str().map(str::to_owned);
        }
        assert_eq!(records.iter().collect::<Vec<_>>(), self.records.values().collect::<Vec<_>>());
    }
}

fn without_errors(failed: &Value) -> Value {
    let mut entry = failed.clone();
    entry.as_object_mut().expect("an entry is an object").retain(|name, _| name != "errors" && name != "fields");
    entry
}
