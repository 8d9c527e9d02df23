//! Reads record lists: one, or a page of an account's.

use std::sync::{MutexGuard, PoisonError};

use tracing::error;

use super::Store;
use super::key::{LIST, account_partition, list_key};
use super::known_lists::KnownLists;
use crate::dynamodb::read::{self, get_item};
use crate::dynamodb::{Failure, Item, Session};
use crate::list::{RecordList, RecordListId, UniqueIdentifierType};

/// A list as it is stored. Times are in RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    pub list: RecordList,
    pub name: String,
    pub created_at: String,
    /// The time of the last change: `created_at` if none is stored.
    pub updated_at: String,
    /// The stored time of the last change. Lists stored before they could be renamed have none.
    pub stored_updated_at: Option<String>,
}

impl Store {
    /// Finds the list `id` of `account`, for a request that API Gateway received at `time`, in milliseconds since 1970.
    /// Reads the list unless it is known; without a time, always.
    ///
    /// # Errors
    ///
    /// [`Failure::Unavailable`] if DynamoDB does not respond in time; another [`Failure`] if it refuses the call, or
    /// the list has no type that this service knows.
    pub(crate) async fn find_list(
        &self,
        session: &Session<'_>,
        account: &str,
        id: &str,
        time: Option<i64>,
    ) -> Result<Option<RecordList>, Failure> {
        let Ok(id) = id.parse::<RecordListId>() else {
            return Ok(None);
        };
        let key = list_key(account, id.as_str());
        let known = self.known_lists().get(&key, time);
        if known.is_some() {
            return Ok(known);
        }
        let Some(item) = session.time(get_item(session, &key)).await?.filter(is_there) else {
            self.known_lists().forget(&key);
            return Ok(None);
        };
        let list = record_list(account, id, &item)?;
        self.known_lists().keep(key, list.clone(), time);
        Ok(Some(list))
    }

    /// Forgets `list`, so that the next request reads it.
    pub(crate) fn forget_list(&self, list: &RecordList) {
        self.known_lists().forget(&list_key(&list.account, list.id.as_str()));
    }

    fn known_lists(&self) -> MutexGuard<'_, KnownLists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn record_list(account: &str, id: RecordListId, item: &Item) -> Result<RecordList, Failure> {
    let unique_identifier_type = unique_identifier_type(item, &id)?;
    Ok(RecordList { account: account.to_owned(), id, unique_identifier_type, salt: item.owned_text("salt") })
}

fn unique_identifier_type(item: &Item, id: &RecordListId) -> Result<UniqueIdentifierType, Failure> {
    let unique = item.text("unique_identifier_type").and_then(|unique| unique.parse().ok());
    unique.ok_or_else(|| {
        error!(record_list_id = id.as_str(), "the record list has no known unique_identifier_type");
        Failure::Fault
    })
}

/// Reads the list `id` of `account`, with every attribute that is stored.
///
/// # Errors
///
/// As [`Store::find_list`].
pub async fn read_list(session: &Session<'_>, account: &str, id: &str) -> Result<Option<StoredList>, Failure> {
    let Ok(id) = id.parse::<RecordListId>() else {
        return Ok(None);
    };
    let item = session.time(get_item(session, &list_key(account, id.as_str()))).await?;
    item.filter(is_there).map(|item| stored_list(account, id, &item)).transpose()
}

/// The attribute that marks a deleted list: the token of the attempt that deleted it. The item stays for good, so that
/// the ID is never used again.
pub const DELETION: &str = "deletion";

/// Whether the list has not been deleted.
pub fn is_there(list: &Item) -> bool {
    !list.has(DELETION)
}

/// The list in `item`. If an operator stored it, it can lack every attribute but its type.
fn stored_list(account: &str, id: RecordListId, item: &Item) -> Result<StoredList, Failure> {
    let list = record_list(account, id, item)?;
    let text = |name| item.owned_text(name).unwrap_or_default();
    let created_at = text("created_at");
    let stored_updated_at = item.owned_text("updated_at");
    let updated_at = stored_updated_at.clone().unwrap_or_else(|| created_at.clone());
    Ok(StoredList { list, name: text("name"), created_at, updated_at, stored_updated_at })
}

/// Lists in the order of their IDs.
#[derive(Debug)]
pub struct ListPage {
    pub lists: Vec<StoredList>,
    /// Whether another page can have more lists.
    pub has_more: bool,
}

/// Reads up to `count` lists of `account` after `after`. A list without a known type is left out and logged.
///
/// # Errors
///
/// [`Failure`].
pub async fn read_lists(
    session: &Session<'_>,
    account: &str,
    after: Option<&RecordListId>,
    count: usize,
) -> Result<ListPage, Failure> {
    let pk = account_partition(account);
    let mut lists = Vec::new();
    let mut start = after.map(|id| list_key(account, id.as_str()).sk);
    loop {
        let query = read::Query {
            pk: &pk,
            sk_prefix: LIST,
            filter: Some("attribute_not_exists(deletion)"),
            projection: None,
            start: start.as_deref(),
            limit: count - lists.len(),
        };
        let page = session.time(read::query(session, &query)).await?;
        for item in &page.items {
            let id = item.text("sk").and_then(|sk| sk.strip_prefix(LIST)?.parse().ok());
            lists.extend(id.and_then(|id| stored_list(account, id, item).ok()));
        }
        if page.next.is_none() || lists.len() == count {
            return Ok(ListPage { lists, has_more: page.next.is_some() });
        }
        start = page.next;
    }
}
