//! The program over the API: a process of its own, seen by its files, its output, its exit status, and by what is stored.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails that way")]

mod check;
mod crashes;
mod dry_run;
mod exports;
mod files;
mod mirror;
mod nightly;
mod order;
mod output;
mod reading;
mod rejects;
mod sample;
mod setup;
mod support;
mod troubles;
mod update;
mod usage;
