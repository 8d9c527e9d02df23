//! `GET /record-lists`: reads the account's lists.

use serde::Serialize;

use super::Request;
use crate::api::error::Error;
use crate::api::json::page::{Elements, page};
use crate::api::json::record_list::RecordListBody;
use crate::api::request::query::{PageQuery, RECORD_LIST_ID_RULE};
use crate::api::response::HttpResponse;
use crate::list::RecordListId;
use crate::store::lists::read_lists;

/// Reads a page of the account's lists, in the order of their IDs.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn read_record_lists(request: &Request<'_>) -> Result<HttpResponse, Error> {
    let query = PageQuery::of(request.event, |id| id.parse::<RecordListId>().ok(), RECORD_LIST_ID_RULE)?;
    let account = request.caller.account();
    let found = read_lists(request.session, account, query.after.as_ref(), query.per_page).await?;
    let bodies = found.lists.iter().map(|stored| RecordListBody::new(stored, &request.url(&stored.list)));
    let embedded = Embedded { record_lists: bodies.collect() };
    let next = found.lists.last().filter(|_| found.has_more).map(|last| last.list.id.as_str());
    Ok(page(&request.base_url.record_lists(), &query, Elements { count: found.lists.len(), embedded, next }))
}

#[derive(Serialize)]
struct Embedded<'a> {
    record_lists: Vec<RecordListBody<'a>>,
}
