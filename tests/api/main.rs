//! The service as its callers meet it: whole API Gateway events in, whole answers out, over a real DynamoDB engine.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[path = "../../examples/support/dynamodb.rs"]
mod dynamodb;
mod exactly_once;
mod harness;
mod lists;
mod proxy;
