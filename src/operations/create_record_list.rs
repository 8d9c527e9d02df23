//! `POST /record-lists`: creates a record list.

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use uuid::Uuid;

use super::Request;
use crate::api::error::Error;
use crate::api::json::record_list::{RecordListBody, new_list};
use crate::api::request::body::Body;
use crate::api::request::idempotency_key::idempotency_key;
use crate::api::response::{HAL, HttpResponse};
use crate::list::{NewList, RecordList};
use crate::record::token::RequestToken;
use crate::store::insert::{Insert, Outcome, insert};
use crate::store::lists::{StoredList, read_list};
use crate::telemetry::RequestLog;
use crate::time::rfc3339;

/// Creates the list that the body describes.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn create_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of(request.event)?;
    let key = idempotency_key(request.event)?;
    request.refuse_validate_only()?;
    let new = new_list(&body)?;
    let account = request.caller.account();
    let token = RequestToken::of_list(account, key, body.bytes());
    let created_at = rfc3339(Timestamp::now());
    let mut row = Insert::of_list(request.session.table(), account, token, &new, &created_at);
    insert(request.session, vec![&mut row]).await;
    let stored = match row.outcome() {
        Outcome::Created { created_at: stored_at } if *stored_at == created_at => created_list(account, new, &row)?,
        Outcome::Created { .. } => earlier_list(request, row.id()).await?,
        Outcome::Unstored(failure) => return Err((*failure).into()),
        Outcome::Creatable | Outcome::NotUnique(_) | Outcome::Rejected => return Err(Error::Internal),
    };
    log.list(&stored.list);
    let url = request.url(&stored.list);
    let location = url.link().href;
    let mut response = HttpResponse::json(StatusCode::CREATED, HAL, &RecordListBody::new(&stored, &url));
    response.headers.push(("location", location));
    Ok(response)
}

/// The list that this request has created. Its ID is the request's own: random, or derived from the caller's key.
fn created_list(account: &str, new: NewList, row: &Insert<'_>) -> Result<StoredList, Error> {
    let id = row.id().to_string().parse().map_err(|()| Error::Internal)?;
    let (unique_identifier_type, salt) = (new.unique, Some(new.salt));
    let list = RecordList { account: account.to_owned(), id, unique_identifier_type, salt };
    let created_at = row.created_at().to_owned();
    let updated_at = created_at.clone();
    Ok(StoredList { list, name: new.name, stored_updated_at: Some(updated_at.clone()), updated_at, created_at })
}

/// The list that an earlier request with the same key created, as it is now. It can have been renamed or deleted since.
async fn earlier_list(request: &Request<'_>, id: Uuid) -> Result<StoredList, Error> {
    let stored = read_list(request.session, request.caller.account(), &id.to_string()).await?;
    stored.ok_or(Error::RecordListDeleted)
}
