//! `POST /record-lists`: creates a record list.

use lambda_http::http::StatusCode;

use super::Request;
use crate::api::error::Error;
use crate::api::json::record_list::{RecordListBody, new_list};
use crate::api::request::body::Body;
use crate::api::request::idempotency_key::idempotency_key;
use crate::api::response::{HAL, HttpResponse};
use crate::list::{NewList, RecordList};
use crate::record::token::RequestToken;
use crate::store::insert::{Insert, Outcome, insert};
use crate::store::lists::StoredList;
use crate::telemetry::RequestLog;

/// Creates the list that the body describes.
///
/// # Errors
///
/// The request's.
pub async fn create_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of(request.event)?;
    let key = idempotency_key(request.event)?;
    request.refuse_validate_only()?;
    let new = new_list(&body)?;
    let account = request.caller.account();
    let token = RequestToken::of_list(account, key, body.bytes());
    let (_, created_at) = request.now();
    let mut row = Insert::of_list(request.session.table(), account, token, &new, &created_at);
    insert(request.session, vec![&mut row]).await;
    let stored = stored_list(account, new, &row)?;
    log.list(&stored.list);
    let url = request.url(&stored.list);
    let location = url.link().href;
    let mut response = HttpResponse::json(StatusCode::CREATED, HAL, &RecordListBody::new(&stored, &url));
    response.headers.push(("location", location));
    Ok(response)
}

/// The list as it is stored. Nobody else can have its ID, which is random or made of the caller's key.
fn stored_list(account: &str, new: NewList, row: &Insert<'_>) -> Result<StoredList, Error> {
    let created_at = match row.outcome() {
        Outcome::Created { created_at } => created_at.clone(),
        Outcome::Unstored(failure) => return Err((*failure).into()),
        Outcome::NotUnique(_) | Outcome::Creatable | Outcome::Rejected => return Err(Error::Internal),
    };
    let id = row.id().to_string().parse().map_err(|()| Error::Internal)?;
    let list = RecordList { account: account.to_owned(), id, unique_identifier_type: new.unique };
    let updated_at = created_at.clone();
    Ok(StoredList { list, name: new.name, stored_updated_at: Some(updated_at.clone()), updated_at, created_at })
}
