//! Changes, sent: the outcome that follows from the results of a call, and from the items in the way.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Change, Changed, Step};
use crate::dynamodb::statements::Statement;
use crate::dynamodb::writes::Write;
use crate::dynamodb::{Failure, Item, Key};
use crate::store::insert::{Conflict, Outcome};
use crate::store::owner::{Owners, Relation, Version, owners_of};
use crate::store::statement::ItemStatement;
use crate::store::stored_record::StoredRecord;
use crate::store::turn::Dependent;
use crate::store::update::{Update, has_been};

impl Write for Change<'_> {
    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        let items = match &mut self.step {
            Some(Step::Insert { insert, .. }) => insert.items_mut(),
            Some(Step::Update(update)) => &mut update.items[..],
            Some(Step::Found(_)) | None => &mut [],
        };
        items.iter_mut().map(|item| &mut item.statement)
    }

    fn is_open(&self) -> bool {
        self.is_undecided() && !self.is_stale
    }

    fn give_up(&mut self, failure: Failure) {
        let id = self.ids.own;
        self.outcome = Some(match failure {
            Failure::Rejected => Changed::Rejected { id },
            failure => Changed::Failed { failure, id },
        });
    }

    /// Sets the outcome that follows from the results of a call. A conflict decides nothing yet.
    fn note_results(&mut self) {
        let items = self.items();
        let is_unknown =
            |item: &ItemStatement| item.statement.result.is_none() || item.failure() == Some(Failure::Unavailable);
        let is_done = items.iter().all(ItemStatement::is_done);
        let is_unclear = items.iter().any(is_unknown);
        let failure = items.iter().filter_map(ItemStatement::failure).max();
        let is_in_conflict = items.iter().any(ItemStatement::is_in_conflict);
        self.is_unclear |= is_unclear;
        match failure {
            _ if is_done => self.done(),
            Some(failure @ (Failure::Rejected | Failure::Fault)) if !is_in_conflict => self.give_up(failure),
            _ => {}
        }
    }

    fn unclear_keys(&self) -> impl Iterator<Item = &Key> {
        let items = self.items();
        let is_in_conflict = items.iter().any(ItemStatement::is_in_conflict);
        items.iter().filter(move |_| is_in_conflict).map(|item| &item.key)
    }

    /// Sets the outcome that follows from the items in the way. The record's version is judged before its aliases:
    /// after a lost response, our own aliases are in the way.
    fn judge(&mut self, items: &HashMap<Key, &Item>) {
        match &mut self.step {
            Some(Step::Insert { insert, .. }) => {
                insert.judge(items);
                match insert.decided() {
                    Some(Outcome::Created { .. }) => self.done(),
                    Some(Outcome::NotUnique(conflicts)) if conflicts.iter().any(|c| c.id == insert.id()) => {
                        self.is_stale = true;
                    }
                    Some(Outcome::NotUnique(conflicts)) => {
                        let conflicts = conflicts.clone();
                        self.refuse(conflicts);
                    }
                    _ => {}
                }
            }
            Some(Step::Update(update)) => match items.get(&update.items[0].key) {
                Some(item) => {
                    let owners = owners_of(self.unclear_keys(), items);
                    self.judge_update(item, &owners);
                }
                None => self.is_stale = true,
            },
            Some(Step::Found(_)) | None => {}
        }
    }
}

impl Change<'_> {
    fn judge_update(&mut self, item: &Item, owners: &Owners) {
        let Some(Step::Update(update)) = &mut self.step else {
            return;
        };
        let version = Version::of(item);
        let is_same_record = version.is_same_record(&update.base);
        if is_same_record && has_been(item, Some(&update.change)) {
            let now = StoredRecord::of(item.clone()).unwrap_or_else(|| update.after.clone());
            self.outcome = Some(Changed::Updated(now));
        } else if version == update.base {
            let conflicts = update.conflicts(owners);
            if conflicts.is_empty() {
                update.leave_settled_aliases(owners);
            } else {
                self.refuse(conflicts);
            }
        } else if !self.is_unclear || (is_same_record && has_been(item, update.base.change.as_deref())) {
            // The change that we sent can no longer land: the record has moved past the version that it names.
            self.is_stale = true;
        } else {
            self.give_up(Failure::Unavailable);
        }
    }
}

impl Update {
    /// The IDs that the record would gain and another record has.
    fn conflicts(&self, owners: &Owners) -> Vec<Conflict> {
        let conflict = |id: &Uuid| {
            let owner = owners.get(id).filter(|owner| owner.record_id != self.after.id)?;
            Some(Conflict { id: *id, relation: Relation::Stranger, owner: owner.clone() })
        };
        self.gained.iter().filter_map(conflict).collect()
    }

    /// Leaves out the aliases that the record already has, or no longer has.
    fn leave_settled_aliases(&mut self, owners: &Owners) {
        let (own, gained) = (self.after.id, &self.gained);
        let is_own = |id: Uuid| owners.get(&id).is_some_and(|owner| owner.record_id == own);
        self.items
            .retain(|item| item.id == own || !item.is_in_conflict() || is_own(item.id) != gained.contains(&item.id));
    }
}
