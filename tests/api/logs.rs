//! What the function writes: a line for each request, with its metrics, and nothing that a caller sent.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{ACCOUNT, EXTERNAL, Lambda, Table, closed_endpoint, event, event_names, sent_body};

/// Everything the function writes while it responses `events`.
async fn written(mut lambda: Lambda, events: &[Value]) -> String {
    for event in events {
        lambda.invoke(event).await;
    }
    lambda.stop().await
}

async fn without_dynamodb(variables: &[(&str, &str)]) -> Lambda {
    let mut lambda = Lambda::start_at(&closed_endpoint().await, "records", variables).await;
    lambda.timeout = Duration::from_millis(600);
    lambda
}

fn events() -> Vec<Value> {
    event_names("").iter().map(|name| event(name)).collect()
}

/// Every string in `value`.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(elements) => elements.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

/// The body of `event` as it was sent.
fn body(event: &Value) -> String {
    sent_body(event).map(|body| String::from_utf8(body).unwrap()).unwrap_or_default()
}

/// What must not be logged of `event`: names, numbers, references and everything else in the records, the headers with the
/// token, the claims, the caller's address, and the ID of a list that does not exist.
fn secrets(event: &Value) -> BTreeSet<String> {
    let body: Value = serde_json::from_str(&body(event)).unwrap_or_default();
    let context = &event["requestContext"];
    let outside = [&event["headers"], &context["authorizer"], &context["identity"], &context["http"]["sourceIp"]];
    let outside = outside.into_iter().flat_map(strings).filter(|text| text.len() >= 8);
    let inside = strings(&body).into_iter().filter(|text| is_telling(text));
    let mut secrets: BTreeSet<String> = outside.chain(inside).map(str::to_owned).collect();
    secrets.extend(["3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1fff".to_owned(), ACCOUNT.to_owned()]);
    secrets
}

/// Whether `text` cannot occur in a line by accident, as a `1` can, or JSON's own `true`.
fn is_telling(text: &str) -> bool {
    let short_number = text.len() < 6 && text.bytes().all(|b| b.is_ascii_digit());
    text.trim().len() >= 3 && !short_number && text != "true"
}

/// A piece of `body` that is in `log` too, too long to be there by accident.
fn fragment<'a>(body: &'a str, log: &str) -> Option<&'a str> {
    const LENGTH: usize = 16;
    let logged: HashSet<&[u8]> = log.as_bytes().windows(LENGTH).collect();
    let found = body.as_bytes().windows(LENGTH).find(|piece| logged.contains(piece));
    found.map(|piece| std::str::from_utf8(piece).unwrap_or("a fragment"))
}

#[track_caller]
fn assert_secret(events: &[Value], log: &str) {
    assert_eq!(log.matches("\"_aws\"").count(), events.len(), "each request has its line");
    for event in events {
        let secrets = secrets(event);
        assert!(secrets.contains("Bearer NOT-A-REAL-TOKEN"));
        let leaks = |line: &&str| secrets.iter().any(|secret| line.contains(secret));
        assert_eq!(log.lines().find(leaks), None, "one of {secrets:?} is logged");
        assert_eq!(fragment(&body(event), log), None);
    }
}

#[tokio::test]
async fn nothing_that_a_caller_sent_is_logged_at_any_level() {
    for variable in [("RUST_LOG", "trace"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")] {
        let table = Table::new().await;
        let log = written(Lambda::start(&table, &[variable]).await, &events()).await;
        assert_secret(&events(), &log);
    }
}

#[tokio::test]
async fn nothing_that_a_caller_sent_is_logged_when_dynamodb_fails() {
    let log = written(without_dynamodb(&[("RUST_LOG", "trace")]).await, &events()).await;
    assert_secret(&events(), &log);
    let table = Table::new().await;
    let missing = Lambda::start_at(&table.endpoint, "no-such-table", &[("RUST_LOG", "trace")]).await;
    let log = written(missing, &events()).await;
    assert_secret(&events(), &log);
}

#[tokio::test]
async fn an_event_that_is_not_api_gateways_is_not_logged() {
    let mut lambda = Lambda::start(&Table::new().await, &[("RUST_LOG", "trace")]).await;
    lambda.post(&json!({"Records": [{"body": "Tribbiani"}]})).await;
    let log = lambda.stop().await;
    assert!(!log.contains("Tribbiani"), "{log}");
}

fn lines(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} is not JSON"))).collect()
}

