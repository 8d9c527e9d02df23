//! Everything there is at one moment, and how a step changes it.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::call::{Call, Mode, statements};
use crate::create::Creation;
use crate::delete::{self, Delete, Stage};
use crate::identity::{FunctionIndex, Id};
use crate::scenario::{Request, Scenario};
use crate::step::{Delayed, Step};
use crate::table::{Statement, StatementResult, Table, Version};

/// The request that a function runs, and its progress.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Function {
    /// Creating records.
    Create(Creation),
    /// Deleting one.
    Delete(Delete),
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
            Request::Create { .. } | Request::Created(_) => Function::Create(Creation::new(scenario, function)),
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
            let mut insert = Creation::new(scenario, function);
            for index in 0..records.len() {
                self.execute(&statements(&scenario.insert(function, index, 0)));
                insert.created(scenario, index, function);
            }
            insert.insert_in_rounds(scenario);
            self.functions[function] = Arc::new(Function::Create(insert));
        }
    }

    /// `function` takes `step`, or it happens to it.
    pub fn step(&mut self, scenario: &Scenario, index: FunctionIndex, step: &Step) {
        self.before_end_of_call(scenario, index, step);
        if let Step::Execute(mode, place) = *step {
            return self.execute_call(index, mode, place);
        }
        match Arc::make_mut(&mut self.functions[index]) {
            Function::Create(insert) => step_create(scenario, &self.table, insert, step),
            Function::Delete(delete) => step_delete(scenario, &mut self.table, delete, step),
        }
    }

    /// A call that a function stops waiting for before DynamoDB has executed it can still land.
    fn before_end_of_call(&mut self, scenario: &Scenario, index: FunctionIndex, step: &Step) {
        match &*self.functions[index] {
            Function::Create(insert) if scenario.delays_inserts() => {
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
        let Function::Create(insert) = &*self.functions[index] else { return };
        let statements = insert.statements(mode, place);
        let results = self.execute(&statements);
        if results[0] == StatementResult::Stored {
            self.note_stored_again(statements[0].owner.version);
        }
        if let Function::Create(insert) = Arc::make_mut(&mut self.functions[index]) {
            insert.executed(mode, place, &results);
        }
    }

    fn note_stored_again(&mut self, version: Version) {
        for function in &mut self.functions {
            match &**function {
                Function::Delete(delete) if delete.is_done() && delete.has_found(version) => {
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

    fn execute(&mut self, statements: &[Statement]) -> Vec<StatementResult> {
        let results = self.table.execute(statements);
        for (Statement { id, owner }, _) in
            statements.iter().zip(&results).filter(|(_, result)| **result == StatementResult::Stored)
        {
            if *id == owner.record_id {
                self.ever_stored.insert((owner.version.created_at, owner.version.write_token.index));
            }
        }
        results
    }

    /// Whether every request has its response.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.functions.iter().all(|function| match &**function {
            Function::Create(insert) => insert.is_done(),
            Function::Delete(delete) => delete.is_done(),
        })
    }

    /// The requests that create.
    pub fn inserts(&self) -> impl Iterator<Item = &Creation> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Create(insert) => Some(insert),
            Function::Delete(_) => None,
        })
    }

    /// The requests that delete.
    pub fn deletes(&self) -> impl Iterator<Item = &Delete> {
        self.functions.iter().filter_map(|function| match &**function {
            Function::Create(_) => None,
            Function::Delete(delete) => Some(delete),
        })
    }
}

fn delayed(mode: Mode, call: &Call) -> Vec<Delayed> {
    let Call::InFlight { statements, .. } = call else { return Vec::new() };
    let left: Vec<_> =
        statements.iter().filter(|(_, result)| result.is_none()).map(|(statement, _)| *statement).collect();
    match mode {
        _ if left.is_empty() => Vec::new(),
        Mode::Batch => left.into_iter().map(|statement| Delayed::Insert(vec![statement])).collect(),
        Mode::Transaction => vec![Delayed::Insert(left)],
    }
}

fn step_create(scenario: &Scenario, table: &Table, creation: &mut Creation, step: &Step) {
    let read = |id: Id| table.items.get(&id).copied();
    match *step {
        Step::ReadList => creation.start(scenario),
        Step::ReadChained(id) => creation.read_chained(scenario, id, read(id)),
        Step::InsertCall(mode) | Step::Retry(mode) => creation.send(scenario, mode),
        Step::Throttle(place) => creation.executed(Mode::Batch, place, &[StatementResult::Throttled]),
        Step::LoseCall(mode) | Step::LoseResponse(mode) => creation.lose(scenario, mode),
        Step::Respond(mode) => creation.receive(scenario, mode),
        Step::ReadOwner(mode, id) => creation.read_owner(scenario, mode, id, read(id)),
        Step::ReadOwnerStale(mode, id) => creation.read_owner(scenario, mode, id, table.deleted.get(&id).copied()),
        Step::Deadline => creation.give_up(scenario),
        ref step => unreachable!("a request that creates has no step {step:?}"),
    }
}

fn step_delete(scenario: &Scenario, table: &mut Table, delete: &mut Delete, step: &Step) {
    match *step {
        Step::Find => delete.find(table),
        Step::FindRecord(alias) => delete.find_record(scenario, table, alias),
        Step::DeleteCall => delete.stage = Stage::InFlight(false),
        Step::ExecuteDelete => delete.execute(scenario, table),
        Step::LoseDelete | Step::EndDelete => delete.end_call(scenario),
        Step::ReadBack => delete.read_back(table),
        Step::Deadline => delete.give_up(),
        ref step => unreachable!("a delete has no step {step:?}"),
    }
}
