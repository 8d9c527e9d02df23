//! What an operator sees: one line of JSON for each request, which is its log entry and its metrics at once.
//!
//! The metrics are CloudWatch's embedded metric format: CloudWatch takes them from the line itself. Nothing that
//! a caller sent is in a line, but for the ID of a list that exists.

use std::collections::BTreeMap;
use std::env;
use std::panic;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Request, RequestExt};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;
use tracing::{Span, error, error_span, info};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::answer::Answer;
use crate::error::Error;
use crate::list::RecordList;
use crate::route;
use crate::store::Usage;

/// The namespace of the metrics.
pub const NAMESPACE: &str = "RecordLists";

/// The target of the events that are a request's line.
pub const REQUESTS: &str = "record_lists::requests";

/// A request's line, while it is written.
#[derive(Debug)]
pub struct RequestLog {
    start: Instant,
    request_id: String,
    lambda_request_id: String,
    cold_start: bool,
    record_list_id: Option<String>,
    code: Option<&'static str>,
    sent: usize,
    created: usize,
    refused: usize,
    refused_by_code: BTreeMap<&'static str, usize>,
}

impl RequestLog {
    /// Begins the line of `request`, the environment's first where it is a `cold_start`.
    #[must_use]
    pub fn new(request: &Request, cold_start: bool) -> Self {
        Self {
            start: Instant::now(),
            request_id: route::request_id(request),
            lambda_request_id: request
                .lambda_context_ref()
                .map(|context| context.request_id.clone())
                .unwrap_or_default(),
            cold_start,
            record_list_id: None,
            code: None,
            sent: 0,
            created: 0,
            refused: 0,
            refused_by_code: BTreeMap::new(),
        }
    }

    /// What the events of this request carry.
    #[must_use]
    pub fn span(&self) -> Span {
        error_span!("request", requestId = self.request_id, lambdaRequestId = self.lambda_request_id)
    }

    /// Notes that `sent` records are for `list`.
    pub fn list(&mut self, list: &RecordList, sent: usize) {
        self.record_list_id = Some(list.id.as_str().to_owned());
        self.sent = sent;
    }

    /// Notes what became of the records.
    pub fn answer(&mut self, answer: &Answer<'_>) {
        self.created = answer.total_created;
        self.refused = answer.total_errors;
        self.refused_by_code = answer.refused_by_code();
    }

    /// Notes that the request failed.
    pub fn error(&mut self, error: Error) {
        self.code = Some(error.code());
    }

    /// Writes the line, as an event of the target [`REQUESTS`].
    pub fn write(self, status: StatusCode, usage: Usage) {
        info!(target: REQUESTS, "{}", self.line(status, usage));
    }

    fn line(self, status: StatusCode, usage: Usage) -> Value {
        let mut line = json!({
            "timestamp": format!("{:.3}", Timestamp::now()),
            "level": if status.is_server_error() { "ERROR" } else { "INFO" },
            "message": "request",
            "requestId": self.request_id,
            "lambdaRequestId": self.lambda_request_id,
            "coldStart": self.cold_start,
            "status": status.as_u16(),
            "code": self.code,
            "recordListId": self.record_list_id,
            "sent": self.sent,
            "durationMs": milliseconds(self.start.elapsed()),
            "dynamoDBCalls": usage.calls,
            "FunctionName": env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
            "Status": status.as_str(),
            "Requests": 1,
            "RecordsCreated": self.created,
            "RecordsRefused": self.refused,
            "DynamoDBLatency": milliseconds(usage.time),
            "DynamoDBRetries": usage.retries,
            "DynamoDBThrottles": usage.throttles,
            "_aws": metrics(&self.refused_by_code),
        });
        for (code, count) in self.refused_by_code {
            line[code] = count.into();
        }
        line
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Which members of a line are metrics, as the embedded metric format says it.
fn metrics(refused_by_code: &BTreeMap<&'static str, usize>) -> Value {
    let counts = ["RecordsCreated", "RecordsRefused", "DynamoDBRetries", "DynamoDBThrottles"];
    let counts = counts.iter().chain(refused_by_code.keys()).map(|name| json!({"Name": name, "Unit": "Count"}));
    let latency = json!({"Name": "DynamoDBLatency", "Unit": "Milliseconds"});
    json!({
        "Timestamp": Timestamp::now().as_millisecond(),
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": counts.chain([latency]).collect::<Vec<_>>(),
            },
            {
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName", "Status"]],
                "Metrics": [{"Name": "Requests", "Unit": "Count"}],
            },
        ],
    })
}

/// Makes `tracing`'s events lines of JSON on standard output, as Lambda's JSON logs want them: from the level that
/// `RUST_LOG` or else Lambda's own `AWS_LAMBDA_LOG_LEVEL` names, `info` without either. A request's line is written at
/// any level, since the metrics are in it.
///
/// Only this crate's events are let through: a library that logs its requests would log what callers sent. A panic
/// leaves its place in the log and not its message, which may quote them too.
pub fn init() {
    let level = ["RUST_LOG", "AWS_LAMBDA_LOG_LEVEL"].iter().find_map(|name| level(&env::var(name).ok()?));
    let level = level.unwrap_or(LevelFilter::INFO);
    let events = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level).with_target(REQUESTS, LevelFilter::OFF);
    let requests = Targets::new().with_target(REQUESTS, LevelFilter::INFO);
    let bare = fmt::format().without_time().with_level(false).with_target(false).with_ansi(false);
    tracing_subscriber::registry()
        .with(fmt::layer().json().flatten_event(true).with_span_list(false).with_filter(events))
        .with(fmt::layer().event_format(bare).with_filter(requests))
        .init();
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        error!(cause = "panic", place, "the function failed");
    }));
}

/// Reads a level, `None` for an empty one too, as a template's empty parameter arrives. `FATAL` is Lambda's own word.
fn level(text: &str) -> Option<LevelFilter> {
    match text {
        "" => None,
        "FATAL" => Some(LevelFilter::ERROR),
        text => text.parse().ok(),
    }
}
