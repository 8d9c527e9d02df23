//! Records, deleted: each with everything that holds its identifiers, at once.

use std::collections::{HashMap, HashSet};
use std::mem;

use futures_util::future::join_all;
use tracing::error;
use uuid::Uuid;

use super::calls::{Failure, Session};
use super::insert::MAX_BATCH_STATEMENTS;
use super::item::{Key, Keyspace, delete_statement, id_of_sort_key};
use super::retry::Attempts;
use super::send::{Executed, Mode, execute};
use super::settle::read_items;
use super::{Attributes, string};
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::identity::phone_number_id;

/// The most items of a record: six phone numbers.
const MAX_ITEMS: usize = 6;

/// What names a record that is to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifier {
    /// Its ID, or the ID that its reference gives it.
    Record(Uuid),
    /// The ID that one of its phone numbers takes: the record's own, or an alias.
    PhoneNumber(Uuid),
}

/// What became of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// The record that the request found is gone.
    Deleted,
    /// There is no such record, or an earlier entry of the request deletes it.
    NotFound,
    /// It may or may not be gone.
    Failed(Failure),
}

impl Identifier {
    fn id(self) -> Uuid {
        match self {
            Self::Record(id) | Self::PhoneNumber(id) => id,
        }
    }
}

/// A record as it was found, and what became of it.
struct Target<'a> {
    id: Uuid,
    statements: Vec<Vec<u8>>,
    version: (&'a str, &'a str),
    key: Key,
    outcome: Option<Deletion>,
}

/// Deletes a record.
pub async fn delete_record(session: &Session<'_>, list: &RecordList, id: Uuid) -> Deletion {
    delete_records(session, list, &[Identifier::Record(id)]).await[0]
}

/// Deletes records; the outcomes are in the order of the identifiers.
pub async fn delete_records(session: &Session<'_>, list: &RecordList, identifiers: &[Identifier]) -> Vec<Deletion> {
    match session.time(find(session, list, identifiers)).await {
        Ok(found) => session.time(delete_found(session, list, identifiers, &found)).await,
        Err(failure) => identifiers.iter().map(|_| Deletion::Failed(failure)).collect(),
    }
}

/// Reads the items that `identifiers` name, and the records that the aliases among them belong to, by ID. They are read
/// again if a record was replaced in between: the new one need not have the number.
async fn find(
    session: &Session<'_>,
    list: &RecordList,
    identifiers: &[Identifier],
) -> Result<HashMap<Uuid, Attributes>, Failure> {
    let mut attempts = Attempts::until(session.deadline, 0);
    loop {
        let items = read_named(session, list, identifiers).await?;
        if identifiers.iter().all(|identifier| is_one_version(*identifier, &items)) {
            return Ok(items);
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
) -> Result<HashMap<Uuid, Attributes>, Failure> {
    let mut items = read(session, list, identifiers.iter().map(|identifier| identifier.id()).collect()).await?;
    let named = identifiers.iter().filter_map(|identifier| record_id(*identifier, &items));
    let unread: HashSet<Uuid> = named.filter(|id| !items.contains_key(id)).collect();
    if !unread.is_empty() {
        items.extend(read(session, list, unread).await?);
    }
    Ok(items)
}

/// Whether the item that `identifier` names and its record, if it is still there, were written together.
fn is_one_version(identifier: Identifier, items: &HashMap<Uuid, Attributes>) -> bool {
    let record = record_id(identifier, items).and_then(|id| items.get(&id));
    record.is_none_or(|record| items.get(&identifier.id()).and_then(version) == version(record))
}

async fn read(
    session: &Session<'_>,
    list: &RecordList,
    ids: HashSet<Uuid>,
) -> Result<HashMap<Uuid, Attributes>, Failure> {
    let keys: Vec<Key> = ids.iter().map(|id| Keyspace::Records(list).key(&id.to_string())).collect();
    let items = read_items(session, &keys, "sk, write_token, created_at, phone_numbers, record_id").await?;
    Ok(items.into_iter().filter_map(|item| Some((id_of_sort_key(string(&item, "sk")?)?, item))).collect())
}

/// The record that `identifier` names, as far as `items` tell.
fn record_id(identifier: Identifier, items: &HashMap<Uuid, Attributes>) -> Option<Uuid> {
    let item = items.get(&identifier.id())?;
    match (identifier, string(item, "record_id")) {
        (_, None) => Some(identifier.id()),
        (Identifier::PhoneNumber(_), Some(record_id)) => record_id.parse().ok(),
        // An alias has an ID, but is not a record.
        (Identifier::Record(_), Some(_)) => None,
    }
}

async fn delete_found(
    session: &Session<'_>,
    list: &RecordList,
    identifiers: &[Identifier],
    found: &HashMap<Uuid, Attributes>,
) -> Vec<Deletion> {
    let ids: Vec<Option<Uuid>> = identifiers
        .iter()
        .map(|identifier| record_id(*identifier, found).filter(|id| found.contains_key(id)))
        .collect();
    let mut seen = HashSet::new();
    let once = ids.iter().flatten().filter(|id| seen.insert(**id));
    let mut targets: Vec<Target<'_>> =
        once.filter_map(|id| target(session.table(), list, *id, found.get(id)?)).collect();
    delete_all(session, &mut targets).await;
    let outcomes = targets.into_iter().filter_map(|target| Some((target.id, target.outcome?)));
    let mut outcomes: HashMap<Uuid, Deletion> = outcomes.collect();
    ids.into_iter().map(|id| id.map_or(Deletion::NotFound, |id| take_outcome(&mut outcomes, id))).collect()
}

/// What became of the record `id`. If it is deleted, a later entry finds nothing left to delete.
fn take_outcome(outcomes: &mut HashMap<Uuid, Deletion>, id: Uuid) -> Deletion {
    match outcomes.get_mut(&id) {
        Some(deletion @ Deletion::Deleted) => mem::replace(deletion, Deletion::NotFound),
        Some(deletion) => *deletion,
        None => {
            error!(record_id = %id, "the record lacks attributes that every record has");
            Deletion::Failed(Failure::Fault)
        }
    }
}

/// What tells an item from an earlier or later one of the same key: who wrote it, and when.
fn version(item: &Attributes) -> Option<(&str, &str)> {
    Some((string(item, "write_token")?, string(item, "created_at")?))
}

/// The record `id` as it was found: a statement for it and for each alias, which its numbers give as they are stored. They
/// are never parsed again, since older ones can break a rule of today.
fn target<'a>(table: &str, list: &RecordList, id: Uuid, item: &'a Attributes) -> Option<Target<'a>> {
    let version @ (write_token, created_at) = version(item)?;
    let mut ids = vec![id];
    if list.unique_identifier_type == UniqueIdentifierType::PhoneNumber {
        let numbers = item.get("phone_numbers")?.as_l().ok()?.iter().filter_map(|number| number.as_m().ok());
        for number in numbers.filter_map(|number| string(number, "phone_number")) {
            let alias = phone_number_id(list, number);
            if !ids.contains(&alias) {
                ids.push(alias);
            }
        }
    }
    let keys: Vec<Key> = ids.iter().map(|id| Keyspace::Records(list).key(&id.to_string())).collect();
    let statements = keys.iter().map(|key| delete_statement(table, key, write_token, created_at)).collect();
    Some(Target { id, statements, version, key: keys.into_iter().next()?, outcome: None })
}

