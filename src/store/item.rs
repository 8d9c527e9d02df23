//! How a record is laid out: its items, their keys, their size, and the statements that insert them.

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::text;
use crate::decimal::Decimal;
use crate::list::RecordList;
use crate::record::{Record, RecordNumber};

/// An item: names and values, the key first.
pub type Item = Vec<(&'static str, AttributeValue)>;

/// The key of a record or alias: partition, sort.
///
/// The shard is the ID's first hexadecimal digit, so that a list spreads over 16 partitions from its first write.
pub fn key(list: &RecordList, id: Uuid) -> (String, String) {
    let id = id.to_string();
    let shard = &id[..1];
    (format!("ACCOUNT#{}#LIST#{}#{shard}", list.account, list.id.as_str()), format!("RECORD#{id}"))
}

/// The ID in a sort key that [`key`] made.
pub fn id_of_sort_key(sort_key: &str) -> Option<Uuid> {
    sort_key.strip_prefix("RECORD#").and_then(|id| Uuid::parse_str(id).ok())
}

/// The item of `record`.
pub fn record_item(list: &RecordList, id: Uuid, record: &Record<'_>, write_token: &str, created_at: &str) -> Item {
    let mut item = start(list, id, write_token, created_at);
    item.extend([
        ("id", text(id.to_string())),
        ("record_list_id", text(list.id.as_str())),
        ("phone_numbers", AttributeValue::L(record.phone_numbers().iter().map(phone_number).collect())),
        ("first_name", text(record.first_name())),
        ("last_name", text(record.last_name())),
        ("updated_at", text(created_at)),
    ]);
    let optional = [
        ("timezone", record.timezone().map(text)),
        ("priority", record.priority().map(|priority| AttributeValue::N(priority.to_string()))),
        ("external_provider", record.external_provider().map(text)),
        ("external_id", record.external_id().map(text)),
        ("external_url", record.external_url().map(text)),
        ("sync_external_id", record.sync_external_id().map(AttributeValue::Bool)),
        ("extra_data", record.extra_data().map(|data| data.attribute().clone())),
    ];
    item.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
    item
}

/// The item that holds a further phone number of the record `record_id`.
pub fn alias_item(list: &RecordList, id: Uuid, record_id: Uuid, write_token: &str, created_at: &str) -> Item {
    let mut item = start(list, id, write_token, created_at);
    item.push(("record_id", text(record_id.to_string())));
    item
}

fn start(list: &RecordList, id: Uuid, write_token: &str, created_at: &str) -> Item {
    let (pk, sk) = key(list, id);
    vec![("pk", text(pk)), ("sk", text(sk)), ("write_token", text(write_token)), ("created_at", text(created_at))]
}

fn phone_number(number: &RecordNumber) -> AttributeValue {
    let members = [("phone_number", number.phone_number.as_str()), ("phone_type", number.phone_type.as_str())];
    AttributeValue::M(members.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect())
}

/// An item's size in bytes, by "DynamoDB item sizes and formats".
pub fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value_size(value)).sum()
}

fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => number_size(number),
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + value_size(value)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.iter().map(|(name, value)| 1 + name.len() + value_size(value)).sum::<usize>(),
        _ => 1,
    }
}

/// A byte, one more for two digits on either side of the point, and one for a minus: DynamoDB's own page says "about",
/// this is what its limit on items was measured to count. Zeros at the ends count nothing.
fn number_size(number: &str) -> usize {
    let Some(number) = Decimal::parse(number).filter(|number| number.significant_digits() > 0) else {
        return 1;
    };
    let digits = number.significant_digits();
    let before = usize::try_from(number.first_place() + 1).unwrap_or(0).min(digits);
    1 + before.div_ceil(2) + (digits - before).div_ceil(2) + usize::from(number.is_negative())
}

/// The PartiQL statement that inserts `item`, and its parameters.
pub fn insert_statement(table: &str, item: Item) -> (String, Vec<AttributeValue>) {
    let mut statement = format!("INSERT INTO \"{table}\" VALUE {{");
    for (place, (name, _)) in item.iter().enumerate() {
        if place > 0 {
            statement.push(',');
        }
        statement.push('\'');
        statement.push_str(name);
        statement.push_str("':?");
    }
    statement.push('}');
    (statement, item.into_iter().map(|(_, value)| value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_large_as_its_significant_digits() {
        let table = [
            ("0", 1),
            ("-0.00e5", 1),
            ("7", 2),
            ("42", 2),
            ("-42", 3),
            ("123", 3),
            ("1000000", 2),
            ("0.001", 2),
            ("1.5", 3),
            ("-1.5", 4),
            ("12.345", 4),
            ("1.2345e2", 4),
            ("1e125", 2),
            ("-9.9e-120", 3),
            ("12345678901234567890123456789012345678", 20),
        ];
        for (number, expected) in table {
            assert_eq!(number_size(number), expected, "{number}");
        }
    }
}
