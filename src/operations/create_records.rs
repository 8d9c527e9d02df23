//! `POST /record-lists/{record_list_id}/records/bulks`: creates up to 100 records.

use uuid::Uuid;

use super::{Request, now};
use crate::api::body::Body;
use crate::api::error::Error;
use crate::api::hal::ListUrl;
use crate::api::record::{CreatedRecords, RecordResult, drafts};
use crate::api::request::idempotency_key;
use crate::api::response::Reply;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::Record;
use crate::record::draft::{Draft, Sent, Unreadable};
use crate::record::faults::{ErrorCode, Fault, Faults};
use crate::record::identity::{RequestToken, phone_number_id};
use crate::store::{Failure, Outcome, Session, Taken, Write, insert};
use crate::telemetry::RequestLog;

/// Creates each record of the batch that breaks no rule, and says what became of each.
///
/// # Errors
///
/// What fails the whole request.
pub async fn create_records(request: &Request<'_>, log: &mut RequestLog) -> Result<Reply, Error> {
    let body = Body::of(request.event)?;
    let key = idempotency_key(request.event)?;
    let drafts = drafts(&body)?;
    let list = request.list(log).await?;
    let records = parse(&drafts, list.unique_identifier_type);
    let created_at = now();
    let token = RequestToken::new(&list, key, body.bytes());
    let writes = lay_out(request.session.table(), &list, &records, token, &created_at);
    let outcomes = write(request.session, writes).await?;
    let url = request.url(&list);
    let rows = drafts.iter().zip(&records).zip(&outcomes);
    let results = rows.map(|((draft, record), outcome)| result(&list, &url, (draft.as_ref().ok(), record), outcome));
    let created = CreatedRecords::new(list.id.as_str(), &url, results.collect());
    log.created(&created);
    Ok(created.into())
}

type Drafts<'a> = [Result<Draft<'a>, Unreadable>];
type Records<'a> = [Result<Record<'a>, Faults>];

fn parse<'a>(drafts: &'a Drafts<'a>, unique: UniqueIdentifierType) -> Vec<Result<Record<'a>, Faults>> {
    let parse = |draft: &'a Result<Draft<'a>, Unreadable>| match draft {
        Ok(draft) => Record::parse(draft, unique),
        Err(unreadable) => Err(unreadable.into()),
    };
    drafts.iter().map(parse).collect()
}

/// Lays out the records; one that is too large is refused here.
fn lay_out<'a>(
    table: &str,
    list: &'a RecordList,
    records: &Records<'_>,
    token: RequestToken,
    created_at: &'a str,
) -> Vec<Result<Write<'a>, Faults>> {
    let lay_out = |(index, record): (usize, &Result<Record<'_>, Faults>)| {
        let record = record.as_ref().map_err(Clone::clone)?;
        Ok(Write::of_record(table, list, record, token.write_token(index), created_at)?)
    };
    records.iter().enumerate().map(lay_out).collect()
}

/// Writes what is laid out. If DynamoDB took none of the records and none has a fault of its own, the request as a whole
/// has failed.
#[expect(clippy::expect_used, reason = "`insert` is one to one")]
async fn write(
    session: &Session<'_>,
    writes: Vec<Result<Write<'_>, Faults>>,
) -> Result<Vec<Result<Outcome, Faults>>, Error> {
    let valid: Vec<&Write<'_>> = writes.iter().flatten().collect();
    let outcomes = insert(session, &valid).await;
    if let Some(failure) = common_failure(&outcomes).filter(|_| outcomes.len() == writes.len()) {
        return Err(failure.into());
    }
    let mut outcomes = outcomes.into_iter();
    Ok(writes.into_iter().map(|write| write.map(|_| outcomes.next().expect("a write has an outcome"))).collect())
}

/// The failure of all `outcomes`, if not one has another; a fault of ours is the graver one.
fn common_failure(outcomes: &[Outcome]) -> Option<Failure> {
    let failures = outcomes.iter().map(|outcome| match outcome {
        Outcome::Unstored(failure) => Some(*failure),
        _ => None,
    });
    failures.collect::<Option<Vec<_>>>()?.into_iter().max()
}

type DraftAndRecord<'a> = (Option<&'a Draft<'a>>, &'a Result<Record<'a>, Faults>);

fn result<'a>(
    list: &'a RecordList,
    url: &ListUrl,
    (draft, record): DraftAndRecord<'a>,
    outcome: &'a Result<Outcome, Faults>,
) -> RecordResult<'a> {
    let (faults, existing) = match (record, outcome) {
        (Ok(record), Ok(Outcome::Created { id, created_at })) => {
            return RecordResult::created((list.id.as_str(), url), *id, record, created_at);
        }
        (Ok(record), Ok(Outcome::NotUnique(taken))) => {
            (not_unique(list, draft, record, taken), taken.first().map(|taken| taken.holder.record_id))
        }
        (_, Ok(Outcome::Rejected)) => (rejected(), None),
        (_, Err(faults)) => (faults.clone(), None),
        _ => (Faults::default(), None),
    };
    RecordResult::refused(url, draft, &faults, existing)
}

fn rejected() -> Faults {
    let description = "The record cannot be stored as it is; check its size and its `extra_data`.";
    Fault::new(ErrorCode::Other, "record", description).into()
}

/// Which of a record's identifiers other records have.
fn not_unique(list: &RecordList, draft: Option<&Draft<'_>>, record: &Record<'_>, taken: &[Taken]) -> Faults {
    match list.unique_identifier_type {
        UniqueIdentifierType::External => {
            let by_same_request = taken.iter().any(|taken| taken.by_same_request);
            let description = if by_same_request { SAME_REQUEST_REFERENCE } else { REFERENCE };
            Fault::new(ErrorCode::ExternalIdAndProviderNotUnique, "external_id", description).into()
        }
        UniqueIdentifierType::PhoneNumber => {
            let deprecated = draft.is_some_and(|draft| matches!(draft.phone_numbers, Sent::Absent));
            let ids = record.phone_numbers.iter().map(|number| phone_number_id(list, number.phone_number.as_str()));
            taken_numbers(ids, deprecated, taken)
        }
        // The ID is random, or made of the caller's key: another record cannot have it.
        UniqueIdentifierType::Nothing => Faults::default(),
    }
}

const REFERENCE: &str =
    "Another record of the list has this `external_provider` and `external_id`; each pair can be in the list once.";
const SAME_REQUEST_REFERENCE: &str = "An earlier record of this request has this `external_provider` and `external_id`; each pair can be in the list once.";

fn taken_numbers(ids: impl Iterator<Item = Uuid>, deprecated: bool, taken: &[Taken]) -> Faults {
    let mut faults = Faults::default();
    for (index, id) in ids.enumerate() {
        let Some(taken) = taken.iter().find(|taken| taken.id == id) else {
            continue;
        };
        let name = if deprecated { "phone_number".to_owned() } else { format!("phone_numbers[{index}].phone_number") };
        let description = if taken.by_same_request {
            "An earlier record of this request has this number; each number can be in the list once."
        } else {
            "Another record of the list has this number; each number can be in the list once."
        };
        faults.add(Fault::at(ErrorCode::PhoneNumberNotUnique, name, description));
    }
    faults
}
