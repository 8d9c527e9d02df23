//! The log: a line for each request, with its metrics, and nothing that a caller sent.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::openapi::operation_of;
use crate::support::{
    ACCOUNT, EXTERNAL, Lambda, NOTHING, PHONE_NUMBER, Response, Table, closed_endpoint, event, event_names, sent_body,
};

/// The responses to `events`, and everything the function writes meanwhile.
async fn responses_and_log(mut lambda: Lambda, events: &[Value]) -> (Vec<Response>, String) {
    let mut responses = Vec::new();
    for event in events {
        responses.push(lambda.invoke(event).await);
    }
    (responses, lambda.stop().await)
}

/// The log alone of [`responses_and_log`].
async fn log_of(lambda: Lambda, events: &[Value]) -> String {
    responses_and_log(lambda, events).await.1
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
fn body(event: &Value) -> Vec<u8> {
    sent_body(event).unwrap_or_default()
}

/// Texts of `event` that must not be logged: names, numbers, references and everything else in the records, the IDs of
/// records, the query, the headers with the token, the claims, the caller's address, and the ID of a list that does not
/// exist.
fn secrets(event: &Value) -> BTreeSet<String> {
    let body: Value = serde_json::from_slice(&body(event)).unwrap_or_default();
    let context = &event["requestContext"];
    let query = [&event["multiValueQueryStringParameters"], &event["rawQueryString"]];
    let outside = [&event["headers"], &context["authorizer"], &context["identity"], &context["http"]["sourceIp"]];
    let outside = outside.into_iter().chain(query).flat_map(strings).chain(record_id(event));
    let outside = outside.filter(|text| text.len() >= 8 && ![EXTERNAL, PHONE_NUMBER, NOTHING].contains(text));
    let inside = strings(&body).into_iter().filter(|text| is_telling(text));
    let mut secrets: BTreeSet<String> = outside.chain(inside).map(str::to_owned).collect();
    secrets.extend(["3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1fff".to_owned(), ACCOUNT.to_owned()]);
    secrets
}

/// The ID of the record in the path of `event`.
fn record_id(event: &Value) -> Option<&str> {
    let path = event["path"].as_str().or(event["rawPath"].as_str())?;
    path.split_once("/records/").map(|(_, id)| id).filter(|id| *id != "bulks")
}

/// Whether `text` cannot occur in a line by accident, as a `1` or `all` can, JSON's own `true`, or what a code
/// starts with.
fn is_telling(text: &str) -> bool {
    let short_number = text.len() < 6 && text.bytes().all(|b| b.is_ascii_digit());
    text.trim().len() >= 3 && !short_number && !["true", "all", "EXTERNAL", "PHONE_NUMBER"].contains(&text)
}

/// A piece of `body` that is in `log` too, too long to be there by accident.
fn fragment(body: &[u8], log: &str) -> Option<String> {
    const LENGTH: usize = 16;
    let logged: HashSet<&[u8]> = log.as_bytes().windows(LENGTH).collect();
    let found = body.windows(LENGTH).find(|piece| logged.contains(piece));
    found.map(|piece| String::from_utf8_lossy(piece).into_owned())
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
        let table = Table::with_sample().await;
        let log = log_of(Lambda::start(&table, &[variable]).await, &events()).await;
        assert_secret(&events(), &log);
    }
}

#[tokio::test]
async fn nothing_that_a_caller_sent_is_logged_when_dynamodb_fails() {
    let log = log_of(without_dynamodb(&[("RUST_LOG", "trace")]).await, &events()).await;
    assert_secret(&events(), &log);
    let table = Table::new().await;
    let missing = Lambda::start_at(&table.endpoint, "no-such-table", &[("RUST_LOG", "trace")]).await;
    let log = log_of(missing, &events()).await;
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
    let table = Table::with_sample().await;
    let events = events();
    let (responses, log) = responses_and_log(Lambda::start(&table, &[]).await, &events).await;
    let log = lines(&log);
    assert_eq!(log.len(), events.len());
    let events = events.iter().zip(event_names(""));
    for (line, ((event, name), response)) in log.iter().zip(events.zip(&responses)) {
        assert_eq!(line["requestId"], event["requestContext"]["requestId"], "{name}");
        assert_eq!(line["status"].to_string(), name[..3], "{name}");
        assert_eq!(line["Status"], name[..3], "{name}");
        assert_eq!(line["coldStart"], name == event_names("")[0], "{name}");
        let is_routed = !["NOT_FOUND", "METHOD_NOT_ALLOWED"].contains(&response.body["code"].as_str().unwrap_or(""));
        assert_eq!(line["Operation"], if is_routed { operation_of(event) } else { "none" }, "{name}");
        assert_eq!(line["code"], response.body["code"], "{name}");
        assert_eq!(
            COUNTS.map(|count| line.get(count)),
            counts(&name, response).each_ref().map(Option::as_ref),
            "{name}"
        );
        assert_metrics(line);
    }
}

