//! `POST /record-lists/{record_list_id}/records/bulks`: creates up to 100 records.

use super::{Request, now, unless_all_failed};
use crate::api::error::Error;
use crate::api::hal::ListUrl;
use crate::api::json::record::{CreatedRecords, RecordResult, drafts};
use crate::api::request::body::Body;
use crate::api::request::idempotency_key::idempotency_key;
use crate::api::response::HttpResponse;
use crate::dynamodb::Failure;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::Record;
use crate::record::draft::{Draft, Unreadable};
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::identity::phone_number_id;
use crate::record::token::RequestToken;
use crate::store::insert::{Conflict, Insert, Outcome, insert};
use crate::store::owner::Relation;
use crate::telemetry::RequestLog;

/// Creates each record of the batch that breaks no rule, and returns the result of each.
///
/// # Errors
///
/// The request's.
pub async fn create_records(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of(request.event)?;
    let key = idempotency_key(request.event)?;
    let drafts = drafts(&body)?;
    let list = request.list(log).await?;
    let created_at = now();
    let token = RequestToken::new(&list, key, body.bytes());
    let batch = Batch { table: request.session.table(), list: &list, token, created_at: &created_at };
    let mut rows: Vec<Row<'_>> =
        drafts.iter().enumerate().map(|(place, draft)| Row::new(&batch, place, draft)).collect();
    insert(request.session, rows.iter_mut().filter_map(Row::insert).collect()).await;
    unless_all_failed(rows.iter().map(Row::failure))?;
    let url = request.url(&list);
    let created = CreatedRecords::new(&list, &url, rows.iter().map(|row| row.result(&list, &url)).collect());
    log.created(&created);
    Ok(created.into())
}

/// What the records of a request share.
struct Batch<'a> {
    table: &'a str,
    list: &'a RecordList,
    token: RequestToken,
    created_at: &'a str,
}

/// A record of the request: its draft, and what has become of it.
struct Row<'a> {
    draft: Option<&'a Draft<'a>>,
    state: State<'a>,
}

enum State<'a> {
    /// It breaks rules.
    Refused(RecordErrors),
    /// It breaks none.
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

    /// The reason why the record is not stored, if that is not its own.
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
            Outcome::NotUnique(conflicts) => {
                let errors = not_unique(list, self.draft, record, conflicts);
                let existing = conflicts.first().map(|conflict| conflict.owner.record_id);
                RecordResult::refused(url, self.draft, &errors, existing)
            }
            Outcome::Rejected => RecordResult::refused(url, self.draft, &rejected(), None),
            Outcome::Unstored(_) => RecordResult::refused(url, self.draft, &RecordErrors::default(), None),
        }
    }
}

impl<'a> State<'a> {
    /// Checks `draft`, and prepares its insert; a record that is too large is refused here.
    fn of(batch: &Batch<'a>, place: usize, draft: &'a Draft<'a>) -> Result<Self, RecordErrors> {
        let record = Record::parse(draft, batch.list.unique_identifier_type)?;
        let token = batch.token.write_token(place);
        let insert = Insert::of_record(batch.table, batch.list, &record, token, batch.created_at)?;
        Ok(Self::Valid { record, insert })
    }
}

fn rejected() -> RecordErrors {
    let description = "The record cannot be stored as it is; check its size and its `extra_data`.";
    RecordError::new(RecordErrorCode::Other, "record", description).into()
}

/// The errors of a record some of whose identifiers other records have.
fn not_unique(
    list: &RecordList,
    draft: Option<&Draft<'_>>,
    record: &Record<'_>,
    conflicts: &[Conflict],
) -> RecordErrors {
    match list.unique_identifier_type {
        UniqueIdentifierType::External => {
            let by_same_request = conflicts.iter().any(|conflict| conflict.relation == Relation::EarlierRecord);
            let description = if by_same_request { SAME_REQUEST_REFERENCE } else { REFERENCE };
            RecordError::new(RecordErrorCode::ExternalIdAndProviderNotUnique, "external_id", description).into()
        }
        UniqueIdentifierType::PhoneNumber => {
            let is_deprecated = draft.is_some_and(|draft| draft.phone_numbers.is_absent());
            numbers_not_unique(list, record, is_deprecated, conflicts)
        }
        // The ID is random, or made of the caller's key: another record cannot have it.
        UniqueIdentifierType::Nothing => RecordErrors::default(),
    }
}

const REFERENCE: &str =
    "Another record of the list has this `external_provider` and `external_id`; each pair can be in the list once.";
const SAME_REQUEST_REFERENCE: &str = "An earlier record of this request has this `external_provider` and `external_id`; each pair can be in the list once.";
const NUMBER: &str = "Another record of the list has this number; each number can be in the list once.";
const SAME_REQUEST_NUMBER: &str =
    "An earlier record of this request has this number; each number can be in the list once.";

fn numbers_not_unique(
    list: &RecordList,
    record: &Record<'_>,
    is_deprecated: bool,
    conflicts: &[Conflict],
) -> RecordErrors {
    let mut errors = RecordErrors::default();
    for (index, number) in record.numbers().iter().enumerate() {
        let id = phone_number_id(list, number.phone_number.as_str());
        let Some(conflict) = conflicts.iter().find(|conflict| conflict.id == id) else {
            continue;
        };
        let name =
            if is_deprecated { "phone_number".to_owned() } else { format!("phone_numbers[{index}].phone_number") };
        let is_same_request = conflict.relation == Relation::EarlierRecord;
        let description = if is_same_request { SAME_REQUEST_NUMBER } else { NUMBER };
        errors.add(RecordError::at(RecordErrorCode::PhoneNumberNotUnique, name, description));
    }
    errors
}
