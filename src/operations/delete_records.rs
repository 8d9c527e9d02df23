//! `DELETE …/records/bulks`: deletes up to 100 records.

use super::{Request, unless_all_failed};
use crate::api::error::Error;
use crate::api::json::deletion::{DeletedRecords, DeletionError, Entry, FailedRecord, entries};
use crate::api::request::body::Body;
use crate::api::response::HttpResponse;
use crate::dynamodb::Failure;
use crate::list::RecordList;
use crate::store::delete::{Delete, delete};
use crate::telemetry::RequestLog;

/// Deletes each record that the body names, and returns the entries that deleted nothing.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn delete_records(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of(request.event)?;
    request.refuse_validate_only()?;
    let entries = entries(&body)?;
    let list = request.list(log).await?;
    let mut rows: Vec<Row<'_>> = entries.iter().map(|entry| Row::new(&list, entry)).collect();
    delete(request.session, &list, rows.iter_mut().filter_map(|row| row.delete.as_mut().ok()).collect()).await;
    unless_all_failed(rows.iter().map(Row::failure))?;
    let url = request.url(&list);
    let failed = rows.iter().filter_map(Row::failed_record).collect();
    let deleted = DeletedRecords::new(list.id.as_str(), &url, rows.len(), failed);
    log.deleted(deleted.total_deleted);
    Ok(deleted.into())
}

/// An entry of the request, and its delete, or the reason why it names no record.
struct Row<'a> {
    entry: &'a Entry<'a>,
    delete: Result<Delete, DeletionError>,
}

impl<'a> Row<'a> {
    fn new(list: &RecordList, entry: &'a Entry<'a>) -> Self {
        Self { entry, delete: entry.delete(list) }
    }

    /// The reason why nothing is deleted, if the entry is not at fault.
    fn failure(&self) -> Option<Failure> {
        self.delete.as_ref().ok().and_then(Delete::failure)
    }

    fn failed_record(&self) -> Option<FailedRecord<'a>> {
        let error = match &self.delete {
            Ok(delete) => self.entry.error(delete.outcome())?,
            Err(error) => error.clone(),
        };
        Some(FailedRecord::new(self.entry, error))
    }
}