/// Fails if a metric or dimension of the line's embedded metric format is not in the line.
#[track_caller]
fn assert_metrics(line: &Value) {
    let metrics = line["_aws"]["CloudWatchMetrics"].as_array().expect("the line has metrics");
    assert!(line["_aws"]["Timestamp"].is_u64(), "{line}");
    for directive in metrics {
        assert_eq!(directive["Namespace"], "RecordLists");
        let names: Vec<_> = directive["Metrics"].as_array().unwrap().iter().map(|metric| &metric["Name"]).collect();
        assert!(names.iter().all(|name| line[name.as_str().unwrap()].is_number()), "{line}");
        let dimensions = strings(&directive["Dimensions"]);
        assert!(dimensions.iter().all(|name| line[name].as_str().is_some_and(|value| !value.is_empty())), "{line}");
    }
}

#[tokio::test]
async fn each_request_is_one_line_with_its_outcome_and_metrics() {
    let table = Table::new().await;
    let events = events();
    let log = lines(&written(Lambda::start(&table, &[]).await, &events).await);
    assert_eq!(log.len(), events.len());
    for (line, (event, name)) in log.iter().zip(events.iter().zip(event_names(""))) {
        assert_eq!(line["requestId"], event["requestContext"]["requestId"], "{name}");
        assert_eq!(line["status"].to_string(), name[..3], "{name}");
        assert_eq!(line["Status"], name[..3], "{name}");
        assert_eq!(line["coldStart"], name == event_names("")[0], "{name}");
        let counts = ["RecordsCreated", "RecordsRefused"].map(|count| line[count].as_u64().unwrap());
        assert_eq!(line["sent"], counts.iter().sum::<u64>(), "{name}");
        assert_metrics(line);
    }
}

#[tokio::test]
async fn a_line_counts_the_records_by_what_became_of_them() {
    let table = Table::new().await;
    let log = written(Lambda::start(&table, &[]).await, &[event("201-in-part")]).await;
    let line = &lines(&log)[0];
    let counts = ["sent", "RecordsCreated", "RecordsRefused", "OTHER", "PHONE_NUMBER_INVALID", "LAST_NAME_MISSING"];
    assert_eq!(counts.map(|name| line[name].as_u64().unwrap_or_default()), [26, 3, 23, 6, 5, 2]);
    assert_eq!(line["recordListId"], EXTERNAL);
    assert_eq!((&line["FunctionName"], &line["code"]), (&json!("create-records"), &Value::Null));
    assert_eq!(line["dynamoDBCalls"], 2, "the list, and one batch");
    let requests = &line["_aws"]["CloudWatchMetrics"][1];
    let expected = json!({
        "Namespace": "RecordLists",
        "Dimensions": [["FunctionName", "Status"]],
        "Metrics": [{"Name": "Requests", "Unit": "Count"}],
    });
    assert_eq!(requests, &expected);
}

#[tokio::test]
async fn a_failure_is_logged_with_its_cause_and_its_request() {
    let mut lambda = without_dynamodb(&[]).await;
    lambda.timeout = Duration::from_secs(2);
    let log = lines(&written(lambda, &[event("201-all-created")]).await);
    let (line, warnings) = log.split_last().unwrap();
    assert_eq!((&line["code"], &line["level"]), (&json!("SERVICE_UNAVAILABLE"), &json!("ERROR")));
    assert!(line["DynamoDBRetries"].as_u64().unwrap() > 0, "{line}");
    let (start, failures) = warnings.split_first().unwrap();
    assert_eq!(start["message"], "DynamoDB could not be reached at start");
    for failure in failures {
        assert_eq!((&failure["level"], &failure["cause"]), (&json!("WARN"), &json!("dispatch failure")));
        assert_eq!(failure["span"]["requestId"], line["requestId"], "{failure}");
    }
    assert_eq!(failures.len() as u64, line["dynamoDBCalls"].as_u64().unwrap());
}

#[tokio::test]
async fn events_are_logged_from_the_level_that_is_set_and_requests_always() {
    let table: [(&[(&str, &str)], bool); 9] = [
        (&[], true),
        (&[("RUST_LOG", "warn")], true),
        (&[("RUST_LOG", "error")], false),
        (&[("RUST_LOG", "off")], false),
        (&[("AWS_LAMBDA_LOG_LEVEL", "DEBUG")], true),
        (&[("AWS_LAMBDA_LOG_LEVEL", "ERROR")], false),
        (&[("AWS_LAMBDA_LOG_LEVEL", "FATAL")], false),
        (&[("RUST_LOG", "info"), ("AWS_LAMBDA_LOG_LEVEL", "ERROR")], true),
        (&[("RUST_LOG", ""), ("AWS_LAMBDA_LOG_LEVEL", "INFO")], true),
    ];
    for (variables, expected) in table {
        let log = lines(&written(without_dynamodb(variables).await, &[event("201-all-created")]).await);
        assert_eq!(log.iter().any(|line| line["level"] == "WARN"), expected, "{variables:?}");
        assert_eq!(log.iter().filter(|line| line["message"] == "request").count(), 1, "{variables:?}");
    }
}
