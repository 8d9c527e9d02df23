//! What an operator sees: one line of JSON for each request, which is both its log entry and its metrics.
//!
//! The metrics are in CloudWatch's embedded metric format: CloudWatch takes them from the line itself. Nothing that
//! a caller sent is in a line, except the ID of a list that exists. Who the caller is can be recognised by two hashes.

use std::collections::BTreeMap;
use std::env;
use std::panic;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::level_filters::LevelFilter;
use tracing::{Span, error, error_span, info};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::api::caller::Claims;
use crate::api::error::Error;
use crate::api::operation::Operation;
use crate::api::record::CreatedRecords;
use crate::list::RecordList;
use crate::store::Usage;

/// The namespace of the metrics.
const NAMESPACE: &str = "RecordLists";

/// The target of the events that are a request's line.
const REQUESTS: &str = "record_lists::requests";

/// A request's line, while it is written.
#[derive(Debug)]
pub(crate) struct RequestLog {
    start: Instant,
    request_id: String,
    extended_request_id: Option<String>,
    lambda_request_id: String,
    cold_start: bool,
    account_hash: Option<String>,
    client_hash: Option<String>,
    operation: Option<Operation>,
    record_list_id: Option<String>,
    code: Option<&'static str>,
    /// What happened to records: `RecordsCreated` and so on, and how many each error code refused.
    counts: BTreeMap<&'static str, usize>,
}

impl RequestLog {
    /// Begins the line of a request, the environment's first if it is a `cold_start`.
    pub fn new(request_id: &str, lambda_request_id: &str, cold_start: bool) -> Self {
        Self {
            start: Instant::now(),
            request_id: request_id.to_owned(),
            extended_request_id: None,
            lambda_request_id: lambda_request_id.to_owned(),
            cold_start,
            account_hash: None,
            client_hash: None,
            operation: None,
            record_list_id: None,
            code: None,
            counts: BTreeMap::new(),
        }
    }

    /// What the events of this request carry.
    pub fn span(&self) -> Span {
        error_span!("request", requestId = self.request_id, lambdaRequestId = self.lambda_request_id)
    }

    /// Notes the gateway's own ID of the request, by which the line can be found from the access log.
    pub fn extended_request_id(&mut self, id: Option<&str>) {
        self.extended_request_id = id.map(str::to_owned);
    }

    /// Notes who the caller is.
    pub fn caller(&mut self, claims: &Claims<'_>) {
        self.account_hash = claims.account().map(|account| hash(&account));
        self.client_hash = claims.client().map(|client| hash(&client));
    }

    /// Notes what was asked for.
    pub fn operation(&mut self, operation: Operation) {
        self.operation = Some(operation);
    }

    /// Notes the list that was found.
    pub fn list(&mut self, list: &RecordList) {
        self.record_list_id = Some(list.id.as_str().to_owned());
    }

    /// Notes what became of the records of a batch.
    pub fn created(&mut self, records: &CreatedRecords<'_>) {
        self.count("RecordsCreated", records.total_created);
        self.count("RecordsRefused", records.total_errors);
        for code in records.codes() {
            *self.counts.entry(code.into()).or_default() += 1;
        }
    }

    /// Notes how many records were read.
    pub fn read(&mut self, records: usize) {
        self.count("RecordsRead", records);
    }

    /// Notes how many records were deleted.
    pub fn deleted(&mut self, records: usize) {
        self.count("RecordsDeleted", records);
    }

    fn count(&mut self, name: &'static str, count: usize) {
        self.counts.insert(name, count);
    }

    /// Notes that the request failed.
    pub fn error(&mut self, error: &Error) {
        self.code = Some(error.code());
    }

    /// Writes the line, as an event of the target [`REQUESTS`].
    pub fn write(self, status: StatusCode, usage: Usage) {
        let line = self.line(status, usage);
        info!(target: REQUESTS, "{}", serde_json::to_string(&line).unwrap_or_default());
    }

    fn line(self, status: StatusCode, usage: Usage) -> Line {
        Line {
            timestamp: format!("{:.3}", Timestamp::now()),
            level: if status.is_server_error() { "ERROR" } else { "INFO" },
            message: "request",
            request_id: self.request_id,
            extended_request_id: self.extended_request_id,
            lambda_request_id: self.lambda_request_id,
            cold_start: self.cold_start,
            account_hash: self.account_hash,
            client_hash: self.client_hash,
            status: status.as_u16(),
            code: self.code,
            record_list_id: self.record_list_id,
            duration_ms: milliseconds(self.start.elapsed()),
            dynamodb_calls: usage.calls,
            function_name: env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
            operation: self.operation.map_or("none", Into::into),
            status_text: status.as_str().to_owned(),
            requests: 1,
            metrics: metrics(&self.counts),
            counts: self.counts,
            latency: milliseconds(usage.time),
            retries: usage.retries,
            throttles: usage.throttles,
        }
    }
}

/// A line, in the order in which a person reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    timestamp: String,
    level: &'static str,
    message: &'static str,
    request_id: String,
    extended_request_id: Option<String>,
    lambda_request_id: String,
    cold_start: bool,
    account_hash: Option<String>,
    client_hash: Option<String>,
    status: u16,
    code: Option<&'static str>,
    record_list_id: Option<String>,
    duration_ms: f64,
    #[serde(rename = "dynamoDBCalls")]
    dynamodb_calls: u32,
    #[serde(rename = "FunctionName")]
    function_name: String,
    #[serde(rename = "Operation")]
    operation: &'static str,
    #[serde(rename = "Status")]
    status_text: String,
    #[serde(rename = "Requests")]
    requests: u32,
    #[serde(flatten)]
    counts: BTreeMap<&'static str, usize>,
    #[serde(rename = "DynamoDBLatency")]
    latency: f64,
    #[serde(rename = "DynamoDBRetries")]
    retries: u32,
    #[serde(rename = "DynamoDBThrottles")]
    throttles: u32,
    #[serde(rename = "_aws")]
    metrics: Value,
}

/// The first 12 digits of `text`'s SHA-256: enough to tell callers apart, and `sha256sum` computes it too.
fn hash(text: &str) -> String {
    let start = Sha256::digest(text).iter().take(6).fold(0, |number, byte| number << 8 | u64::from(*byte));
    format!("{start:012x}")
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Which members of a line are metrics, in the embedded metric format.
fn metrics(counts: &BTreeMap<&'static str, usize>) -> Value {
    let counts = ["DynamoDBRetries", "DynamoDBThrottles"].iter().chain(counts.keys());
    let counts = counts.map(|name| json!({"Name": name, "Unit": "Count"}));
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
                "Dimensions": [["FunctionName", "Operation", "Status"]],
                "Metrics": [{"Name": "Requests", "Unit": "Count"}],
            },
        ],
    })
}

/// Writes `tracing`'s events as lines of JSON to standard output, as Lambda's JSON logs want them: from the level that
/// `RUST_LOG` or else Lambda's own `AWS_LAMBDA_LOG_LEVEL` names, `info` without either. A request's line is written at
/// any level, since the metrics are in it.
///
/// Only this crate's events are let through: a library that logs its requests would log what callers sent. A panic
/// leaves its place in the log and not its message, which can quote them too.
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
