//! `PATCH …/records/{record_id}`: changes a record.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use uuid::Uuid;

use super::not_unique::not_unique;
use super::{Request, rejected};
use crate::api::error::Error;
use crate::api::hal::ListUrl;
use crate::api::json::changed::patch;
use crate::api::json::record::StoredRecordBody;
use crate::api::request::body::Body;
use crate::api::request::identifier::record_id;
use crate::api::request::if_match::if_match;
use crate::api::response::{HAL, HttpResponse};
use crate::list::RecordList;
use crate::record::draft::Draft;
use crate::record::errors::RecordErrors;
use crate::record::token::RequestToken;
use crate::store::change::{Change, ChangeRequest, Changed, Naming, change};
use crate::store::find::Identifier;
use crate::store::stored_record::StoredRecord;
use crate::telemetry::RequestLog;
use crate::time::rfc3339;

/// Changes one record.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn update_record(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of_patch(request.event)?;
    request.refuse_validate_only()?;
    let patch = patch(&body)?;
    let list = request.list(log).await?;
    let id = record_id(&request.route.record_id).ok_or(Error::RecordNotFound)?;
    let url = request.url(&list);
    let now = Timestamp::now();
    let created_at = rfc3339(now);
    let token = RequestToken::new(&list, None, body.bytes());
    let shared = ChangeRequest { table: request.session.table(), list: &list, token, now, created_at: &created_at };
    let row = Change::of(&shared, &patch, 0, Identifier::Record(id), Naming::ById);
    let mut row = row.if_matches(if_match(request.event));
    change(request.session, &list, vec![&mut row]).await;
    let record = stored(row.outcome(), &patch, &list, &url, log)?;
    let mut response = HttpResponse::json(StatusCode::OK, HAL, &StoredRecordBody::new(record, &url));
    response.headers.push(("etag", record.version().etag()));
    Ok(response)
}

fn stored<'a>(
    outcome: &'a Changed,
    patch: &Draft<'_>,
    list: &RecordList,
    url: &ListUrl,
    log: &mut RequestLog,
) -> Result<&'a StoredRecord, Error> {
    let refused = |errors: RecordErrors, existing: Option<Uuid>| {
        Err(Error::UnprocessableRecord { errors, existing: existing.map(|id| url.record(id).href) })
    };
    match outcome {
        Changed::Created(record) | Changed::Updated(record) => {
            log.updated(1);
            Ok(record)
        }
        Changed::Unchanged(record) => {
            log.unchanged(1);
            Ok(record)
        }
        Changed::NotFound => Err(Error::RecordNotFound),
        Changed::PreconditionFailed => Err(Error::PreconditionFailed),
        Changed::Refused { errors, .. } => refused(errors.clone(), None),
        Changed::NotUnique { conflicts, numbers, .. } => {
            let existing = conflicts.first().map(|conflict| conflict.owner.record_id);
            refused(not_unique(list, Some(patch), numbers, conflicts), existing)
        }
        Changed::Rejected { .. } => refused(rejected(), None),
        Changed::Failed { failure, .. } => Err((*failure).into()),
        Changed::SameRecord { .. } => Err(Error::Internal),
    }
}
