//! Identifiers of records: an ID, a phone number, a reference.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::draft::Draft;
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::identity::{external_id, phone_number_id};
use crate::record::member::{Member, Object, Text};
use crate::record::phone_number::PhoneNumber;
use crate::record::rules::{LIST_REQUIRES, require_number, require_reference};
use crate::store::find::Identifier;

/// The length of a UUID with dashes.
const HYPHENATED_BYTES: usize = 36;

/// Reads a record's ID: a UUID with dashes, in any letter case.
pub fn record_id(text: &str) -> Option<Uuid> {
    text.parse().ok().filter(|_| text.len() == HYPHENATED_BYTES)
}

/// The record that a patch names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedRecord {
    /// By its ID. Such a record is never created.
    ById(Identifier),
    /// By the identity that the list's type gives it. In a list of type `PHONE_NUMBER`, a `phone_number` without
    /// `phone_numbers` names the record and does not change it.
    ByIdentity(Identifier),
    /// By an ID that no record can have.
    Nobody,
}

/// The record that a patch names by `id`, or else by the identity in `draft`.
///
/// # Errors
///
/// The rules that its name breaks.
pub fn named_record(id: Option<&RawValue>, draft: &Draft<'_>, list: &RecordList) -> Result<NamedRecord, RecordErrors> {
    if let Some(id) = id {
        let Ok(text) = Text::deserialize(id) else {
            return Err(RecordError::new(RecordErrorCode::Other, "id", ID_TYPE).into());
        };
        let named = |id| NamedRecord::ById(Identifier::Record(id));
        return Ok(record_id(text.as_str()).map_or(NamedRecord::Nobody, named));
    }
    match list.unique_identifier_type {
        UniqueIdentifierType::External => by_reference(draft, list),
        UniqueIdentifierType::PhoneNumber => by_number(draft, list),
        UniqueIdentifierType::Nothing => Err(RecordError::new(RecordErrorCode::Other, "id", ID_MISSING).into()),
    }
}

const ID_TYPE: &str = "The ID must be a string: a UUID.";
const ID_MISSING: &str = "The ID is missing; in a list of type NOTHING only the ID tells which record is meant.";

fn by_reference(draft: &Draft<'_>, list: &RecordList) -> Result<NamedRecord, RecordErrors> {
    let mut errors = RecordErrors::default();
    require_reference(&draft.external_provider, &draft.external_id, LIST_REQUIRES, &mut errors);
    match (draft.external_provider.value(), draft.external_id.value()) {
        (Some(provider), Some(id)) if errors.is_empty() => {
            let id = external_id(list, provider.as_str(), id.as_str());
            Ok(NamedRecord::ByIdentity(Identifier::Record(id)))
        }
        _ => {
            draft.check(&mut errors);
            Err(errors)
        }
    }
}

/// By the first number. A number that today's rules refuse can have been stored under earlier rules, as it is written.
fn by_number(draft: &Draft<'_>, list: &RecordList) -> Result<NamedRecord, RecordErrors> {
    let first = match &draft.phone_numbers {
        Member::Absent | Member::Null => draft.phone_number.value(),
        numbers => {
            numbers.value().and_then(|entries| entries.first()).and_then(|Object(first)| first.phone_number.value())
        }
    };
    let Some(text) = first.map(Text::as_str) else {
        let mut errors = RecordErrors::default();
        require_number(draft, &mut errors);
        draft.check(&mut errors);
        return Err(errors);
    };
    let number = PhoneNumber::parse(text).unwrap_or_else(|_| PhoneNumber::stored(text));
    Ok(NamedRecord::ByIdentity(Identifier::PhoneNumber(phone_number_id(list, number.as_str()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_is_a_uuid_with_dashes() {
        let id = "ab9266d1-5d8e-5b45-94a7-c76cb78de877";
        assert_eq!(record_id(id).map(|id| id.to_string()).as_deref(), Some(id));
        assert_eq!(record_id(&id.to_uppercase()), record_id(id));
        let others =
            ["", "x", &id.replace('-', ""), &format!("{{{id}}}"), &format!("urn:uuid:{id}"), &id.replace('a', "g")];
        for text in others {
            assert_eq!(record_id(text), None, "{text}");
        }
    }
}
