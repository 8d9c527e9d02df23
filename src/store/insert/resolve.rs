//! Inserts, sent: the outcome that follows from the results of a call, and from the owners of the IDs in conflict.

use uuid::Uuid;

use super::{Conflict, Insert, Outcome};
use crate::dynamodb::statements::Statement;
use crate::dynamodb::writes::Write;
use crate::dynamodb::{Failure, Key, Session};
use crate::store::owner::{Owners, Relation, read_owners};
use crate::store::statement::ItemStatement;

impl Write for Insert<'_> {
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

    /// Reads the owners of the IDs in conflict. An insert stays open if their items are gone, or could not be read.
    async fn resolve(session: &Session<'_>, inserts: &mut [&mut Self]) {
        for insert in inserts.iter_mut() {
            insert.note_results();
        }
        let keys: Vec<Key> = inserts
            .iter()
            .flat_map(|insert| &insert.items)
            .filter(|item| item.is_in_conflict())
            .map(|item| item.key.clone())
            .collect();
        if keys.is_empty() {
            return;
        }
        match read_owners(session, &keys).await {
            Ok(owners) => {
                for insert in inserts.iter_mut() {
                    insert.resolve_by_conflicts(&owners);
                }
            }
            Err(Failure::Unavailable) => {}
            Err(failure) => {
                let in_conflict = inserts.iter_mut().filter(|insert| !insert.ids_in_conflict().is_empty());
                in_conflict.for_each(|insert| insert.give_up(failure));
            }
        }
    }
}

impl Insert<'_> {
    /// Sets the outcome if it follows from the `owners` of the IDs in conflict.
    pub fn resolve_by_conflicts(&mut self, owners: &Owners) {
        self.resolve_by(&self.ids_in_conflict(), owners);
    }

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

    fn ids_in_conflict(&self) -> Vec<Uuid> {
        self.items.iter().filter(|item| item.is_in_conflict()).map(|item| item.id).collect()
    }

    /// Sets the outcome that follows from the results of a call. A conflict decides nothing yet.
    pub(super) fn note_results(&mut self) {
        if self.items.iter().all(ItemStatement::is_done) {
            self.outcome = Some(Outcome::Created { created_at: self.created_at.to_owned() });
        } else if !self.items.iter().any(ItemStatement::is_in_conflict)
            && let Some(failure @ (Failure::Rejected | Failure::Fault)) =
                self.items.iter().filter_map(ItemStatement::failure).max()
        {
            self.give_up(failure);
        }
    }
}
