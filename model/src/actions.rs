//! The steps that can come next in a state, faults included.

use crate::call::{Call, Mode};
use crate::create::Creation;
use crate::delete::{Delete, Stage};
use crate::scenario::{Bug, Scenario};
use crate::state::{Function, State};
use crate::step::{Action, Step};
use crate::table::{Statement, StatementResult};

/// The actions that are possible in `state`.
pub fn actions(scenario: &Scenario, state: &State, actions: &mut Vec<Action>) {
    for (index, function) in state.functions.iter().enumerate() {
        let steps = match &**function {
            Function::Create(creation) => create_steps(scenario, state, creation),
            Function::Delete(delete) => delete_steps(delete),
        };
        actions.extend(steps.into_iter().map(|step| Action::Step(index, step)));
    }
    actions.extend(state.delayed.iter().cloned().map(Action::Land));
}

fn create_steps(scenario: &Scenario, state: &State, creation: &Creation) -> Vec<Step> {
    if creation.is_done() {
        return Vec::new();
    }
    if !creation.started {
        return vec![Step::ReadList, Step::Deadline];
    }
    let mut steps = vec![Step::Deadline];
    steps.extend(creation.unread.first().map(|id| Step::ReadChained(*id)));
    for (&mode, call) in &creation.calls {
        match call {
            Call::Ready { attempt: 0, .. } => steps.push(Step::InsertCall(mode)),
            Call::Ready { attempt, .. } if scenario.has(Bug::RandomTokenOnRetry) && *attempt > 1 => {}
            Call::Ready { .. } => steps.push(Step::Retry(mode)),
            Call::InFlight { statements, .. } => steps.extend(call_steps(mode, statements)),
            Call::Resolving { unread, .. } => {
                let id = unread.first().copied();
                steps.extend(id.map(|id| Step::ReadOwner(mode, id)));
                let deleted = id.filter(|id| state.table.deleted.contains_key(id));
                steps.extend(deleted.map(|id| Step::ReadOwnerStale(mode, id)));
            }
        }
    }
    steps
}

fn call_steps(mode: Mode, statements: &[(Statement, Option<StatementResult>)]) -> Vec<Step> {
    let to_execute = statements.iter().enumerate().filter(|(_, (_, result))| result.is_none()).map(|(place, _)| place);
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
