//! What callers see: HTTP in, HTTP out.

pub mod body;
pub mod caller;
pub mod deletion;
pub mod error;
pub mod event;
pub mod hal;
pub mod operation;
pub mod page;
pub mod record;
pub mod record_list;
pub mod request;
pub mod response;
pub mod stored_record;