/// The counts of a line.
const COUNTS: [&str; 6] =
    ["RecordsCreated", "RecordsUpdated", "RecordsUnchanged", "RecordsRefused", "RecordsRead", "RecordsDeleted"];

/// The counts of the line, according to the `response` to the event of this name. A request that is only validated counts
/// nothing.
fn counts(name: &str, response: &Response) -> [Option<Value>; 6] {
    let body = &response.body;
    let is_written = !name.contains("validate");
    let total = |name: &str| body.get(name).filter(|_| is_written).cloned();
    let refused = total("total_errors").filter(|_| body.get("total_created").is_some());
    let page = body["_embedded"]["records"].as_array().filter(|_| body.get("count").is_some());
    let one = |is: bool| is.then_some(json!(1));
    let is_record = body.get("record_list_id").is_some() && body.get("id").is_some();
    let (is_patch, is_unchanged) = (name.contains("update-record"), name.contains("unchanged"));
    let read = page.map(|records| json!(records.len())).or(one(is_record && !is_patch));
    let deleted = total("total_deleted").or(one(response.status == 204));
    let updated = total("total_updated").or(one(is_record && is_patch && !is_unchanged));
    let unchanged = total("total_unchanged").or(one(is_record && is_patch && is_unchanged));
    [total("total_created"), updated, unchanged, refused, read, deleted]
}

#[tokio::test]
async fn a_line_begins_with_its_time_and_keeps_its_order() {
    let table = Table::new().await;
    let log = log_of(Lambda::start(&table, &[]).await, &[event("201-all-created")]).await;
    let members = [
        "timestamp",
        "level",
        "message",
        "requestId",
        "extendedRequestId",
        "lambdaRequestId",
        "coldStart",
        "accountHash",
        "clientHash",
        "status",
        "code",
        "recordListId",
        "durationMs",
        "dynamoDBCalls",
        "FunctionName",
        "Operation",
        "Status",
        "Requests",
        "RecordsCreated",
        "RecordsRefused",
        "DynamoDBLatency",
        "DynamoDBRetries",
        "DynamoDBThrottles",
        "_aws",
    ];
    let places = members.map(|member| log.find(&format!("\"{member}\":")).unwrap_or_else(|| panic!("{member}: {log}")));
    assert_eq!(places[0], 1, "{log}");
    assert!(places.is_sorted(), "{log}");
    assert_eq!(lines(&log)[0].as_object().unwrap().len(), members.len(), "{log}");
}

/// The start of the SHA-256 of the events' account, `7d1f0c52`, as `sha256sum` prints it.
const ACCOUNT_HASH: &str = "6de4f7ef40c8";

#[tokio::test]
async fn a_line_names_the_caller_by_hashes_also_of_a_request_that_is_refused() {
    let table = Table::new().await;
    let mut with_azp = event("201-all-created");
    with_azp["requestContext"]["authorizer"]["claims"]["azp"] = json!("dialler-sync");
    let mut with_both = event("201-rest-cognito");
    with_both["requestContext"]["authorizer"]["claims"]["azp"] = json!("dialler-sync");
    let rows = [
        (event("201-all-created"), json!(ACCOUNT_HASH), Value::Null),
        (event("201-http-api-jwt"), json!(ACCOUNT_HASH), Value::Null),
        (with_azp, json!(ACCOUNT_HASH), json!("ea07f29f749c")),
        (with_both, json!(ACCOUNT_HASH), json!("77dbbacb22da")),
        (event("403-scope-missing"), json!(ACCOUNT_HASH), Value::Null),
        (event("403-no-account"), Value::Null, Value::Null),
        (event("401-no-claims"), Value::Null, Value::Null),
    ];
    let events = rows.each_ref().map(|(event, ..)| event.clone());
    let log = lines(&log_of(Lambda::start(&table, &[]).await, &events).await);
    for (line, (event, account, client)) in log.iter().zip(&rows) {
        assert_eq!((&line["accountHash"], &line["clientHash"]), (account, client), "{event}");
    }
}

