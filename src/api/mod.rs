//! What callers see: HTTP in, HTTP out.

pub mod caller;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod hal;
pub mod json;
pub mod request;
pub mod response;
