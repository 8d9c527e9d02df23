//! `DELETE …/records/{record_id}`: deletes a record.

use super::Request;
use crate::api::error::Error;
use crate::api::request::identifier::record_id;
use crate::api::request::if_match::if_match;
use crate::api::response::HttpResponse;
use crate::store::delete::{Delete, Deletion, delete};
use crate::store::find::Identifier;
use crate::telemetry::RequestLog;

/// Deletes one record.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn delete_record(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    request.refuse_validate_only()?;
    let list = request.list(log).await?;
    let id = record_id(&request.route.record_id).ok_or(Error::RecordNotFound)?;
    let mut row = Delete::of(Identifier::Record(id), if_match(request.event));
    delete(request.session, &list, vec![&mut row]).await;
    match row.outcome() {
        Deletion::Deleted => {
            log.deleted(1);
            Ok(HttpResponse::no_content())
        }
        Deletion::NotFound => Err(Error::RecordNotFound),
        Deletion::Changed => Err(Error::PreconditionFailed),
        Deletion::Failed(failure) => Err(failure.into()),
    }
}
