//! Creates up to 100 contact records of a record list at once: `POST /record-lists/{record_list_id}/records/bulks`.
//!
//! # One request
//!
//! ```text
//! API Gateway event ─▶ who is calling, may they ─▶ body to drafts ─▶ the list ─▶ drafts to records ─▶ insert ─▶ 201
//!                      401 403                     400 413 415       404        errors per record     NOT_UNIQUE
//! ```
//!
//! [`handler`] walks this way. [`route`] says where the request goes, [`claims`] who is calling, [`body`] what was
//! sent; [`store`] finds the [`list`]; [`record`] makes records of drafts by the rules there, in [`phone_number`] (with
//! [`numbering_plan`]) and in [`extra_data`] (with [`decimal`]); [`identity`] gives each the IDs that make it unique; [`store`] inserts
//! them; [`answer`] is the `201` and [`error`] every other answer. [`config`] is what the operator sets, [`telemetry`]
//! what the operator sees.
//!
//! HTTP is known at the two ends only and DynamoDB in the store only (`extra_data` knows its limits); what is between
//! them are plain types and functions.

pub mod answer;
pub mod body;
pub mod claims;
pub mod config;
pub mod decimal;
pub mod error;
pub mod extra_data;
pub mod handler;
pub mod identity;
pub mod list;
pub mod numbering_plan;
pub mod phone_number;
pub mod record;
pub mod route;
pub mod store;
pub mod telemetry;
