//! A scenario: the requests to explore, the faults, and a bug or a denied exception.

use crate::bug::Bug;
use crate::content::{Content, Numbers, Patch};
use crate::exception::Exception;
use crate::identity::{FunctionIndex, Id, RequestToken, UniqueIdentifierType, WriteToken, ids};
use crate::request::{Request, Row};
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
    /// The precision of the clock by which requests begin.
    pub clock: Clock,
    /// The length of a record's trail.
    pub trail: usize,
    /// The faults.
    pub faults: Faults,
    /// The exception that the properties do not allow for.
    pub denied: Option<Exception>,
    /// A deviation from the algorithm, which a property must find.
    pub bug: Option<Bug>,
}

/// The records that share a call. Statements that DynamoDB executes one by one are calls of their own in the model.
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
    /// Its content.
    pub content: Content,
}

impl Insert {
    /// The item with the key `id`.
    #[must_use]
    pub fn item(&self, id: Id) -> Item {
        let content = Some(self.content).filter(|_| id == self.ids[0]);
        Item { owner: Owner::Record(self.version), record_id: self.ids[0], content }
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
            Request::Operator(_) | Request::Delete(_) | Request::Change(_) => &[],
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
        let numbers = self.records(function)[index];
        let ids = ids(self.unique_identifier_type, numbers, identity);
        let version = Version { write_token, created_at: self.time(function) };
        Insert { index, ids, version, content: Content::new(numbers) }
    }

    /// The IDs of phone numbers, in a list in which they are unique.
    #[must_use]
    pub fn ids_of(&self, numbers: Numbers) -> Vec<Id> {
        match self.unique_identifier_type {
            UniqueIdentifierType::PhoneNumber => numbers.iter().map(Id::PhoneNumber).collect(),
            UniqueIdentifierType::External | UniqueIdentifierType::Nothing => Vec::new(),
        }
    }

    /// The IDs of the phone numbers that a patch sets.
    #[must_use]
    pub fn ids_of_patch(&self, patch: Patch) -> Vec<Id> {
        patch.numbers.map(|numbers| self.ids_of(numbers)).unwrap_or_default()
    }

    /// The rows of the request that `function` runs.
    #[must_use]
    pub fn rows(&self, function: FunctionIndex) -> &[Row] {
        match &self.requests[function] {
            Request::Change(rows) => rows,
            _ => &[],
        }
    }

    /// The records of the request that `function` runs.
    #[must_use]
    pub fn inserts(&self, function: FunctionIndex) -> Vec<Insert> {
        (0..self.records(function).len()).map(|index| self.insert(function, index, 0)).collect()
    }
}
