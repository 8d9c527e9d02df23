//! The change that an action makes, and the properties that it can break at that moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::create::{Creation, Outcome};
use crate::delete::{Deletion, Stage};
use crate::exception::Exception;
use crate::identity::{FunctionIndex, Id};
use crate::insert;
use crate::request::Request;
use crate::scenario::{Faults, Insert, Scenario};
use crate::state::{Function, History, State};
use crate::statement::StatementResult;
use crate::step::{Action, Step};
use crate::table::{Item, Owner, Table};
use crate::update::{self, Update};

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
                self.table.items.insert(id, Item { owner: Owner::Operator, record_id: id, content: None });
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
            Function::Change(update) => self.step_change(scenario, update, step, &results),
        }
        self.functions = functions;
        if scenario.faults == Faults::Any {
            self.late.extend(over);
            for late in self.open(scenario, index) {
                self.late.remove(&late);
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
            self.check_deleted(deletion, claim);
        }
    }

    fn step_change(&mut self, scenario: &Scenario, update: &mut Update, step: Step, results: &[StatementResult]) {
        let item = |id: Id| self.table.items.get(&id).copied();
        let gone = update.gone.clone();
        update.begun = true;
        let claims = match step {
            Step::Find(index) => update.find(scenario, index, item(scenario.rows(update.function)[index].id)),
            Step::FindRecord(index) => match update.rows[index].stage {
                update::Stage::FindRecord(alias) => update.find_record(scenario, index, alias, item(alias.record_id)),
                stage => unreachable!("a record is found by its alias, not at {stage:?}"),
            },
            Step::Execute(index) => update.receive(scenario, index, results),
            Step::ExecuteAndLose(index) | Step::Lose(index) => update.lose(scenario, index),
            Step::ReadBack(index) => {
                let read = update.rows[index].base.and_then(|base| item(base.id));
                update.resolve(scenario, index, read)
            }
            Step::ReadOwner(index, id) => update.read_alias(scenario, index, id, self.table.owner(id)),
            Step::GiveUp(index) => {
                update.give_up(scenario, index);
                Vec::new()
            }
            step => unreachable!("a request that changes has no step {step:?}"),
        };
        for claim in claims {
            self.check_changed(scenario, update, &gone, claim);
        }
    }
}
