//! How lists and records are laid out: keys, attributes, sizes, and the statements that insert and delete them.
//!
//! A statement is written as the JSON of DynamoDB's protocol, straight into the bytes that are sent. The SDK's own types
//! would hold each attribute in a string of its own, which the SDK then writes into the same JSON: for a batch of 100
//! records a fifth of the function's work.

use uuid::Uuid;

use crate::dynamodb::{CONTAINER_BYTES, ELEMENT_BYTES, FLAG_BYTES, write_string};
use crate::list::RecordList;
use crate::record::extra_data::ExtraData;
use crate::record::{Record, RecordNumber};

/// Where items are: the records and aliases of a list, or the lists of an account.
#[derive(Debug, Clone, Copy)]
pub enum Keyspace<'a> {
    /// A list's records.
    Records(&'a RecordList),
    /// An account's lists.
    Lists {
        /// The account.
        account: &'a str,
    },
}

/// A key: partition, sort.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Keyspace<'_> {
    /// The key of the item `id`.
    ///
    /// A record's shard is its ID's first hexadecimal digit, so that a list spreads over 16 partitions from its first
    /// write.
    pub fn key(self, id: &str) -> Key {
        match self {
            Self::Records(list) => Key { pk: shard(list, &id[..1]), sk: format!("{RECORD}{id}") },
            Self::Lists { account } => Key { pk: account_key(account), sk: format!("{LIST}{id}") },
        }
    }
}

/// What the sort keys of records and of lists start with.
pub const RECORD: &str = "RECORD#";
pub const LIST: &str = "LIST#";

/// The partition of a list's records whose IDs start with `digit`.
pub fn shard(list: &RecordList, digit: &str) -> String {
    format!("ACCOUNT#{}#LIST#{}#{digit}", list.account, list.id.as_str())
}

/// The partition of an account's lists.
pub fn account_key(account: &str) -> String {
    format!("ACCOUNT#{account}")
}

/// The ID in a sort key of [`Keyspace::key`].
pub fn id_of_sort_key(sort_key: &str) -> Option<Uuid> {
    sort_key.strip_prefix(RECORD).or_else(|| sort_key.strip_prefix(LIST)).and_then(|id| id.parse().ok())
}

/// An item's attributes, the key first. They borrow what they can.
pub type Item<'a> = Vec<(&'static str, Value<'a>)>;

/// An attribute's value.
#[derive(Debug)]
pub enum Value<'a> {
    Text(&'a str),
    Integer(u8),
    Flag(bool),
    Numbers(&'a [RecordNumber]),
    ExtraData(&'a ExtraData<'a>),
}

/// The attributes that every item has: its key, who wrote it, and when.
pub fn start<'a>(key: &'a Key, write_token: &'a str, created_at: &'a str) -> Item<'a> {
    vec![
        ("pk", Value::Text(&key.pk)),
        ("sk", Value::Text(&key.sk)),
        ("write_token", Value::Text(write_token)),
        ("created_at", Value::Text(created_at)),
    ]
}

/// The attributes of `record` besides those of [`start`].
pub fn record<'a>(list: &'a RecordList, id: &'a str, record: &'a Record<'_>, created_at: &'a str) -> Item<'a> {
    let required = [
        ("id", Value::Text(id)),
        ("record_list_id", Value::Text(list.id.as_str())),
        ("phone_numbers", Value::Numbers(&record.phone_numbers)),
        ("first_name", Value::Text(record.first_name)),
        ("last_name", Value::Text(record.last_name)),
        ("updated_at", Value::Text(created_at)),
    ];
    let optional = [
        ("timezone", record.timezone.map(Value::Text)),
        ("priority", record.priority.map(Value::Integer)),
        ("external_provider", record.external_provider.map(Value::Text)),
        ("external_id", record.external_id.map(Value::Text)),
        ("external_url", record.external_url.map(Value::Text)),
        ("sync_external_id", record.sync_external_id.map(Value::Flag)),
        ("extra_data", record.extra_data.as_ref().map(Value::ExtraData)),
    ];
    required.into_iter().chain(optional.into_iter().filter_map(|(name, value)| Some((name, value?)))).collect()
}

