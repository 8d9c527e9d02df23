//! `GET /record-lists/{record_list_id}/records`: reads a list's records.

use serde::Serialize;

use super::Request;
use crate::api::error::Error;
use crate::api::json::escaped::{Escaped, RECORDS_BYTES};
use crate::api::json::page::{Elements, page, page_of_one};
use crate::api::json::record::StoredRecordBody;
use crate::api::request::identifier::record_id;
use crate::api::request::query::{LookUp, PageQuery, RECORD_ID_RULE};
use crate::api::response::HttpResponse;
use crate::store::find::find;
use crate::store::pages;
use crate::store::stored_record::StoredRecord;
use crate::telemetry::RequestLog;

/// Reads a page of a list's records, in the order of their IDs. The page ends early if it would exceed Lambda's limit
/// of a response.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn read_records(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    if let Some(look_up) = LookUp::of(request.event)? {
        return look_up_record(request, &look_up, log).await;
    }
    let query = PageQuery::of(request.event, |id| record_id(id).map(|id| id.to_string()), RECORD_ID_RULE)?;
    let list = request.list(log).await?;
    let url = request.url(&list);
    let after = query.after.as_deref().and_then(record_id);
    let mut records = Vec::new();
    let mut left = RECORDS_BYTES;
    let fits = |record: &StoredRecord| {
        let body = Escaped::of(&StoredRecordBody::new(record, &url));
        let fits = left.checked_sub(1 + body.bytes());
        left = fits.unwrap_or(left);
        records.extend(fits.map(|_| body));
        fits.is_some()
    };
    let found = pages::read_records(request.session, &list, after, query.per_page, fits).await?;
    log.read(records.len());
    let next = found.records.last().filter(|_| found.has_more).map(|record| record.id.to_string());
    let elements = Elements { count: records.len(), embedded: Embedded { records }, next: next.as_deref() };
    Ok(page(&url.records().href, &query, elements))
}

#[derive(Serialize)]
struct Embedded<R> {
    records: Vec<R>,
}

/// Returns a page with the record that `look_up` finds, or with none.
async fn look_up_record(request: &Request<'_>, look_up: &LookUp, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let list = request.list(log).await?;
    let identifier = look_up.identifier(&list)?;
    let found = request.session.time(find(request.session, &list, &[identifier], None)).await?;
    let url = request.url(&list);
    let record = found.record(identifier);
    let records: Vec<StoredRecordBody<'_>> = record.iter().map(|record| StoredRecordBody::new(record, &url)).collect();
    log.read(records.len());
    let href = format!("{}?{}", url.records().href, look_up.query());
    Ok(page_of_one(href, records.len(), Embedded { records }))
}
