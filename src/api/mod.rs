//! The HTTP side: endpoints, requests, responses and the caller.

pub mod caller;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod hal;
pub mod json;
pub mod link;
pub mod request;
pub mod response;
