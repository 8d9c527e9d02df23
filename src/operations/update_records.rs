//! `PATCH …/records/bulks`: brings up to 100 records up to date.

use jiff::Timestamp;
use uuid::Uuid;

use super::not_unique::{not_unique, same_record};
use super::{Request, rejected, unless_all_failed};
use crate::api::error::Error;
use crate::api::json::changed::{ChangedRecord, ChangedRecords, Patch, Status, not_found, patches};
use crate::api::request::body::Body;
use crate::api::request::identifier::NamedRecord;
use crate::api::request::query::BulkQuery;
use crate::api::response::HttpResponse;
use crate::dynamodb::Failure;
use crate::list::RecordList;
use crate::record::draft::{Draft, Unreadable};
use crate::record::errors::RecordErrors;
use crate::record::token::RequestToken;
use crate::store::change::{Change, ChangeRequest, Changed, Naming, change, preview};
use crate::telemetry::RequestLog;
use crate::time::rfc3339;

/// Brings each record of the batch up to date, and returns the result of each.
///
/// # Errors
///
/// Every [`Error`] that fails the request as a whole.
pub async fn update_records(request: &Request<'_>, log: &mut RequestLog) -> Result<HttpResponse, Error> {
    let body = Body::of_bulk_patch(request.event)?;
    let query = BulkQuery::of_update(request.event)?;
    let patches = patches(&body)?;
    let list = request.list(log).await?;
    let now = Timestamp::now();
    let created_at = rfc3339(now);
    let token = RequestToken::new(&list, None, body.bytes());
    let shared = ChangeRequest { table: request.session.table(), list: &list, token, now, created_at: &created_at };
    let named: Vec<Named<'_>> = patches.into_iter().map(|patch| Named::of(patch, &list)).collect();
    let row = |(place, named)| Row::of(&shared, place, named, query);
    let mut rows: Vec<Row<'_>> = named.iter().enumerate().map(row).collect();
    let changes = rows.iter_mut().filter_map(|row| row.change.as_mut().ok()).collect();
    if query.validate_only {
        preview(request.session, &list, changes).await;
    } else {
        change(request.session, &list, changes).await;
    }
    unless_all_failed(rows.iter().map(Row::failure))?;
    let url = request.url(&list);
    let results: Vec<ChangedRecord<'_>> = rows.iter().map(|row| row.result(&list, query)).collect();
    let body = ChangedRecords::new(&list, &url, &results);
    if !query.validate_only {
        log.changed(body.totals(), results.iter().flat_map(ChangedRecord::codes));
    }
    // Large records leave the memory before the response takes as much again.
    drop(results);
    drop(rows);
    Ok(body.into())
}

/// A patch, and the record that it names.
struct Named<'a> {
    draft: Option<Draft<'a>>,
    record: Result<NamedRecord, RecordErrors>,
}

impl<'a> Named<'a> {
    fn of(patch: Result<Patch<'a>, Unreadable>, list: &RecordList) -> Self {
        match patch {
            Ok(patch) => {
                let record = patch.named_record(list);
                Self { draft: Some(patch.draft), record }
            }
            Err(unreadable) => Self { draft: None, record: Err((&unreadable).into()) },
        }
    }
}

/// A record of the request, and what has become of it.
struct Row<'a> {
    draft: Option<&'a Draft<'a>>,
    change: Result<Change<'a>, RecordErrors>,
}

impl<'a> Row<'a> {
    fn of(request: &'a ChangeRequest<'a>, place: usize, named: &'a Named<'a>, query: BulkQuery) -> Self {
        let draft = named.draft.as_ref();
        let change = |draft, identifier, naming| Change::of(request, draft, place, identifier, naming);
        let creates = query.creates_missing;
        let change = match (draft, &named.record) {
            (Some(draft), Ok(NamedRecord::ById(identifier))) => Ok(change(draft, *identifier, Naming::ById)),
            (Some(draft), Ok(NamedRecord::ByIdentity(identifier))) => {
                Ok(change(draft, *identifier, Naming::ByIdentity { creates }))
            }
            (_, Err(errors)) => Err(errors.clone()),
            (_, Ok(_)) => Err(not_found()),
        };
        Self { draft, change }
    }

    /// The reason why nothing is stored, if that is not the record's own.
    fn failure(&self) -> Option<Failure> {
        self.change.as_ref().ok().and_then(Change::failure)
    }

    fn result(&self, list: &RecordList, query: BulkQuery) -> ChangedRecord<'_> {
        let refused =
            |errors, id: Option<Uuid>, existing| ChangedRecord::Refused { errors, draft: self.draft, id, existing };
        let change = match &self.change {
            Ok(change) => change,
            Err(errors) => return refused(errors.clone(), None, None),
        };
        match change.outcome() {
            Changed::Created(record) if query.validate_only => ChangedRecord::Creatable { record },
            Changed::Created(record) => ChangedRecord::Stored { status: Status::Created, record },
            Changed::Updated(record) => ChangedRecord::Stored { status: Status::Updated, record },
            Changed::Unchanged(record) => ChangedRecord::Stored { status: Status::Unchanged, record },
            Changed::NotFound => refused(not_found(), None, None),
            Changed::Refused { errors, id } => refused(errors.clone(), *id, None),
            Changed::NotUnique { conflicts, numbers, id } => {
                let existing = conflicts.first().map(|conflict| conflict.owner.record_id);
                refused(not_unique(list, self.draft, numbers, conflicts), *id, existing)
            }
            Changed::SameRecord { id } => {
                let by_id = change.is_named_by_id();
                refused(same_record(list, self.draft, by_id), Some(*id), Some(*id).filter(|_| !by_id))
            }
            Changed::Rejected { id } => refused(rejected(), *id, None),
            Changed::Failed { id, .. } => refused(RecordErrors::default(), *id, None),
            Changed::PreconditionFailed => refused(RecordErrors::default(), None, None),
        }
    }
}
