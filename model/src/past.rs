//! The execution of statements, with the past that it adds to and the properties that it can break.

use std::sync::Arc;

use crate::bug::Bug;
use crate::content::{Change, Revision};
use crate::create::Outcome;
use crate::delete::Stage;
use crate::exception::Exception;
use crate::identities::{are_unique, are_whole};
use crate::identity::{Id, RequestToken, WriteToken};
use crate::judge::matches;
use crate::request::{Mode, Row};
use crate::rules;
use crate::scenario::{Insert, Scenario};
use crate::state::{Decided, Function, State, sent_of};
use crate::statement::{Statement, StatementResult};
use crate::table::{Item, Owner, Version};
use crate::update::{self, Base, Changed};

impl State {
    /// Executes `statements`, all or none. The exception allows storing a version once more.
    pub fn execute(
        &mut self,
        scenario: &Scenario,
        statements: &[Statement],
        exception: Option<Exception>,
    ) -> Vec<StatementResult> {
        let results = self.table.results(statements);
        let is_done = results.iter().all(|result| *result == StatementResult::Done);
        // By a bug, each statement is executed alone.
        let is_change = matches!(statements.first(), Some(Statement::Update { .. }));
        let apart = scenario.has(Bug::AliasesWrittenApart) || scenario.has(Bug::AliasesGainedApart) && is_change;
        let failed = |result: &StatementResult| !matches!(result, StatementResult::Done | StatementResult::Cancelled);
        for (statement, _) in statements.iter().zip(&results).filter(|(_, result)| is_done || apart && !failed(result))
        {
            self.execute_one(scenario, statement, exception);
        }
        if is_done || apart {
            self.check_table(scenario);
        }
        results
    }

    fn execute_one(&mut self, scenario: &Scenario, statement: &Statement, exception: Option<Exception>) {
        let id = statement.id();
        let before = self.table.items.get(&id).copied();
        self.table.execute(statement);
        match *statement {
            Statement::Insert { item, .. } if item.record_id == id => self.note_stored(scenario, item, exception),
            Statement::Delete { found, revision, .. }
                if before.is_some_and(|item| !is_found(item, found, revision)) =>
            {
                self.history.broken.insert(rules::ONLY_FOUND);
            }
            Statement::Delete { .. } => self.note_removed(id, before),
            Statement::Update { change, .. } => return self.note_changed(scenario, id, before, change),
            Statement::Insert { .. } => {}
        }
        self.note_window(scenario, id, before);
        if let (Some(item), None, true) = (before, self.table.items.get(&id), scenario.has(Bug::EventualOwnerRead)) {
            self.table.deleted.insert(id, item);
        }
    }

    /// Notes, for the requests under way, the owner that `id` has had, or that it had none.
    fn note_window(&mut self, scenario: &Scenario, id: Id, before: Option<Item>) {
        for function in &mut self.functions {
            match (&**function, before) {
                (Function::Create(creation), Some(item)) if creation.is_under_way() => {
                    let has = |insert: &Insert| insert.ids.contains(&id);
                    if scenario.inserts(creation.function).iter().any(has)
                        && let Function::Create(creation) = Arc::make_mut(function)
                    {
                        creation.gone.insert((id, item.owner));
                    }
                }
                (Function::Delete(deletion), None) if deletion.is_under_way() => {
                    if let Function::Delete(deletion) = Arc::make_mut(function) {
                        let is_open = |stage| matches!(stage, Stage::Find | Stage::FindRecord(_));
                        let open = deletion.entries.iter_mut().filter(|entry| entry.id == id && is_open(entry.stage));
                        open.for_each(|entry| entry.was_free = true);
                    }
                }
                (Function::Change(update), before) if update.is_under_way() => {
                    let gains = |row: &Row| row.id == id || scenario.ids_of_patch(row.patch).contains(&id);
                    if scenario.rows(update.function).iter().any(gains)
                        && let Function::Change(update) = Arc::make_mut(function)
                    {
                        update.note_window(scenario, id, before);
                    }
                }
                _ => {}
            }
        }
    }

