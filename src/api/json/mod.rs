//! The JSON of each resource, in requests and in responses.

pub mod bulk;
pub mod changed;
pub mod deletion;
pub mod escaped;
pub mod page;
pub mod record;
pub mod record_list;
