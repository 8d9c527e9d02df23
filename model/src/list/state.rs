//! The list, its records, and the progress of the processes.

use std::collections::BTreeSet;

use super::deletion::ListDeletion;

/// The progress of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// It has not begun; a sweep has no pass under way.
    Start,
    /// Its call is to be made, or under way.
    Writing,
    /// By a bug: the list is marked, the row is to be inserted.
    Marked,
    /// A pass over the shards.
    Pass {
        /// The time at which it began.
        began: Time,
        /// The next shard.
        shard: usize,
        /// Whether it has found a record.
        found: bool,
        /// Whether the record of the shard is to be deleted.
        deletes: bool,
    },
    /// It has its response.
    Done(Response),
}

/// The response of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Response {
    /// The record or list is created, renamed, or deleted.
    Success,
    /// The list does not exist.
    NotFound,
    /// The list was deleted: 409.
    Deleted,
    /// It was given up. It may still happen.
    GivenUp,
}

/// The time since the list was marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Time {
    /// Less than a minute, or not marked.
    Early,
    /// A minute or more: no function keeps the list.
    Minute,
    /// Twenty minutes or more: every request of the first minute is over, and the signatures of its attempts have
    /// expired.
    TwentyMinutes,
}

/// The list's item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListItem {
    /// The list.
    Live,
    /// The tombstone, marked by this process.
    Marked(usize),
    /// None: by a bug.
    Absent,
}

/// Everything that exists at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct State {
    /// The list's item.
    pub list: ListItem,
    /// Whether the outbox has the list's row.
    pub row: bool,
    /// The records, one a shard.
    pub records: BTreeSet<usize>,
    /// The time.
    pub time: Time,
    /// The progress of each process.
    pub progress: Vec<Progress>,
    /// Whether the list was marked at some moment.
    pub was_marked: bool,
    /// Whether a request that began after the minute found that the list exists.
    pub is_known_after_minute: bool,
}

impl State {
    /// The first state: no record yet.
    #[must_use]
    pub fn of(model: &ListDeletion) -> Self {
        Self {
            list: ListItem::Live,
            row: false,
            records: BTreeSet::new(),
            time: Time::Early,
            progress: vec![Progress::Start; model.processes.len()],
            was_marked: false,
            is_known_after_minute: false,
        }
    }
}
