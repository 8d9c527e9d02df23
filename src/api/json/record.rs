//! The JSON of records: drafts in requests; created, refused and stored records in responses.

use lambda_http::http::StatusCode;
use serde::Serialize;
use uuid::Uuid;

use super::bulk::records;
use crate::api::error::Error;
use crate::api::hal::{Links, ListUrl};
use crate::api::link::Link;
use crate::api::request::body::Body;
use crate::api::response::{HAL, HttpResponse};
use crate::field::Field;
use crate::list::RecordList;
use crate::record::draft::{Draft, Unreadable};
use crate::record::errors::{RecordErrorCode, RecordErrors};
use crate::record::{Members, Record};
use crate::store::stored_record::StoredRecord;

/// Reads the records of `body`, each by itself.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body as a whole is wrong.
pub fn drafts<'b>(body: &'b Body<'_>) -> Result<Vec<Result<Draft<'b>, Unreadable>>, Error> {
    Ok(records(body)?.into_iter().map(Draft::read).collect())
}

/// The results of a batch: the body of a `201`.
#[derive(Serialize)]
pub struct CreatedRecords<'a> {
    record_list_id: &'a str,
    has_error: bool,
    /// The number of refused records.
    pub total_errors: usize,
    /// The number of created records.
    pub total_created: usize,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_embedded")]
    embedded: Embedded<'a>,
}

#[derive(Serialize)]
struct Embedded<'a> {
    records: Vec<RecordResult<'a>>,
}

/// The result of a record that was sent.
#[derive(Serialize)]
#[serde(untagged)]
pub enum RecordResult<'a> {
    /// It is stored.
    Created(CreatedRecord<'a>),
    /// It is not.
    Refused(RefusedRecord<'a>),
}

/// A record as it is stored, or as it would be.
#[derive(Serialize)]
pub struct CreatedRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    record_list_id: &'a str,
    phone_number: &'a str,
    #[serde(flatten)]
    record: &'a Members<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<&'a str>,
    #[serde(rename = "_links")]
    links: Links,
}

/// A refused record: its errors, and its members as they were sent, except those of a wrong JSON type.
#[derive(Serialize)]
pub struct RefusedRecord<'a> {
    errors: Vec<RecordErrorCode>,
    fields: Vec<Field>,
    #[serde(flatten)]
    draft: Option<&'a Draft<'a>>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<RefusedLinks>,
}

#[derive(Serialize)]
struct RefusedLinks {
    #[serde(rename = "self", skip_serializing_if = "Option::is_none")]
    itself: Option<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_record: Option<Link>,
}

impl<'a> RecordResult<'a> {
    /// The result of `record`, which is stored as `id`.
    pub fn created(list: &'a RecordList, url: &ListUrl, id: Uuid, record: &'a Record<'a>, created_at: &'a str) -> Self {
        Self::Created(CreatedRecord {
            id: Some(id),
            record_list_id: list.id.as_str(),
            phone_number: record.numbers()[0].phone_number.as_str(),
            record,
            created_at: Some(created_at),
            updated_at: Some(created_at),
            links: url.links(url.record(id)),
        })
    }

    /// The result of `record`, which would be created.
    pub fn creatable(list: &'a RecordList, url: &ListUrl, record: &'a Record<'a>) -> Self {
        Self::Created(CreatedRecord {
            id: None,
            record_list_id: list.id.as_str(),
            phone_number: record.numbers()[0].phone_number.as_str(),
            record,
            created_at: None,
            updated_at: None,
            links: url.list_links(),
        })
    }

    /// The result of `draft`, refused for `errors`; `existing` is the record that already has its identifier.
    pub fn refused(url: &ListUrl, draft: Option<&'a Draft<'a>>, errors: &RecordErrors, existing: Option<Uuid>) -> Self {
        Self::Refused(RefusedRecord::new(url, draft, errors, None, existing))
    }
}

impl<'a> RefusedRecord<'a> {
    /// `draft`, refused for `errors`; `id` is the record that it names, `existing` the one that already has its
    /// identifier.
    pub fn new(
        url: &ListUrl,
        draft: Option<&'a Draft<'a>>,
        errors: &RecordErrors,
        id: Option<Uuid>,
        existing: Option<Uuid>,
    ) -> Self {
        let link = |id: Option<Uuid>| id.map(|id| url.record(id));
        let links = RefusedLinks { itself: link(id), existing_record: link(existing) };
        let links = (links.itself.is_some() || links.existing_record.is_some()).then_some(links);
        Self { errors: errors.codes(), fields: errors.fields(), draft, links }
    }
}

impl<'a> CreatedRecords<'a> {
    /// The results `records`, in the order in which the records were sent.
    pub fn new(list: &'a RecordList, url: &ListUrl, records: Vec<RecordResult<'a>>) -> Self {
        let created = records.iter().filter(|record| matches!(record, RecordResult::Created(_))).count();
        Self {
            record_list_id: list.id.as_str(),
            has_error: created < records.len(),
            total_errors: records.len() - created,
            total_created: created,
            links: url.links(url.records()),
            embedded: Embedded { records },
        }
    }

    /// The codes of every refused record.
    pub fn codes(&self) -> impl Iterator<Item = RecordErrorCode> {
        let codes = |record: &RecordResult<'_>| match record {
            RecordResult::Created(_) => Vec::new(),
            RecordResult::Refused(refused) => refused.errors.clone(),
        };
        self.embedded.records.iter().flat_map(codes)
    }
}

impl From<CreatedRecords<'_>> for HttpResponse {
    fn from(records: CreatedRecords<'_>) -> Self {
        Self::json(StatusCode::CREATED, HAL, &records)
    }
}

/// A stored record with its links.
#[derive(Serialize)]
pub struct StoredRecordBody<'a> {
    #[serde(flatten)]
    record: &'a StoredRecord,
    #[serde(rename = "_links")]
    links: Links,
}

impl<'a> StoredRecordBody<'a> {
    /// `record`, of the list at `url`.
    pub fn new(record: &'a StoredRecord, url: &ListUrl) -> Self {
        Self { record, links: url.links(url.record(record.id)) }
    }
}
