//! Records to send.

use std::collections::HashMap;

use serde_json::value::RawValue;
use serde_json::{Value, json};

/// A valid record, whose reference and only number are made of `number`, 0 to 9,999.
pub fn record(number: usize) -> Value {
    json!({
        "phone_numbers": [{"phone_number": format!("+1202555{number:04}"), "phone_type": "MOBILE"}],
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
    let types = ["HOME", "OFFICE", "MOBILE", "EXTRA_1", "EXTRA_2", "EXTRA_3"];
    let numbers = numbers.iter().zip(types);
    let numbers =
        numbers.map(|(number, kind)| json!({"phone_number": format!("+1202555{number:04}"), "phone_type": kind}));
    json!({"phone_numbers": numbers.collect::<Vec<_>>(), "first_name": "Jane", "last_name": "Doe"})
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
