//! The execution of statements, with the past that it makes and the properties that it can break.

use std::sync::Arc;

use crate::bug::Bug;
use crate::create::Outcome;
use crate::delete::Stage;
use crate::exception::Exception;
use crate::identities::{are_unique, are_whole};
use crate::identity::{FunctionIndex, Id};
use crate::rules;
use crate::scenario::{Insert, Scenario};
use crate::state::{Function, State, sent_of};
use crate::table::{Item, Owner, Statement, StatementResult};

impl State {
    /// Executes `statements`, all or none. The exception allows for a version that is stored once more.
    pub fn execute(
        &mut self,
        scenario: &Scenario,
        statements: &[Statement],
        exception: Option<Exception>,
    ) -> Vec<StatementResult> {
        let results = self.table.results(statements);
        let is_done = results.iter().all(|result| *result == StatementResult::Done);
        // By a bug, each statement is executed alone.
        let apart = scenario.has(Bug::AliasesWrittenApart);
        let failed = |result: &StatementResult| *result == StatementResult::DuplicateItem;
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
        self.note_window(scenario, id, before);
        match *statement {
            Statement::Insert { item, .. } if item.record_id == id => self.note_stored(scenario, item, exception),
            Statement::Delete { found, .. } if before.is_some_and(|item| item.owner != Owner::Record(found)) => {
                self.history.broken.insert(rules::ONLY_FOUND);
            }
            _ => {}
        }
        self.table.execute(statement);
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
                _ => {}
            }
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
        let is_created = |(function, index, outcome): &(FunctionIndex, usize, Outcome)| {
            let token = version.write_token;
            (token.execution, token.index) == (*function, *index) && matches!(outcome, Outcome::Created(_))
        };
        if exception == Some(Exception::Late) && !self.outcomes().any(|outcome| is_created(&outcome)) {
            self.history.landed.insert(version);
        }
        if was_stored && exception.is_none_or(|exception| !scenario.allows(exception)) {
            self.history.broken.insert(rules::STORED_ONCE);
        }
        if !self.history.stored.insert(version) {
            self.history.again.insert(version);
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
