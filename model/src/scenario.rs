//! A scenario: the requests, the faults beyond the promise, and a bug to plant.

use std::collections::BTreeSet;

use crate::identity::{FunctionIndex, Id, RequestToken, UniqueIdentifierType, WriteToken, ids};

/// Requests, each on a function of its own, against one list.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name in `docs/correctness.md`.
    pub name: &'static str,
    /// The list's type.
    pub unique_identifier_type: UniqueIdentifierType,
    /// The requests, all at once: every order of their steps is explored.
    pub requests: Vec<Request>,
    /// A fault to explore although the API promises nothing for it.
    pub beyond: Option<Beyond>,
    /// A deviation from the algorithm, which a property must find.
    pub bug: Option<Bug>,
}

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
    /// Delete the record that holds an ID.
    Delete(Id),
}

/// A fault that the API promises nothing for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// An insert is delayed in the network and lands after a delete of its record.
    DelayedInsert,
    /// A request is sent again with its key after its records were deleted.
    KeyAfterDelete,
}

/// A planted bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// `DuplicateItem` is taken for another's record, without reading the owner.
    DuplicateItemIsConflict,
    /// A retry draws a new write token.
    RandomTokenOnRetry,
    /// The read of an owner is eventually consistent.
    EventualOwnerRead,
    /// Resolving reports the `created_at` of this request, not the stored one.
    ResolveReportsOwnTime,
    /// Record and aliases are written by a statement each, not by a transaction.
    AliasesWrittenApart,
    /// A call without response is taken for a success.
    LostCallIsCreated,
    /// Duplicates inside a request are refused before the earlier record is decided.
    DuplicatesDoNotWait,
    /// A chain is sent without reading the owners of its IDs.
    ChainNotRead,
    /// The ID in a list of type `NOTHING` is derived from the record's place in the request alone.
    IdentityFromIndex,
    /// A delete by number takes the record that an alias points to, whatever version it is by now.
    DeleteTrustsAlias,
    /// A delete names no version.
    DeleteWithoutToken,
    /// A delete names the write token, not `created_at`.
    DeleteWithoutCreatedAt,
    /// A delete reports success without reading back.
    DeleteWithoutReadBack,
    /// A delete removes the record's own item alone.
    DeleteLeavesAliases,
}

/// A record on its way into the list.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Its place in the request.
    pub index: usize,
    /// The keys of its items, the record's own first.
    pub ids: Vec<Id>,
    /// The token its items carry.
    pub write_token: WriteToken,
    /// The time at which its request began. No two requests of the model begin at the same time.
    pub created_at: FunctionIndex,
}

impl Scenario {
    /// Whether `bug` is planted.
    #[must_use]
    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Whether a request deletes.
    #[must_use]
    pub fn deletes(&self) -> bool {
        self.requests.iter().any(|request| matches!(request, Request::Delete(_)))
    }

    /// Whether all that is created is created by one sender.
    #[must_use]
    pub fn has_one_sender(&self) -> bool {
        let creates = |function: &FunctionIndex| matches!(self.requests[*function], Request::Create { .. });
        let functions = (0..self.requests.len()).filter(creates);
        functions.map(|function| self.request_token(function, 0)).collect::<BTreeSet<_>>().len() == 1
    }

    /// Whether an insert that its function gave up on can still land.
    #[must_use]
    pub fn delays_inserts(&self) -> bool {
        !self.deletes() || self.beyond == Some(Beyond::DelayedInsert)
    }

    /// The phone numbers of the records that `function` is to create.
    #[must_use]
    pub fn records(&self, function: FunctionIndex) -> &'static [&'static [u8]] {
        match self.requests[function] {
            Request::Create { records, .. } | Request::Created(records) => records,
            Request::Delete(_) => &[],
        }
    }

    /// The token of the request that `function` runs.
    #[must_use]
    pub fn request_token(&self, function: FunctionIndex, attempt: usize) -> RequestToken {
        match self.requests[function] {
            _ if attempt > 0 && self.has(Bug::RandomTokenOnRetry) => RequestToken::Random { function, attempt },
            Request::Create { key: Some(key), .. } => RequestToken::Derived(key),
            _ => RequestToken::Random { function, attempt: 0 },
        }
    }

    /// The record at `index` of the request that `function` runs.
    #[must_use]
    pub fn insert(&self, function: FunctionIndex, index: usize, attempt: usize) -> Insert {
        let write_token = WriteToken { request: self.request_token(function, attempt), index };
        let identity = match self.bug {
            Some(Bug::IdentityFromIndex) => WriteToken { request: RequestToken::Derived('-'), index },
            _ => write_token,
        };
        let ids = ids(self.unique_identifier_type, self.records(function)[index], identity);
        Insert { index, ids, write_token, created_at: function }
    }
}
