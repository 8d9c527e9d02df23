//! A record as it was read from the table.

use serde::ser::{Error, SerializeMap};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::key::id_of;
use super::owner::Version;
use crate::dynamodb::Item;
use crate::dynamodb::attribute::{AttributeValue, string};
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::draft::{Draft, DraftNumber};
use crate::record::identity::with_phone_number_ids;
use crate::record::member::{Member, Object};

/// The attributes that only the store needs. All others are members of the API.
const INTERNAL: [&str; 5] = ["pk", "sk", "trail", "version", "write_token"];

/// A record, and the item that it is stored in.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub id: Uuid,
    pub item: Item,
}

/// A condition of the caller on the version of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// The record was last changed at this time.
    UpdatedAt(String),
    /// The record has one of these entity tags.
    Etag(Vec<String>),
}

impl Precondition {
    /// Whether the condition holds for `record`.
    pub fn holds(&self, record: &StoredRecord) -> bool {
        match self {
            Self::UpdatedAt(time) => record.updated_at().as_ref() == Some(time),
            Self::Etag(tags) => tags.contains(&record.version().etag()),
        }
    }
}

impl StoredRecord {
    /// The record that is stored in `item`, `None` if that is an alias.
    pub fn of(item: Item) -> Option<Self> {
        let id = id_of(&item)?;
        (!item.has("record_id")).then_some(Self { id, item })
    }

    pub fn version(&self) -> Version {
        Version::of(&self.item)
    }

    /// The time of its last change, as it is stored.
    pub fn updated_at(&self) -> Option<String> {
        self.item.owned_text("updated_at")
    }

    /// The IDs of the record: its own, then those of its aliases, derived from the numbers as they are stored. Numbers
    /// are not parsed again, because older ones can break a rule of today.
    pub fn ids(&self, list: &RecordList) -> Vec<Uuid> {
        let ids = vec![self.id];
        match list.unique_identifier_type {
            UniqueIdentifierType::PhoneNumber => {
                let draft = Draft { phone_numbers: self.phone_numbers(), ..Draft::default() };
                with_phone_number_ids(ids, list, draft.number_texts().into_iter())
            }
            UniqueIdentifierType::External | UniqueIdentifierType::Nothing => ids,
        }
    }

    /// The record without the members that only a stored record has.
    pub fn unstored(&self) -> Self {
        let mut record = self.clone();
        for name in ["id", "created_at", "updated_at"] {
            record.item.remove(name);
        }
        record
    }

    /// The members as a draft, but without the deprecated `phone_number`, and without `extra_data`: that has to be written
    /// as JSON first.
    pub fn draft(&self) -> Draft<'_> {
        Draft {
            phone_number: Member::Absent,
            phone_numbers: self.phone_numbers(),
            first_name: self.member("first_name"),
            last_name: self.member("last_name"),
            timezone: self.member("timezone"),
            priority: self.member("priority"),
            extra_data: Member::Absent,
            external_provider: self.member("external_provider"),
            external_id: self.member("external_id"),
            external_url: self.member("external_url"),
            sync_external_id: self.member("sync_external_id"),
        }
    }

    fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Member<T> {
        let Some(json) = self.item.json(name) else {
            return Member::Absent;
        };
        match string(json) {
            Some(text) => Member::read(text),
            None => AttributeValue::read(json).map_or(Member::WrongType, |value| member(&value)),
        }
    }

    fn phone_numbers(&self) -> Member<Vec<Object<DraftNumber<'_>>>> {
        match self.item.get("phone_numbers") {
            Some(AttributeValue::L(numbers)) => Member::Value(numbers.iter().map(draft_number).collect()),
            Some(_) => Member::WrongType,
            None => Member::Absent,
        }
    }

    /// `extra_data` as JSON, if there is any.
    #[expect(clippy::expect_used, reason = "the attribute was read, and writing to memory cannot fail")]
    pub fn extra_data(&self) -> Option<Box<RawValue>> {
        let extra_data = self.item.get("extra_data")?;
        Some(serde_json::value::to_raw_value(&extra_data).expect("a stored value can be written as JSON"))
    }
}

fn draft_number<'a>(number: &AttributeValue<'a>) -> Object<DraftNumber<'a>> {
    let text = |name| number.member(name).map_or(Member::Absent, member);
    Object(DraftNumber { phone_number: text("phone_number"), phone_type: text("phone_type") })
}

/// The member that `value` is, if that is no container.
fn member<'a, T: Deserialize<'a>>(value: &AttributeValue<'a>) -> Member<T> {
    let json = match value {
        AttributeValue::S(text) => text.get(),
        AttributeValue::N(number) => number,
        AttributeValue::Bool(true) => "true",
        AttributeValue::Bool(false) => "false",
        AttributeValue::Null(_) => "null",
        AttributeValue::L(_) | AttributeValue::M(_) => return Member::WrongType,
    };
    Member::read(json)
}

/// Writes the members in the order of their names. The deprecated `phone_number` is the first of the numbers.
impl Serialize for StoredRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, json) in self.item.attributes().filter(|(name, _)| !INTERNAL.contains(name)) {
            let value = AttributeValue::read(json).map_err(S::Error::custom)?;
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
