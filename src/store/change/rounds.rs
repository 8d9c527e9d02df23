//! Changes in turn: a change that depends on an earlier one of the request waits for that one's outcome.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Change, Changed};
use crate::dynamodb::writes::Write;
use crate::dynamodb::{Failure, Key, Session};
use crate::list::RecordList;
use crate::store::find::{Identifier, find};
use crate::store::insert::Conflict;
use crate::store::key::record_key;
use crate::store::owner::{Owner, Owners, Relation, read_owners};
use crate::store::turn::{self, Dependent, Known as _, send_in_turn};

/// The size of statements, in bytes, at which further changes wait for the next round. 100 changes of the largest
/// records would take several times their 40 MB if all were written at once. Changes of usual records all fit.
const ROUND_BYTES: usize = 8_000_000;

/// Makes `changes`, and sets their outcomes.
pub async fn change(session: &Session<'_>, list: &RecordList, changes: Vec<&mut Change<'_>>) {
    session.time(change_in_rounds(session, list, changes)).await;
}

async fn change_in_rounds(session: &Session<'_>, list: &RecordList, mut changes: Vec<&mut Change<'_>>) {
    let (mut known, mut named) = (Known::default(), HashSet::new());
    while changes.iter().any(|change| change.is_undecided()) {
        find_records(session, list, &mut changes).await;
        prepare_some(&mut changes, &mut named);
        let undecided = changes.iter_mut().filter(|change| change.is_undecided());
        let prepared = undecided.take_while(|change| change.is_prepared()).map(|change| &mut **change);
        send_in_turn(session, prepared.collect(), &mut known).await;
        for change in &mut changes {
            known.note(change);
            change.release();
        }
    }
}

/// Finds the records of the changes that have none yet, or whose record has changed since it was read.
async fn find_records(session: &Session<'_>, list: &RecordList, changes: &mut [&mut Change<'_>]) {
    let identifiers: Vec<Identifier> =
        changes.iter().filter(|change| change.is_to_be_found()).map(|change| change.identifier).collect();
    if identifiers.is_empty() {
        return;
    }
    let found = find(session, list, &identifiers, None).await;
    for change in changes.iter_mut().filter(|change| change.is_to_be_found()) {
        match &found {
            Ok(found) => change.find(found),
            Err(failure) => change.give_up(*failure),
        }
    }
}

/// Prepares the changes whose records were found, in order, until the statements reach [`ROUND_BYTES`].
fn prepare_some(changes: &mut [&mut Change<'_>], named: &mut HashSet<Uuid>) {
    let mut bytes = 0;
    for change in changes.iter_mut().filter(|change| change.is_undecided()) {
        if bytes >= ROUND_BYTES {
            return;
        }
        change.prepare(named);
        bytes += change.bytes();
    }
}

/// The IDs whose owner follows from the outcomes of this request.
#[derive(Default)]
struct Known {
    /// The owners of IDs that records of this request gained.
    gained: Owners,
    /// The IDs that records of this request lost.
    lost: HashSet<Uuid>,
    /// The IDs that depend on changes that were given up.
    given_up: HashSet<Uuid>,
}

impl Known {
    /// Refuses a change that would gain an ID that an earlier record of the request has gained.
    fn refuse_gained(&self, change: &mut Change<'_>) {
        let conflict = |id: &Uuid| {
            let owner = self.gained.get(id)?.clone();
            Some(Conflict { id: *id, relation: Relation::EarlierRecord, owner })
        };
        let conflicts: Vec<Conflict> = change.ids.gained.iter().filter_map(conflict).collect();
        if !conflicts.is_empty() {
            change.refuse(conflicts);
        }
    }
}

impl turn::Known<Change<'_>> for Known {
    fn decide(&self, change: &mut Change<'_>) {
        if change.touches().any(|id| self.given_up.contains(&id)) {
            change.give_up(Failure::Unavailable);
        } else {
            self.refuse_gained(change);
        }
    }

    fn note(&mut self, change: &Change<'_>) {
        match &change.outcome {
            Some(Changed::Created(record) | Changed::Updated(record)) => {
                for id in &change.ids.lost {
                    self.gained.remove(id);
                }
                self.lost.extend(&change.ids.lost);
                let owner = Owner { version: record.version(), record_id: record.id };
                self.gained.extend(change.ids.gained.iter().map(|id| (*id, owner.clone())));
            }
            Some(Changed::Failed { .. }) => self.given_up.extend(change.touches()),
            _ => {}
        }
    }
}

/// Sets the outcomes that `changes` would have. Nothing is written, and earlier changes count as made.
pub async fn preview(session: &Session<'_>, list: &RecordList, changes: Vec<&mut Change<'_>>) {
    session.time(preview_all(session, list, changes)).await;
}

async fn preview_all(session: &Session<'_>, list: &RecordList, mut changes: Vec<&mut Change<'_>>) {
    let (mut known, mut named) = (Known::default(), HashSet::new());
    find_records(session, list, &mut changes).await;
    while changes.iter().any(|change| change.is_undecided()) {
        prepare_some(&mut changes, &mut named);
        let prepared = changes.iter_mut().filter(|change| change.is_undecided() && change.is_prepared());
        preview_some(session, list, &mut known, prepared.map(|change| &mut **change).collect()).await;
        for change in &mut changes {
            change.release();
        }
    }
}

async fn preview_some(session: &Session<'_>, list: &RecordList, known: &mut Known, changes: Vec<&mut Change<'_>>) {
    let gained: HashSet<Uuid> = changes.iter().flat_map(|change| &change.ids.gained).copied().collect();
    let keys: Vec<Key> = gained.into_iter().map(|id| record_key(list, id)).collect();
    let owners = if keys.is_empty() { Ok(Owners::new()) } else { read_owners(session, &keys).await };
    for change in changes {
        match &owners {
            Ok(owners) => known.preview(change, owners),
            Err(failure) => change.give_up(*failure),
        }
    }
}

impl Known {
    /// Sets the outcome that `change` would have. `owners` has the owners of the IDs that it would gain.
    fn preview(&mut self, change: &mut Change<'_>, owners: &Owners) {
        self.refuse_gained(change);
        if !change.is_undecided() {
            return;
        }
        let conflict = |id: &Uuid| {
            let owner = owners.get(id).filter(|_| !self.lost.contains(id))?.clone();
            Some(Conflict { id: *id, relation: Relation::Stranger, owner })
        };
        let conflicts: Vec<Conflict> = change.ids.gained.iter().filter_map(conflict).collect();
        if conflicts.is_empty() {
            change.done();
            self.note(change);
        } else {
            change.refuse(conflicts);
        }
    }
}
