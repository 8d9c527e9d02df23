//! Inserts, sent: the outcome that follows from the results of a call, and from the owners of the IDs in conflict.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Conflict, Insert, Outcome};
use crate::dynamodb::statements::Statement;
use crate::dynamodb::writes::Write;
use crate::dynamodb::{Failure, Item, Key};
use crate::store::owner::{OWNER_ATTRIBUTES, Owners, Relation, owners_of};
use crate::store::statement::ItemStatement;

impl Write for Insert<'_> {
    const ATTRIBUTES: Option<&'static str> = Some(OWNER_ATTRIBUTES);

    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.items.iter_mut().map(|item| &mut item.statement)
    }

    fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    fn give_up(&mut self, failure: Failure) {
        self.outcome = Some(match failure {
            Failure::Rejected => Outcome::Rejected,
            failure => Outcome::Unstored(failure),
        });
    }

    fn note_results(&mut self) {
        if self.items.iter().all(ItemStatement::is_done) {
            self.outcome = Some(Outcome::Created { created_at: self.created_at.to_owned() });
        } else if !self.items.iter().any(ItemStatement::is_in_conflict)
            && let Some(failure @ (Failure::Rejected | Failure::Fault)) =
                self.items.iter().filter_map(ItemStatement::failure).max()
        {
            self.give_up(failure);
        }
    }

    fn unclear_keys(&self) -> impl Iterator<Item = &Key> {
        self.items.iter().filter(|item| item.is_in_conflict()).map(|item| &item.key)
    }

    /// An insert stays open if the items in conflict are gone.
    fn judge(&mut self, items: &HashMap<Key, &Item>) {
        let in_conflict = self.items.iter().filter(|item| item.is_in_conflict());
        let ids: Vec<Uuid> = in_conflict.map(|item| item.id).collect();
        let owners = owners_of(self.unclear_keys(), items);
        self.resolve_by(&ids, &owners);
    }
}

impl Insert<'_> {
    /// Sets the outcome if it follows from the owners of `ids`, which are some of its own. Our own write token means
    /// that an earlier attempt of ours stored it.
    pub(super) fn resolve_by(&mut self, ids: &[Uuid], owners: &Owners) {
        let mut owned = ids.iter().filter_map(|id| owners.get(id));
        if let Some(created_at) = owned.find_map(|owner| owner.created_at_by(self.write_token)) {
            self.outcome = Some(Outcome::Created { created_at: created_at.to_owned() });
            return;
        }
        let conflicts = self.conflicts(ids, owners);
        if !conflicts.is_empty() {
            self.outcome = Some(Outcome::NotUnique(conflicts));
        }
    }

    /// The conflicts over `ids`. Later records of the same request count only if there are no other conflicts.
    fn conflicts(&self, ids: &[Uuid], owners: &Owners) -> Vec<Conflict> {
        let conflict = |id: &Uuid| {
            let owner = owners.get(id)?.clone();
            Some(Conflict { id: *id, relation: owner.relation_to(self.write_token), owner })
        };
        let mut conflicts: Vec<Conflict> = ids.iter().filter_map(conflict).collect();
        if conflicts.iter().any(|conflict| conflict.relation != Relation::LaterRecord) {
            conflicts.retain(|conflict| conflict.relation != Relation::LaterRecord);
        }
        conflicts
    }
}
