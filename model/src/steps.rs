//! What can happen next: each step of each function, each fault, and what it does.

use stateright::{Model, Property};

use crate::delete::{Delete, Stage};
use crate::identity::{FunctionIndex, Id};
use crate::insert::Insert;
use crate::properties;
use crate::scenario::{Bug, Scenario};
use crate::send::{Call, Mode};
use crate::state::{Delayed, Function, State};
use crate::table::{Code, Item, Statement, Table};

/// A step, and the function that takes it or that it happens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Reads the list.
    ReadList,
    /// Reads consistently who holds an ID of a chain.
    ReadChained(Id),
    /// Makes a call that inserts.
    InsertCall(Mode),
    /// Makes it again.
    Retry(Mode),
    /// DynamoDB executes the transaction, or this statement of the batch.
    Execute(Mode, usize),
    /// DynamoDB throttles this statement of the batch.
    Throttle(usize),
    /// The call is lost, or what is left of it.
    LoseCall(Mode),
    /// The response is lost.
    LoseResponse(Mode),
    /// The response arrives.
    Respond(Mode),
    /// Reads consistently who holds an ID that a record collided at.
    SettleRead(Mode, Id),
    /// Reads it eventually consistently, and sees what was deleted: a bug.
    StaleRead(Mode, Id),
    /// Reads the item of the ID to delete.
    Find,
    /// Reads the record that the alias points to.
    FindRecord(Item),
    /// Makes the call that deletes.
    DeleteCall,
    /// DynamoDB executes it.
    ExecuteDelete,
    /// It is lost.
    LoseDelete,
    /// Its response arrives, or is lost: it makes no difference.
    EndDelete,
    /// Reads the record back.
    ReadBack,
    /// The time is up.
    Deadline,
}

/// What moves the model from one state to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A function's step.
    Step(FunctionIndex, Step),
    /// A delayed call reaches the table.
    Land(Delayed),
}

impl Model for Scenario {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State::of(self)]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for (index, function) in state.functions.iter().enumerate() {
            let steps = match &**function {
                Function::Insert(insert) => insert_steps(self, state, insert),
                Function::Delete(delete) => delete_steps(delete),
            };
            actions.extend(steps.into_iter().map(|step| Action::Step(index, step)));
        }
        actions.extend(state.delayed.iter().cloned().map(Action::Land));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Step(index, step) => state.step(self, index, &step),
            Action::Land(delayed) => state.land(self, &delayed),
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of(self)
    }
}

fn insert_steps(scenario: &Scenario, state: &State, insert: &Insert) -> Vec<Step> {
    if insert.is_done() {
        return Vec::new();
    }
    if !insert.started {
        return vec![Step::ReadList, Step::Deadline];
    }
    let mut steps = vec![Step::Deadline];
    steps.extend(insert.unread.first().map(|id| Step::ReadChained(*id)));
    for (&mode, call) in &insert.calls {
        match call {
            Call::Ready { attempt: 0, .. } => steps.push(Step::InsertCall(mode)),
            Call::Ready { attempt, .. } if scenario.has(Bug::RandomTokenOnRetry) && *attempt > 1 => {}
            Call::Ready { .. } => steps.push(Step::Retry(mode)),
            Call::InFlight { statements, .. } => steps.extend(call_steps(mode, statements)),
            Call::Settling { unread, .. } => {
                let id = unread.first().copied();
                steps.extend(id.map(|id| Step::SettleRead(mode, id)));
                let deleted = id.filter(|id| state.table.deleted.contains_key(id));
                steps.extend(deleted.map(|id| Step::StaleRead(mode, id)));
            }
        }
    }
    steps
}

fn call_steps(mode: Mode, statements: &[(Statement, Option<Code>)]) -> Vec<Step> {
    let to_execute = statements.iter().enumerate().filter(|(_, (_, code))| code.is_none()).map(|(place, _)| place);
    let to_execute: Vec<usize> = to_execute.collect();
    match (mode, to_execute.is_empty()) {
        (_, true) => vec![Step::Respond(mode), Step::LoseResponse(mode)],
        (Mode::Transaction, false) => vec![Step::Execute(mode, 0), Step::LoseCall(mode)],
        (Mode::Batch, false) => {
            let steps = to_execute.into_iter().flat_map(|place| [Step::Execute(mode, place), Step::Throttle(place)]);
            steps.chain([Step::LoseCall(mode)]).collect()
        }
    }
}

fn delete_steps(delete: &Delete) -> Vec<Step> {
    match delete.stage {
        Stage::Done(_) => Vec::new(),
        Stage::Find => vec![Step::Find, Step::Deadline],
        Stage::FindRecord(alias) => vec![Step::FindRecord(alias), Step::Deadline],
        Stage::Ready => vec![Step::DeleteCall, Step::Deadline],
        Stage::InFlight(false) => vec![Step::ExecuteDelete, Step::LoseDelete, Step::Deadline],
        Stage::InFlight(true) => vec![Step::EndDelete, Step::Deadline],
        Stage::ReadBack => vec![Step::ReadBack, Step::Deadline],
    }
}

/// What `step` does to an insert.
pub fn step_insert(scenario: &Scenario, table: &Table, insert: &mut Insert, step: &Step) {
    let read = |id: Id| table.items.get(&id).copied();
    match *step {
        Step::ReadList => insert.start(scenario),
        Step::ReadChained(id) => insert.read_chained(scenario, id, read(id)),
        Step::InsertCall(mode) | Step::Retry(mode) => insert.send(scenario, mode),
        Step::Throttle(place) => insert.executed(Mode::Batch, place, &[Code::Throttled]),
        Step::LoseCall(mode) | Step::LoseResponse(mode) => insert.lose(scenario, mode),
        Step::Respond(mode) => insert.receive(scenario, mode),
        Step::SettleRead(mode, id) => insert.read_holder(scenario, mode, id, read(id)),
        Step::StaleRead(mode, id) => insert.read_holder(scenario, mode, id, table.deleted.get(&id).copied()),
        Step::Deadline => insert.give_up(scenario),
        ref step => unreachable!("an insert has no step {step:?}"),
    }
}

/// What `step` does to a delete.
pub fn step_delete(scenario: &Scenario, table: &mut Table, delete: &mut Delete, step: &Step) {
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
