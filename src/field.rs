//! A fault at one place of a request: an element of `fields`, in an error body and in a refused record.

use std::borrow::Cow;

use serde::Serialize;

/// A fault at one place of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The place: the path of a member, a query parameter, a header, or `body`, `record` or `entry` as a whole.
    pub name: Cow<'static, str>,
    /// One sentence that says what is wrong and what is accepted. It never quotes the value.
    pub description: Cow<'static, str>,
}

impl Field {
    /// A fault at a place that is known when the program is compiled.
    pub(crate) const fn new(name: &'static str, description: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), description: Cow::Borrowed(description) }
    }
}
