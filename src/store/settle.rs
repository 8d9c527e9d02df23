//! Finds out who owns an item that an insert collided with: an earlier attempt whose response was lost, or another writer.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::calls::{Failure, Session};
use super::insert::Row;
use super::item::{self, Key};
use super::retry::Attempts;
use super::write::{Holder, Holders, Outcome, Write};
use super::{Attributes, string, text};

/// The most keys of a `BatchGetItem`: DynamoDB's quotas.
const MAX_KEYS: usize = 100;

/// Decides the rows that `collided` at these of their IDs. Those stay open whose items are gone again, or could not be
/// read.
pub async fn settle(session: &Session<'_>, collided: Vec<(&mut Row<'_>, Vec<Uuid>)>) {
    let Some((first, _)) = collided.first() else {
        return;
    };
    let ids: Vec<Uuid> = collided.iter().flat_map(|(_, ids)| ids).copied().collect();
    let holders = read_holders(session, first.write, &ids).await;
    for (row, ids) in collided {
        row.outcome = match &holders {
            Ok(holders) => outcome(row.write, &ids, holders),
            Err(Failure::Unavailable) => None,
            Err(Failure::Fault) => Some(Outcome::Unstored(Failure::Fault)),
        };
    }
}

/// What became of a write, if one of `ids` is held: our own write token means that an earlier attempt of ours stored it.
pub fn outcome(write: &Write<'_>, ids: &[Uuid], holders: &Holders) -> Option<Outcome> {
    let own = ids.iter().filter_map(|id| holders.get(id)).find(|holder| holder.write_token == write.write_token);
    if let Some(own) = own {
        return Some(write.created(&own.created_at));
    }
    let taken = write.taken(ids, holders);
    (!taken.is_empty()).then_some(Outcome::NotUnique(taken))
}

/// Reads who holds `ids`, in the keyspace of `write`.
///
/// # Errors
///
/// [`Failure`], if not every key could be read in time.
pub async fn read_holders(session: &Session<'_>, write: &Write<'_>, ids: &[Uuid]) -> Result<Holders, Failure> {
    let keys: Vec<Key> = ids.iter().map(|id| write.key(*id)).collect();
    let items = read_items(session, &keys, "sk, write_token, created_at, record_id").await?;
    Ok(items.iter().filter_map(holder).collect())
}

/// An alias names the record it belongs to.
fn holder(item: &Attributes) -> Option<(Uuid, Holder)> {
    let id = item::id_of_sort_key(string(item, "sk")?)?;
    let record_id = string(item, "record_id").map_or(Some(id), |id| id.parse().ok())?;
    let (write_token, created_at) = (string(item, "write_token")?, string(item, "created_at")?);
    Some((id, Holder { write_token: write_token.to_owned(), created_at: created_at.to_owned(), record_id }))
}

/// Reads the items `keys`, consistently, in as many calls as it takes: an item that does not exist is left out.
///
/// # Errors
///
/// [`Failure`], if not every key could be read in time.
pub async fn read_items(session: &Session<'_>, keys: &[Key], attributes: &str) -> Result<Vec<Attributes>, Failure> {
    let calls = keys.chunks(MAX_KEYS).map(|keys| read_chunk(session, keys, attributes));
    Ok(try_join_all(calls).await?.concat())
}

/// Keys that are left unprocessed are asked for again.
async fn read_chunk(session: &Session<'_>, keys: &[Key], attributes: &str) -> Result<Vec<Attributes>, Failure> {
    let mut attempts = Attempts::until(session.deadline, 0);
    let key = |key: &Key| HashMap::from([("pk".to_owned(), text(&key.pk)), ("sk".to_owned(), text(&key.sk))]);
    let mut keys: Vec<Attributes> = keys.iter().map(key).collect();
    let mut items = Vec::with_capacity(keys.len());
    loop {
        match read_once(session, &attempts, &keys, attributes).await {
            Ok((read, unprocessed)) => {
                items.extend(read);
                keys = unprocessed;
            }
            Err(Failure::Unavailable) => {}
            Err(Failure::Fault) => return Err(Failure::Fault),
        }
        if keys.is_empty() {
            return Ok(items);
        }
        if !attempts.again().await {
            return Err(Failure::Unavailable);
        }
    }
}

/// Makes one call: the items that exist, and the keys left unprocessed.
async fn read_once(
    session: &Session<'_>,
    attempts: &Attempts,
    keys: &[Attributes],
    attributes: &str,
) -> Result<(Vec<Attributes>, Vec<Attributes>), Failure> {
    let table = &session.store.table;
    let wanted = KeysAndAttributes::builder()
        .set_keys(Some(keys.to_vec()))
        .consistent_read(true)
        .projection_expression(attributes)
        .build()
        .map_err(|_| Failure::Fault)?;
    let call = |client: aws_sdk_dynamodb::Client| client.batch_get_item().request_items(table, wanted).send();
    let output = session.call(attempts, call).await?;
    // DynamoDB always names the tables it read: an object without them is not its response.
    let items = output.responses.ok_or(Failure::Unavailable)?.remove(table).unwrap_or_default();
    let unprocessed = output.unprocessed_keys.and_then(|mut tables| tables.remove(table));
    Ok((items, unprocessed.map(|keys| keys.keys).unwrap_or_default()))
}
