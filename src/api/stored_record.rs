//! A record's JSON as it is read from the table: what is stored, and what only the API has.

use std::borrow::Cow;
use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::hal::{Links, ListUrl};
use crate::record::decimal::Decimal;
use crate::store::StoredRecord;

/// Attributes that only the store needs; all others are members of the API.
const INTERNAL: [&str; 3] = ["pk", "sk", "write_token"];

/// A record that is stored.
pub struct StoredRecordBody<'a> {
    record: &'a StoredRecord,
    links: Links,
}

impl<'a> StoredRecordBody<'a> {
    /// `record`, of the list at `url`.
    pub fn new(record: &'a StoredRecord, url: &ListUrl) -> Self {
        Self { record, links: url.links(url.record(record.id)) }
    }

    /// The same, as text.
    #[expect(clippy::expect_used, reason = "the store holds nothing that is not JSON")]
    pub fn to_json(&self) -> Box<RawValue> {
        serde_json::value::to_raw_value(self).expect("a stored record can be written as JSON")
    }

    /// The first of the phone numbers.
    fn phone_number(&self) -> Option<&AttributeValue> {
        self.record.attributes.get("phone_numbers")?.as_l().ok()?.first()?.as_m().ok()?.get("phone_number")
    }
}

impl Serialize for StoredRecordBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in sorted(&self.record.attributes) {
            if !INTERNAL.contains(&name.as_str()) {
                map.serialize_entry(name, &Json(value))?;
            }
        }
        if let Some(number) = self.phone_number() {
            map.serialize_entry("phone_number", &Json(number))?;
        }
        map.serialize_entry("_links", &self.links)?;
        map.end()
    }
}

/// The attributes by name, so that a record reads the same every time: the SDK keeps them in no order.
fn sorted(attributes: &HashMap<String, AttributeValue>) -> impl Iterator<Item = (&String, &AttributeValue)> {
    let mut attributes: Vec<_> = attributes.iter().collect();
    attributes.sort_unstable_by_key(|(name, _)| *name);
    attributes.into_iter()
}

/// The longest number that is spelled as DynamoDB does, in bytes: without an exponent, whatever its size.
const MAX_NUMBER_BYTES: usize = 40;

/// `number`, with an exponent if it is long: a record of the size DynamoDB allows can hold 100,000 times `1e125`, and must
/// fit a response.
fn shortened(number: &str) -> Cow<'_, str> {
    let decimal = if number.len() > MAX_NUMBER_BYTES { Decimal::parse(number) } else { None };
    decimal.map_or(number.into(), |decimal| decimal.to_string().into())
}

/// An attribute as JSON.
struct Json<'a>(&'a AttributeValue);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::S(text) => serializer.serialize_str(text),
            AttributeValue::N(number) => {
                let number = shortened(number);
                serde_json::from_str::<&RawValue>(&number).map_err(S::Error::custom)?.serialize(serializer)
            }
            AttributeValue::Bool(value) => serializer.serialize_bool(*value),
            AttributeValue::Null(_) => serializer.serialize_unit(),
            AttributeValue::L(list) => serializer.collect_seq(list.iter().map(Json)),
            AttributeValue::M(map) => serializer.collect_map(sorted(map).map(|(name, value)| (name, Json(value)))),
            _ => Err(S::Error::custom("no attribute of this type is stored")),
        }
    }
}
