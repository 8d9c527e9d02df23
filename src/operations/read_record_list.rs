//! `GET /record-lists/{record_list_id}`: reads a list.

use lambda_http::http::StatusCode;

use super::Request;
use crate::api::error::Error;
use crate::api::json::record_list::RecordListBody;
use crate::api::response::{HAL, HttpResponse};
use crate::telemetry::RequestLog;

/// Reads one list.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn read_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let stored = request.stored_list(log).await?;
    Ok(HttpResponse::json(StatusCode::OK, HAL, &RecordListBody::new(&stored, &request.url(&stored.list))))
}
