//! A rejected row.

use crate::rows::{Row, Unsendable};

/// A row that was not created, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Reject {
    /// The row, or the first line of one that is broken.
    pub row: Row,
    /// Whether the row cannot be read.
    pub broken: bool,
    /// The API's codes.
    pub codes: Vec<String>,
    /// The reasons, in sentences.
    pub reasons: Vec<String>,
}

impl From<Unsendable> for Reject {
    fn from(Unsendable { row, broken, code, reason, .. }: Unsendable) -> Self {
        Self { row, broken, codes: vec![code.to_owned()], reasons: vec![reason] }
    }
}
