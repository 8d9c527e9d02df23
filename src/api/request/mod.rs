//! The parts of a request: its body, its query, its headers, and the identifiers in them.

pub mod body;
pub mod idempotency_key;
pub mod identifier;
pub mod if_match;
pub mod query;
