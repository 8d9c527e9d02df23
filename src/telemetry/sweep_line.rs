//! The line of a sweep.

use jiff::Timestamp;
use serde_json::json;
use tracing::info;

use super::{LINES, NAMESPACE, function_name};
use crate::dynamodb::{Failure, Usage};
use crate::store::sweep::Swept;
use crate::time::rfc3339;

/// Writes the line of a sweep, with its metrics.
pub(crate) fn write_sweep(lambda_request_id: &str, swept: Result<Swept, Failure>, usage: Usage) {
    let level = if swept.is_ok() { "INFO" } else { "ERROR" };
    let swept = swept.unwrap_or_default();
    let metric = |name, unit| json!({"Name": name, "Unit": unit});
    let line = json!({
        "timestamp": rfc3339(Timestamp::now()),
        "level": level,
        "message": "sweep",
        "lambdaRequestId": lambda_request_id,
        "dynamoDBCalls": usage.calls,
        "FunctionName": function_name(),
        "RecordsSwept": swept.items,
        "OldestDeletionAge": swept.oldest.as_secs(),
        "_aws": {
            "Timestamp": Timestamp::now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["FunctionName"]],
                "Metrics": [metric("RecordsSwept", "Count"), metric("OldestDeletionAge", "Seconds")],
            }],
        },
    });
    info!(target: LINES, "{line}");
}