#[tokio::test]
async fn a_line_has_the_ids_by_which_it_and_the_access_logs_find_each_other() {
    let table = Table::new().await;
    let rest = event("201-all-created");
    let mut without = event("201-all-created");
    without["requestContext"].as_object_mut().unwrap().remove("extendedRequestId");
    let log = lines(&log_of(Lambda::start(&table, &[]).await, &[rest.clone(), without]).await);
    assert_eq!(log[0]["extendedRequestId"], rest["requestContext"]["extendedRequestId"]);
    assert_eq!(log[1]["extendedRequestId"], Value::Null);
    assert!(log.iter().all(|line| line["lambdaRequestId"].is_string()), "{log:?}");
}

#[tokio::test]
async fn a_line_counts_the_records_by_what_became_of_them() {
    let table = Table::new().await;
    let log = log_of(Lambda::start(&table, &[]).await, &[event("201-in-part")]).await;
    let line = &lines(&log)[0];
    let counts = ["RecordsCreated", "RecordsRefused", "OTHER", "PHONE_NUMBER_INVALID", "LAST_NAME_MISSING"];
    assert_eq!(counts.map(|name| line[name].as_u64().unwrap_or_default()), [3, 23, 6, 5, 2]);
    assert_eq!((line.get("sent"), &line["Operation"]), (None, &json!("createRecords")));
    assert_eq!(line["recordListId"], EXTERNAL);
    assert_eq!((&line["FunctionName"], &line["code"]), (&json!("create-records"), &Value::Null));
    assert_eq!((&line["dynamoDBCalls"], &line["DynamoDBRetries"]), (&json!(2), &json!(0)), "the list, and one batch");
    let requests = &line["_aws"]["CloudWatchMetrics"][1];
    let expected = json!({
        "Namespace": "RecordLists",
        "Dimensions": [["FunctionName", "Operation", "Status"]],
        "Metrics": [{"Name": "Requests", "Unit": "Count"}],
    });
    assert_eq!(requests, &expected);
}

/// The line that `docs/operating.md` shows.
fn documented_line() -> Value {
    let document = include_str!("../../docs/operating.md");
    let mut blocks = document.split("```json\n").filter_map(|rest| rest.split("```").next());
    let line = blocks.find(|block| block.contains(r#""message": "request""#)).expect("a line is shown");
    serde_json::from_str(&line.replace("{…}", "{}")).expect("the line is JSON")
}

/// Members that differ from run to run, or from deployment to deployment.
const VARIABLE: [&str; 6] = ["timestamp", "lambdaRequestId", "durationMs", "FunctionName", "DynamoDBLatency", "_aws"];

#[tokio::test]
async fn the_documented_line_is_that_of_an_event() {
    let table = Table::new().await;
    let log = log_of(Lambda::start(&table, &[]).await, &[event("201-in-part")]).await;
    let (mut documented, mut line) = (documented_line(), lines(&log).remove(0));
    for line in [&mut documented, &mut line] {
        for name in VARIABLE {
            assert!(!line[name].is_null(), "{name}: {line}");
            line[name] = Value::Null;
        }
    }
    assert_eq!(documented, line, "{log}");
}

#[tokio::test]
async fn a_failure_is_logged_with_its_cause_and_its_request() {
    let mut lambda = without_dynamodb(&[]).await;
    lambda.timeout = Duration::from_secs(2);
    let log = lines(&log_of(lambda, &[event("201-all-created")]).await);
    let (line, warnings) = log.split_last().unwrap();
    assert_eq!((&line["code"], &line["level"]), (&json!("SERVICE_UNAVAILABLE"), &json!("ERROR")));
    let calls = line["dynamoDBCalls"].as_u64().unwrap();
    assert!(calls > 1, "{line}");
    assert_eq!(line["DynamoDBRetries"], calls - 1);
    let (start, failures) = warnings.split_first().unwrap();
    assert_eq!(start["message"], "DynamoDB could not be reached at start");
    for failure in failures {
        assert_eq!((&failure["level"], &failure["cause"]), (&json!("WARN"), &json!("dispatch failure")));
        assert_eq!(failure["span"]["requestId"], line["requestId"], "{failure}");
    }
    assert_eq!(failures.len() as u64, calls);
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
        let log = lines(&log_of(without_dynamodb(variables).await, &[event("201-all-created")]).await);
        assert_eq!(log.iter().any(|line| line["level"] == "WARN"), expected, "{variables:?}");
        assert_eq!(log.iter().filter(|line| line["message"] == "request").count(), 1, "{variables:?}");
    }
}
