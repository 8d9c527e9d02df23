//! Record lists: found, read, and kept once they are known.

use std::collections::{HashMap, VecDeque};
use std::sync::{MutexGuard, PoisonError};

use tracing::error;

use super::calls::{Failure, Session};
use super::item::{Key, Keyspace, LIST, account_key};
use super::{Attributes, string, text};
use crate::list::{RecordList, RecordListId, UniqueIdentifierType};

/// How many lists a function keeps.
const MAX_KNOWN_LISTS: usize = 1_000;

/// Lists that were found. A list's type never changes and nothing deletes a list, so what was read once is good for as
/// long as the function lives. If lists could be deleted, each write would have to check that its list still exists, in
/// one transaction with it. A list that was not found is not kept: it can be created at any moment.
#[derive(Debug, Default)]
pub struct KnownLists {
    types: HashMap<Key, UniqueIdentifierType>,
    /// The keys, oldest first.
    order: VecDeque<Key>,
}

impl KnownLists {
    fn keep(&mut self, key: Key, unique: UniqueIdentifierType) {
        if self.types.insert(key.clone(), unique).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_KNOWN_LISTS {
            self.order.pop_front().map(|oldest| self.types.remove(&oldest));
        }
    }
}

/// A list as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    /// The list.
    pub list: RecordList,
    /// Its name.
    pub name: String,
    /// Since when it exists, in RFC 3339.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
}

/// Finds a list of `account`, `None` if it has none of that ID.
///
/// # Errors
///
/// [`Failure::Unavailable`] if DynamoDB does not respond in time; [`Failure::Fault`] if it refuses the call, or the list
/// has no type this service knows.
pub async fn find_list(session: &Session<'_>, account: &str, id: &str) -> Result<Option<RecordList>, Failure> {
    let Ok(id) = id.parse::<RecordListId>() else {
        return Ok(None);
    };
    let key = Keyspace::Lists { account }.key(id.as_str());
    let known = known_lists(session).types.get(&key).copied();
    let unique_identifier_type = match known {
        Some(known) => known,
        None => match read_type(session, &key, &id).await? {
            Some(unique) => unique,
            None => return Ok(None),
        },
    };
    Ok(Some(RecordList { account: account.to_owned(), id, unique_identifier_type }))
}

fn known_lists<'a>(session: &Session<'a>) -> MutexGuard<'a, KnownLists> {
    session.store.lists.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a list's type, and keeps it.
async fn read_type(
    session: &Session<'_>,
    key: &Key,
    id: &RecordListId,
) -> Result<Option<UniqueIdentifierType>, Failure> {
    let Some(item) = session.time(get_list(session, key)).await? else {
        return Ok(None);
    };
    let unique = unique_identifier_type(&item, id)?;
    known_lists(session).keep(key.clone(), unique);
    Ok(Some(unique))
}

fn unique_identifier_type(item: &Attributes, id: &RecordListId) -> Result<UniqueIdentifierType, Failure> {
    let unique = string(item, "unique_identifier_type").and_then(|unique| unique.parse().ok());
    unique.ok_or_else(|| {
        error!(record_list_id = id.as_str(), "the record list has no known unique_identifier_type");
        Failure::Fault
    })
}

/// The read is consistent, so that a list can be used as soon as it is created.
async fn get_list(session: &Session<'_>, key: &Key) -> Result<Option<Attributes>, Failure> {
    let table = &session.store.table;
    let get = |client: aws_sdk_dynamodb::Client| {
        let get = client.get_item().table_name(table).key("pk", text(&key.pk)).key("sk", text(&key.sk));
        let get = get.projection_expression(ATTRIBUTES).expression_attribute_names("#name", "name");
        get.consistent_read(true).send()
    };
    Ok(session.repeat(get).await?.item)
}

