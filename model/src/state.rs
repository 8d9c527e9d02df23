//! Everything there is at one moment, and how a step changes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::delete::{self, Delete, Found, Stage};
use crate::identity::FunctionIndex;
use crate::insert::Insert;
use crate::scenario::{Request, Scenario};
use crate::send::{Call, Mode, statements};
use crate::steps::{self, Step};
use crate::table::{Code, Holder, Statement, Table};

/// What a function is at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Function {
    /// Creating records.
    Insert(Insert),
    /// Deleting one.
    Delete(Delete),
}

/// A call that its function gave up on, and that can still reach the table, at any time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delayed {
    /// A transaction, or a statement of a batch.
    Insert(Vec<Statement>),
    /// The delete of a version.
    Delete(Found),
}

/// Everything there is at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The table.
    pub table: Table,
    /// The functions, in the order of the scenario's requests.
    pub functions: Vec<Arc<Function>>,
    /// Calls under way that nobody waits for.
    pub delayed: BTreeSet<Delayed>,
    /// Every record that was ever stored: by which function, and its place in the request.
    pub ever_stored: BTreeSet<(FunctionIndex, usize)>,
}

impl State {
    /// The first state of `scenario`.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let function = |(function, request): (FunctionIndex, &Request)| match request {
            Request::Create { .. } | Request::Created(_) => Function::Insert(Insert::new(scenario, function)),
            Request::Delete(id) => Function::Delete(Delete::new(*id)),
        };
        let functions = scenario.requests.iter().enumerate().map(function).map(Arc::new).collect();
        let (table, delayed, ever_stored) = (Table::default(), BTreeSet::new(), BTreeSet::new());
        let mut state = Self { table, functions, delayed, ever_stored };
        state.create_before(scenario);
        state
    }

    /// Creates what was created before.
    fn create_before(&mut self, scenario: &Scenario) {
        for function in 0..self.functions.len() {
            let Request::Created(records) = scenario.requests[function] else { continue };
            let mut insert = Insert::new(scenario, function);
            for index in 0..records.len() {
                self.execute(&statements(&scenario.write(function, index, 0)));
                insert.created(scenario, index, function);
            }
            insert.insert_in_rounds(scenario);
            self.functions[function] = Arc::new(Function::Insert(insert));
        }
    }

    /// `function` takes `step`, or it happens to it.
    pub fn step(&mut self, scenario: &Scenario, index: FunctionIndex, step: &Step) {
        self.before_end_of_call(scenario, index, step);
        if let Step::Execute(mode, place) = *step {
            return self.execute_call(index, mode, place);
        }
        match Arc::make_mut(&mut self.functions[index]) {
            Function::Insert(insert) => steps::step_insert(scenario, &self.table, insert, step),
            Function::Delete(delete) => steps::step_delete(scenario, &mut self.table, delete, step),
        }
    }

    /// What a function stops to wait for before DynamoDB has executed it can still land.
    fn before_end_of_call(&mut self, scenario: &Scenario, index: FunctionIndex, step: &Step) {
        match &*self.functions[index] {
            Function::Insert(insert) if scenario.delays_inserts() => {
                let ends = |mode: Mode| *step == Step::Deadline || *step == Step::LoseCall(mode);
                let calls = insert.calls.iter().filter(|(mode, _)| ends(**mode));
                self.delayed.extend(calls.flat_map(|(mode, call)| delayed(*mode, call)));
            }
            Function::Delete(Delete { stage: Stage::InFlight(false), found: Some(found), .. })
                if matches!(step, Step::Deadline | Step::LoseDelete) =>
            {
                self.delayed.insert(Delayed::Delete(*found));
            }
            _ => {}
        }
    }

    fn execute_call(&mut self, index: FunctionIndex, mode: Mode, place: usize) {
        let Function::Insert(insert) = &*self.functions[index] else { return };
        let statements = insert.statements(mode, place);
        let codes = self.execute(&statements);
        if codes[0] == Code::Stored {
            self.note_stored_again(statements[0].item.holder);
        }
        if let Function::Insert(insert) = Arc::make_mut(&mut self.functions[index]) {
            insert.executed(mode, place, &codes);
        }
    }

    fn note_stored_again(&mut self, holder: Holder) {
        for function in &mut self.functions {
            match &**function {
                Function::Delete(delete) if delete.is_done() && delete.has_found(holder) => {
                    *function = Arc::new(Function::Delete(Delete { stored_again: true, ..delete.clone() }));
                }
                _ => {}
            }
        }
    }

    /// A delayed call lands. One that changes nothing now is kept: it can as well land later.
    pub fn land(&mut self, scenario: &Scenario, delayed: &Delayed) {
        let before = self.table.items.len();
        match delayed {
            Delayed::Insert(statements) => drop(self.execute(statements)),
            Delayed::Delete(found) => delete::execute(scenario, *found, &mut self.table),
        }
        if self.table.items.len() != before {
            self.delayed.remove(delayed);
        }
    }

    fn execute(&mut self, statements: &[Statement]) -> Vec<Code> {
        let codes = self.table.execute(statements);
        for (Statement { id, item }, _) in statements.iter().zip(&codes).filter(|(_, code)| **code == Code::Stored) {
            if *id == item.record_id {
                self.ever_stored.insert((item.holder.created_at, item.holder.write_token.index));
            }
        }
        codes
    }

    /// Whether every request has its response.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.functions.iter().all(|function| match &**function {
            Function::Insert(insert) => insert.is_done(),
            Function::Delete(delete) => delete.is_done(),
        })
    }

    /// The requests that create.
    pub fn inserts(&self) -> impl Iterator<Item = &Insert> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Insert(insert) => Some(insert),
            Function::Delete(_) => None,
        })
    }

    /// The requests that delete.
    pub fn deletes(&self) -> impl Iterator<Item = &Delete> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Insert(_) => None,
            Function::Delete(delete) => Some(delete),
        })
    }
}

fn delayed(mode: Mode, call: &Call) -> Vec<Delayed> {
    let Call::InFlight { statements, .. } = call else { return Vec::new() };
    let left: Vec<_> = statements.iter().filter(|(_, code)| code.is_none()).map(|(statement, _)| *statement).collect();
    match mode {
        _ if left.is_empty() => Vec::new(),
        Mode::Batch => left.into_iter().map(|statement| Delayed::Insert(vec![statement])).collect(),
        Mode::Transaction => vec![Delayed::Insert(left)],
    }
}
