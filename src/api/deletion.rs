//! The JSON of deleting records: entries that name them in, and those that deleted nothing out.

use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use strum::IntoStaticStr;

use super::body::{Body, MAX_RECORDS};
use super::error::Error;
use super::hal::{Links, ListUrl};
use super::request::record_id;
use super::response::{HAL, Reply};
use crate::field::Field;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::draft::{Object, Sent, Text};
use crate::record::identity::{external_id, phone_number_id};
use crate::record::is_blank;
use crate::record::phone_number::PhoneNumber;
use crate::store::Identifier;

/// What to send to delete records.
const EXPECTED: &str = "Send a JSON array of 1 to 100 entries that each identify a record.";
const SHAPE: &str = "The body must be a JSON array of 1 to 100 entries.";

/// Why an entry deleted nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DeletionErrorCode {
    /// The list has no such record, or an earlier entry deletes it.
    RecordNotFound,
    /// The entry does not identify a record of this list.
    IdentifierInvalid,
    /// The record could not be deleted in time.
    Other,
}

impl Serialize for DeletionErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.into())
    }
}

/// An entry as it was sent: the identifiers that it has.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Identifiers<'a> {
    #[serde(borrow, skip_serializing_if = "Sent::has_none")]
    id: Sent<Text<'a>>,
    #[serde(skip_serializing_if = "Sent::has_none")]
    phone_number: Sent<Text<'a>>,
    #[serde(skip_serializing_if = "Sent::has_none")]
    external_provider: Sent<Text<'a>>,
    #[serde(skip_serializing_if = "Sent::has_none")]
    external_id: Sent<Text<'a>>,
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
    let invalid = |field| Error::InvalidBody { expected: EXPECTED, fields: vec![field] };
    let entries: Vec<&RawValue> = body.read('[', SHAPE).map_err(invalid)?;
    let description = match entries.len() {
        0 => "The array is empty; send 1 to 100 entries.",
        1..=MAX_RECORDS => return Ok(entries.into_iter().map(entry).collect()),
        _ => "The array has more than 100 entries; send 1 to 100.",
    };
    Err(invalid(Field::new("body", description)))
}

fn entry(raw: &RawValue) -> Entry<'_> {
    Entry { identifiers: serde_json::from_str(raw.get()).ok().map(|Object(identifiers)| identifiers) }
}

impl Entry<'_> {
    /// The record that the entry names: by its ID, by a phone number in a list of that type, or by its reference in a list
    /// of type `EXTERNAL`; exactly one of them.
    ///
    /// # Errors
    ///
    /// [`DeletionErrorCode::RecordNotFound`] for an ID that no record can have, else
    /// [`DeletionErrorCode::IdentifierInvalid`].
    pub fn identifier(&self, list: &RecordList) -> Result<Identifier, DeletionErrorCode> {
        let invalid = DeletionErrorCode::IdentifierInvalid;
        let entry = self.identifiers.as_ref().ok_or(invalid)?;
        match (&entry.id, &entry.phone_number, &entry.external_provider, &entry.external_id) {
            (Sent::Value(id), Sent::Absent, Sent::Absent, Sent::Absent) => {
                record_id(id.as_str()).map(Identifier::Record).ok_or(DeletionErrorCode::RecordNotFound)
            }
            (Sent::Absent, Sent::Value(number), Sent::Absent, Sent::Absent)
                if list.unique_identifier_type == UniqueIdentifierType::PhoneNumber =>
            {
                let number = PhoneNumber::parse(number.as_str()).map_err(|_| invalid)?;
                Ok(Identifier::PhoneNumber(phone_number_id(list, number.as_str())))
            }
            (Sent::Absent, Sent::Absent, Sent::Value(provider), Sent::Value(id))
                if list.unique_identifier_type == UniqueIdentifierType::External =>
            {
                let (provider, id) = (provider.as_str(), id.as_str());
                let valid = !is_blank(provider) && !is_blank(id);
                valid.then(|| Identifier::Record(external_id(list, provider, id))).ok_or(invalid)
            }
            _ => Err(invalid),
        }
    }
}

/// What became of the entries: the body of a `200`.
#[derive(Serialize)]
pub struct DeletedRecords<'a> {
    record_list_id: &'a str,
    has_errors: bool,
    /// How many records were deleted.
    pub total_deleted: usize,
    total_errors: usize,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_embedded")]
    embedded: Embedded<'a>,
}

#[derive(Serialize)]
struct Embedded<'a> {
    failed_records: Vec<FailedRecord<'a>>,
}

#[derive(Serialize)]
struct FailedRecord<'a> {
    #[serde(flatten)]
    entry: &'a Entry<'a>,
    errors: [DeletionErrorCode; 1],
}

impl<'a> DeletedRecords<'a> {
    /// What became of `count` entries, of which `failed` deleted nothing.
    pub fn new(
        record_list_id: &'a str,
        url: &ListUrl,
        count: usize,
        failed: &[(&'a Entry<'a>, DeletionErrorCode)],
    ) -> Self {
        let failed_record = |(entry, code): &(&'a Entry<'a>, _)| FailedRecord { entry, errors: [*code] };
        Self {
            record_list_id,
            has_errors: !failed.is_empty(),
            total_deleted: count - failed.len(),
            total_errors: failed.len(),
            links: url.links(url.records()),
            embedded: Embedded { failed_records: failed.iter().map(failed_record).collect() },
        }
    }
}

impl From<DeletedRecords<'_>> for Reply {
    fn from(deleted: DeletedRecords<'_>) -> Self {
        Self::json(StatusCode::OK, HAL, &deleted)
    }
}
