//! Whose item it is that an insert met: an earlier write of the same request, whose answer was lost, or another's.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use uuid::Uuid;

use super::call::Failure;
use super::item;
use super::new_record::{NewRecord, Outcome, Written};
use super::retry::Attempts;
use super::{Attributes, Session, text};
use crate::list::RecordList;

/// The most keys of a `BatchGetItem`: DynamoDB's quotas.
const MAX_KEYS: usize = 100;

/// Who holds an ID: the write token of the item, and since when.
#[derive(Debug, Clone)]
pub struct Holder {
    pub write_token: String,
    pub created_at: String,
}

/// Holders by ID, as far as they are known.
pub type Holders = HashMap<Uuid, Holder>;

impl Session<'_> {
    /// Settles records that `collided` at these of their IDs. Those come back unsettled whose items are gone again, or
    /// could not be read.
    pub(super) async fn settle<'r>(
        &self,
        list: &RecordList,
        collided: Vec<(&'r NewRecord<'r>, Vec<Uuid>)>,
    ) -> (Vec<Written<'r>>, Vec<&'r NewRecord<'r>>) {
        let ids: Vec<Uuid> = collided.iter().flat_map(|(_, ids)| ids).copied().collect();
        let mut holders = Holders::with_capacity(ids.len());
        for ids in ids.chunks(MAX_KEYS) {
            match self.read_holders(list, ids).await {
                Ok(found) => holders.extend(found),
                Err(Failure::Unavailable) => {}
                Err(Failure::Fault) => return (collided.into_iter().map(|(new, _)| faulty(new)).collect(), Vec::new()),
            }
        }
        let mut settled = Vec::with_capacity(collided.len());
        let mut unsettled = Vec::new();
        for (new, ids) in collided {
            let found: Holders = ids.into_iter().filter_map(|id| Some((id, holders.remove(&id)?))).collect();
            match found.values().find(|holder| holder.write_token == new.write_token) {
                Some(own) => settled.push(new.created(&own.created_at)),
                None if found.is_empty() => unsettled.push(new),
                None => settled.push((new, Outcome::NotUnique, found)),
            }
        }
        (settled, unsettled)
    }

    /// Reads who holds `ids`, at most [`MAX_KEYS`], consistently; keys that are left unprocessed are asked for again.
    async fn read_holders(&self, list: &RecordList, ids: &[Uuid]) -> Result<Holders, Failure> {
        let mut attempts = Attempts::until(self.deadline);
        let mut keys: Vec<Attributes> = ids.iter().map(|id| key(list, *id)).collect();
        let mut holders = Holders::with_capacity(ids.len());
        while !keys.is_empty() {
            match self.read_items(&attempts, &keys).await {
                Ok((items, unprocessed)) => {
                    holders.extend(items.iter().filter_map(holder));
                    keys = unprocessed;
                }
                Err(Failure::Unavailable) => {}
                Err(Failure::Fault) => return Err(Failure::Fault),
            }
            if !keys.is_empty() && !attempts.again().await {
                return Ok(holders);
            }
        }
        Ok(holders)
    }

    /// Makes one call: the items found, and the keys left unprocessed.
    async fn read_items(
        &self,
        attempts: &Attempts,
        keys: &[Attributes],
    ) -> Result<(Vec<Attributes>, Vec<Attributes>), Failure> {
        let table = &self.store.table;
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.to_vec()))
            .consistent_read(true)
            .projection_expression("sk, write_token, created_at")
            .build()
            .map_err(|_| Failure::Fault)?;
        let call = self.store.client.batch_get_item().request_items(table, wanted);
        let output = self.call(attempts, call.send()).await?;
        let items = output.responses.and_then(|mut tables| tables.remove(table)).unwrap_or_default();
        let unprocessed = output.unprocessed_keys.and_then(|mut tables| tables.remove(table));
        Ok((items, unprocessed.map(|keys| keys.keys).unwrap_or_default()))
    }
}

fn faulty<'r>(new: &'r NewRecord<'r>) -> Written<'r> {
    (new, Outcome::Unstored(Failure::Fault), Holders::new())
}

fn key(list: &RecordList, id: Uuid) -> Attributes {
    let (pk, sk) = item::key(list, id);
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

fn holder(item: &Attributes) -> Option<(Uuid, Holder)> {
    let attribute = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
    let id = item::id_of_sort_key(attribute("sk")?)?;
    Some((id, Holder { write_token: attribute("write_token")?.clone(), created_at: attribute("created_at")?.clone() }))
}
