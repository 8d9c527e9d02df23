//! The change that an action makes, and the properties that it can break at that moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::create::{Creation, Outcome};
use crate::delete::{Deletion, Stage};
use crate::exception::Exception;
use crate::identity::{FunctionIndex, Id};
use crate::insert;
use crate::rules;
use crate::scenario::{Faults, Insert, Request, Scenario};
use crate::state::{Function, History, State};
use crate::step::{Action, Late, Step};
use crate::table::{Item, Owner, Statement, StatementResult, Table};

impl State {
    /// The first state of `scenario`.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let functions = (0..scenario.requests.len()).map(|function| Arc::new(Function::new(scenario, function)));
        let (table, functions) = (Table::default(), functions.collect());
        let mut state = Self { table, functions, late: BTreeSet::new(), history: History::default() };
        (0..scenario.requests.len()).for_each(|function| state.create_before(scenario, function));
        state
    }

    /// Creates what was created before.
    fn create_before(&mut self, scenario: &Scenario, function: FunctionIndex) {
        match scenario.requests[function] {
            Request::Created(_) => {
                let inserts = scenario.inserts(function);
                for insert in &inserts {
                    self.execute(scenario, &insert::statements(insert), None);
                }
                let mut creation = Creation::new(scenario, function);
                let created = |insert: &Insert| Some(Outcome::Created(insert.version));
                creation.outcomes = inserts.iter().map(created).collect();
                self.functions[function] = Arc::new(Function::Create(creation));
            }
            Request::Operator(number) => {
                let id = Id::PhoneNumber(number);
                self.table.items.insert(id, Item { owner: Owner::Operator, record_id: id });
            }
            _ => {}
        }
    }

    /// Changes the state by `action`.
    pub fn change(&mut self, scenario: &Scenario, action: Action) {
        match action {
            Action::Step(index, step) => self.step(scenario, index, step),
            Action::Land(late) => drop(self.execute(scenario, &late, Some(Exception::Late))),
        }
    }

    fn step(&mut self, scenario: &Scenario, index: FunctionIndex, step: Step) {
        let results = match step {
            Step::Execute(call) | Step::ExecuteAndLose(call) => self.call(scenario, index, call),
            Step::Throttle(call, named) => self.throttled(scenario, index, call, named),
            _ => Vec::new(),
        };
        let over = self.open(scenario, index);
        let mut functions = std::mem::take(&mut self.functions);
        match Arc::make_mut(&mut functions[index]) {
            Function::Create(creation) => self.step_create(scenario, creation, step, &results),
            Function::Delete(deletion) => self.step_delete(scenario, deletion, step, &results),
        }
        self.functions = functions;
        if scenario.faults == Faults::Any {
            self.late.extend(over);
            for late in self.open(scenario, index) {
                self.late.remove(&late);
            }
        }
    }

    /// The statements of each call that is open.
    fn open(&self, scenario: &Scenario, index: FunctionIndex) -> Vec<Late> {
        let calls: Vec<usize> = match &*self.functions[index] {
            Function::Create(creation) => creation.calls.keys().copied().collect(),
            Function::Delete(deletion) => deletion.calls.keys().copied().collect(),
        };
        let statements = calls.into_iter().map(|call| Late::from(self.statements(scenario, index, call)));
        statements.filter(|statements| !statements.is_empty()).collect()
    }

    fn statements(&self, scenario: &Scenario, index: FunctionIndex, call: usize) -> Vec<Statement> {
        match &*self.functions[index] {
            Function::Create(creation) => creation.statements(scenario, call),
            Function::Delete(deletion) => deletion.statements(scenario, call),
        }
    }

    /// DynamoDB executes a call.
    fn call(&mut self, scenario: &Scenario, index: FunctionIndex, call: usize) -> Vec<StatementResult> {
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
    fn throttled(&self, scenario: &Scenario, index: FunctionIndex, call: usize, record: usize) -> Vec<StatementResult> {
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
        }
    }

    fn step_create(&mut self, scenario: &Scenario, creation: &mut Creation, step: Step, results: &[StatementResult]) {
        let gone = creation.gone.clone();
        creation.begun = true;
        let claims = match step {
            Step::ReadChained(id) => creation.read_chained(scenario, id, self.table.owner(id)),
            Step::FailToRead => creation.fail_to_read(scenario),
            Step::Execute(call) | Step::Throttle(call, _) => creation.receive(scenario, call, results),
            Step::Reject(call) => creation.receive_rejection(scenario, call),
            Step::ExecuteAndLose(call) | Step::Lose(call) => creation.lose(scenario, call),
            Step::GiveUp(call) => creation.give_up(scenario, call),
            Step::ReadOwner(index, id) => creation.read_owner(scenario, index, id, self.table.owner(id)),
            Step::ReadOwnerStale(index, id) => {
                let owner = self.table.deleted.get(&id).map(|item| item.owner);
                creation.read_owner(scenario, index, id, owner)
            }
            step => unreachable!("a request that creates has no step {step:?}"),
        };
        for claim in claims {
            self.check_created(scenario, creation.function, &gone, claim);
        }
    }

    fn step_delete(&mut self, scenario: &Scenario, deletion: &mut Deletion, step: Step, results: &[StatementResult]) {
        let item = |id: Id| self.table.items.get(&id).copied();
        deletion.begun = true;
        let claims = match step {
            Step::Find(index) => deletion.find(scenario, index, item(deletion.entries[index].id)),
            Step::FindRecord(index) => match deletion.entries[index].stage {
                Stage::FindRecord(alias) => deletion.find_record(scenario, index, alias, item(alias.record_id)),
                stage => unreachable!("a record is found by its alias, not at {stage:?}"),
            },
            Step::Execute(call) | Step::Throttle(call, _) => {
                deletion.receive(scenario, call, results);
                Vec::new()
            }
            Step::ExecuteAndLose(call) | Step::Lose(call) => {
                deletion.lose(scenario, call);
                Vec::new()
            }
            Step::ReadBack(index) => {
                deletion.read_back(index, deletion.entries[index].found.and_then(|found| item(found.id)));
                Vec::new()
            }
            Step::GiveUp(index) => {
                deletion.give_up(index);
                Vec::new()
            }
            step => unreachable!("a request that deletes has no step {step:?}"),
        };
        for claim in claims {
            self.check_deleted(scenario, deletion, claim);
        }
    }
}

/// The results of a call that is cancelled because of some statements.
fn named(statements: &[Statement], is_named: impl Fn(&Statement) -> bool) -> Vec<StatementResult> {
    let result = |named| if named { StatementResult::Throttled } else { StatementResult::Cancelled };
    statements.iter().map(|statement| result(is_named(statement))).collect()
}
