//! `POST /record-lists`: creates a record list.

use lambda_http::http::StatusCode;

use super::{Request, now};
use crate::api::body::Body;
use crate::api::error::Error;
use crate::api::record_list::{NewList, RecordListBody};
use crate::api::request::idempotency_key;
use crate::api::response::{HAL, Reply};
use crate::list::RecordList;
use crate::record::identity::RequestToken;
use crate::store::{Outcome, StoredList, Write, insert};
use crate::telemetry::RequestLog;

/// Creates the list that the body describes.
///
/// # Errors
///
/// What fails the request.
pub async fn create_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<Reply, Error> {
    let body = Body::of(request.event)?;
    let key = idempotency_key(request.event)?;
    let new = NewList::read(&body)?;
    let account = request.caller.account();
    let token = RequestToken::of_list(account, key, body.bytes());
    let created_at = now();
    let identity = (token.list_id(), token.write_token(0));
    let write = Write::of_list(request.session.table(), account, identity, (&new.name, new.unique), &created_at);
    let stored = stored_list(account, new, insert(request.session, &[&write]).await)?;
    log.list(&stored.list);
    let url = request.url(&stored.list);
    let location = url.link().href;
    let mut reply = Reply::json(StatusCode::CREATED, HAL, &RecordListBody::new(&stored, &url));
    reply.headers.push(("location", location));
    Ok(reply)
}

/// The list as it is stored. Nobody else can have its ID, which is random or made of the caller's key.
fn stored_list(account: &str, new: NewList, outcomes: Vec<Outcome>) -> Result<StoredList, Error> {
    match outcomes.into_iter().next() {
        Some(Outcome::Created { id, created_at }) => {
            let id = id.to_string().parse().map_err(|()| Error::Internal)?;
            let list = RecordList { account: account.to_owned(), id, unique_identifier_type: new.unique };
            Ok(StoredList { list, name: new.name, updated_at: created_at.clone(), created_at })
        }
        Some(Outcome::Unstored(failure)) => Err(failure.into()),
        _ => Err(Error::Internal),
    }
}
