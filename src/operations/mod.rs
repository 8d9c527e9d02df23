//! The operations: a file each, whose first function tells the whole story.

mod create_record_list;
mod create_records;
mod delete_record;
mod delete_record_list;
mod delete_records;
mod not_unique;
mod read_record;
mod read_record_list;
mod read_record_lists;
mod read_records;
mod update_record;
mod update_record_list;
mod update_records;

pub use self::create_record_list::create_record_list;
pub use self::create_records::create_records;
pub use self::delete_record::delete_record;
pub use self::delete_record_list::delete_record_list;
pub use self::delete_records::delete_records;
pub use self::read_record::read_record;
pub use self::read_record_list::read_record_list;
pub use self::read_record_lists::read_record_lists;
pub use self::read_records::read_records;
pub use self::update_record::update_record;
pub use self::update_record_list::update_record_list;
pub use self::update_records::update_records;
use crate::api::caller::Caller;
use crate::api::endpoint::Route;
use crate::api::error::Error;
use crate::api::event::Event;
use crate::api::hal::{BaseUrl, ListUrl};
use crate::api::request::query::VALIDATE_ONLY;
use crate::dynamodb::{Failure, Session};
use crate::field::Field;
use crate::list::RecordList;
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::store::Store;
use crate::store::lists::{StoredList, read_list};
use crate::telemetry::RequestLog;

/// A request whose caller may call the operation, and everything to carry it out with.
pub struct Request<'a> {
    pub event: &'a Event,
    pub route: Route,
    pub caller: Caller,
    pub base_url: BaseUrl,
    pub store: &'a Store,
    pub session: &'a Session<'a>,
}

impl Request<'_> {
    /// The list that the path names, if it is one of the caller's account.
    async fn list(&self, log: &mut RequestLog) -> Result<RecordList, Error> {
        let (account, id) = (self.caller.account(), &self.route.record_list_id);
        let list = self.store.find_list(self.session, account, id, self.event.time()).await?;
        let list = list.ok_or(Error::RecordListNotFound)?;
        log.list(&list);
        Ok(list)
    }

    /// The same list with every attribute that is stored. It is always read from the table.
    async fn stored_list(&self, log: &mut RequestLog) -> Result<StoredList, Error> {
        let stored = read_list(self.session, self.caller.account(), &self.route.record_list_id).await?;
        let stored = stored.ok_or(Error::RecordListNotFound)?;
        log.list(&stored.list);
        Ok(stored)
    }

    /// Refuses the parameter `validate_only`, which only the bulk operations that take records have, so that nobody
    /// writes by mistake.
    fn refuse_validate_only(&self) -> Result<(), Error> {
        if self.event.query(VALIDATE_ONLY).is_empty() {
            return Ok(());
        }
        let description = "This operation does not have the parameter; leave it out.";
        Err(Error::InvalidQuery(vec![Field::new(VALIDATE_ONLY, description)]))
    }

    /// The URL of `list`.
    fn url(&self, list: &RecordList) -> ListUrl {
        self.base_url.record_list(list.id.as_str())
    }
}

/// Fails the request, with the gravest failure, if every row failed for a reason that is not its own. `failures` has an
/// element for each row.
fn unless_all_failed(failures: impl Iterator<Item = Option<Failure>>) -> Result<(), Error> {
    match failures.collect::<Option<Vec<Failure>>>() {
        Some(failures) => failures.into_iter().max().map_or(Ok(()), |failure| Err(failure.into())),
        None => Ok(()),
    }
}

/// The errors of a record that DynamoDB will never accept.
fn rejected() -> RecordErrors {
    let description = "The record cannot be stored as it is; check its size and its `extra_data`.";
    RecordError::new(RecordErrorCode::Other, "record", description).into()
}
