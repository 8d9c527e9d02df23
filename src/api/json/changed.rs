//! The JSON of records that are brought up to date: patches in, and the result of each out.

use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::bulk::records;
use super::escaped::{Escaped, RECORDS_BYTES};
use super::record::RefusedRecord;
use crate::api::error::Error;
use crate::api::hal::{Links, ListUrl};
use crate::api::request::body::Body;
use crate::api::request::identifier::{NamedRecord, named_record};
use crate::api::response::{HAL, HttpResponse};
use crate::list::RecordList;
use crate::record::draft::{Draft, Unreadable};
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::store::stored_record::StoredRecord;

/// The description of a body that patches one record.
const EXPECTED: &str = "Send a JSON object with the members to change; null removes one.";
const SHAPE: &str = "The body must be a JSON object.";

/// A patch that names its record.
#[derive(Debug)]
pub struct Patch<'a> {
    /// The members that it changes.
    pub draft: Draft<'a>,
    id: Option<&'a RawValue>,
}

/// Reads the patches of `body`, each by itself.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body as a whole is wrong.
pub fn patches<'b>(body: &'b Body<'_>) -> Result<Vec<Result<Patch<'b>, Unreadable>>, Error> {
    Ok(records(body)?.into_iter().map(Patch::read).collect())
}

/// Reads the one patch that `body` is.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body is not an object, and [`Error::UnprocessableRecord`] if the object cannot be read
/// as a draft.
pub fn patch<'b>(body: &'b Body<'_>) -> Result<Draft<'b>, Error> {
    let invalid = |field| Error::InvalidBody { expected: EXPECTED, fields: vec![field] };
    let raw: &RawValue = body.read('{', SHAPE).map_err(invalid)?;
    Draft::read(raw).map_err(|unreadable| Error::UnprocessableRecord { errors: (&unreadable).into(), existing: None })
}

impl<'a> Patch<'a> {
    fn read(raw: &'a RawValue) -> Result<Self, Unreadable> {
        let draft = Draft::read(raw)?;
        Ok(Self { draft, id: Draft::id_of(raw)? })
    }

    /// The record that the patch names in `list`.
    ///
    /// # Errors
    ///
    /// The rules that its name breaks.
    pub fn named_record(&self, list: &RecordList) -> Result<NamedRecord, RecordErrors> {
        named_record(self.id, &self.draft, list)
    }
}

/// The body of the `200` of a bulk change.
#[derive(Serialize)]
pub struct ChangedRecords<'a> {
    record_list_id: &'a str,
    has_errors: bool,
    #[serde(flatten)]
    totals: Totals,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_embedded")]
    embedded: Embedded,
}

/// The number of records with each result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    #[serde(rename = "total_created")]
    pub created: usize,
    #[serde(rename = "total_updated")]
    pub updated: usize,
    #[serde(rename = "total_unchanged")]
    pub unchanged: usize,
    #[serde(rename = "total_errors")]
    pub errors: usize,
}

#[derive(Serialize)]
struct Embedded {
    records: Vec<Escaped>,
}

/// The result of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Created,
    Updated,
    Unchanged,
    Refused,
}

/// The result of a patch, with its record or its errors.
pub enum ChangedRecord<'a> {
    /// The record as it is stored now.
    Stored { status: Status, record: &'a StoredRecord },
    /// The record as it would be created.
    Creatable { record: &'a StoredRecord },
    /// The patch is refused; `id` is the record that it names, if that exists.
    Refused { errors: RecordErrors, draft: Option<&'a Draft<'a>>, id: Option<Uuid>, existing: Option<Uuid> },
}

impl ChangedRecord<'_> {
    fn status(&self) -> Status {
        match self {
            Self::Stored { status, .. } => *status,
            Self::Creatable { .. } => Status::Created,
            Self::Refused { .. } => Status::Refused,
        }
    }

    /// The codes of a refused record.
    pub fn codes(&self) -> Vec<RecordErrorCode> {
        match self {
            Self::Refused { errors, .. } => errors.codes(),
            Self::Stored { .. } | Self::Creatable { .. } => Vec::new(),
        }
    }

    /// The result with the whole record.
    fn whole(&self, url: &ListUrl) -> Escaped {
        let status = self.status();
        match self {
            Self::Stored { record, .. } => {
                Escaped::of(&Whole { status, record, links: url.links(url.record(record.id)) })
            }
            Self::Creatable { record } => {
                Escaped::of(&Whole { status, record: &record.unstored(), links: url.list_links() })
            }
            Self::Refused { errors, draft, id, existing } => {
                Escaped::of(&Refused { status, record: RefusedRecord::new(url, *draft, errors, *id, *existing) })
            }
        }
    }

    /// The result without the record's members. A refused record has no other form.
    fn brief(&self, url: &ListUrl) -> Escaped {
        match self {
            Self::Stored { status, record } => Escaped::of(&Brief {
                status: *status,
                id: record.id,
                updated_at: record.updated_at(),
                links: url.links(url.record(record.id)),
            }),
            Self::Creatable { .. } | Self::Refused { .. } => self.whole(url),
        }
    }
}

#[derive(Serialize)]
struct Whole<'a> {
    status: Status,
    #[serde(flatten)]
    record: &'a StoredRecord,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize)]
struct Brief {
    status: Status,
    id: Uuid,
    updated_at: Option<String>,
    #[serde(rename = "_links")]
    links: Links,
}

#[derive(Serialize)]
struct Refused<'a> {
    status: Status,
    #[serde(flatten)]
    record: RefusedRecord<'a>,
}

impl<'a> ChangedRecords<'a> {
    /// The results `records`, in the order in which the patches were sent. Records are whole as long as the response fits
    /// Lambda's limit.
    pub fn new(list: &'a RecordList, url: &ListUrl, records: &[ChangedRecord<'_>]) -> Self {
        let totals = Totals::of(records);
        Self {
            record_list_id: list.id.as_str(),
            has_errors: totals.errors > 0,
            totals,
            links: url.links(url.records()),
            embedded: Embedded { records: fitting(url, records) },
        }
    }

    /// The number of records with each result.
    pub fn totals(&self) -> Totals {
        self.totals
    }
}

fn fitting(url: &ListUrl, records: &[ChangedRecord<'_>]) -> Vec<Escaped> {
    let size = |row: &Escaped| 1 + row.bytes();
    let (mut rows, mut bytes) = (Vec::with_capacity(records.len()), 0);
    for record in records {
        let row = if bytes > RECORDS_BYTES { record.brief(url) } else { record.whole(url) };
        bytes += size(&row);
        rows.push(row);
    }
    for (row, record) in rows.iter_mut().zip(records).rev() {
        if bytes <= RECORDS_BYTES {
            break;
        }
        let brief = record.brief(url);
        bytes = bytes - size(row) + size(&brief);
        *row = brief;
    }
    rows
}

impl Totals {
    fn of(records: &[ChangedRecord<'_>]) -> Self {
        let mut totals = Self::default();
        for record in records {
            match record.status() {
                Status::Created => totals.created += 1,
                Status::Updated => totals.updated += 1,
                Status::Unchanged => totals.unchanged += 1,
                Status::Refused => totals.errors += 1,
            }
        }
        totals
    }
}

impl From<ChangedRecords<'_>> for HttpResponse {
    fn from(changed: ChangedRecords<'_>) -> Self {
        Self::json(StatusCode::OK, HAL, &changed)
    }
}

/// The errors of a patch whose record does not exist.
pub fn not_found() -> RecordErrors {
    let description = "The list has no such record; it may have been deleted.";
    RecordError::new(RecordErrorCode::RecordNotFound, "record", description).into()
}
