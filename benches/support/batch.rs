//! Batches of records to measure with.

use local::lists::EXTERNAL;
use serde_json::{Value, json};

/// Records of a usual batch.
pub const RECORDS: usize = 100;

/// The types of a record's phone numbers, each of which it can have once.
const PHONE_TYPES: [&str; 6] = ["MOBILE", "HOME", "OFFICE", "EXTRA_1", "EXTRA_2", "EXTRA_3"];

/// A string of `extra_data`, for records that are larger than most.
const NOTE: &str =
    "Called on Tuesday, asked for the new price list, wants to be called again next week in the morning.";

/// The shape of a batch and its records.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The list that they are for.
    pub list: &'static str,
    /// The number of records.
    pub records: usize,
    /// The number of records that are those of the first batch.
    pub duplicates: usize,
    /// The number of phone numbers of each.
    pub numbers: usize,
    /// Whether the last number of each is the first one of the next.
    pub chained: bool,
    /// The number of notes of each, which take 100 bytes of `extra_data`.
    pub notes: usize,
}

impl Default for Shape {
    /// Records with every member that most records have: 0.4 KB as it is sent, under 1 KB as it is stored.
    fn default() -> Self {
        Self { list: EXTERNAL, records: RECORDS, duplicates: 0, numbers: 1, chained: false, notes: 0 }
    }
}

/// Makes batches, no two of which have a record in common but for duplicates.
#[derive(Debug)]
pub struct Batches {
    shape: Shape,
    records: usize,
}

impl Batches {
    /// Batches of `shape`.
    #[must_use]
    pub fn new(shape: Shape) -> Self {
        Self { shape, records: 0 }
    }

    /// The next request body.
    pub fn next_body(&mut self) -> String {
        let Shape { records, duplicates, .. } = self.shape;
        let first = self.records;
        let duplicates = if first == 0 { 0 } else { duplicates };
        self.records += records;
        let numbers = (0..duplicates).chain(first + duplicates..first + records);
        let records: Vec<Value> = numbers.map(|number| self.shape.record(first, number)).collect();
        json!({ "records": records }).to_string()
    }

    /// The number of records of the last batch that are to be created: in a chain, every other one.
    pub fn creatable(&self) -> usize {
        let Shape { records, duplicates, chained, .. } = self.shape;
        let is_first = self.records == records;
        match (chained, is_first) {
            (true, _) => records.div_ceil(2),
            (false, true) => records,
            (false, false) => records - duplicates,
        }
    }

    /// The next body, in an event of API Gateway.
    pub fn next_event(&mut self) -> String {
        let path = format!("/record-lists/{}/records/bulks", self.shape.list);
        event("POST", &path, Some(&self.next_body())).to_string()
    }
}

/// An event of API Gateway.
pub fn event(method: &str, path: &str, body: Option<&str>) -> Value {
    let event = include_str!("../../events/201-all-created.json");
    let mut event: Value = serde_json::from_str(event).expect("the event is JSON");
    event["httpMethod"] = json!(method);
    event["requestContext"]["httpMethod"] = json!(method);
    event["path"] = json!(path);
    event["pathParameters"]["proxy"] = json!(path[1..]);
    event["requestContext"]["path"] = json!(format!("/prod{path}"));
    event["body"] = json!(body);
    event
}

impl Shape {
    /// The record `number` of all, in the batch that starts with `first`.
    fn record(&self, first: usize, number: usize) -> Value {
        let mut extra_data = json!({"country": "USA", "state": "California", "job": "Actor"});
        if self.notes > 0 {
            extra_data["notes"] = json!(vec![NOTE; self.notes]);
        }
        json!({
            "phone_numbers": self.phone_numbers(first, number),
            "first_name": "Joey",
            "last_name": "Tribbiani",
            "timezone": "Europe/Lisbon",
            "priority": 7,
            "external_provider": "crm",
            "external_id": format!("C-{number}"),
            "external_url": format!("https://crm.example.com/contacts/C-{number}"),
            "sync_external_id": true,
            "extra_data": extra_data,
        })
    }

    /// Each number is one record's alone, or in a chain one record's and the next one's.
    fn phone_numbers(&self, first: usize, number: usize) -> Value {
        let start = if self.chained { first + number } else { number * self.numbers };
        let phone_number = |(place, phone_type)| json!({"phone_number": format!("+1202{:07}", 2_000_000 + start + place), "phone_type": phone_type});
        PHONE_TYPES.iter().take(self.numbers).enumerate().map(phone_number).collect()
    }
}
