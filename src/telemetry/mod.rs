//! The operator's view: one line of JSON for each request and each sweep, which is both its log entry and its metrics.
//!
//! The metrics are in CloudWatch's embedded metric format: CloudWatch takes them from the line itself. A line contains
//! nothing that a caller sent, except the ID of a list that exists and the request's IDs. Two hashes identify the caller.

mod request_line;
mod sweep_line;

use std::env;
use std::panic;

use tracing::error;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

pub(crate) use self::request_line::RequestLog;
pub(crate) use self::sweep_line::write_sweep;

/// The namespace of the metrics.
const NAMESPACE: &str = "RecordLists";

/// The target of the events that are lines of requests and sweeps.
const LINES: &str = "record_lists::lines";

/// Writes `tracing`'s events as lines of JSON to standard output, as Lambda's JSON log format requires. `RUST_LOG`, or
/// else Lambda's own `AWS_LAMBDA_LOG_LEVEL`, sets the least severe level; the default is `info`. A request's line is
/// written at any level, because the metrics are in it.
///
/// Only this crate's events pass: a library that logs its requests would log what callers sent. For the same reason, a
/// panic leaves its location in the log but not its message.
pub fn init() {
    let level = ["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL"].iter().find_map(|name| level(&env::var(name).ok()?));
    let level = level.unwrap_or(LevelFilter::INFO);
    let events = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level).with_target(LINES, LevelFilter::OFF);
    let lines = Targets::new().with_target(LINES, LevelFilter::INFO);
    let bare = fmt::format().without_time().with_level(false).with_target(false).with_ansi(false);
    tracing_subscriber::registry()
        .with(fmt::layer().json().flatten_event(true).with_span_list(false).with_filter(events))
        .with(fmt::layer().event_format(bare).with_filter(lines))
        .init();
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        error!(cause = "panic", place, "the function failed");
    }));
}

/// Reads a level, `None` for text that is not one. An empty template parameter arrives as empty text. `FATAL` is one of
/// Lambda's levels, but not one of `tracing`'s.
fn level(text: &str) -> Option<LevelFilter> {
    match text {
        "" => None,
        "FATAL" => Some(LevelFilter::ERROR),
        text => text.parse().ok(),
    }
}

/// The name of the function, a dimension of every metric.
fn function_name() -> String {
    env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default()
}
