//! The check of a response's claims about the table, at the moment when each is decided.

use std::collections::BTreeSet;

use crate::content::Numbers;
use crate::create;
use crate::delete::{self, Deletion};
use crate::exception::Exception;
use crate::find::has;
use crate::identities::share;
use crate::identity::{FunctionIndex, Id, UniqueIdentifierType};
use crate::rules;
use crate::scenario::Scenario;
use crate::state::{State, sent, sent_of};
use crate::table::{Owner, Version};
use crate::update::{self, Base, Changed, Update};

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
                    // In a list in which nothing is unique, no other record has an ID of this one.
                    sent_of(scenario, version) != sent(scenario, function, index)
                        && scenario.unique_identifier_type != UniqueIdentifierType::Nothing
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
        if let create::Claim::NotUnique(index, ..) | create::Claim::NotUniqueSomehow(index) = claim {
            self.check_own_write(scenario, function, index);
        }
    }

    /// Checks that a record which is refused is not stored by the same request, or by another with its key.
    fn check_own_write(&mut self, scenario: &Scenario, function: FunctionIndex, index: usize) {
        let own = |version: &Version| sent_of(scenario, *version) == sent(scenario, function, index);
        let ids = scenario.insert(function, index, 0).ids;
        // Another execution with the same key can store what was refused here, once nothing is in its way.
        let in_the_way = scenario.allows(Exception::InTheWay)
            && self.history.removed.iter().any(|(id, version)| ids.contains(id) && !own(version));
        let is_allowed = |version: &Version| in_the_way && version.write_token.execution != function;
        if self.table.records().any(|version| own(&version) && !is_allowed(&version)) {
            self.history.broken.insert(rules::OWN_WRITE);
        }
    }

    /// Checks the decision of an entry.
    pub fn check_deleted(&mut self, deletion: &mut Deletion, claim: delete::Claim) {
        let (delete::Claim::NotFound(index) | delete::Claim::Found(index, _)) = claim;
        let entry = &mut deletion.entries[index];
        let (rule, holds) = match claim {
            delete::Claim::NotFound(_) => (rules::NOT_FOUND, entry.was_free || self.table.owner(entry.id).is_none()),
            delete::Claim::Found(_, found) => (rules::NAMED, entry.id == found.id || has(found.content, entry.id)),
        };
        entry.was_free = false;
        if !holds {
            self.history.broken.insert(rule);
        }
    }

    /// Checks the decision of a row. `gone` are the owners that its IDs had since its request began.
    pub fn check_changed(
        &mut self,
        scenario: &Scenario,
        update: &mut Update,
        gone: &BTreeSet<(Id, Owner)>,
        claim: update::Claim,
    ) {
        let had = |id: Id, owner: Owner| self.table.owner(id) == Some(owner) || gone.contains(&(id, owner));
        let is_made = |index| self.history.changes.iter().any(|(_, change)| *change == update.change(index));
        let row = |index: usize| &scenario.rows(update.function)[index];
        let checks = match claim {
            update::Claim::NotFound(index) => {
                let id = row(index).id;
                vec![(rules::NOT_FOUND, update.rows[index].was_free || self.table.owner(id).is_none())]
            }
            update::Claim::Found(index, base) => {
                let id = row(index).id;
                vec![(rules::NAMED, id == base.id || has(base.content, id))]
            }
            update::Claim::Updated(index) => vec![(rules::MADE, is_made(index))],
            update::Claim::Created(index, version) => {
                vec![(rules::CREATED, had(row(index).id, Owner::Record(version)))]
            }
            update::Claim::NotUnique { index, id, owner, own } => vec![
                (rules::ANOTHER, Some(owner) != own && had(id, owner)),
                (rules::NEVER, !is_made(index)),
                (rules::FREED, !is_freed(scenario, update, index, id, owner)),
            ],
        };
        self.history.broken.extend(checks.into_iter().filter(|(_, holds)| !holds).map(|(rule, _)| rule));
        if let update::Claim::NotFound(index) | update::Claim::Found(index, _) = claim {
            update.rows[index].was_free = false;
        }
    }
}

/// Whether an earlier row of a request takes `id` from `owner`.
fn is_freed(scenario: &Scenario, update: &Update, index: usize, id: Id, owner: Owner) -> bool {
    let takes = |earlier: usize| {
        let progress = &update.rows[earlier];
        let is_refused = matches!(progress.stage, update::Stage::Done(outcome) if outcome != Changed::Updated);
        let loses = |base: Base| {
            let numbers = scenario.rows(update.function)[earlier].patch.numbers;
            let lost = numbers.map_or(Numbers::of(&[]), |numbers| base.content.numbers.without(numbers));
            Owner::Record(base.version) == owner && scenario.ids_of(lost).contains(&id)
        };
        !is_refused && progress.base.is_some_and(loses)
    };
    (0..index).any(takes)
}