/// Reads a list of `account` with everything that is stored of it, `None` if it has none of that ID.
///
/// # Errors
///
/// As [`find_list`].
pub async fn read_list(session: &Session<'_>, account: &str, id: &str) -> Result<Option<StoredList>, Failure> {
    let Ok(id) = id.parse::<RecordListId>() else {
        return Ok(None);
    };
    let key = Keyspace::Lists { account }.key(id.as_str());
    let item = session.time(get_list(session, &key)).await?;
    item.map(|item| stored_list(account, id, &item)).transpose()
}

/// The attributes of a list.
const ATTRIBUTES: &str = "sk, #name, unique_identifier_type, created_at, updated_at";

/// A list that an operator stored can lack everything but its type.
fn stored_list(account: &str, id: RecordListId, item: &Attributes) -> Result<StoredList, Failure> {
    let unique_identifier_type = unique_identifier_type(item, &id)?;
    let text = |name| string(item, name).unwrap_or_default().to_owned();
    let created_at = text("created_at");
    let updated_at = string(item, "updated_at").map_or_else(|| created_at.clone(), str::to_owned);
    let list = RecordList { account: account.to_owned(), id, unique_identifier_type };
    Ok(StoredList { list, name: text("name"), created_at, updated_at })
}

/// Reads up to `count` lists of `account` after `after`, in the order of their IDs, and whether there can be more. Lists
/// without a known type are left out, and logged.
///
/// # Errors
///
/// [`Failure`].
pub async fn read_lists(
    session: &Session<'_>,
    account: &str,
    after: Option<&RecordListId>,
    count: usize,
) -> Result<(Vec<StoredList>, bool), Failure> {
    let mut lists = Vec::new();
    let mut start = after.map(|id| Keyspace::Lists { account }.key(id.as_str()));
    loop {
        let (items, next) = session.time(query_lists(session, account, start, count - lists.len())).await?;
        for item in &items {
            let id = string(item, "sk").and_then(|sk| sk.strip_prefix(LIST)?.parse().ok());
            lists.extend(id.and_then(|id| stored_list(account, id, item).ok()));
        }
        if next.is_none() || lists.len() == count {
            return Ok((lists, next.is_some()));
        }
        start = next;
    }
}

async fn query_lists(
    session: &Session<'_>,
    account: &str,
    start: Option<Key>,
    count: usize,
) -> Result<(Vec<Attributes>, Option<Key>), Failure> {
    let limit = i32::try_from(count).unwrap_or(i32::MAX);
    let start = start.map(|key| HashMap::from([("pk".to_owned(), text(key.pk)), ("sk".to_owned(), text(key.sk))]));
    let call = |client: aws_sdk_dynamodb::Client| {
        let query = client.query().table_name(session.table()).consistent_read(true).limit(limit);
        let query = query.key_condition_expression("pk = :pk AND begins_with(sk, :list)");
        let query = query.projection_expression(ATTRIBUTES).expression_attribute_names("#name", "name");
        let query = query.expression_attribute_values(":pk", text(account_key(account)));
        query.expression_attribute_values(":list", text(LIST)).set_exclusive_start_key(start.clone()).send()
    };
    let output = session.repeat(call).await?;
    let next = output
        .last_evaluated_key
        .as_ref()
        .and_then(|key| Some(Key { pk: string(key, "pk")?.to_owned(), sk: string(key, "sk")?.to_owned() }));
    Ok((output.items.unwrap_or_default(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_keeps_the_newest_thousand_lists() {
        let key = |list: usize| Key { pk: "ACCOUNT#a".to_owned(), sk: format!("LIST#{list}") };
        let mut known = KnownLists::default();
        for list in 0..=MAX_KNOWN_LISTS {
            known.keep(key(list), UniqueIdentifierType::Nothing);
            known.keep(key(list), UniqueIdentifierType::Nothing);
        }
        assert_eq!((known.types.len(), known.order.len()), (MAX_KNOWN_LISTS, MAX_KNOWN_LISTS));
        assert_eq!((known.types.get(&key(0)), known.types.contains_key(&key(1))), (None, true));
    }
}
