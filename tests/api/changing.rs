//! Records, brought up to date: one by its path, and up to 100 at once.

mod bulk;
mod bulk_faults;
mod conditions;
mod faults;
mod hostile;
mod large;
mod merge;
mod named;
mod numbers;
mod one;
mod operators_attributes;
mod refused;

use serde_json::{Value, json};

use crate::support::{Call, Response, Setup, request, with_if_match};

/// `record` with these members: `null` removes one.
fn with(record: &Value, members: &Value) -> Value {
    let mut record = record.clone();
    for (name, value) in members.as_object().expect("members are an object") {
        match value {
            Value::Null => _ = record.as_object_mut().expect("a record is an object").remove(name),
            value => record[name] = value.clone(),
        }
    }
    record
}

/// `record` as a change of these members leaves it, but for `updated_at`, which is that of `changed`.
fn changed_like(record: &Value, members: &Value, changed: &Value) -> Value {
    with(&with(record, members), &json!({"updated_at": changed["updated_at"]}))
}

/// The event that changes the record at `target` only if it has one of the ETags in `if_match`.
fn patch_if(target: &str, patch: &Value, if_match: &str) -> Value {
    with_if_match(request("PATCH", target, Some(patch)), if_match)
}

/// The status of each record of the response to a `PATCH` of several.
fn statuses(response: &Response) -> Vec<&str> {
    let status = |record: &'_ Value| record["status"].as_str().map(str::to_owned);
    assert!(response.any_records().iter().all(|record| status(record).is_some()), "{response:?}");
    response.any_records().iter().filter_map(|record| record["status"].as_str()).collect()
}

/// The operations that a request of `setup` made since `before` calls.
fn operations(setup: &Setup, before: usize) -> Vec<String> {
    setup.proxy.calls().into_iter().skip(before).map(|call| call.operation).collect()
}

fn writes(setup: &Setup) -> Vec<Call> {
    setup.proxy.calls().into_iter().filter(Call::is_write).collect()
}
