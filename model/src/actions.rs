//! The steps that can come next in a state, faults included.

use crate::bug::Bug;
use crate::create::{Call, Creation, Open};
use crate::delete::{Deletion, Stage};
use crate::scenario::{Faults, Scenario};
use crate::state::{Function, State};
use crate::step::{Action, Step};
use crate::table::Table;
use crate::update::{self, Update};

/// The actions that are possible in `state`.
pub fn actions(scenario: &Scenario, state: &State, actions: &mut Vec<Action>) {
    for (index, function) in state.functions.iter().enumerate() {
        let steps = match &**function {
            Function::Create(creation) => create_steps(scenario, &state.table, creation),
            Function::Delete(deletion) => delete_steps(scenario, deletion),
            Function::Change(update) => change_steps(scenario, update),
        };
        actions.extend(steps.into_iter().map(|step| Action::Step(index, step)));
    }
    actions.extend(state.late.iter().cloned().map(Action::Land));
}

fn create_steps(scenario: &Scenario, table: &Table, creation: &Creation) -> Vec<Step> {
    if creation.is_done() {
        return Vec::new();
    }
    let mut steps: Vec<Step> = creation.unread.iter().copied().map(Step::ReadChained).collect();
    if !steps.is_empty() && scenario.faults == Faults::Any {
        steps.push(Step::FailToRead);
    }
    for (&first, call) in &creation.calls {
        match call {
            Call::Open(open) => steps.extend(call_steps(scenario, creation, first, open)),
            Call::Resolving(resolving) => {
                steps.extend(resolving.unread.iter().map(|id| Step::ReadOwner(first, *id)));
                let stale = resolving.unread.iter().filter(|id| table.deleted.contains_key(id));
                steps.extend(stale.map(|id| Step::ReadOwnerStale(first, *id)));
                steps.extend((scenario.faults == Faults::Any).then_some(Step::GiveUp(first)));
            }
        }
    }
    steps
}

fn call_steps(scenario: &Scenario, creation: &Creation, first: usize, open: &Open) -> Vec<Step> {
    let mut steps = Vec::new();
    let is_rejected = match scenario.faults {
        Faults::Rejected(id) => creation.statements(scenario, first).iter().any(|statement| statement.id() == id),
        _ => false,
    };
    steps.push(if is_rejected { Step::Reject(first) } else { Step::Execute(first) });
    // Some bugs depend on whether a call was lost before DynamoDB executed it.
    let counts = scenario.has(Bug::RandomTokenOnRetry) && open.attempt == 0 || scenario.has(Bug::LostCallIsCreated);
    let is_made_once = open.is_whole && scenario.faults == Faults::Any;
    steps.extend((counts || is_made_once).then_some(Step::Lose(first)));
    if scenario.faults == Faults::Any {
        steps.push(Step::ExecuteAndLose(first));
        let several = open.records.iter().filter(|_| open.records.len() > 1);
        steps.extend(several.map(|record| Step::Throttle(first, *record)));
    }
    if scenario.faults == Faults::Any || open.tried {
        steps.push(Step::GiveUp(first));
    }
    steps
}

fn delete_steps(scenario: &Scenario, deletion: &Deletion) -> Vec<Step> {
    if deletion.is_done() {
        return Vec::new();
    }
    let has_faults = scenario.faults == Faults::Any;
    let mut steps = Vec::new();
    for (index, entry) in deletion.entries.iter().enumerate() {
        let read = match entry.stage {
            Stage::Find => Step::Find(index),
            Stage::FindRecord(_) => Step::FindRecord(index),
            Stage::ReadBack => Step::ReadBack(index),
            _ => continue,
        };
        steps.push(read);
        steps.extend(has_faults.then_some(Step::GiveUp(index)));
    }
    for (&first, call) in &deletion.calls {
        steps.push(Step::Execute(first));
        if has_faults {
            steps.push(Step::Lose(first));
            let several = call.entries.iter().filter(|_| call.entries.len() > 1);
            steps.extend(several.map(|entry| Step::Throttle(first, *entry)));
        }
        steps.extend((has_faults || call.tried).then_some(Step::GiveUp(first)));
    }
    steps
}

fn change_steps(scenario: &Scenario, update: &Update) -> Vec<Step> {
    let has_faults = scenario.faults == Faults::Any;
    let mut steps = Vec::new();
    for (index, row) in update.rows.iter().enumerate() {
        match row.stage {
            update::Stage::Find => steps.push(Step::Find(index)),
            update::Stage::FindRecord(_) => steps.push(Step::FindRecord(index)),
            update::Stage::InCall | update::Stage::Inserting => {
                steps.push(Step::Execute(index));
                steps.extend(has_faults.then_some(Step::ExecuteAndLose(index)));
                steps.extend(scenario.has(Bug::LostChangeIsMade).then_some(Step::Lose(index)));
            }
            update::Stage::Resolve => steps.push(Step::ReadBack(index)),
            update::Stage::ReadAlias(id) => steps.push(Step::ReadOwner(index, id)),
            update::Stage::Waits | update::Stage::Done(_) => continue,
        }
        steps.extend(has_faults.then_some(Step::GiveUp(index)));
    }
    steps
}
