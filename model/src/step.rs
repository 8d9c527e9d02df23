//! A step of a function, or the landing of a late attempt, as data.

use std::sync::Arc;

use crate::identity::{FunctionIndex, Id};
use crate::statement::Statement;

/// A step that a function takes, or that happens to it. A call is named by its first record or entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Reads the owner of an ID of a chain.
    ReadChained(Id),
    /// Fails to read the owners of a chain.
    FailToRead,
    /// DynamoDB executes a call, and the response arrives.
    Execute(usize),
    /// DynamoDB executes a call, and the response is lost.
    ExecuteAndLose(usize),
    /// A call or its response is lost.
    Lose(usize),
    /// DynamoDB cancels a call because of this record or entry: it is throttled, or in conflict with another transaction.
    Throttle(usize, usize),
    /// DynamoDB rejects a call as a whole.
    Reject(usize),
    /// The time for a call is up.
    GiveUp(usize),
    /// Reads the owner of an ID over which a record has a conflict.
    ReadOwner(usize, Id),
    /// Reads the owner with eventual consistency, and sees a deleted item: a bug.
    ReadOwnerStale(usize, Id),
    /// Reads the item of an entry's ID.
    Find(usize),
    /// Reads the record that the alias of an entry points to.
    FindRecord(usize),
    /// Reads the record of an entry back.
    ReadBack(usize),
}

/// An attempt of a call that is over, which can still land, at any time.
pub type Late = Arc<[Statement]>;

/// A move of the model from one state to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A function's step.
    Step(FunctionIndex, Step),
    /// A late attempt lands.
    Land(Late),
}
