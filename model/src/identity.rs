//! IDs and write tokens, derived from a request as in `src/record/identity.rs`.

/// The function that runs a request, by its place in [`Scenario::requests`](crate::Scenario).
pub type FunctionIndex = usize;

/// The identifier that makes a record of the list a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueIdentifierType {
    /// Its reference in another system.
    External,
    /// Each of its phone numbers.
    PhoneNumber,
    /// Nothing.
    Nothing,
}

/// The part of a write token that all records of a request share, and no other request has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestToken {
    /// Derived from an `Idempotency-Key`, the account, the list and the body: the same for the same request.
    Derived(char),
    /// Drawn once for each request without a key. The attempt is 0, unless a bug draws another for each attempt.
    Random {
        /// The function that runs the request.
        function: FunctionIndex,
        /// The attempt that the token was drawn for.
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
    /// The suffix: the execution that wrote the item.
    pub execution: FunctionIndex,
}

impl WriteToken {
    /// Whether both are of one record of one request, whichever execution wrote it.
    #[must_use]
    pub fn is_same_record(self, other: Self) -> bool {
        (self.request, self.index) == (other.request, other.index)
    }
}

/// The key of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Id {
    /// Derived from a reference.
    External(u8),
    /// Derived from a phone number.
    PhoneNumber(u8),
    /// Derived from a write token without its suffix.
    Nothing(RequestToken, usize),
}

/// The IDs of the record with these `numbers`: its own, then one for each further phone number that must be unique.
/// The first number stands for the reference too.
#[must_use]
pub fn ids(unique: UniqueIdentifierType, numbers: &[u8], write_token: WriteToken) -> Vec<Id> {
    match unique {
        UniqueIdentifierType::External => numbers.iter().take(1).copied().map(Id::External).collect(),
        UniqueIdentifierType::PhoneNumber => numbers.iter().copied().map(Id::PhoneNumber).collect(),
        UniqueIdentifierType::Nothing => vec![Id::Nothing(write_token.request, write_token.index)],
    }
}
