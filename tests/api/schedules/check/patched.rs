//! Records as patches make them (RFC 7396).

use serde_json::{Value, json};

/// `record` as `patch` makes it. A number alone only names a record that has numbers.
pub fn patched(record: &Value, patch: &Value) -> Value {
    let mut record = record.clone();
    for (name, value) in patch.as_object().expect("a patch is an object").iter().filter(|(name, _)| *name != "id") {
        match value {
            _ if name == "phone_number" => add_number(&mut record, value),
            Value::Null => drop(record.as_object_mut().expect("a record is an object").remove(name)),
            Value::Object(_) => record[name] = patched(record.get(name).unwrap_or(&json!({})), value),
            value => record[name] = value.clone(),
        }
    }
    record
}

fn add_number(record: &mut Value, number: &Value) {
    if record.get("phone_numbers").is_none() {
        record["phone_numbers"] = json!([{"phone_number": number, "phone_type": "MOBILE"}]);
    }
}

/// The members of `record` that no patch sets.
pub fn without(record: &Value, names: &[&str]) -> Value {
    let mut record = record.clone();
    record.as_object_mut().expect("a record is an object").retain(|name, _| !names.contains(&name.as_str()));
    record
}
