//! Records, found by their identifiers.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::key::{id_of, record_key};
use super::stored_record::StoredRecord;
use crate::dynamodb::batch_get::batch_get;
use crate::dynamodb::{Attempts, Failure, Item, Key, Session};
use crate::list::RecordList;

/// The identifier by which a request names a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifier {
    /// Its ID, or the ID that is derived from its reference.
    Record(Uuid),
    /// The ID that is derived from one of its phone numbers: the record's own, or an alias.
    PhoneNumber(Uuid),
}

impl Identifier {
    fn id(self) -> Uuid {
        match self {
            Self::Record(id) | Self::PhoneNumber(id) => id,
        }
    }
}

/// The items that were read, by ID: those that identifiers name, and the records of the aliases among them.
#[derive(Debug, Default)]
pub struct Found(HashMap<Uuid, Item>);

impl Found {
    /// The record that `identifier` names.
    pub fn record(&self, identifier: Identifier) -> Option<StoredRecord> {
        self.0.get(&self.record_id(identifier)?).cloned().and_then(StoredRecord::of)
    }

    /// The ID of the record that `identifier` names, which need not have been read.
    fn record_id(&self, identifier: Identifier) -> Option<Uuid> {
        let item = self.0.get(&identifier.id())?;
        match (identifier, item.text("record_id")) {
            (_, None) => Some(identifier.id()),
            (Identifier::PhoneNumber(_), Some(record_id)) => record_id.parse().ok(),
            // An alias has an ID, but is not a record.
            (Identifier::Record(_), Some(_)) => None,
        }
    }

    /// Whether the item that `identifier` names belongs to its record, if that still exists. They are read one after
    /// the other, and in between the record can be replaced by one without the number.
    fn is_consistent(&self, list: &RecordList, identifier: Identifier) -> bool {
        let Identifier::PhoneNumber(id) = identifier else {
            return true;
        };
        self.record(identifier).is_none_or(|record| record.ids(list).contains(&id))
    }
}

/// Finds the records that `identifiers` name.
///
/// # Errors
///
/// [`Failure`], if not every record could be read in time.
pub async fn find(
    session: &Session<'_>,
    list: &RecordList,
    identifiers: &[Identifier],
    projection: Option<&str>,
) -> Result<Found, Failure> {
    let mut attempts = Attempts::until(session.deadline(), 0);
    loop {
        let found = read_named(session, list, identifiers, projection).await?;
        if identifiers.iter().all(|identifier| found.is_consistent(list, *identifier)) {
            return Ok(found);
        }
        if !attempts.again().await {
            return Err(Failure::Unavailable);
        }
    }
}

async fn read_named(
    session: &Session<'_>,
    list: &RecordList,
    identifiers: &[Identifier],
    projection: Option<&str>,
) -> Result<Found, Failure> {
    let mut found = Found::default();
    let named = identifiers.iter().map(|identifier| identifier.id()).collect();
    found.0.extend(read(session, list, named, projection).await?);
    let records = identifiers.iter().filter_map(|identifier| found.record_id(*identifier));
    let unread: HashSet<Uuid> = records.filter(|id| !found.0.contains_key(id)).collect();
    if !unread.is_empty() {
        found.0.extend(read(session, list, unread, projection).await?);
    }
    Ok(found)
}

async fn read(
    session: &Session<'_>,
    list: &RecordList,
    ids: HashSet<Uuid>,
    projection: Option<&str>,
) -> Result<Vec<(Uuid, Item)>, Failure> {
    let keys: Vec<Key> = ids.into_iter().map(|id| record_key(list, id)).collect();
    let items = batch_get(session, &keys, projection).await?;
    Ok(items.into_iter().filter_map(|item| Some((id_of(&item)?, item))).collect())
}
