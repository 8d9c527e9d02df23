//! What a record is known by, as in `src/identity.rs`: IDs and write tokens, derived from the request.

/// Which function runs a request: its place in [`Scenario::requests`](crate::Scenario).
pub type FunctionIndex = usize;

/// What makes a record of the list a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueIdentifierType {
    /// Its reference in another system.
    External,
    /// Each of its phone numbers.
    PhoneNumber,
    /// Nothing.
    Nothing,
}

/// What tells the writes of one request from those of every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestToken {
    /// Derived from an `Idempotency-Key`, the account, the list and the body: the same for the same request.
    Derived(char),
    /// Drawn once for each request without a key. The attempt is 0, unless a bug draws another for each attempt.
    Random {
        /// Where the request runs.
        function: FunctionIndex,
        /// For which attempt the token was drawn.
        attempt: usize,
    },
}

/// The token that every item of one record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteToken {
    /// The token of its request.
    pub request: RequestToken,
    /// The record's place in the request.
    pub index: usize,
}

/// The key of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// Derived from a reference.
    External(u8),
    /// Derived from a phone number.
    PhoneNumber(u8),
    /// Derived from a write token.
    Nothing(WriteToken),
}

/// The IDs of the record with these `numbers`: its own, then one for each further phone number that must be unique.
/// The first number stands for the reference too.
#[must_use]
pub fn ids(unique: UniqueIdentifierType, numbers: &[u8], write_token: WriteToken) -> Vec<Id> {
    match unique {
        UniqueIdentifierType::External => numbers.iter().take(1).copied().map(Id::External).collect(),
        UniqueIdentifierType::PhoneNumber => numbers.iter().copied().map(Id::PhoneNumber).collect(),
        UniqueIdentifierType::Nothing => vec![Id::Nothing(write_token)],
    }
}
