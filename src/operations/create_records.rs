//! `POST /record-lists/{record_list_id}/records/bulks`: creates up to 100 records.

use jiff::Timestamp;
use lambda_http::http::StatusCode;

use super::not_unique::not_unique;
use super::{Request, rejected, unless_all_failed};
use crate::api::error::Error;
use crate::api::hal::ListUrl;
use crate::api::json::record::{CreatedRecords, RecordResult, drafts};
use crate::api::request::body::Body;
use crate::api::request::idempotency_key::idempotency_key;
use crate::api::request::query::BulkQuery;
use crate::api::response::{HAL, HttpResponse};
use crate::dynamodb::Failure;
use crate::list::RecordList;
use crate::record::Record;
use crate::record::draft::{Draft, Unreadable};
use crate::record::errors::RecordErrors;
use crate::record::token::RequestToken;
use crate::store::insert::{Insert, Outcome, insert, preview};
use crate::telemetry::RequestLog;
use crate::time::rfc3339;

/// Creates each record of the batch that breaks no rule, and returns the result of each.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn create_records(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of(request.event)?;
    let key = idempotency_key(request.event)?;
    let query = BulkQuery::of_create(request.event)?;
    let drafts = drafts(&body)?;
    let list = request.list(log).await?;
    let created_at = rfc3339(Timestamp::now());
    let token = RequestToken::new(&list, key, body.bytes());
    let batch = Batch { table: request.session.table(), list: &list, token, created_at: &created_at };
    let mut rows: Vec<Row<'_>> =
        drafts.iter().enumerate().map(|(place, draft)| Row::new(&batch, place, draft)).collect();
    let inserts = rows.iter_mut().filter_map(Row::insert).collect();
    if query.validate_only {
        preview(request.session, inserts).await;
    } else {
        insert(request.session, inserts).await;
    }
    unless_all_failed(rows.iter().map(Row::failure))?;
    let url = request.url(&list);
    let created = CreatedRecords::new(&list, &url, rows.iter().map(|row| row.result(&list, &url)).collect());
    if query.validate_only {
        return Ok(HttpResponse::json(StatusCode::OK, HAL, &created));
    }
    log.created(&created);
    Ok(created.into())
}

/// The values that the records of a request share.
struct Batch<'a> {
    table: &'a str,
    list: &'a RecordList,
    token: RequestToken,
    created_at: &'a str,
}

/// A record of the request: its draft, if it can be read as one, and the result of checking it.
struct Row<'a> {
    draft: Option<&'a Draft<'a>>,
    state: State<'a>,
}

#[expect(clippy::large_enum_variant, reason = "nearly every record is valid")]
enum State<'a> {
    /// The record breaks rules.
    Refused(RecordErrors),
    /// The record breaks no rule.
    Valid { record: Record<'a>, insert: Insert<'a> },
}

impl<'a> Row<'a> {
    fn new(batch: &Batch<'a>, place: usize, draft: &'a Result<Draft<'a>, Unreadable>) -> Self {
        match draft {
            Ok(draft) => {
                let state = State::of(batch, place, draft).unwrap_or_else(State::Refused);
                Self { draft: Some(draft), state }
            }
            Err(unreadable) => Self { draft: None, state: State::Refused(unreadable.into()) },
        }
    }

    fn insert(&mut self) -> Option<&mut Insert<'a>> {
        match &mut self.state {
            State::Refused(_) => None,
            State::Valid { insert, .. } => Some(insert),
        }
    }

    /// The reason why the record is not stored, if the record is not at fault.
    fn failure(&self) -> Option<Failure> {
        match &self.state {
            State::Valid { insert, .. } => insert.failure(),
            State::Refused(_) => None,
        }
    }

    fn result(&self, list: &'a RecordList, url: &ListUrl) -> RecordResult<'_> {
        let (record, insert) = match &self.state {
            State::Refused(errors) => return RecordResult::refused(url, self.draft, errors, None),
            State::Valid { record, insert } => (record, insert),
        };
        match insert.outcome() {
            Outcome::Created { created_at } => RecordResult::created(list, url, insert.id(), record, created_at),
            Outcome::Creatable => RecordResult::creatable(list, url, record),
            Outcome::NotUnique(conflicts) => {
                let errors = not_unique(list, self.draft, record.numbers(), conflicts);
                let existing = conflicts.first().map(|conflict| conflict.owner.record_id);
                RecordResult::refused(url, self.draft, &errors, existing)
            }
            Outcome::Rejected => RecordResult::refused(url, self.draft, &rejected(), None),
            Outcome::Unstored(_) => RecordResult::refused(url, self.draft, &RecordErrors::default(), None),
        }
    }
}

impl<'a> State<'a> {
    /// Checks `draft` and prepares its insert, which refuses a record that is too large.
    fn of(batch: &Batch<'a>, place: usize, draft: &'a Draft<'a>) -> Result<Self, RecordErrors> {
        let record = Record::parse(draft, batch.list.unique_identifier_type)?;
        let token = batch.token.write_token(place);
        let insert = Insert::of_record(batch.table, batch.list, &record, token, batch.created_at)?;
        Ok(Self::Valid { record, insert })
    }
}
