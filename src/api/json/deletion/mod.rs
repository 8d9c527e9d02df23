//! The JSON of a bulk deletion: the entries that name records, and the report on those that deleted nothing.

mod entry;

use lambda_http::http::StatusCode;
use serde::Serialize;
use strum::IntoStaticStr;

pub use self::entry::{Entry, entries};
use crate::api::hal::{Links, ListUrl};
use crate::api::response::{HAL, HttpResponse};
use crate::field::Field;

/// The reason why an entry deleted nothing, for programs.
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

/// The reason why an entry deleted nothing, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionError {
    code: DeletionErrorCode,
    /// The member at fault; `None` if the entry is not at fault.
    field: Option<Field>,
}

impl DeletionError {
    fn invalid(name: &'static str, description: &'static str) -> Self {
        Self { code: DeletionErrorCode::IdentifierInvalid, field: Some(Field::new(name, description)) }
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
    fields: Vec<Field>,
}

impl<'a> FailedRecord<'a> {
    /// `entry`, which deleted nothing because of `error`.
    pub fn new(entry: &'a Entry<'a>, error: DeletionError) -> Self {
        Self { entry, errors: [error.code], fields: error.field.into_iter().collect() }
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
