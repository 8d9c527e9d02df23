//! `GET /record-lists` and `GET /record-lists/{record_list_id}`: the account's lists, and one of them.

use lambda_http::http::StatusCode;
use serde::Serialize;

use super::Request;
use crate::api::error::Error;
use crate::api::page::page;
use crate::api::record_list::RecordListBody;
use crate::api::request::{PageQuery, RECORD_LIST_ID_RULE};
use crate::api::response::{HAL, Reply};
use crate::list::RecordListId;
use crate::store::{read_list, read_lists};
use crate::telemetry::RequestLog;

/// Reads a page of the account's lists, in the order of their IDs.
///
/// # Errors
///
/// What fails the request.
pub async fn read_record_lists(request: &Request<'_>) -> Result<Reply, Error> {
    let query = PageQuery::of(request.event, |id| id.parse::<RecordListId>().ok(), RECORD_LIST_ID_RULE)?;
    let account = request.caller.account();
    let (lists, has_more) = read_lists(request.session, account, query.after.as_ref(), query.per_page).await?;
    let bodies = lists.iter().map(|stored| RecordListBody::new(stored, &request.url(&stored.list)));
    let embedded = Embedded { record_lists: bodies.collect() };
    let next = lists.last().filter(|_| has_more).map(|last| last.list.id.as_str());
    Ok(page(&request.base_url.record_lists(), &query, (lists.len(), embedded), next))
}

#[derive(Serialize)]
struct Embedded<'a> {
    record_lists: Vec<RecordListBody<'a>>,
}

/// Reads one list.
///
/// # Errors
///
/// What fails the request.
pub async fn read_record_list(request: &Request<'_>, log: &mut RequestLog) -> Result<Reply, Error> {
    let stored = read_list(request.session, request.caller.account(), &request.route.record_list_id).await?;
    let stored = stored.ok_or(Error::RecordListNotFound)?;
    log.list(&stored.list);
    Ok(Reply::json(StatusCode::OK, HAL, &RecordListBody::new(&stored, &request.url(&stored.list))))
}
