//! A place in a request that is at fault: what `fields` has of it, in an error body and in a refused record.

use std::borrow::Cow;

use serde::Serialize;

/// A place in a request that is at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The place: a member's path, a query parameter, a header, or `body`.
    pub name: Cow<'static, str>,
    /// What is wrong there and what is accepted, in one sentence that does not quote the value.
    pub description: Cow<'static, str>,
}

impl Field {
    /// A place with fixed words.
    pub(crate) const fn new(name: &'static str, description: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), description: Cow::Borrowed(description) }
    }
}
