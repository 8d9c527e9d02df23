//! The service as its callers meet it: whole API Gateway events in, whole answers out, over a real DynamoDB engine.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod answers;
mod binary;
#[path = "../../examples/support/dynamodb.rs"]
mod dynamodb;
mod errors;
mod exactly_once;
mod harness;
mod lambda;
mod lists;
mod logs;
mod openapi;
mod properties;
mod proxy;
mod records;
mod size;
