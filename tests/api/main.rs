//! The service as its callers see it: whole API Gateway events in, whole responses out, over a real DynamoDB engine.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails that way")]

mod binary;
mod created;
mod errors;
mod exactly_once;
mod lists;
mod logs;
mod openapi;
mod properties;
mod records;
mod size;
mod support;
