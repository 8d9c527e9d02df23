//! Items as they are written: their attributes and sizes.

use crate::dynamodb::Key;
use crate::dynamodb::attribute::{CONTAINER_BYTES, ELEMENT_BYTES, FLAG_BYTES, write_string};
use crate::list::RecordList;
use crate::record::extra_data::ExtraData;
use crate::record::{Members, Record, RecordNumber};

/// An item's attributes, the key first. Their values are borrowed.
pub type Item<'a> = Vec<(&'static str, Value<'a>)>;

/// An attribute's value.
#[derive(Debug)]
pub enum Value<'a> {
    Text(&'a str),
    Integer(u8),
    Flag(bool),
    Numbers(&'a [RecordNumber]),
    ExtraData(&'a ExtraData<'a>),
    /// A value in DynamoDB's JSON.
    Json(&'a str),
}

/// The attributes of every item: its key, and the token and time of the write that created it.
pub fn start<'a>(key: &'a Key, write_token: &'a str, created_at: &'a str) -> Item<'a> {
    vec![
        ("pk", Value::Text(&key.pk)),
        ("sk", Value::Text(&key.sk)),
        ("write_token", Value::Text(write_token)),
        ("created_at", Value::Text(created_at)),
    ]
}

/// The attributes of `record` that [`start`] does not have.
pub fn record<'a>(list: &'a RecordList, id: &'a str, record: &'a Record<'_>, created_at: &'a str) -> Item<'a> {
    let own = [
        ("id", Value::Text(id)),
        ("record_list_id", Value::Text(list.id.as_str())),
        ("updated_at", Value::Text(created_at)),
    ];
    own.into_iter().chain(members(record).into_iter().filter_map(|(name, value)| Some((name, value?)))).collect()
}

/// The attributes of `members`. An attribute has the same name as its member.
pub fn members<'a>(members: &'a Members<'_>) -> [(&'static str, Option<Value<'a>>); 10] {
    [
        ("phone_numbers", members.phone_numbers.as_deref().map(Value::Numbers)),
        ("first_name", members.first_name.map(Value::Text)),
        ("last_name", members.last_name.map(Value::Text)),
        ("timezone", members.timezone.map(Value::Text)),
        ("priority", members.priority.map(Value::Integer)),
        ("external_provider", members.external_provider.map(Value::Text)),
        ("external_id", members.external_id.map(Value::Text)),
        ("external_url", members.external_url.map(Value::Text)),
        ("sync_external_id", members.sync_external_id.map(Value::Flag)),
        ("extra_data", members.extra_data.as_ref().map(Value::ExtraData)),
    ]
}

/// The size of an item, in bytes.
pub fn size(item: &Item<'_>) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// The name of the largest attribute.
pub fn largest(item: &Item<'_>) -> &'static str {
    item.iter().max_by_key(|(_, value)| value.size()).map_or("record", |(name, _)| name)
}

impl Value<'_> {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            // One byte, and one for every two digits.
            Self::Integer(_) => 2,
            Self::Flag(_) => FLAG_BYTES,
            Self::Numbers(numbers) => CONTAINER_BYTES + numbers.iter().map(number_size).sum::<usize>(),
            Self::ExtraData(data) => data.size(),
            Self::Json(json) => json.len(),
        }
    }

    /// The value in DynamoDB's JSON.
    #[expect(clippy::expect_used, reason = "it is written as JSON")]
    pub fn json(&self) -> String {
        let mut json = Vec::with_capacity(16 + self.size());
        self.write(&mut json);
        String::from_utf8(json).expect("JSON is UTF-8")
    }

    /// Appends the value in DynamoDB's JSON to `json`.
    pub fn write(&self, json: &mut Vec<u8>) {
        match self {
            Self::Text(text) => write_text(json, text),
            Self::Integer(number) => write_number(json, *number),
            Self::Flag(true) => json.extend_from_slice(b"{\"BOOL\":true}"),
            Self::Flag(false) => json.extend_from_slice(b"{\"BOOL\":false}"),
            Self::Numbers(numbers) => write_numbers(json, numbers),
            Self::ExtraData(data) => json.extend_from_slice(data.attribute()),
            Self::Json(value) => json.extend_from_slice(value.as_bytes()),
        }
    }
}

/// The members of a number, in the order in which they are written.
fn number_members(number: &RecordNumber) -> [(&'static str, &str); 2] {
    [("phone_number", number.phone_number.as_str()), ("phone_type", number.phone_type.into())]
}

fn number_size(number: &RecordNumber) -> usize {
    let members = number_members(number).map(|(name, value)| ELEMENT_BYTES + name.len() + value.len());
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
        let [first, second] = number_members(number);
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
