//! `PATCH /record-lists/{record_list_id}`: renames a list.

use jiff::Timestamp;
use lambda_http::http::StatusCode;

use super::Request;
use crate::api::error::Error;
use crate::api::json::record_list::{RecordListBody, list_patch};
use crate::api::request::body::Body;
use crate::api::response::{HAL, HttpResponse};
use crate::store::list_change::{ListOutcome, rename};
use crate::store::lists::StoredList;
use crate::telemetry::RequestLog;

/// Gives a list the name in the body.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn update_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of_patch(request.event)?;
    request.refuse_validate_only()?;
    let patch = list_patch(&body)?;
    let renamed = loop {
        let stored = request.stored_list(log).await?;
        patch.check(&stored.list)?;
        match &patch.name {
            Some(name) if *name != stored.name => {
                if let Some(renamed) = rename_once(request, stored, name).await? {
                    break renamed;
                }
            }
            _ => break stored,
        }
    };
    Ok(HttpResponse::json(StatusCode::OK, HAL, &RecordListBody::new(&renamed, &request.url(&renamed.list))))
}

/// Renames the list, unless it has changed since it was read: then returns `None`.
async fn rename_once(request: &Request<'_>, mut stored: StoredList, name: &str) -> Result<Option<StoredList>, Error> {
    match rename(request.session, &mut stored, name, Timestamp::now()).await {
        ListOutcome::Done => Ok(Some(stored)),
        ListOutcome::Stale => Ok(None),
        ListOutcome::Gone => Err(Error::RecordListNotFound),
        ListOutcome::Failed(failure) => Err(failure.into()),
    }
}
