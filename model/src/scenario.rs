//! A scenario: the requests to explore, the faults, and what is checked.

use crate::bug::Bug;
use crate::exception::Exception;
use crate::identity::{FunctionIndex, Id, RequestToken, UniqueIdentifierType, WriteToken, ids};
use crate::table::{Item, Owner, Time, Version};

/// Requests, each on a function of its own, against one list.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name in `docs/correctness.md`.
    pub name: &'static str,
    /// The list's type.
    pub unique_identifier_type: UniqueIdentifierType,
    /// The requests, all at once: every order of their steps is explored.
    pub requests: Vec<Request>,
    /// The records that share a call.
    pub packing: Packing,
    /// The time at which all requests began, as far as a clock tells, or each at one of its own.
    pub clock: Clock,
    /// The faults.
    pub faults: Faults,
    /// The exception that the properties do not allow for.
    pub denied: Option<Exception>,
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
    /// An operator's own item with the key of this number: there is nothing to do.
    Operator(u8),
    /// Delete the records that have these IDs.
    Delete(Vec<Id>),
}

/// The records that share a call. Statements that DynamoDB executes each alone are calls of their own in the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Each record has its own.
    Apart,
    /// As many as are sent at once.
    Together,
}

/// The clock that gives `created_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// No two requests begin at the same time.
    Fine,
    /// All requests begin in the same millisecond.
    Coarse,
}

/// The faults that happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// Any number of any kind, and every call can be given up at any moment.
    Any,
    /// A partition that is throttled to the end: only calls that were tried in vain are given up.
    Throttled(Id),
    /// DynamoDB rejects every call with a statement for this ID as a whole. Calls are given up as above.
    Rejected(Id),
    /// None. Calls are given up as above.
    None,
}

/// A record to insert.
#[derive(Debug, Clone)]
pub struct Insert {
    /// Its place in the request.
    pub index: usize,
    /// The keys of its items, the record's own first.
    pub ids: Vec<Id>,
    /// Its version, once it is stored.
    pub version: Version,
}

impl Insert {
    /// The item that each of its IDs gets.
    #[must_use]
    pub fn item(&self) -> Item {
        Item { owner: Owner::Record(self.version), record_id: self.ids[0] }
    }
}

impl Scenario {
    /// Whether `bug` is planted.
    #[must_use]
    pub fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// Whether the properties allow for `exception`.
    #[must_use]
    pub fn allows(&self, exception: Exception) -> bool {
        self.denied != Some(exception)
    }

    /// The phone numbers of the records that `function` is to create.
    #[must_use]
    pub fn records(&self, function: FunctionIndex) -> &'static [&'static [u8]] {
        match self.requests[function] {
            Request::Create { records, .. } | Request::Created(records) => records,
            Request::Operator(_) | Request::Delete(_) => &[],
        }
    }

    /// The time at which the request of `function` began.
    #[must_use]
    pub fn time(&self, function: FunctionIndex) -> Time {
        match self.clock {
            Clock::Fine => function,
            Clock::Coarse => 0,
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

    /// The record at `index` of the request that `function` runs, as its `attempt` sends it.
    #[must_use]
    pub fn insert(&self, function: FunctionIndex, index: usize, attempt: usize) -> Insert {
        let write_token = WriteToken { request: self.request_token(function, attempt), index, execution: function };
        let identity = match self.bug {
            Some(Bug::IdentityFromIndex) => WriteToken { request: RequestToken::Derived('-'), ..write_token },
            _ => write_token,
        };
        let ids = ids(self.unique_identifier_type, self.records(function)[index], identity);
        Insert { index, ids, version: Version { write_token, created_at: self.time(function) } }
    }

    /// The records of the request that `function` runs.
    #[must_use]
    pub fn inserts(&self, function: FunctionIndex) -> Vec<Insert> {
        (0..self.records(function).len()).map(|index| self.insert(function, index, 0)).collect()
    }
}
