//! The reason why a row is not a record.

/// The reason, with the API's code for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub reason: String,
}
