//! The operations: a story each.

mod create_record_list;
mod create_records;
mod delete_records;
mod read_record_lists;
mod read_records;

use jiff::Timestamp;

pub use self::create_record_list::create_record_list;
pub use self::create_records::create_records;
pub use self::delete_records::{delete_record, delete_records};
pub use self::read_record_lists::{read_record_list, read_record_lists};
pub use self::read_records::{read_record, read_records};
use crate::api::caller::Caller;
use crate::api::error::Error;
use crate::api::event::Event;
use crate::api::hal::{BaseUrl, ListUrl};
use crate::api::operation::Route;
use crate::list::RecordList;
use crate::store::{Session, find_list};
use crate::telemetry::RequestLog;

/// A request whose caller may make it.
pub struct Request<'a> {
    pub event: &'a Event,
    pub route: Route,
    pub caller: Caller,
    pub base_url: BaseUrl,
    pub session: &'a Session<'a>,
}

impl Request<'_> {
    /// The list that the path names, which must be one of the caller's account.
    async fn list(&self, log: &mut RequestLog) -> Result<RecordList, Error> {
        let list = find_list(self.session, self.caller.account(), &self.route.record_list_id).await?;
        let list = list.ok_or(Error::RecordListNotFound)?;
        log.list(&list);
        Ok(list)
    }

    /// Where `list` is.
    fn url(&self, list: &RecordList) -> ListUrl {
        self.base_url.record_list(list.id.as_str())
    }
}

/// Now, in RFC 3339, UTC, milliseconds.
fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
