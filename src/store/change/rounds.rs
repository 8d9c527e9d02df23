//! Changes in rounds: what depends on an earlier change of the request waits for its outcome.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Change, Changed};
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Key, Session};
use crate::list::RecordList;
use crate::store::find::{Identifier, find};
use crate::store::insert::Conflict;
use crate::store::key::record_key;
use crate::store::owner::{Owner, Owners, Relation, read_owners};

/// Makes `changes`, and sets their outcomes.
pub async fn change(session: &Session<'_>, list: &RecordList, changes: Vec<&mut Change<'_>>) {
    session.time(change_in_rounds(session, list, changes)).await;
}

async fn change_in_rounds(session: &Session<'_>, list: &RecordList, mut changes: Vec<&mut Change<'_>>) {
    let (mut known, mut named) = (Known::default(), HashSet::new());
    loop {
        find_and_prepare(session, list, &mut changes, &mut named).await;
        let next = known.next_round(&mut changes);
        if next.is_empty() {
            return;
        }
        writes::send(session, next).await;
        for change in &changes {
            known.note(change);
        }
    }
}

/// Finds the records of the changes that have no statements yet, or that have moved on, and prepares them.
async fn find_and_prepare(
    session: &Session<'_>,
    list: &RecordList,
    changes: &mut [&mut Change<'_>],
    named: &mut HashSet<Uuid>,
) {
    let is_unprepared = |change: &Change<'_>| change.is_undecided() && (change.step.is_none() || change.is_stale);
    let identifiers: Vec<Identifier> =
        changes.iter().filter(|change| is_unprepared(change)).map(|change| change.identifier).collect();
    if identifiers.is_empty() {
        return;
    }
    let found = find(session, list, &identifiers, None).await;
    for change in changes.iter_mut().filter(|change| is_unprepared(change)) {
        match &found {
            Ok(found) => change.prepare(found, named),
            Err(failure) => change.give_up(*failure),
        }
    }
}

/// The IDs whose owner follows from the outcomes of this request.
#[derive(Default)]
struct Known {
    /// The owners of IDs that records of this request gained.
    gained: Owners,
    /// The IDs that depend on changes that were given up.
    given_up: HashSet<Uuid>,
}

impl Known {
    /// The changes that depend on no earlier one that is undecided. Those that depend on one that was given up are given up.
    fn next_round<'r, 'a>(&mut self, changes: &'r mut [&mut Change<'a>]) -> Vec<&'r mut Change<'a>> {
        let mut claimed: HashSet<Uuid> = HashSet::new();
        let mut next = Vec::with_capacity(changes.len());
        for change in changes.iter_mut().filter(|change| change.is_undecided()) {
            let touches = change.touches();
            if touches.iter().any(|id| self.given_up.contains(id)) {
                change.give_up(Failure::Unavailable);
                self.note(change);
                continue;
            }
            let is_first = touches.iter().all(|id| !claimed.contains(id));
            claimed.extend(touches);
            if is_first && !self.refuse_gained(change) {
                next.push(&mut **change);
            }
        }
        next
    }

    /// Refuses a change that would gain what an earlier record of the request has gained.
    fn refuse_gained(&self, change: &mut Change<'_>) -> bool {
        let conflict = |id: &Uuid| {
            let owner = self.gained.get(id)?.clone();
            Some(Conflict { id: *id, relation: Relation::EarlierRecord, owner })
        };
        let conflicts: Vec<Conflict> = change.gains().iter().filter_map(conflict).collect();
        let is_refused = !conflicts.is_empty();
        if is_refused {
            change.refuse(conflicts);
        }
        is_refused
    }

    fn note(&mut self, change: &Change<'_>) {
        match &change.outcome {
            Some(Changed::Created(record) | Changed::Updated(record)) => {
                for id in change.loses() {
                    self.gained.remove(id);
                }
                let owner = Owner { version: record.version(), record_id: record.id };
                self.gained.extend(change.gains().into_iter().map(|id| (id, owner.clone())));
            }
            Some(Changed::Failed { .. }) => self.given_up.extend(change.touches()),
            _ => {}
        }
    }
}

/// Sets the outcomes that `changes` would have: nothing is written, and earlier ones count as made.
pub async fn preview(session: &Session<'_>, list: &RecordList, changes: Vec<&mut Change<'_>>) {
    session.time(preview_all(session, list, changes)).await;
}

async fn preview_all(session: &Session<'_>, list: &RecordList, mut changes: Vec<&mut Change<'_>>) {
    find_and_prepare(session, list, &mut changes, &mut HashSet::new()).await;
    let undecided = || changes.iter().filter(|change| change.is_undecided());
    let gains: HashSet<Uuid> = undecided().flat_map(|change| change.gains()).collect();
    let keys: Vec<Key> = gains.into_iter().map(|id| record_key(list, id)).collect();
    let owners = if keys.is_empty() { Ok(Owners::new()) } else { read_owners(session, &keys).await };
    let mut owners = match owners {
        Ok(owners) => owners,
        Err(failure) => {
            let undecided = changes.iter_mut().filter(|change| change.is_undecided());
            return undecided.for_each(|change| change.give_up(failure));
        }
    };
    let mut known = Known::default();
    for change in changes.iter_mut().filter(|change| change.is_undecided()) {
        preview_one(change, &mut owners, &mut known);
    }
}

fn preview_one(change: &mut Change<'_>, owners: &mut Owners, known: &mut Known) {
    if known.refuse_gained(change) {
        return;
    }
    let conflict = |id: Uuid| {
        let owner = owners.get(&id)?.clone();
        Some(Conflict { id, relation: Relation::Stranger, owner })
    };
    let conflicts: Vec<Conflict> = change.gains().into_iter().filter_map(conflict).collect();
    if conflicts.is_empty() {
        change.done();
        known.note(change);
        for id in change.loses() {
            owners.remove(id);
        }
    } else {
        change.refuse(conflicts);
    }
}
