//! A request that deletes records, as in `src/store/delete/`: entries, and the calls that carry them.

use std::collections::BTreeMap;

use crate::content::Content;
use crate::identity::{FunctionIndex, Id};
use crate::table::{Item, Version};

/// The outcome of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deleted {
    /// The record that was found is gone.
    Deleted,
    /// No record has the ID, or an earlier entry of the request deletes the record.
    NotFound,
    /// It was given up. The record may still be deleted: nothing is promised.
    Undeleted,
}

/// The progress of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The item of the ID is to be read.
    Find,
    /// It is an alias: the record's own item is to be read.
    FindRecord(Item),
    /// It is found.
    Found,
    /// The record is in a call.
    InCall,
    /// The response to the call is unclear: the record is to be read back.
    ReadBack,
    /// It is the record of this earlier entry.
    SameAs(usize),
    /// It is decided.
    Done(Deleted),
}

/// A record as it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Found {
    /// The key of the record's own item.
    pub id: Id,
    /// Its version.
    pub version: Version,
    /// Its content.
    pub content: Content,
}

/// An entry: an ID, and the record that has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The ID.
    pub id: Id,
    /// Its progress.
    pub stage: Stage,
    /// The record.
    pub found: Option<Found>,
    /// Whether nobody had the ID at some moment since the request began. Noted until it is found.
    pub was_free: bool,
}

/// A request that deletes records.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Deletion {
    /// The function that runs the request.
    pub function: FunctionIndex,
    /// Whether it has taken a step.
    pub begun: bool,
    /// The entries.
    pub entries: Vec<Entry>,
    /// The calls under way, each by its first entry: the entries.
    pub calls: BTreeMap<usize, Call>,
}

/// A call that is to be made, or is under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The entries.
    pub entries: Vec<usize>,
    /// Whether it was tried in vain. Noted only if that is what calls are given up for.
    pub tried: bool,
}

/// A claim about the table that a decision makes, to be checked at the moment of the decision.
#[derive(Debug, Clone, Copy)]
pub enum Claim {
    /// The entry's ID has no owner.
    NotFound(usize),
    /// The entry's ID belongs to this record.
    Found(usize, Found),
}

impl Entry {
    /// Whether it is decided.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done(_))
    }
}

impl Deletion {
    /// A request that `function` is about to run.
    #[must_use]
    pub fn new(function: FunctionIndex, ids: &[Id]) -> Self {
        let entry = |id: &Id| Entry { id: *id, stage: Stage::Find, found: None, was_free: false };
        Self { function, begun: false, entries: ids.iter().map(entry).collect(), calls: BTreeMap::new() }
    }

    /// Whether the request has its response.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.entries.iter().all(Entry::is_done)
    }

    /// Whether it has begun, and is not done.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.begun && !self.is_done()
    }
}
