//! One request, from its event to its answer: the only place that knows the order.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use jiff::Timestamp;
use lambda_http::http::{HeaderValue, Response};
use lambda_http::{Request, RequestExt};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::answer::{Answer, AnsweredRecord, ListUrl};
use crate::body::{self, Draft};
use crate::claims::Caller;
use crate::config::Config;
use crate::error::Error;
use crate::identity::{self, IdempotencyKey, RequestToken};
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::{ErrorCode, Errors, Record};
use crate::route::{self, Route};
use crate::store::{Failure, NewRecord, Outcome, Session, Store};
use crate::telemetry::RequestLog;

/// What is left of the time before Lambda's deadline for the answer itself.
const ANSWER_TIME: Duration = Duration::from_millis(500);

/// The time a request has where the event names no deadline.
const DEFAULT_TIME: Duration = Duration::from_secs(10);

/// The function: what stays from one request to the next.
#[derive(Debug)]
pub struct App {
    config: Config,
    store: Store,
    warm: AtomicBool,
}

impl App {
    /// A function that answers by `config` from `store`.
    #[must_use]
    pub fn new(config: Config, store: Store) -> Self {
        Self { config, store, warm: AtomicBool::new(false) }
    }

    /// Answers `request`, whatever it is and whatever happens, and logs it in one line.
    pub async fn handle(&self, request: Request) -> Response<String> {
        let session = self.store.session(deadline(&request));
        let mut log = RequestLog::new(&request, !self.warm.swap(true, Relaxed));
        let span = log.span();
        let work = self.create_records(&request, &session, &mut log).instrument(span);
        let answer = AssertUnwindSafe(work).catch_unwind().await;
        let mut response = match answer {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                log.error(error);
                error.into_response()
            }
            Err(_) => {
                log.error(Error::Internal);
                Error::Internal.into_response()
            }
        };
        if let Ok(request_id) = HeaderValue::from_str(&route::request_id(&request)) {
            response.headers_mut().insert("x-request-id", request_id);
        }
        log.write(response.status(), session.usage());
        response
    }
}

impl App {
    async fn create_records(
        &self,
        request: &Request,
        session: &Session<'_>,
        log: &mut RequestLog,
    ) -> Result<Response<String>, Error> {
        let route = Route::of(request, self.config.api_base_url.as_deref())?;
        let caller = Caller::authorize(request.request_context_ref(), &self.config.account_claim)?;
        let body = request.body().as_ref();
        body::check(request.headers(), body)?;
        let key = IdempotencyKey::of(request.headers())?;
        let drafts = body::drafts(body)?;
        let list = session.find_list(&caller, &route.record_list_id).await?.ok_or(Error::RecordListNotFound)?;
        log.list(&list, drafts.len());
        let records = parse(&drafts, list.unique_identifier_type);
        let records = insert(session, &list, records, RequestToken::new(&list, key, body)).await?;
        let url = ListUrl { record_list_id: list.id.as_str(), base_url: &route.base_url };
        let answer = answer(&url, &drafts, &records);
        log.answer(&answer);
        Ok(answer.into_response())
    }
}

/// When the work must end for the answer to leave before Lambda's deadline.
fn deadline(request: &Request) -> Instant {
    let deadline = request.lambda_context_ref().map_or(0, |context| context.deadline);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let left = match deadline {
        0 => DEFAULT_TIME,
        deadline => Duration::from_millis(deadline).saturating_sub(now),
    };
    Instant::now() + left.saturating_sub(ANSWER_TIME)
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::ServiceUnavailable,
            Failure::Fault => Self::Internal,
        }
    }
}

/// A draft that could not be read breaks no rule that has a code.
fn parse<'a>(drafts: &'a [Option<Draft<'a>>], unique: UniqueIdentifierType) -> Vec<Result<Record<'a>, Errors>> {
    let parse = |draft: &'a Option<Draft<'a>>| match draft {
        Some(draft) => Record::parse(draft, unique),
        None => Err(Errors::from([ErrorCode::Other])),
    };
    drafts.iter().map(parse).collect()
}

/// A record that is in its list.
struct StoredRecord<'a> {
    record: Record<'a>,
    id: Uuid,
    created_at: String,
}

/// Inserts the good ones of `records`, and says what became of each in their order.
///
/// Where DynamoDB took none of them and no record has an error of its own, the request as a whole has failed.
async fn insert<'a>(
    session: &Session<'_>,
    list: &RecordList,
    records: Vec<Result<Record<'a>, Errors>>,
    token: RequestToken,
) -> Result<Vec<Result<StoredRecord<'a>, Errors>>, Error> {
    let created_at = format!("{:.3}", Timestamp::now());
    let new_records = new_records(list, &records, token, &created_at);
    let outcomes = session.insert(list, &new_records).await;
    if let Some(failure) = common_failure(&outcomes).filter(|_| outcomes.len() == records.len()) {
        return Err(failure.into());
    }
    let mut outcomes: HashMap<usize, Outcome> = new_records.iter().map(|new| new.index).zip(outcomes).collect();
    let stored = |(index, record): (usize, Result<Record<'a>, Errors>)| {
        let record = record?;
        match outcomes.remove(&index) {
            Some(Outcome::Created { id, created_at }) => Ok(StoredRecord { record, id, created_at }),
            Some(Outcome::NotUnique) => Err(Errors::from([not_unique(list.unique_identifier_type)])),
            Some(Outcome::Rejected | Outcome::Unstored(_)) | None => Err(Errors::from([ErrorCode::Other])),
        }
    };
    Ok(records.into_iter().enumerate().map(stored).collect())
}

fn new_records<'a>(
    list: &'a RecordList,
    records: &'a [Result<Record<'a>, Errors>],
    token: RequestToken,
    created_at: &'a str,
) -> Vec<NewRecord<'a>> {
    let new_record = |(index, record): (usize, &'a Result<Record<'a>, Errors>)| {
        let record = record.as_ref().ok()?;
        let ids = identity::ids(list, record, token, index);
        NewRecord::new(index, list, record, ids, token.write_token(index), created_at)
    };
    records.iter().enumerate().filter_map(new_record).collect()
}

/// The failure of all `outcomes`, where not one has another; a fault of ours is the graver one.
fn common_failure(outcomes: &[Outcome]) -> Option<Failure> {
    let failures = outcomes.iter().map(|outcome| match outcome {
        Outcome::Unstored(failure) => Some(*failure),
        _ => None,
    });
    failures.collect::<Option<Vec<_>>>()?.into_iter().max()
}

fn not_unique(unique: UniqueIdentifierType) -> ErrorCode {
    match unique {
        UniqueIdentifierType::External => ErrorCode::ExternalIdAndProviderNotUnique,
        UniqueIdentifierType::PhoneNumber => ErrorCode::PhoneNumberNotUnique,
        // The ID is random, or made of the caller's key: another record cannot have it.
        UniqueIdentifierType::Nothing => ErrorCode::Other,
    }
}

fn answer<'a>(
    list: &ListUrl<'a>,
    drafts: &'a [Option<Draft<'a>>],
    records: &'a [Result<StoredRecord<'a>, Errors>],
) -> Answer<'a> {
    let answered = drafts.iter().zip(records).map(|(draft, record)| match record {
        Ok(stored) => AnsweredRecord::created(list, stored.id, &stored.record, &stored.created_at),
        Err(errors) => AnsweredRecord::refused(draft.as_ref(), errors),
    });
    Answer::new(list, answered.collect())
}
