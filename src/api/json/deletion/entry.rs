//! The entries of a bulk deletion, which name records.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{DeletionError, DeletionErrorCode};
use crate::api::error::Error;
use crate::api::json::bulk;
use crate::api::request::body::Body;
use crate::api::request::identifier::record_id;
use crate::field::Field;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::identity::{external_id, phone_number_id};
use crate::record::is_blank;
use crate::record::member::{Member, Object, Text};
use crate::record::phone_number::PhoneNumber;
use crate::store::delete::{Delete, Deletion};
use crate::store::find::Identifier;
use crate::store::stored_record::Precondition;

/// The members of an entry, as they were sent.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Identifiers<'a> {
    #[serde(borrow, skip_serializing_if = "Member::has_none")]
    id: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    phone_number: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    external_provider: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    external_id: Member<Text<'a>>,
    #[serde(skip_serializing)]
    updated_at: Member<Text<'a>>,
}

/// An entry of the body, `None` if it is not an object, or has a member twice.
#[derive(Debug, Serialize)]
pub struct Entry<'a> {
    #[serde(flatten)]
    identifiers: Option<Identifiers<'a>>,
}

/// Reads the entries of `body`, each by itself.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body as a whole is wrong.
pub fn entries<'b>(body: &'b Body<'_>) -> Result<Vec<Entry<'b>>, Error> {
    Ok(bulk::entries(body)?.into_iter().map(entry).collect())
}

fn entry(raw: &RawValue) -> Entry<'_> {
    Entry { identifiers: serde_json::from_str(raw.get()).ok().map(|Object(identifiers)| identifiers) }
}

const NOT_FOUND: &str =
    "The list has no such record; it may have been deleted, or an earlier entry of the request deletes it.";
const CHANGED: &str = "The record was changed since it had this `updated_at`; read it again.";
const ENTRY: &str = "The entry must be an object with one identifier: an `id`, a `phone_number` in a list of type PHONE_NUMBER, or `external_provider` and `external_id` in one of type EXTERNAL.";
const ID_TYPE: &str = "The ID must be a string.";
const REFERENCE_BLANK: &str = "Neither half of the reference can be blank.";

impl Entry<'_> {
    /// The delete of the record that the entry names in `list`: by its `id`, whatever else it has, so that a record can
    /// be sent as it was read; without one, by its only identifier.
    ///
    /// # Errors
    ///
    /// The reason why the entry names no record.
    pub fn delete(&self, list: &RecordList) -> Result<Delete, DeletionError> {
        let entry = self.identifiers.as_ref().ok_or_else(|| DeletionError::invalid("entry", ENTRY))?;
        let precondition = entry.updated_at.value().map(|time| Precondition::UpdatedAt(time.as_str().to_owned()));
        let identifier = match &entry.id {
            Member::Value(id) => record_id(id.as_str()).map(Identifier::Record).ok_or_else(|| self.not_found())?,
            Member::WrongType => return Err(DeletionError::invalid("id", ID_TYPE)),
            Member::Absent | Member::Null => return Ok(Delete::of(entry.identity(list)?, None)),
        };
        Ok(Delete::of(identifier, precondition))
    }

    /// The error of an entry whose delete had this outcome, `None` if it deleted the record.
    pub fn error(&self, deletion: Deletion) -> Option<DeletionError> {
        match deletion {
            Deletion::Deleted => None,
            Deletion::NotFound => Some(self.not_found()),
            Deletion::Changed => Some(DeletionError {
                code: DeletionErrorCode::RecordChanged,
                field: Some(Field::new("updated_at", CHANGED)),
            }),
            Deletion::Failed(_) => Some(DeletionError { code: DeletionErrorCode::Other, field: None }),
        }
    }

    fn not_found(&self) -> DeletionError {
        let has = |member: &Member<Text<'_>>| member.value().is_some();
        let name = match &self.identifiers {
            Some(entry) if has(&entry.id) => "id",
            Some(entry) if has(&entry.phone_number) => "phone_number",
            _ => "external_id",
        };
        DeletionError { code: DeletionErrorCode::RecordNotFound, field: Some(Field::new(name, NOT_FOUND)) }
    }
}

impl Identifiers<'_> {
    /// The identifier of the kind that the list's type makes unique.
    fn identity(&self, list: &RecordList) -> Result<Identifier, DeletionError> {
        let has_reference = !self.external_provider.is_absent() || !self.external_id.is_absent();
        match (&self.phone_number, &self.external_provider, &self.external_id) {
            (Member::Value(number), ..)
                if !has_reference && list.unique_identifier_type == UniqueIdentifierType::PhoneNumber =>
            {
                let number = PhoneNumber::parse(number.as_str())
                    .map_err(|description| DeletionError::invalid("phone_number", description))?;
                Ok(Identifier::PhoneNumber(phone_number_id(list, number.as_str())))
            }
            (number, Member::Value(provider), Member::Value(id))
                if number.is_absent() && list.unique_identifier_type == UniqueIdentifierType::External =>
            {
                let (provider, id) = (provider.as_str(), id.as_str());
                let is_valid = !is_blank(provider) && !is_blank(id);
                let identifier = is_valid.then(|| Identifier::Record(external_id(list, provider, id)));
                identifier.ok_or_else(|| DeletionError::invalid("external_id", REFERENCE_BLANK))
            }
            _ => Err(DeletionError::invalid(self.name_at_fault(list), ENTRY)),
        }
    }

    /// The member at fault if no member, or several, identify a record of `list`: one that records of its type are not
    /// identified by, or the missing half of the reference.
    fn name_at_fault(&self, list: &RecordList) -> &'static str {
        let has_number = !self.phone_number.is_absent();
        match (self.external_provider.is_absent(), self.external_id.is_absent()) {
            (true, true) if has_number => "phone_number",
            (true, true) => "entry",
            _ if list.unique_identifier_type != UniqueIdentifierType::External => "external_id",
            _ if has_number => "phone_number",
            (true, false) => "external_provider",
            _ => "external_id",
        }
    }
}
