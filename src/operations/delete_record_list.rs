//! `DELETE /record-lists/{record_list_id}`: deletes a list and everything in it.

use jiff::Timestamp;

use super::Request;
use crate::api::error::Error;
use crate::api::response::HttpResponse;
use crate::store::list_change::{ListOutcome, delete_list};
use crate::telemetry::RequestLog;

/// Deletes a list at once; its records are removed in the background.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn delete_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    request.refuse_validate_only()?;
    loop {
        let stored = request.stored_list(log).await?;
        let outcome = delete_list(request.session, &stored, Timestamp::now()).await;
        request.store.forget_list(&stored.list);
        match outcome {
            ListOutcome::Done => return Ok(HttpResponse::accepted()),
            ListOutcome::Stale => {}
            ListOutcome::Gone => return Err(Error::RecordListNotFound),
            ListOutcome::Failed(failure) => return Err(failure.into()),
        }
    }
}
