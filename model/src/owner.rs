//! The owner of an item that an insert conflicts with, as in `src/store/owner.rs`: an earlier attempt of the same insert,
//! or another writer.

use crate::call::{Call, Mode, next};
use crate::create::{Creation, Outcome};
use crate::identity::Id;
use crate::scenario::{Bug, Scenario};
use crate::table::{Owner, Owners};

impl Creation {
    /// It was read that `id` belongs to `owner`, or to nobody.
    pub fn read_owner(&mut self, scenario: &Scenario, mode: Mode, id: Id, owner: Option<Owner>) {
        if let Some(Call::Resolving { unread, owners, .. }) = self.calls.get_mut(&mode) {
            unread.remove(&id);
            owners.extend(owner.map(|owner| (id, owner.version)));
        }
        self.resolve(scenario, mode);
    }

    /// Decides the records with conflicts once the owners of their IDs are read. Those whose items are gone are sent again.
    pub fn resolve(&mut self, scenario: &Scenario, mode: Mode) {
        let trusts = scenario.has(Bug::DuplicateItemIsConflict);
        match self.calls.remove(&mode) {
            Some(Call::Resolving { conflicts, mut retry, attempt, unread, owners }) if unread.is_empty() || trusts => {
                for (index, ids) in conflicts {
                    if trusts {
                        self.outcomes[index] = Some(Outcome::NotUnique);
                    } else if !self.resolve_one(scenario, (index, attempt), &ids, &owners) {
                        retry.push(index);
                    }
                }
                self.send_later(mode, retry, next(scenario, attempt));
                self.insert_in_rounds(scenario);
            }
            call => self.calls.extend(call.map(|call| (mode, call))),
        }
    }

    /// Our own write token means that an earlier attempt of ours stored it.
    fn resolve_one(
        &mut self,
        scenario: &Scenario,
        (index, attempt): (usize, usize),
        ids: &[Id],
        owners: &Owners,
    ) -> bool {
        let write_token = scenario.insert(self.function, index, attempt).write_token;
        let found = || ids.iter().filter_map(|id| owners.get(id));
        match found().find(|version| version.write_token == write_token) {
            Some(_) if scenario.has(Bug::ResolveReportsOwnTime) => self.created(scenario, index, self.function),
            Some(own) => self.created(scenario, index, own.created_at),
            None if found().next().is_none() => return false,
            None => self.outcomes[index] = Some(Outcome::NotUnique),
        }
        true
    }
}
