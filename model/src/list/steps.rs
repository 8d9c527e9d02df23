//! The steps that can come next, faults included, and their changes.

use std::fmt;

use super::deletion::{ListBug, ListDeletion, Process};
use super::state::{ListItem, Progress, Response, State, Time};

/// The shards of the list.
const SHARDS: usize = 2;

/// A step of a process, or of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Begins. A request reads the list, unless its function keeps it. A sweep begins a pass if there is a row.
    Begin(usize),
    /// DynamoDB executes the call, and the response arrives.
    Execute(usize),
    /// DynamoDB executes the call, and the response is lost.
    ExecuteAndLose(usize),
    /// Gives up.
    GiveUp(usize),
    /// Queries a shard, or deletes what it found there, or ends its pass.
    Sweep(usize),
    /// The call that deletes what a sweep found in a shard fails: the pass goes on.
    FailToDelete(usize),
    /// A process of the sweep dies.
    Die(usize),
    /// A late attempt lands.
    Land(usize),
    /// Time passes.
    Pass,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |index: &usize| ('A'..='Z').nth(*index).unwrap_or('?');
        match self {
            Self::Begin(index) => write!(f, "{} begins", name(index)),
            Self::Execute(index) => write!(f, "{} has its call executed", name(index)),
            Self::ExecuteAndLose(index) => write!(f, "{} has its call executed and loses the response", name(index)),
            Self::GiveUp(index) => write!(f, "{} gives up", name(index)),
            Self::Sweep(index) => write!(f, "{} goes on with its pass", name(index)),
            Self::FailToDelete(index) => write!(f, "{} fails to delete", name(index)),
            Self::Die(index) => write!(f, "{} dies", name(index)),
            Self::Land(index) => write!(f, "a late attempt of {} lands", name(index)),
            Self::Pass => write!(f, "time passes"),
        }
    }
}

/// The actions that are possible in `state`.
pub fn actions(model: &ListDeletion, state: &State, actions: &mut Vec<Action>) {
    for (index, process) in model.processes.iter().enumerate() {
        match state.progress[index] {
            Progress::Start if *process != Process::Sweep || state.row => actions.push(Action::Begin(index)),
            Progress::Writing => {
                actions.extend([Action::Execute(index), Action::ExecuteAndLose(index), Action::GiveUp(index)]);
            }
            Progress::Marked => actions.extend([Action::Execute(index), Action::GiveUp(index)]),
            Progress::Pass { deletes, .. } => {
                actions.extend([Action::Sweep(index), Action::Die(index)]);
                actions.extend(deletes.then_some(Action::FailToDelete(index)));
            }
            // An attempt of every call that is over can still land until its signature expires.
            Progress::Done(Response::Success | Response::GivenUp) if state.time < Time::TwentyMinutes => {
                actions.push(Action::Land(index));
            }
            Progress::Start | Progress::Done(_) => {}
        }
    }
    actions.extend((state.was_marked && state.time < Time::TwentyMinutes).then_some(Action::Pass));
}

impl State {
    /// Changes the state by `action`.
    pub fn change(&mut self, model: &ListDeletion, action: Action) {
        match action {
            Action::Begin(index) => {
                self.progress[index] = self.begin(model, index);
                let is_create = matches!(model.processes[index], Process::Create { .. });
                let is_known = is_create && self.progress[index] == Progress::Writing;
                self.is_known_after_minute |= is_known && self.time >= Time::Minute;
            }
            Action::Execute(index) => {
                let response = self.execute(model, index);
                self.respond(model, index, response);
            }
            Action::ExecuteAndLose(index) | Action::Land(index) => {
                self.execute(model, index);
            }
            Action::GiveUp(index) => {
                self.progress[index] = Progress::Done(Response::GivenUp);
            }
            Action::Sweep(index) => self.sweep(model, index),
            Action::FailToDelete(index) => {
                if let Progress::Pass { shard, deletes, .. } = &mut self.progress[index] {
                    (*shard, *deletes) = (*shard + 1, false);
                }
            }
            Action::Die(index) => self.progress[index] = Progress::Start,
            Action::Pass => self.pass(),
        }
        self.was_marked |= matches!(self.list, ListItem::Marked(_));
    }

    fn begin(&self, model: &ListDeletion, index: usize) -> Progress {
        let is_kept = self.time == Time::Early || model.has(ListBug::KeptForever);
        match model.processes[index] {
            Process::Sweep => Progress::Pass { began: self.time, shard: 0, found: false, deletes: false },
            Process::Create { keeps: true } if is_kept => Progress::Writing,
            Process::PostList => Progress::Writing,
            _ if self.list == ListItem::Live => Progress::Writing,
            _ => Progress::Done(Response::NotFound),
        }
    }

    fn execute(&mut self, model: &ListDeletion, index: usize) -> Response {
        match (model.processes[index], self.list) {
            (Process::Create { .. }, _) => {
                self.records.insert(index % SHARDS);
                Response::Success
            }
            (Process::DeleteList, ListItem::Live) => {
                self.list = ListItem::Marked(index);
                self.row |= !model.has(ListBug::RowApart);
                Response::Success
            }
            (Process::DeleteList, ListItem::Marked(by)) if by == index && !model.has(ListBug::OwnMarkNotRead) => {
                Response::Success
            }
            (Process::Rename, ListItem::Marked(_)) if model.has(ListBug::RenameUnmarks) => {
                self.list = ListItem::Live;
                Response::Success
            }
            (Process::PostList, ListItem::Absent) => {
                self.list = ListItem::Live;
                Response::Success
            }
            (Process::PostList, ListItem::Marked(_)) => Response::Deleted,
            (Process::Rename | Process::PostList, ListItem::Live) => Response::Success,
            _ => Response::NotFound,
        }
    }

    fn respond(&mut self, model: &ListDeletion, index: usize, response: Response) {
        let (process, success) = (model.processes[index], response == Response::Success);
        self.progress[index] = match (process, self.progress[index]) {
            (Process::DeleteList, Progress::Writing) if success && model.has(ListBug::RowApart) => Progress::Marked,
            (_, Progress::Marked) => {
                self.row = true;
                Progress::Done(Response::Success)
            }
            _ => Progress::Done(response),
        };
    }

    fn sweep(&mut self, model: &ListDeletion, index: usize) {
        let Progress::Pass { began, shard, found, deletes } = self.progress[index] else { return };
        let is_late = began == Time::TwentyMinutes || model.has(ListBug::RowRemovedEarly);
        let is_clean = !found || model.has(ListBug::RowRemovedAfterFinds);
        self.progress[index] = if shard == SHARDS {
            if is_late && is_clean {
                self.row = false;
                if model.has(ListBug::TombstoneSwept) {
                    self.list = ListItem::Absent;
                }
            }
            Progress::Start
        } else if deletes {
            self.records.remove(&shard);
            Progress::Pass { began, shard: shard + 1, found, deletes: false }
        } else if self.records.contains(&shard) {
            Progress::Pass { began, shard, found: true, deletes: true }
        } else {
            Progress::Pass { began, shard: shard + 1, found, deletes: false }
        };
    }

    /// Lets time pass. After twenty minutes, every request of the first minute is over, and so are its attempts.
    fn pass(&mut self) {
        if self.time == Time::Early {
            self.time = Time::Minute;
            return;
        }
        self.time = Time::TwentyMinutes;
        for progress in self.progress.iter_mut().filter(|progress| **progress == Progress::Writing) {
            *progress = Progress::Done(Response::GivenUp);
        }
    }
}
