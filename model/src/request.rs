//! The request that one function runs.

use crate::content::Patch;
use crate::identity::{FunctionIndex, Id};

/// The request that one function runs.
#[derive(Debug, Clone)]
pub enum Request {
    /// Create records, each with these phone numbers.
    Create {
        /// The `Idempotency-Key`.
        key: Option<char>,
        /// The phone numbers of each record, the first being its reference too.
        records: &'static [&'static [u8]],
    },
    /// Records that were created before: there is nothing to do.
    Created(&'static [&'static [u8]]),
    /// An operator's own item with the key of this number: there is nothing to do.
    Operator(u8),
    /// Delete the records that have these IDs.
    Delete(Vec<Id>),
    /// Change records.
    Change(Vec<Row>),
}

/// A change of a record.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// An ID that the record has.
    pub id: Id,
    /// The attributes to set.
    pub patch: Patch,
    /// The mode.
    pub mode: Mode,
}

/// The mode of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A record that does not exist is not found.
    Update,
    /// A record that does not exist is created.
    Upsert,
    /// The record must be as this earlier request created it: `If-Match`.
    IfMatch(FunctionIndex),
    /// Nothing is written: `validate_only`.
    ValidateOnly,
}