/// Deletes `targets` until each one's fate is known or the time is up.
///
/// A `DELETE` whose condition does not hold can succeed or fail, and the response can be lost: what happened is what is
/// read back. A record that was deleted and created again meanwhile has another version, and is left alone.
async fn delete_all(session: &Session<'_>, targets: &mut [Target<'_>]) {
    let mut attempts = Attempts::until(session.deadline, 0);
    loop {
        let open: Vec<&mut Target<'_>> = targets.iter_mut().filter(|target| target.outcome.is_none()).collect();
        if open.is_empty() {
            return;
        }
        let refused = send(session, &attempts, &open).await;
        read_back(session, open, &refused).await;
        if targets.iter().any(|target| target.outcome.is_none()) && !attempts.again().await {
            let open = targets.iter_mut().filter(|target| target.outcome.is_none());
            return open.for_each(|target| target.outcome = Some(Deletion::Failed(Failure::Unavailable)));
        }
    }
}

/// Makes one call for each 25 statements, all at once; a record with aliases goes in a transaction. Gives the records that
/// DynamoDB refused to delete.
async fn send(session: &Session<'_>, attempts: &Attempts, open: &[&mut Target<'_>]) -> HashSet<Uuid> {
    let (single, several): (Vec<&Target<'_>>, Vec<&Target<'_>>) =
        open.iter().map(|target| &**target).partition(|target| target.statements.len() == 1);
    let batches = single.chunks(MAX_BATCH_STATEMENTS).map(|targets| (Mode::Batch, targets));
    let transactions = several.chunks(MAX_BATCH_STATEMENTS / MAX_ITEMS).map(|targets| (Mode::Transaction, targets));
    let calls = batches.chain(transactions).map(|(mode, targets)| send_call(session, attempts, mode, targets));
    join_all(calls).await.into_iter().flatten().collect()
}

async fn send_call(session: &Session<'_>, attempts: &Attempts, mode: Mode, targets: &[&Target<'_>]) -> Vec<Uuid> {
    let statements: Vec<&[u8]> = targets.iter().flat_map(|target| &target.statements).map(Vec::as_slice).collect();
    let is_fault = |result: &Executed| match result {
        Executed::Failed(code) if code.contains("ConditionalCheckFailed") => false,
        Executed::Failed(code) => session.failure_of_code(code) == Failure::Fault,
        Executed::Done | Executed::Cancelled => false,
    };
    match execute(session, attempts, mode, &statements).await {
        Ok(results) => {
            let mut results = results.into_iter();
            let refused = targets.iter().filter(|target| {
                results.by_ref().take(target.statements.len()).collect::<Vec<_>>().iter().any(is_fault)
            });
            refused.map(|target| target.id).collect()
        }
        Err(Failure::Fault) => targets.iter().map(|target| target.id).collect(),
        Err(Failure::Unavailable) => Vec::new(),
    }
}

/// Decides those that are gone, and those that are still there and that DynamoDB refused to delete.
async fn read_back(session: &Session<'_>, open: Vec<&mut Target<'_>>, refused: &HashSet<Uuid>) {
    let keys: Vec<Key> = open.iter().map(|target| target.key.clone()).collect();
    let items = match read_items(session, &keys, "sk, write_token, created_at").await {
        Ok(items) => items,
        Err(Failure::Unavailable) => return,
        Err(Failure::Fault) => {
            return open.into_iter().for_each(|target| target.outcome = Some(Deletion::Failed(Failure::Fault)));
        }
    };
    let stored = items.iter().filter_map(|item| Some((string(item, "sk")?, version(item)?)));
    let stored: HashMap<&str, (&str, &str)> = stored.collect();
    for target in open {
        let is_there = stored.get(target.key.sk.as_str()) == Some(&target.version);
        target.outcome = match is_there {
            false => Some(Deletion::Deleted),
            true if refused.contains(&target.id) => Some(Deletion::Failed(Failure::Fault)),
            true => None,
        };
    }
}
