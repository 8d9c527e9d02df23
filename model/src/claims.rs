//! The check of what a response says about the table, at the moment when it is decided.

use std::collections::BTreeSet;

use crate::create;
use crate::delete::{self, Deletion};
use crate::exception::Exception;
use crate::identities::share;
use crate::identity::{FunctionIndex, Id};
use crate::rules;
use crate::scenario::Scenario;
use crate::state::{State, sent, sent_of};
use crate::table::{Owner, Version};

impl State {
    /// Checks the decision of a record. `gone` are the owners that its IDs had since its request began.
    pub fn check_created(
        &mut self,
        scenario: &Scenario,
        function: FunctionIndex,
        gone: &BTreeSet<(Id, Owner)>,
        claim: create::Claim,
    ) {
        let had = |id: Id, owner: Owner| self.table.owner(id) == Some(owner) || gone.contains(&(id, owner));
        let (rule, holds) = match claim {
            create::Claim::Created(index, version) => {
                let ids = scenario.insert(function, index, 0).ids;
                (rules::CREATED, ids.iter().all(|id| had(*id, Owner::Record(version))))
            }
            create::Claim::NotUnique(index, id, owner) => {
                let is_another = owner.version().is_none_or(|version| {
                    sent_of(scenario, version) != sent(scenario, function, index)
                        && share(scenario, function, index, version)
                });
                (rules::ANOTHER, is_another && had(id, owner))
            }
            create::Claim::NotUniqueSomehow(index) => {
                let others = self.table.records().chain(gone.iter().filter_map(|(_, owner)| owner.version()));
                let is_another = |version| sent_of(scenario, version) != sent(scenario, function, index);
                let mut others = others.filter(|version| is_another(*version));
                (rules::ANOTHER, others.any(|version| share(scenario, function, index, version)))
            }
        };
        if !holds {
            self.history.broken.insert(rule);
        }
        let (create::Claim::NotUnique(index, ..) | create::Claim::NotUniqueSomehow(index)) = claim else { return };
        let own = |version: &Version| sent_of(scenario, *version) == sent(scenario, function, index);
        // Another execution with the same key can store what was refused here, once the record in the way is deleted.
        let in_the_way = scenario.allows(Exception::InTheWay)
            && self.removed().any(|version| share(scenario, function, index, version));
        let is_allowed = |version: &Version| in_the_way && version.write_token.execution != function;
        if self.table.records().any(|version| own(&version) && !is_allowed(&version)) {
            self.history.broken.insert(rules::OWN_WRITE);
        }
    }

    /// Checks the decision of an entry.
    pub fn check_deleted(&mut self, scenario: &Scenario, deletion: &mut Deletion, claim: delete::Claim) {
        let (delete::Claim::NotFound(index) | delete::Claim::Found(index, _)) = claim;
        let entry = &mut deletion.entries[index];
        let (rule, holds) = match claim {
            delete::Claim::NotFound(_) => (rules::NOT_FOUND, entry.was_free || self.table.owner(entry.id).is_none()),
            delete::Claim::Found(_, version) => {
                let insert = scenario.insert(version.write_token.execution, version.write_token.index, 0);
                (rules::NAMED, insert.ids.contains(&entry.id))
            }
        };
        entry.was_free = false;
        if !holds {
            self.history.broken.insert(rule);
        }
    }
}
