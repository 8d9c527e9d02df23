//! A step of a function, or of a delayed call, as data.

use crate::call::Mode;
use crate::delete::Found;
use crate::identity::{FunctionIndex, Id};
use crate::table::{Owner, Statement};

/// A step, and the function that takes it or that it happens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Reads the list.
    ReadList,
    /// Reads the owner of an ID of a chain, consistently.
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
    /// Reads the owner of an ID that a record conflicts at, consistently.
    ReadOwner(Mode, Id),
    /// Reads it eventually consistently, and sees what was deleted: a bug.
    ReadOwnerStale(Mode, Id),
    /// Reads the item of the ID to delete.
    Find,
    /// Reads the record that the alias points to.
    FindRecord(Owner),
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

/// A move of the model from one state to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A function's step.
    Step(FunctionIndex, Step),
    /// A delayed call reaches the table.
    Land(Delayed),
}

/// A call that its function gave up on, and that can still reach the table, at any time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delayed {
    /// A transaction, or a statement of a batch.
    Insert(Vec<Statement>),
    /// The delete of a version.
    Delete(Found),
}
