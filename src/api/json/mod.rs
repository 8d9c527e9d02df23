//! The JSON of each resource: what is sent, and what is returned.

pub mod bulk;
pub mod changed;
pub mod deletion;
pub mod fit;
pub mod page;
pub mod record;
pub mod record_list;
