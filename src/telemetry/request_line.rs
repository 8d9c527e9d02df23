//! The line of a request.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lambda_http::http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracing::{Span, error_span, info};

use super::{LINES, NAMESPACE, function_name};
use crate::api::caller::Claims;
use crate::api::endpoint::Operation;
use crate::api::error::Error;
use crate::api::json::changed::Totals;
use crate::api::json::record::CreatedRecords;
use crate::dynamodb::Usage;
use crate::list::RecordList;
use crate::record::errors::RecordErrorCode;
use crate::time::rfc3339;

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
    /// The numbers of records: `RecordsCreated` and so on, and those refused with each error code.
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

    /// The span that links the request's other events to this line.
    pub fn span(&self) -> Span {
        error_span!("request", requestId = self.request_id, lambdaRequestId = self.lambda_request_id)
    }

    /// Notes the gateway's own ID of the request, by which the line can be found from the access log.
    pub fn extended_request_id(&mut self, id: Option<&str>) {
        self.extended_request_id = id.map(str::to_owned);
    }

    /// Notes the hashes of the caller's account and client.
    pub fn caller(&mut self, claims: &Claims<'_>) {
        self.account_hash = claims.account().map(|account| hash(&account));
        self.client_hash = claims.client().map(|client| hash(&client));
    }

    /// Notes the operation that the request is for.
    pub fn operation(&mut self, operation: Operation) {
        self.operation = Some(operation);
    }

    /// Notes the list that was found.
    pub fn list(&mut self, list: &RecordList) {
        self.record_list_id = Some(list.id.as_str().to_owned());
    }

    /// Notes the results of a batch, and the codes of its refused records.
    pub fn created(&mut self, records: &CreatedRecords<'_>) {
        self.count("RecordsCreated", records.total_created);
        self.refused(records.total_errors, records.codes());
    }

    /// Notes how many records were read.
    pub fn read(&mut self, records: usize) {
        self.count("RecordsRead", records);
    }

    /// Notes how many records were deleted.
    pub fn deleted(&mut self, records: usize) {
        self.count("RecordsDeleted", records);
    }

    /// Notes how many records were changed.
    pub fn updated(&mut self, records: usize) {
        self.count("RecordsUpdated", records);
    }

    /// Notes how many records already were as their patches set them.
    pub fn unchanged(&mut self, records: usize) {
        self.count("RecordsUnchanged", records);
    }

    /// Notes the results of a bulk change, and the codes of its refused records.
    pub fn changed(&mut self, totals: Totals, codes: impl Iterator<Item = RecordErrorCode>) {
        self.count("RecordsCreated", totals.created);
        self.updated(totals.updated);
        self.unchanged(totals.unchanged);
        self.refused(totals.errors, codes);
    }

    fn refused(&mut self, records: usize, codes: impl Iterator<Item = RecordErrorCode>) {
        self.count("RecordsRefused", records);
        for code in codes {
            *self.counts.entry(code.into()).or_default() += 1;
        }
    }

    fn count(&mut self, name: &'static str, count: usize) {
        self.counts.insert(name, count);
    }

    /// Notes that the request failed.
    pub fn error(&mut self, error: &Error) {
        self.code = Some(error.code());
    }

    /// Writes the line, as an event of the target [`LINES`].
    #[expect(clippy::expect_used, reason = "a line has string keys only, and writing to memory cannot fail")]
    pub fn write(self, status: StatusCode, usage: Usage) {
        let line = self.line(status, usage);
        info!(target: LINES, "{}", serde_json::to_string(&line).expect("a line can be written as JSON"));
    }

    fn line(self, status: StatusCode, usage: Usage) -> Line {
        Line {
            timestamp: rfc3339(Timestamp::now()),
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
            function_name: function_name(),
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

/// A line. The order of its members suits a human reader.
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
    let digest = Sha256::digest(text)[..6].iter().fold(0_u64, |digest, byte| digest << 8 | u64::from(*byte));
    format!("{digest:012x}")
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The members of a line that are metrics, in the embedded metric format.
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
