//! Deletes in rounds: a record that shares an item with an earlier one of the request waits for that one's outcome.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Delete, Deletion, Target};
use crate::dynamodb::Session;
use crate::dynamodb::writes::{self, Write};
use crate::list::RecordList;
use crate::store::find::{Found, Identifier, find};

/// The attributes of a record that are needed to delete it.
const ATTRIBUTES: &str = "sk, write_token, created_at, updated_at, version, phone_numbers, record_id";

/// Deletes the records that `deletes` name, and sets their outcomes.
pub async fn delete(session: &Session<'_>, list: &RecordList, deletes: Vec<&mut Delete>) {
    session.time(delete_in_rounds(session, list, deletes)).await;
}

/// A record that shares an item with an earlier one of the request is found again once that one is decided: the two were
/// read at different moments, and only one of them can exist.
async fn delete_in_rounds(session: &Session<'_>, list: &RecordList, mut deletes: Vec<&mut Delete>) {
    loop {
        let undecided = deletes.iter().filter(|delete| delete.outcome.is_none());
        let identifiers: Vec<Identifier> = undecided.flat_map(|delete| delete.identifiers()).collect();
        if identifiers.is_empty() {
            return;
        }
        match find(session, list, &identifiers, Some(ATTRIBUTES)).await {
            Ok(found) => writes::send(session, next_round(session.table(), list, &mut deletes, &found)).await,
            Err(failure) => {
                let open = deletes.iter_mut().filter(|delete| delete.outcome.is_none());
                return open.for_each(|delete| delete.give_up(failure));
            }
        }
        follow_earlier(&mut deletes);
    }
}

/// Notes the targets, and returns the deletes that share no item with an earlier one.
fn next_round<'r>(
    table: &str,
    list: &RecordList,
    deletes: &'r mut [&mut Delete],
    found: &Found,
) -> Vec<&'r mut Delete> {
    let mut named: HashSet<Uuid> = HashSet::new();
    let mut next = Vec::with_capacity(deletes.len());
    for delete in deletes.iter_mut().filter(|delete| delete.outcome.is_none()) {
        let Some(record) = found.record(delete.identifier) else {
            delete.outcome = Some(delete.without_record(found));
            continue;
        };
        if delete.precondition.as_ref().is_some_and(|precondition| !precondition.holds(&record)) {
            delete.outcome = Some(Deletion::Changed);
            continue;
        }
        delete.is_stale = false;
        let target = delete.target.insert(Target::of(table, list, &record));
        if target.ids().all(|id| !named.contains(&id)) {
            named.extend(target.ids());
            next.push(&mut **delete);
        }
    }
    next
}

/// Sets the outcomes of deletes whose record an earlier one names too: not found, or failed like the earlier one.
fn follow_earlier(deletes: &mut [&mut Delete]) {
    for place in 1..deletes.len() {
        let (earlier, later) = deletes.split_at_mut(place);
        let delete = &mut *later[0];
        let is_same = |earlier: &&&mut Delete| match (&earlier.target, &delete.target) {
            (Some(one), Some(other)) => delete.outcome.is_none() && one.is_same(other),
            _ => false,
        };
        delete.outcome = match earlier.iter().find(is_same).and_then(|earlier| earlier.outcome) {
            Some(Deletion::Deleted | Deletion::NotFound | Deletion::Changed) => Some(Deletion::NotFound),
            Some(failed @ Deletion::Failed(_)) => Some(failed),
            None => delete.outcome,
        };
    }
}
