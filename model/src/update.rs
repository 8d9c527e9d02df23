//! A request that changes records, as in `src/store/change/` and `src/store/update.rs`: rows, each with a call of its
//! own.

use std::collections::BTreeSet;

use crate::content::{Change, Content, Numbers};
use crate::identity::{FunctionIndex, Id, RequestToken, WriteToken};
use crate::scenario::{Insert, Scenario};
use crate::table::{Item, Owner, Version};

/// The outcome of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Changed {
    /// The change is made.
    Updated,
    /// The record did not exist, and is created in this version.
    Created(Version),
    /// The record is as the change would have it.
    Unchanged,
    /// The change would be made.
    Validated,
    /// Another owner has a number that the record would gain.
    NotUnique,
    /// The change would end the number that the record's ID is made of.
    Refused,
    /// The record does not have the `ETag`.
    Failed,
    /// The record does not exist.
    NotFound,
    /// It was given up. It may still be made: nothing is promised.
    GivenUp,
}

/// The progress of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The item of the ID is to be read.
    Find,
    /// It is an alias: the record's own item is to be read.
    FindRecord(Item),
    /// The change waits for an earlier row.
    Waits,
    /// The change is to be sent, or under way.
    InCall,
    /// The record is to be created, or its creation is under way.
    Inserting,
    /// The record is to be read again, to find out whether the change was made.
    Resolve,
    /// The owner of a number that the record would gain is to be read.
    ReadAlias(Id),
    /// It is decided.
    Done(Changed),
}

/// A record as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Base {
    /// The key of the record's own item.
    pub id: Id,
    /// Its version.
    pub version: Version,
    /// Its content.
    pub content: Content,
}

/// The progress of a row, and the record that it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// The record as it was read last.
    pub base: Option<Base>,
    /// The record that the change was merged with first: for a bug.
    pub first: Option<Content>,
    /// Whether nobody had the ID at some moment since the request began. Noted until it is found.
    pub was_free: bool,
}

/// A request that changes records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Update {
    /// The function that runs the request.
    pub function: FunctionIndex,
    /// Whether it has taken a step.
    pub begun: bool,
    /// The progress of each row.
    pub rows: Vec<Progress>,
    /// Owners that numbers of its rows had since it began, and have no more.
    pub gone: BTreeSet<(Id, Owner)>,
}

/// A claim about the table that a decision makes, to be checked at the moment of the decision.
#[derive(Debug, Clone, Copy)]
pub enum Claim {
    /// The row's ID has no owner.
    NotFound(usize),
    /// The row's ID belongs to this record.
    Found(usize, Base),
    /// The change of the row is made.
    Updated(usize),
    /// The row has created its record in this version.
    Created(usize, Version),
    /// An ID, which the row would gain, has another owner than its record.
    NotUnique {
        /// The row.
        index: usize,
        /// The ID.
        id: Id,
        /// The owner.
        owner: Owner,
        /// The row's record.
        own: Option<Owner>,
    },
}

impl Update {
    /// The request that `function` is about to run.
    #[must_use]
    pub fn new(scenario: &Scenario, function: FunctionIndex) -> Self {
        let progress = Progress { stage: Stage::Find, base: None, first: None, was_free: false };
        let rows = vec![progress; scenario.rows(function).len()];
        Self { function, begun: false, rows, gone: BTreeSet::new() }
    }

    /// Whether the request has its response.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.stage, Stage::Done(_)))
    }

    /// Whether it has begun, and is not done.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.begun && !self.is_done()
    }

    /// The token of a row's change.
    #[must_use]
    pub fn change(&self, index: usize) -> Change {
        Change { function: self.function, index }
    }

    /// The record that a row creates if it does not exist.
    #[must_use]
    pub fn insert(&self, scenario: &Scenario, index: usize) -> Insert {
        let row = &scenario.rows(self.function)[index];
        let request = RequestToken::Random { function: self.function, attempt: 0 };
        let write_token = WriteToken { request, index, execution: self.function };
        let version = Version { write_token, created_at: scenario.time(self.function) };
        let numbers = match row.id {
            Id::PhoneNumber(number) => Numbers::of(&[number]),
            _ => Numbers::of(&[]),
        };
        let content = Content { numbers, ..Content::new(&[]) }.with(row.patch);
        Insert { index, ids: vec![row.id], version, content }
    }

    /// Notes that `id` has had an owner, or none.
    pub fn note_window(&mut self, scenario: &Scenario, id: Id, before: Option<Item>) {
        if let Some(item) = before {
            self.gone.insert((id, item.owner));
            return;
        }
        for (index, progress) in self.rows.iter_mut().enumerate() {
            let is_open = matches!(progress.stage, Stage::Find | Stage::FindRecord(_));
            progress.was_free |= is_open && scenario.rows(self.function)[index].id == id;
        }
    }
}
