//! A record as it was read from the table.

use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::key::id_of_sort_key;
use super::owner::Version;
use crate::dynamodb::Item;
use crate::dynamodb::attribute::AttributeValue;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::identity::phone_number_id;

/// Attributes that only the store needs; all others are members of the API.
const INTERNAL: [&str; 5] = ["pk", "sk", "trail", "version", "write_token"];

/// A record that is stored.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// Its ID.
    pub id: Uuid,
    /// Its item.
    pub item: Item,
}

/// A condition on the version of a record, which its caller names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// It was changed last at this time.
    UpdatedAt(String),
    /// It has one of these entity tags.
    Etag(Vec<String>),
}

impl Precondition {
    /// Whether it holds for `record`.
    pub fn holds(&self, record: &StoredRecord) -> bool {
        match self {
            Self::UpdatedAt(time) => record.updated_at().as_ref() == Some(time),
            Self::Etag(tags) => tags.contains(&record.version().etag()),
        }
    }
}

impl StoredRecord {
    /// `None` for an alias.
    pub fn of(item: Item) -> Option<Self> {
        let id = id_of_sort_key(&item.text("sk")?)?;
        (!item.has("record_id")).then_some(Self { id, item })
    }

    /// Its version.
    pub fn version(&self) -> Version {
        Version::of(&self.item)
    }

    /// The time of its last change, as it is stored.
    pub fn updated_at(&self) -> Option<String> {
        self.item.text("updated_at")
    }

    /// The IDs that it has: its own, then those of its aliases, which its numbers give as they are stored. They are never
    /// parsed again, since older ones can break a rule of today.
    pub fn ids(&self, list: &RecordList) -> Vec<Uuid> {
        let mut ids = vec![self.id];
        if list.unique_identifier_type == UniqueIdentifierType::PhoneNumber {
            for id in self.numbers().iter().map(|number| phone_number_id(list, number)) {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        ids
    }

    fn numbers(&self) -> Vec<String> {
        let Some(AttributeValue::L(numbers)) = self.item.get("phone_numbers") else {
            return Vec::new();
        };
        let number = |number: &AttributeValue<'_>| number.member("phone_number")?.text().map(Into::into);
        numbers.iter().filter_map(number).collect()
    }

    /// The same without what only a record that is stored has.
    pub fn unstored(&self) -> Self {
        let mut record = self.clone();
        for name in ["id", "created_at", "updated_at"] {
            record.item.remove(name);
        }
        record
    }

    /// Its members as JSON.
    #[expect(clippy::expect_used, reason = "the store holds nothing that is not JSON")]
    pub fn to_json(&self) -> Box<RawValue> {
        serde_json::value::to_raw_value(self).expect("a stored record can be written as JSON")
    }
}

/// The members in the order of their names. The deprecated `phone_number` is the first of the numbers.
impl Serialize for StoredRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, json) in self.item.attributes().filter(|(name, _)| !INTERNAL.contains(name)) {
            let value: AttributeValue<'_> = serde_json::from_str(json).map_err(S::Error::custom)?;
            if name == "phone_numbers"
                && let AttributeValue::L(numbers) = &value
                && let Some(number) = numbers.first().and_then(|first| first.member("phone_number"))
            {
                map.serialize_entry("phone_number", number)?;
            }
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}
