//! The items of the table, in the form in which the API returns them.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::numbers;

/// An item of the table.
pub type Item = HashMap<String, AttributeValue>;

/// A string attribute.
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name].as_s().expect("the attribute is a string")
}

/// An attribute as JSON; its numbers must be small.
pub fn as_json(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => json!(text),
        AttributeValue::N(number) => number.parse().expect("the number is one in JSON too"),
        AttributeValue::Bool(value) => json!(value),
        AttributeValue::L(list) => list.iter().map(as_json).collect(),
        AttributeValue::M(map) => map.iter().map(|(name, value)| (name.clone(), as_json(value))).collect(),
        other => panic!("{other:?} is in no record"),
    }
}

/// A stored record as a created one, [without links](without_links).
pub fn as_created(item: &Item) -> Value {
    let only_stored = ["pk", "sk", "write_token"];
    let members = item.iter().filter(|(name, _)| !only_stored.contains(&name.as_str()));
    members.map(|(name, value)| (name.clone(), as_json(value))).collect()
}

/// A created record without the members that are not stored.
pub fn without_links(record: &Value) -> Value {
    let mut record = record.clone();
    let members = record.as_object_mut().expect("a record is an object");
    members.remove("_links");
    members.remove("phone_number");
    record
}

/// No two records share a number, each further number of a record has its alias, and each alias has its record.
pub fn assert_numbers_are_held(items: &[Item]) {
    let (records, aliases): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.contains_key("id"));
    let mut held = HashSet::new();
    for record in &records {
        let numbers: HashSet<String> = numbers(&as_created(record)).map(str::to_owned).collect();
        assert!(numbers.iter().all(|number| held.insert(number.clone())), "a number of {record:?} is another's");
        let is_alias =
            |alias: &Item| alias["record_id"] == record["id"] && alias["write_token"] == record["write_token"];
        assert_eq!(aliases.iter().filter(|alias| is_alias(alias)).count(), numbers.len() - 1, "{record:?}");
    }
    assert_eq!(items.len(), held.len(), "every item holds a number");
}
