//! Contact records in record lists: a Lambda function behind API Gateway, over DynamoDB.
//!
//! # One request
//!
//! ```text
//! API Gateway event ─▶ who is calling, may they ─▶ body to drafts ─▶ the list ─▶ drafts to records ─▶ insert ─▶ 201
//!                      401 403                     400 413 415       404        errors per record     NOT_UNIQUE
//! ```
//!
//! [`app`] turns any event into a response: it finds the operation in the table of [`api::endpoint`] and the caller in
//! [`api::caller`], and calls the operation in [`operations`]. The line above is
//! [`create_records`](operations::create_records).
//!
//! [`api`] is the HTTP side: [`api::request`] reads a request, [`api::json`] has the JSON of each resource. [`record`]
//! checks drafts by the rules, without I/O, turns them into records, and gives each record the IDs that make it unique.
//! [`store`] keeps lists and records in the table, by means of [`dynamodb`], which makes the calls and knows nothing of
//! records. [`config`] has the operator's settings, [`telemetry`] writes the logs and metrics.
//!
//! Dependencies point down only: app → operations → api, record, store; store → record, dynamodb. Of DynamoDB, `record`
//! knows only the limits and the form of numbers.

#![expect(rustdoc::private_intra_doc_links, reason = "the map is for readers of the source")]

mod api;
mod app;
mod check;
mod config;
mod dynamodb;
mod field;
mod list;
mod operations;
mod record;
mod store;
pub mod telemetry;
mod time;

pub use api::endpoint::{Access, ENDPOINTS, Endpoint, Operation};
pub use api::event::{Event, Invocation};
pub use api::request::body::{LAMBDA_RESPONSE_BYTES, MAX_BODY_BYTES, MAX_RECORDS};
pub use api::response::Response;
pub use app::{App, Output};
pub use check::{Checked, Refusal, check};
pub use config::{Config, ConfigError, MAX_BASE_URL_BYTES};
pub use field::Field;
pub use list::UniqueIdentifierType;
pub use record::errors::{RECORD_ERROR_CODES, RecordErrorCode};
pub use store::Store;
