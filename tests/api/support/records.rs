//! Records to send.

use std::collections::{HashMap, HashSet};

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{EXTERNAL, PHONE_NUMBER};

/// The types of a record's numbers, each of which occurs in it once at most.
pub const PHONE_TYPES: [&str; 6] = ["HOME", "OFFICE", "MOBILE", "EXTRA_1", "EXTRA_2", "EXTRA_3"];

/// An ID that no record has.
pub const NO_ID: &str = "00000000-0000-4000-8000-000000000000";

/// The phone number that records are made of by `number`, 0 to 9,999.
pub fn number_text(number: usize) -> String {
    format!("+1202555{number:04}")
}

/// A valid record, whose reference and only number are made of `number`, 0 to 9,999.
pub fn record(number: usize) -> Value {
    json!({
        "phone_numbers": [{"phone_number": number_text(number), "phone_type": "MOBILE"}],
        "first_name": "Jane",
        "last_name": "Doe",
        "timezone": "Europe/Lisbon",
        "priority": 5,
        "external_provider": "crm",
        "external_id": format!("C-{number}"),
        "extra_data": {"country": "USA", "state": "California", "job": "Actress"},
    })
}

/// `count` valid records that have nothing in common.
pub fn records(count: usize) -> Vec<Value> {
    (0..count).map(record).collect()
}

/// A record with these numbers, all of different types.
pub fn with_numbers(numbers: &[usize]) -> Value {
    let numbers = numbers.iter().zip(PHONE_TYPES);
    let numbers = numbers.map(|(number, kind)| json!({"phone_number": number_text(*number), "phone_type": kind}));
    json!({"phone_numbers": numbers.collect::<Vec<_>>(), "first_name": "Jane", "last_name": "Doe"})
}

/// A record for `list` with a first name that tells it from others. The first of `numbers` makes its reference; in a list
/// of unique numbers it has all of them, elsewhere the first alone.
pub fn named(name: &str, list: &str, numbers: &[usize]) -> Value {
    let mut record = record(numbers[0]);
    if list == PHONE_NUMBER {
        record["phone_numbers"] = with_numbers(numbers)["phone_numbers"].take();
    }
    record["first_name"] = json!(name);
    record
}

/// The phone numbers of `record`, as it is sent, returned or stored.
pub fn numbers(record: &Value) -> impl Iterator<Item = &str> {
    let numbers = record["phone_numbers"].as_array().into_iter().flatten();
    numbers.filter_map(|number| number["phone_number"].as_str())
}

/// The identifiers that no two records of `list` can share, as `record` has them.
pub fn identifiers(list: &str, record: &Value) -> HashSet<String> {
    match list {
        EXTERNAL => HashSet::from([format!("{}/{}", record["external_provider"], record["external_id"])]),
        PHONE_NUMBER => numbers(record).map(str::to_owned).collect(),
        _ => HashSet::new(),
    }
}

/// `count` records that have three numbers each and nothing in common.
pub fn with_three_numbers(count: usize) -> Vec<Value> {
    (0..count).map(|n| with_numbers(&[3 * n, 3 * n + 1, 3 * n + 2])).collect()
}

/// `record` with this `extra_data`, byte for byte.
pub fn with_extra_data(record: &Value, extra_data: &str) -> String {
    let mut members: HashMap<String, Box<RawValue>> = serde_json::from_str(&record.to_string()).unwrap();
    members.insert("extra_data".to_owned(), RawValue::from_string(extra_data.to_owned()).unwrap());
    serde_json::to_string(&members).unwrap()
}
