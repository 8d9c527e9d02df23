//! The sweep of deleted lists: a schedule starts it, and nobody else.

use std::time::Duration;

use serde_json::{Value, json};

use super::{TEMPLATE, properties, resources, text};

/// The minutes from one sweep to the next.
const MINUTES: u64 = 5;

#[test]
fn a_schedule_starts_the_sweep_with_its_event() {
    let rule = properties("SweepSchedule");
    assert_eq!(rule["ScheduleExpression"], format!("rate({MINUTES} minutes)"));
    let target = &rule["Targets"][0];
    assert_eq!(target["Arn"], json!({"!GetAtt": "SweepFunction.Arn"}));
    let event: Value = serde_json::from_str(text(&target["Input"])).expect("the event is JSON");
    assert_eq!(event, json!({"sweep": {}}));
    assert_eq!(resources("AWS::Events::Rule").len(), 1);
}

#[test]
fn only_the_schedule_can_invoke_the_sweep() {
    let permission = properties("SweepPermission");
    assert_eq!(permission["FunctionName"], json!({"!Ref": "SweepFunction"}));
    assert_eq!(permission["Principal"], "events.amazonaws.com");
    assert_eq!(permission["SourceArn"], json!({"!GetAtt": "SweepSchedule.Arn"}));
    let permissions = resources("AWS::Lambda::Permission");
    let of_the_sweep = permissions.values().filter(|permission| permission.to_string().contains("SweepFunction"));
    assert_eq!(of_the_sweep.count(), 1);
}

#[test]
fn a_sweep_ends_before_the_next_one_begins() {
    let sweep = properties("SweepFunction");
    let timeout = sweep["Timeout"].as_u64().expect("the sweep has a timeout");
    assert!(Duration::from_secs(timeout) < Duration::from_mins(MINUTES), "{timeout}");
    assert_eq!(sweep["Environment"]["Variables"], json!({"TIMEOUT_SECONDS": timeout}));
    let common = &TEMPLATE["Globals"]["Function"];
    assert_eq!(common["Timeout"], common["Environment"]["Variables"]["TIMEOUT_SECONDS"]);
}

#[test]
fn a_failed_sweep_is_not_run_again_since_the_next_one_is() {
    let retries = properties("SweepRetries");
    assert_eq!(retries["FunctionName"], json!({"!Ref": "SweepFunction"}));
    assert_eq!(retries["MaximumRetryAttempts"], 0);
}

/// The name of each of the alarm's metrics.
fn metrics(alarm: &str) -> Vec<&Value> {
    let metrics = properties(alarm)["Metrics"].as_array().expect("an alarm has metrics");
    metrics.iter().filter_map(|metric| metric.pointer("/MetricStat/Metric/MetricName")).collect()
}

#[test]
fn an_alarm_tells_of_a_deletion_that_makes_no_progress() {
    assert_eq!(metrics("SweepAlarm"), ["OldestDeletionAge", "RecordsSwept"]);
    let expression = text(&properties("SweepAlarm")["Metrics"][0]["Expression"]);
    assert_eq!(expression, "IF(age > 3600 AND FILL(swept, 0) < 1, age, 0)");
}
