//! The keys of stored records, and records as earlier versions stored them, which had other rules.

use std::iter::once;

use aws_sdk_dynamodb::types::AttributeValue::{self, L, M, S};
use serde_json::json;
use uuid::Uuid;

use super::{ACCOUNT, Item, PHONE_NUMBER, PHONE_TYPES, Table, number_text};

/// The time at which they were stored.
const CREATED_AT: &str = "2025-01-01T00:00:00.000Z";

/// The ID that a number takes in the list of unique numbers. It never changes: stored records would no longer be found.
fn number_id(number: &str) -> String {
    const NAMESPACE: Uuid = Uuid::from_u128(0x5d8c_35c1_7f0a_4b0e_9d35_86a5_57c2_0b5f);
    let name = json!([ACCOUNT, PHONE_NUMBER, "PHONE_NUMBER", number]).to_string();
    Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string()
}

/// The sort key of the item that holds `number`.
pub fn key_holding(number: &str) -> String {
    format!("RECORD#{}", number_id(number))
}

/// The sort key of the item that holds the phone number which records are made of by `number`.
pub fn key_of_number(number: usize) -> String {
    key_holding(&number_text(number))
}

/// The items of a record with `numbers` in the list of unique numbers: the record, and an alias for each further number.
fn older_items(numbers: &[&str]) -> Vec<Item> {
    let id = number_id(numbers[0]);
    let number =
        |(number, kind): (&&str, &str)| M(attributes([("phone_number", text(number)), ("phone_type", text(kind))]));
    let record = attributes([
        ("id", text(&id)),
        ("record_list_id", text(PHONE_NUMBER)),
        ("phone_numbers", L(numbers.iter().zip(PHONE_TYPES).map(number).collect())),
        ("first_name", text("Joey")),
        ("last_name", text("Tribbiani")),
        ("updated_at", text(CREATED_AT)),
    ]);
    let alias = |number: &&str| with_key(&number_id(number), attributes([("record_id", text(&id))]));
    once(with_key(&id, record)).chain(numbers[1..].iter().map(alias)).collect()
}

/// Stores the items of a record with `numbers`. Returns its ID.
pub async fn store_older(table: &Table, numbers: &[&str]) -> String {
    for item in older_items(numbers) {
        table.put(item).await;
    }
    number_id(numbers[0])
}

fn with_key(id: &str, rest: Item) -> Item {
    let mut item = attributes([
        ("pk", text(&format!("ACCOUNT#{ACCOUNT}#LIST#{PHONE_NUMBER}#{}", &id[..1]))),
        ("sk", text(&format!("RECORD#{id}"))),
        ("write_token", text("4f0a5f0e-8d55-4f0e-8d55-2f4f4b0f7d11/0")),
        ("created_at", text(CREATED_AT)),
    ]);
    item.extend(rest);
    item
}

fn attributes<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(value: &str) -> AttributeValue {
    S(value.to_owned())
}
