//! The execution of a call, with the faults that DynamoDB has.

use std::collections::BTreeSet;

use crate::exception::Exception;
use crate::identity::{FunctionIndex, Id};
use crate::rules;
use crate::scenario::{Faults, Scenario};
use crate::state::{Function, State};
use crate::statement::{Statement, StatementResult};
use crate::step::Late;

impl State {
    /// The statements of each call that is open.
    #[must_use]
    pub fn open(&self, scenario: &Scenario, index: FunctionIndex) -> Vec<Late> {
        let calls: Vec<usize> = match &*self.functions[index] {
            Function::Create(creation) => creation.calls.keys().copied().collect(),
            Function::Delete(deletion) => deletion.calls.keys().copied().collect(),
            Function::Change(update) => (0..update.rows.len()).collect(),
        };
        let statements = calls.into_iter().map(|call| Late::from(self.statements(scenario, index, call)));
        statements.filter(|statements| !statements.is_empty()).collect()
    }

    fn statements(&self, scenario: &Scenario, index: FunctionIndex, call: usize) -> Vec<Statement> {
        match &*self.functions[index] {
            Function::Create(creation) => creation.statements(scenario, call),
            Function::Delete(deletion) => deletion.statements(scenario, call),
            Function::Change(update) => update.statements(scenario, call),
        }
    }

    /// DynamoDB executes a call.
    pub fn call(&mut self, scenario: &Scenario, index: FunctionIndex, call: usize) -> Vec<StatementResult> {
        let statements = self.statements(scenario, index, call);
        let ids: BTreeSet<Id> = statements.iter().map(Statement::id).collect();
        if ids.len() < statements.len() {
            self.history.broken.insert(rules::KEY_ONCE);
        }
        match scenario.faults {
            Faults::Throttled(id) if ids.contains(&id) => named(&statements, |statement| statement.id() == id),
            _ => self.execute(scenario, &statements, Some(Exception::SentAgain)),
        }
    }

    /// DynamoDB cancels a call because of the statements of one record or entry.
    #[must_use]
    pub fn throttled(
        &self,
        scenario: &Scenario,
        index: FunctionIndex,
        call: usize,
        record: usize,
    ) -> Vec<StatementResult> {
        let statements = self.statements(scenario, index, call);
        match &*self.functions[index] {
            Function::Create(creation) => {
                let ids = scenario.insert(creation.function, record, 0).ids;
                named(&statements, |statement| ids.contains(&statement.id()))
            }
            Function::Delete(deletion) => {
                let found = deletion.entries[record].found.map(|found| found.version);
                let is_of = |statement: &Statement| matches!(statement, Statement::Delete { found: version, .. } if Some(*version) == found);
                named(&statements, is_of)
            }
            Function::Change(_) => named(&statements, |_| true),
        }
    }
}

/// The results of a call that is cancelled because of some statements.
fn named(statements: &[Statement], is_named: impl Fn(&Statement) -> bool) -> Vec<StatementResult> {
    let result = |named| if named { StatementResult::Throttled } else { StatementResult::Cancelled };
    statements.iter().map(|statement| result(is_named(statement))).collect()
}
