//! The JSON of deleting records: entries that name them in, and those that deleted nothing out.

use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strum::IntoStaticStr;

use super::bulk;
use crate::api::error::Error;
use crate::api::hal::{Links, ListUrl};
use crate::api::request::body::Body;
use crate::api::request::identifier::record_id;
use crate::api::response::{HAL, HttpResponse};
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::draft::{Member, Object, Text};
use crate::record::identity::{external_id, phone_number_id};
use crate::record::is_blank;
use crate::record::phone_number::PhoneNumber;
use crate::store::find::Identifier;

/// Why an entry deleted nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, Serialize)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[serde(into = "&'static str")]
pub enum DeletionErrorCode {
    /// The list has no such record, or an earlier entry deletes it.
    RecordNotFound,
    /// The entry does not identify a record of this list.
    IdentifierInvalid,
    /// The record has another `updated_at` than the entry.
    RecordChanged,
    /// The record could not be deleted in time.
    Other,
}

/// An entry as it was sent: the identifiers that it has.
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
            (Member::Value(id), Member::Absent, Member::Absent, Member::Absent) => {
                record_id(id.as_str()).map(Identifier::Record).ok_or(DeletionErrorCode::RecordNotFound)
            }
            (Member::Absent, Member::Value(number), Member::Absent, Member::Absent)
                if list.unique_identifier_type == UniqueIdentifierType::PhoneNumber =>
            {
                let number = PhoneNumber::parse(number.as_str()).map_err(|_| invalid)?;
                Ok(Identifier::PhoneNumber(phone_number_id(list, number.as_str())))
            }
            (Member::Absent, Member::Absent, Member::Value(provider), Member::Value(id))
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

/// The results of the entries: the body of a `200`.
#[derive(Serialize)]
pub struct DeletedRecords<'a> {
    record_list_id: &'a str,
    has_errors: bool,
    /// The number of deleted records.
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

/// An entry that deleted nothing.
#[derive(Serialize)]
pub struct FailedRecord<'a> {
    #[serde(flatten)]
    entry: &'a Entry<'a>,
    errors: [DeletionErrorCode; 1],
}

impl<'a> FailedRecord<'a> {
    /// `entry`, which deleted nothing because of `code`.
    pub fn new(entry: &'a Entry<'a>, code: DeletionErrorCode) -> Self {
        Self { entry, errors: [code] }
    }
}

impl<'a> DeletedRecords<'a> {
    /// The results of `count` entries, of which `failed` deleted nothing.
    pub fn new(record_list_id: &'a str, url: &ListUrl, count: usize, failed: Vec<FailedRecord<'a>>) -> Self {
        Self {
            record_list_id,
            has_errors: !failed.is_empty(),
            total_deleted: count - failed.len(),
            total_errors: failed.len(),
            links: url.links(url.records()),
            embedded: Embedded { failed_records: failed },
        }
    }
}

impl From<DeletedRecords<'_>> for HttpResponse {
    fn from(deleted: DeletedRecords<'_>) -> Self {
        Self::json(StatusCode::OK, HAL, &deleted)
    }
}
