//! `GET …/records/{record_id}`: reads a record.

use lambda_http::http::StatusCode;

use super::Request;
use crate::api::error::Error;
use crate::api::json::record::StoredRecordBody;
use crate::api::request::identifier::record_id;
use crate::api::response::{HAL, HttpResponse};
use crate::store::pages;
use crate::telemetry::RequestLog;

/// Reads one record.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn read_record(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let list = request.list(log).await?;
    let id = record_id(&request.route.record_id).ok_or(Error::RecordNotFound)?;
    let record = pages::read_record(request.session, &list, id).await?.ok_or(Error::RecordNotFound)?;
    log.read(1);
    let mut response = HttpResponse::json(StatusCode::OK, HAL, &StoredRecordBody::new(&record, &request.url(&list)));
    response.headers.push(("etag", record.version().etag()));
    Ok(response)
}
