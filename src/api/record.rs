//! A record's JSON: drafts in; created and refused out.

use lambda_http::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::body::{Body, MAX_RECORDS};
use super::error::Error;
use super::hal::{Link, Links, ListUrl};
use super::response::{HAL, Reply};
use crate::field::Field;
use crate::record::draft::{Draft, Unreadable};
use crate::record::faults::{ErrorCode, Faults};
use crate::record::{Members, Record};

/// What to send to create records.
const EXPECTED: &str = "Send a JSON object with exactly one `records` member: an array of 1 to 100 records.";
const SHAPE: &str = "The body must be a JSON object with exactly one `records` member.";

#[derive(Deserialize)]
struct Batch<R> {
    records: Option<R>,
}

/// Reads the records of `body`, each by itself.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body as a whole is wrong.
pub fn drafts<'b>(body: &'b Body<'_>) -> Result<Vec<Result<Draft<'b>, Unreadable>>, Error> {
    let records = records(body).map_err(|field| Error::InvalidBody { expected: EXPECTED, fields: vec![field] })?;
    Ok(records.into_iter().map(Draft::read).collect())
}

fn records<'b>(body: &'b Body<'_>) -> Result<Vec<&'b RawValue>, Field> {
    let fault = |description| Field::new("records", description);
    let records = match body.read::<Batch<Vec<&RawValue>>>('{', SHAPE) {
        Ok(batch) => batch.records,
        // It is not a batch; what it is instead is found out only now.
        Err(_) => match body.read::<Batch<&RawValue>>('{', SHAPE)?.records {
            Some(_) => return Err(fault("The member must be an array of 1 to 100 records.")),
            None => None,
        },
    };
    let records = records.ok_or_else(|| fault("The member is missing."))?;
    match records.len() {
        0 => Err(fault("The array is empty; send 1 to 100 records.")),
        1..=MAX_RECORDS => Ok(records),
        _ => Err(fault("The array has more than 100 records; send 1 to 100.")),
    }
}

/// What became of a batch: the body of a `201`.
#[derive(Serialize)]
pub struct CreatedRecords<'a> {
    record_list_id: &'a str,
    has_error: bool,
    /// How many records were refused.
    pub total_errors: usize,
    /// How many records were created.
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

/// A record that was sent, and what became of it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum RecordResult<'a> {
    /// It is stored.
    Created(CreatedRecord<'a>),
    /// It is not.
    Refused(RefusedRecord<'a>),
}

/// A record as it is stored.
#[derive(Serialize)]
pub struct CreatedRecord<'a> {
    id: Uuid,
    record_list_id: &'a str,
    phone_number: &'a str,
    #[serde(flatten)]
    record: &'a Members<'a>,
    created_at: &'a str,
    updated_at: &'a str,
    #[serde(rename = "_links")]
    links: Links,
}

/// A record as it was sent, without the members whose JSON type is not the schema's.
#[derive(Serialize)]
pub struct RefusedRecord<'a> {
    errors: Vec<ErrorCode>,
    fields: Vec<Field>,
    #[serde(flatten)]
    draft: Option<&'a Draft<'a>>,
    #[serde(rename = "_links", skip_serializing_if = "Option::is_none")]
    links: Option<ExistingRecord>,
}

#[derive(Serialize)]
struct ExistingRecord {
    existing_record: Link,
}

impl<'a> RecordResult<'a> {
    /// `record`, stored as `id` since `created_at`.
    pub fn created(
        (record_list_id, url): (&'a str, &ListUrl),
        id: Uuid,
        record: &'a Record<'a>,
        created_at: &'a str,
    ) -> Self {
        Self::Created(CreatedRecord {
            id,
            record_list_id,
            phone_number: record.phone_numbers[0].phone_number.as_str(),
            record,
            created_at,
            updated_at: created_at,
            links: url.links(url.record(id)),
        })
    }

    /// `draft`, refused for `faults`; `existing` is the record that holds its identifier.
    pub fn refused(url: &ListUrl, draft: Option<&'a Draft<'a>>, faults: &Faults, existing: Option<Uuid>) -> Self {
        let links = existing.map(|id| ExistingRecord { existing_record: url.record(id) });
        Self::Refused(RefusedRecord { errors: faults.codes(), fields: faults.fields(), draft, links })
    }
}

impl<'a> CreatedRecords<'a> {
    /// What became of `records`, in the order they were sent.
    pub fn new(record_list_id: &'a str, url: &ListUrl, records: Vec<RecordResult<'a>>) -> Self {
        let created = records.iter().filter(|record| matches!(record, RecordResult::Created(_))).count();
        Self {
            record_list_id,
            has_error: created < records.len(),
            total_errors: records.len() - created,
            total_created: created,
            links: url.links(url.records()),
            embedded: Embedded { records },
        }
    }

    /// The codes of every refused record.
    pub fn codes(&self) -> impl Iterator<Item = ErrorCode> {
        let codes = |record: &RecordResult<'_>| match record {
            RecordResult::Created(_) => Vec::new(),
            RecordResult::Refused(refused) => refused.errors.clone(),
        };
        self.embedded.records.iter().flat_map(codes)
    }
}

impl From<CreatedRecords<'_>> for Reply {
    fn from(records: CreatedRecords<'_>) -> Self {
        Self::json(StatusCode::CREATED, HAL, &records)
    }
}
