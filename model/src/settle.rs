//! Who owns an item that an insert collided with, as in `src/store/settle.rs`: an earlier attempt of the same write, or
//! another writer.

use crate::identity::Id;
use crate::insert::{Insert, Outcome};
use crate::scenario::{Bug, Scenario};
use crate::send::{Call, Mode, next};
use crate::table::{Holders, Item};

impl Insert {
    /// It was read that `item` holds `id`, or that nothing does.
    pub fn read_holder(&mut self, scenario: &Scenario, mode: Mode, id: Id, item: Option<Item>) {
        if let Some(Call::Settling { unread, holders, .. }) = self.calls.get_mut(&mode) {
            unread.remove(&id);
            holders.extend(item.map(|item| (id, item.holder)));
        }
        self.settle(scenario, mode);
    }

    /// Decides the records that collided, once it was read who holds their IDs. Those are sent again whose items are gone.
    pub fn settle(&mut self, scenario: &Scenario, mode: Mode) {
        let trusts = scenario.has(Bug::SettleTrustsDuplicateItem);
        match self.calls.remove(&mode) {
            Some(Call::Settling { collided, mut again, attempt, unread, holders }) if unread.is_empty() || trusts => {
                for (index, ids) in collided {
                    if trusts {
                        self.outcomes[index] = Some(Outcome::NotUnique);
                    } else if !self.settle_one(scenario, (index, attempt), &ids, &holders) {
                        again.push(index);
                    }
                }
                self.send_later(mode, again, next(scenario, attempt));
                self.insert_in_rounds(scenario);
            }
            call => self.calls.extend(call.map(|call| (mode, call))),
        }
    }

    /// Our own write token means that an earlier attempt of ours stored it.
    fn settle_one(
        &mut self,
        scenario: &Scenario,
        (index, attempt): (usize, usize),
        ids: &[Id],
        holders: &Holders,
    ) -> bool {
        let write_token = scenario.write(self.function, index, attempt).write_token;
        let found = || ids.iter().filter_map(|id| holders.get(id));
        match found().find(|holder| holder.write_token == write_token) {
            Some(_) if scenario.has(Bug::SettleReportsOwnTime) => self.created(scenario, index, self.function),
            Some(own) => self.created(scenario, index, own.created_at),
            None if found().next().is_none() => return false,
            None => self.outcomes[index] = Some(Outcome::NotUnique),
        }
        true
    }
}
