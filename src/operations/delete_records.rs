//! `DELETE …/records/{record_id}` and `DELETE …/records/bulks`: deletes a record, and up to 100.

use super::Request;
use crate::api::body::Body;
use crate::api::deletion::{DeletedRecords, DeletionErrorCode, Entry, entries};
use crate::api::error::Error;
use crate::api::request::record_id;
use crate::api::response::Reply;
use crate::store::{self, Deletion, Failure, Identifier};
use crate::telemetry::RequestLog;

/// Deletes one record.
///
/// # Errors
///
/// What fails the request.
pub async fn delete_record(request: &Request<'_>, log: &mut RequestLog) -> Result<Reply, Error> {
    let list = request.list(log).await?;
    let id = record_id(&request.route.record_id).ok_or(Error::RecordNotFound)?;
    match store::delete_record(request.session, &list, id).await {
        Deletion::Deleted => {
            log.deleted(1);
            Ok(Reply::no_content())
        }
        Deletion::NotFound => Err(Error::RecordNotFound),
        Deletion::Failed(failure) => Err(failure.into()),
    }
}

/// Deletes each record that the body names, and says which entries deleted nothing.
///
/// # Errors
///
/// What fails the whole request.
#[expect(clippy::expect_used, reason = "`delete_records` is one to one")]
pub async fn delete_records(request: &Request<'_>, log: &mut RequestLog) -> Result<Reply, Error> {
    let body = Body::of(request.event)?;
    let entries = entries(&body)?;
    let list = request.list(log).await?;
    let identifiers: Vec<Result<Identifier, DeletionErrorCode>> =
        entries.iter().map(|entry| entry.identifier(&list)).collect();
    let valid: Vec<Identifier> = identifiers.iter().flatten().copied().collect();
    let deletions = store::delete_records(request.session, &list, &valid).await;
    if let Some(failure) = common_failure(&deletions).filter(|_| deletions.len() == entries.len()) {
        return Err(failure.into());
    }
    let mut deletions = deletions.into_iter();
    let outcomes = identifiers
        .into_iter()
        .map(|identifier| identifier.and_then(|_| code(deletions.next().expect("an identifier has an outcome"))));
    let failed: Vec<(&Entry<'_>, DeletionErrorCode)> =
        entries.iter().zip(outcomes).filter_map(|(entry, outcome)| Some((entry, outcome.err()?))).collect();
    let url = request.url(&list);
    let deleted = DeletedRecords::new(list.id.as_str(), &url, entries.len(), &failed);
    log.deleted(deleted.total_deleted);
    Ok(deleted.into())
}

fn code(deletion: Deletion) -> Result<(), DeletionErrorCode> {
    match deletion {
        Deletion::Deleted => Ok(()),
        Deletion::NotFound => Err(DeletionErrorCode::RecordNotFound),
        Deletion::Failed(_) => Err(DeletionErrorCode::Other),
    }
}

/// The failure of all `deletions`, if not one has another outcome; a fault of ours is the graver one.
fn common_failure(deletions: &[Deletion]) -> Option<Failure> {
    let failures = deletions.iter().map(|deletion| match deletion {
        Deletion::Failed(failure) => Some(*failure),
        _ => None,
    });
    failures.collect::<Option<Vec<_>>>()?.into_iter().max()
}