/// An item's size in bytes.
pub fn size(item: &Item<'_>) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// The attribute that takes the most.
pub fn largest(item: &Item<'_>) -> &'static str {
    item.iter().max_by_key(|(_, value)| value.size()).map_or("record", |(name, _)| name)
}

impl Value<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            // One byte, and one for two digits.
            Self::Integer(_) => 2,
            Self::Flag(_) => FLAG_BYTES,
            Self::Numbers(numbers) => CONTAINER_BYTES + numbers.iter().map(number_size).sum::<usize>(),
            Self::ExtraData(data) => data.size(),
        }
    }

    fn write(&self, json: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write_text(json, text),
            Self::Integer(number) => write_number(json, *number),
            Self::Flag(true) => json.extend_from_slice(b"{\"BOOL\":true}"),
            Self::Flag(false) => json.extend_from_slice(b"{\"BOOL\":false}"),
            Self::Numbers(numbers) => write_numbers(json, numbers),
            Self::ExtraData(data) => json.extend_from_slice(data.attribute()),
        }
    }
}

/// A number's members, in the order in which they are written.
fn members(number: &RecordNumber) -> [(&'static str, &str); 2] {
    [("phone_number", number.phone_number.as_str()), ("phone_type", number.phone_type.into())]
}

fn number_size(number: &RecordNumber) -> usize {
    let members = members(number).map(|(name, value)| ELEMENT_BYTES + name.len() + value.len());
    ELEMENT_BYTES + CONTAINER_BYTES + members.iter().sum::<usize>()
}

fn write_text(json: &mut Vec<u8>, text: &str) {
    json.extend_from_slice(b"{\"S\":");
    write_string(json, text);
    json.push(b'}');
}

fn write_number(json: &mut Vec<u8>, number: u8) {
    json.extend_from_slice(b"{\"N\":\"");
    json.extend_from_slice(number.to_string().as_bytes());
    json.extend_from_slice(b"\"}");
}

fn write_numbers(json: &mut Vec<u8>, numbers: &[RecordNumber]) {
    json.extend_from_slice(b"{\"L\":[");
    for (place, number) in numbers.iter().enumerate() {
        json.extend_from_slice(if place == 0 { b"{\"M\":{" } else { b",{\"M\":{" });
        let [first, second] = members(number);
        for (separator, (name, value)) in [("\"", first), (",\"", second)] {
            json.extend_from_slice(separator.as_bytes());
            json.extend_from_slice(name.as_bytes());
            json.extend_from_slice(b"\":");
            write_text(json, value);
        }
        json.extend_from_slice(b"}}");
    }
    json.extend_from_slice(b"]}");
}

/// About what a statement takes besides its parameters, in bytes.
const STATEMENT_BYTES: usize = 512;

/// The statement that inserts `item`, and its parameters: an element of `Statements`. An `INSERT` of a key that exists
/// fails.
pub fn insert_statement(table: &str, item: &Item<'_>) -> Vec<u8> {
    let mut json = Vec::with_capacity(STATEMENT_BYTES + 2 * size(item));
    json.extend_from_slice(b"{\"Statement\":\"INSERT INTO \\\"");
    json.extend_from_slice(table.as_bytes());
    json.extend_from_slice(b"\\\" VALUE {");
    for (place, (name, _)) in item.iter().enumerate() {
        json.extend_from_slice(if place == 0 { b"'" } else { b",'" });
        json.extend_from_slice(name.as_bytes());
        json.extend_from_slice(b"':?");
    }
    json.extend_from_slice(b"}\",\"Parameters\":[");
    write_parameters(&mut json, item.iter().map(|(_, value)| value));
    json
}

/// The statement that deletes the item `key`, if it is still the one that `write_token` wrote at `created_at`.
pub fn delete_statement(table: &str, key: &Key, write_token: &str, created_at: &str) -> Vec<u8> {
    let item = start(key, write_token, created_at);
    let conditions: Vec<String> = item.iter().map(|(name, _)| format!("{name}=?")).collect();
    let statement =
        format!(r#"{{"Statement":"DELETE FROM \"{table}\" WHERE {}","Parameters":["#, conditions.join(" AND "));
    let mut json = statement.into_bytes();
    write_parameters(&mut json, item.iter().map(|(_, value)| value));
    json
}

fn write_parameters<'a>(json: &mut Vec<u8>, values: impl Iterator<Item = &'a Value<'a>>) {
    for (place, value) in values.enumerate() {
        if place > 0 {
            json.push(b',');
        }
        value.write(json);
    }
    json.extend_from_slice(b"]}");
}