    fn note_removed(&mut self, id: Id, before: Option<Item>) {
        let version = before.and_then(|item| item.owner.version());
        self.history.removed.extend(version.map(|version| (id, version)));
    }

    fn note_changed(&mut self, scenario: &Scenario, id: Id, before: Option<Item>, change: Change) {
        let Some((before, version)) = before.and_then(|item| Some((item.content?, item.owner.version()?))) else {
            return;
        };
        let Some(item) = self.table.items.get_mut(&id) else { return };
        if scenario.has(Bug::ChangeReplacesToken) {
            let request = RequestToken::Random { function: change.function, attempt: 1 };
            let write_token = WriteToken { request, index: change.index, execution: change.function };
            item.owner = Owner::Record(Version { write_token, ..version });
        }
        let Some(after) = item.content else { return };
        let row = &scenario.rows(change.function)[change.index];
        let expected = before.with(row.patch);
        let ids = scenario.ids_of(after.numbers);
        let outcome = self.changed(change);
        let checks = [
            (rules::MADE_ONCE, self.history.changes.insert((version, change))),
            (rules::AFTER_BASE, matches(scenario, row.mode, &Base { id, version, content: before })),
            (rules::ONLY_CHANGES, (after.numbers, after.members) == (expected.numbers, expected.members)),
            (
                rules::WRITES_NOTHING,
                row.mode != Mode::ValidateOnly && (before.numbers, before.members) != (after.numbers, after.members),
            ),
            (rules::ID_STAYS, ids.is_empty() || ids.contains(&id)),
            (rules::NEVER, outcome != Some(Changed::NotUnique) || scenario.allows(Exception::Late)),
        ];
        self.history.broken.extend(checks.iter().filter(|(_, holds)| !holds).map(|(rule, _)| *rule));
    }

    /// The outcome of the row that makes `change`.
    fn changed(&self, change: Change) -> Option<Changed> {
        let mut rows = self.updates().filter(|update| update.function == change.function).map(|update| &update.rows);
        match rows.next()?.get(change.index)?.stage {
            update::Stage::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    fn note_stored(&mut self, scenario: &Scenario, item: Item, exception: Option<Exception>) {
        let Owner::Record(version) = item.owner else { return };
        let history = &self.history;
        let is_stored_again = history.stored.contains(&version);
        let mut others = history.stored.iter().filter(|other| sent_of(scenario, **other) == sent_of(scenario, version));
        let is_other_execution =
            others.clone().all(|other| other.write_token.execution != version.write_token.execution);
        let was_stored = others.next().is_some();
        let exception = match exception {
            Some(Exception::SentAgain) if !is_stored_again && is_other_execution => Some(Exception::KeyAfterDelete),
            exception => exception,
        };
        let token = version.write_token;
        let is_created = |record: Decided| {
            let is_same = (token.execution, token.index) == (record.function, record.index);
            is_same && matches!(record.outcome, Outcome::Created(_))
        };
        if exception == Some(Exception::Late) && !self.decided().any(is_created) {
            self.history.landed.insert(version);
        }
        if was_stored && exception.is_none_or(|exception| !scenario.allows(exception)) {
            self.history.broken.insert(rules::STORED_ONCE);
        }
        if !self.history.stored.insert(version) {
            self.history.again.insert(version);
            self.history.changes.retain(|(changed, _)| *changed != version);
        }
    }

    fn check_table(&mut self, scenario: &Scenario) {
        if !are_unique(scenario, &self.table) {
            self.history.broken.insert(rules::ONE_RECORD);
        }
        if !are_whole(scenario, &self.table) {
            self.history.broken.insert(rules::WHOLE);
        }
    }
}

/// Whether `item` is what a delete found: an alias has no revision.
fn is_found(item: Item, found: Version, revision: Option<Revision>) -> bool {
    let has = |revision| item.content.is_some_and(|content| content.revision == revision);
    item.owner == Owner::Record(found) && revision.is_none_or(has)
}
