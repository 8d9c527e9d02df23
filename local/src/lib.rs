//! The API on this machine: the function that Lambda runs, and stand-ins on loopback for the AWS services around it.
//!
//! - [`function`] invokes the function in this process; [`runtime_api`] runs it as a process of its own, as Lambda does.
//!   [`event`] is the response to a single event.
//! - [`dynamodb`] is an embedded DynamoDB, with the [`lists`] and their [`sample`] records in it.
//! - [`gateway`] is API Gateway: it verifies the caller's token ([`tokens`]), turns the request into an event and the
//!   function's response into HTTP ([`integration`]), and sends error responses of its own.
//! - [`template`] reads `template.yaml`, which defines the table, the timeout and these error responses.
//! - [`page`] is the API's reference in a browser; [`screen`] shows HTTP in a terminal.
//! - [`guard`] keeps websites away from all of it.
//! - [`package`] finds the sources of packages, for tests.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "it panics only if a file of this repository is malformed, or no port is free"
)]

pub mod dynamodb;
pub mod event;
pub mod function;
pub mod gateway;
pub mod guard;
pub mod integration;
pub mod lists;
pub mod package;
pub mod page;
pub mod runtime_api;
pub mod sample;
pub mod screen;
pub mod template;
pub mod tokens;
