//! The errors of a record whose identifiers other records already have.

use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::RecordNumber;
use crate::record::draft::Draft;
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::identity::phone_number_id;
use crate::store::insert::Conflict;
use crate::store::owner::Relation;

const REFERENCE: &str =
    "Another record of the list has this `external_provider` and `external_id`; each pair can be in the list once.";
const SAME_REQUEST_REFERENCE: &str = "An earlier record of this request has this `external_provider` and `external_id`; each pair can be in the list once.";
const NUMBER: &str = "Another record of the list has this number; each number can be in the list once.";
const SAME_REQUEST_NUMBER: &str =
    "An earlier record of this request has this number; each number can be in the list once.";
const SAME_REQUEST_ID: &str = "An earlier record of this request names the same record; send all its changes in one.";

/// The errors of a record with these `numbers` whose identifiers are in `conflicts`.
pub fn not_unique(
    list: &RecordList,
    draft: Option<&Draft<'_>>,
    numbers: &[RecordNumber],
    conflicts: &[Conflict],
) -> RecordErrors {
    let is_same_request = |conflict: &Conflict| conflict.relation == Relation::EarlierRecord;
    match list.unique_identifier_type {
        UniqueIdentifierType::External => reference(conflicts.iter().any(is_same_request)),
        UniqueIdentifierType::PhoneNumber => {
            let mut errors = RecordErrors::default();
            for (index, number) in numbers.iter().enumerate() {
                let id = phone_number_id(list, number.phone_number.as_str());
                if let Some(conflict) = conflicts.iter().find(|conflict| conflict.id == id) {
                    errors.add(self::number(draft, index, is_same_request(conflict)));
                }
            }
            errors
        }
        // The ID is random, or derived from the caller's key: no other record can have it.
        UniqueIdentifierType::Nothing => RecordErrors::default(),
    }
}

/// The errors of a patch whose record an earlier patch of the request names too, by its ID or by the list's identifier.
pub fn same_record(list: &RecordList, draft: Option<&Draft<'_>>, by_id: bool) -> RecordErrors {
    match list.unique_identifier_type {
        _ if by_id => RecordError::new(RecordErrorCode::Other, "id", SAME_REQUEST_ID).into(),
        UniqueIdentifierType::External => reference(true),
        UniqueIdentifierType::PhoneNumber | UniqueIdentifierType::Nothing => number(draft, 0, true).into(),
    }
}

fn reference(is_same_request: bool) -> RecordErrors {
    let description = if is_same_request { SAME_REQUEST_REFERENCE } else { REFERENCE };
    RecordError::new(RecordErrorCode::ExternalIdAndProviderNotUnique, "external_id", description).into()
}

fn number(draft: Option<&Draft<'_>>, index: usize, is_same_request: bool) -> RecordError {
    let is_deprecated = draft.is_some_and(|draft| draft.phone_numbers.is_absent());
    let name = if is_deprecated { "phone_number".to_owned() } else { format!("phone_numbers[{index}].phone_number") };
    let description = if is_same_request { SAME_REQUEST_NUMBER } else { NUMBER };
    RecordError::at(RecordErrorCode::PhoneNumberNotUnique, name, description)
}
