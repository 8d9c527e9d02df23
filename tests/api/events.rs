//! Events of any gateway, and of none, as they are in the field.

use std::fs;
use std::path::PathBuf;

use http::StatusCode;
use lambda_http::Context;
use local::package;
use serde_json::{Value, json};

use crate::support::{CREATED, EXTERNAL, Function, Lambda, Table, event, event_names, post, record, sent_records};

/// Everything in the folder `folder` of the package `name`, whose source Cargo has.
fn fixtures(name: &str, folder: &str) -> Vec<(String, Value)> {
    let files = fs::read_dir(package::source(name).join(folder)).expect("the package has the folder");
    let paths = files.map(|file| file.expect("the folder can be read").path());
    let json = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let read = |path: PathBuf| {
        let event = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        Some((path.file_name()?.to_string_lossy().into_owned(), event))
    };
    json.filter_map(read).collect()
}

/// Whether an event has a method and a path, wherever its gateway puts them.
fn is_http(event: &Value) -> bool {
    let any = |places: &[&str]| places.iter().any(|place| event.pointer(place).is_some_and(Value::is_string));
    any(&["/httpMethod", "/method", "/requestContext/http/method", "/requestContext/httpMethod"])
        && any(&["/path", "/rawPath", "/raw_path", "/requestContext/http/path", "/requestContext/path"])
}

/// Every text in `value` that is long enough to be told from the words of an error.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|text| text.len() > 7)
    .collect()
}

#[tokio::test]
async fn every_fixture_of_the_runtimes_own_crates_gets_what_its_kind_should() {
    let mut lambda = Lambda::start(&Table::new().await, &[]).await;
    let mut fixtures: Vec<_> = fixtures("aws_lambda_events", "src/fixtures");
    fixtures.extend(self::fixtures("lambda_http", "tests/data"));
    let mut counts = [0, 0];
    for (name, event) in &fixtures {
        let (path, text) = lambda.post(event).await;
        let is_http = is_http(event);
        counts[usize::from(is_http)] += 1;
        assert_eq!(path, if is_http { "response" } else { "error" }, "{name}: {text}");
        if is_http {
            assert_response(name, &text);
        } else {
            assert!(text.contains("the event is not an HTTP request"), "{name}: {text}");
            assert!(!texts(event).iter().any(|quoted| text.contains(quoted)), "{name}: {text}");
        }
    }
    assert!(counts[0] > 100 && counts[1] > 30, "{counts:?} fixtures");
    assert_eq!(lambda.invoke(&event("201-all-created")).await.status, StatusCode::CREATED);
    let written = lambda.stop().await;
    assert!(!written.contains("panic"), "{written}");
}

/// `text` is a response of this service, with an ID.
fn assert_response(name: &str, text: &str) {
    let response: Value = serde_json::from_str(text).expect("a response is JSON");
    let status = response["statusCode"].as_u64().expect("a response has a status");
    assert!([401, 404, 405].contains(&status), "{name}: {text}");
    let id =
        response.pointer("/headers/x-request-id").or_else(|| response.pointer("/multiValueHeaders/x-request-id/0"));
    assert!(id.is_some_and(Value::is_string), "{name}: {text}");
    let body: Value = serde_json::from_str(response["body"].as_str().expect("a body is text")).expect("it is JSON");
    assert!(body["code"].is_string(), "{name}: {text}");
}

/// Every event, with the status in its name, in one table.
async fn assert_statuses(names: impl Iterator<Item = String>) {
    let function = Function::new(&Table::with_sample().await);
    for name in names {
        let response = function.invoke(&event(&name)).await;
        assert_eq!(response.status.as_str(), &name[..3], "{name}: {}", response.text);
    }
}

#[tokio::test]
async fn an_event_does_not_depend_on_the_others() {
    assert_statuses(event_names("").into_iter()).await;
    assert_statuses(event_names("").into_iter().rev()).await;
}

/// `sam local` only overrides variables that the template lists, and says nothing about others.
#[test]
fn the_environment_of_sam_local_overrides_what_the_template_lists() {
    let template: yaml_serde::Value = yaml_serde::from_str(include_str!("../../template.yaml")).expect("it is YAML");
    let listed = template["Globals"]["Function"]["Environment"]["Variables"].as_mapping().expect("there are variables");
    let environment: Value = serde_json::from_str(include_str!("../../local/sam.json")).expect("it is JSON");
    for (name, value) in environment["Parameters"].as_object().expect("it is for all functions") {
        assert!(listed.contains_key(name.as_str()), "{name} is not in template.yaml");
        assert!(value.is_string(), "{name}");
    }
}

#[tokio::test]
async fn claims_of_an_http_api_can_have_any_type() {
    let function = Function::new(&Table::new().await);
    for claim in [json!(4_102_444_800_u64), json!(true), json!(null), json!(1.5), json!(["a"]), json!({"a": [null]})] {
        let mut event = event("201-http-api-jwt");
        let claims = &mut event["requestContext"]["authorizer"]["jwt"]["claims"];
        for name in ["exp", "email_verified", "nonce"] {
            claims[name] = claim.clone();
        }
        let response = function.invoke(&event).await;
        assert_eq!(response.status, StatusCode::CREATED, "{claim}: {response:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_a_number_is_read_as_a_string() {
    let table = Table::new().await;
    table.add_list("4711", EXTERNAL, Some("EXTERNAL")).await;
    let mut event = event("201-http-api-jwt");
    event["requestContext"]["authorizer"]["jwt"]["claims"]["aid"] = json!(4711);
    let path = format!("/record-lists/{EXTERNAL}/records/bulks");
    event["rawPath"] = json!(path);
    event["pathParameters"]["proxy"] = json!(path[1..]);
    let response = Function::new(&table).invoke(&event).await;
    assert_eq!(response.status, StatusCode::CREATED, "{response:?}");
}

#[tokio::test]
async fn a_body_that_is_not_base64_although_the_event_says_so_is_invalid() {
    let mut lambda = Lambda::start(&Table::new().await, &[]).await;
    for body in [r#"{"records": []}"#, "eyJyZWNvcmRzIjogW119=", "e30\n", "%%%", "é"] {
        let mut event = event("201-all-created");
        event["body"] = json!(body);
        event["isBase64Encoded"] = json!(true);
        let response = lambda.invoke(&event).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(response.body["code"], "INVALID_BODY", "{body}");
        assert_eq!(response.body["fields"][0]["name"], "body", "{body}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_is_an_internal_error_with_its_id_and_logged() {
    let mut lambda = Lambda::start(&Table::new().await, &[]).await;
    let mut unreadable = event("201-all-created");
    unreadable["body"] = json!({"records": []});
    let response = lambda.invoke(&unreadable).await;
    assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{response:?}");
    assert_eq!(response.body["code"], "INTERNAL_ERROR");
    let id = response.header("x-request-id").expect("there is an ID").to_owned();
    let written = lambda.stop().await;
    let line = written.lines().find(|line| line.contains(&id)).expect("it is logged");
    let line: Value = serde_json::from_str(line).expect("a line is JSON");
    assert_eq!(
        (&line["level"], &line["status"], &line["code"]),
        (&json!("ERROR"), &json!(500), &json!("INTERNAL_ERROR"))
    );
}

/// The function's response to `event` with this deadline, in milliseconds since 1970.
async fn status_with_deadline(table: &Table, deadline: u64) -> u64 {
    let app = local::function::app(&table.endpoint, &table.name, &[]);
    let event = post(EXTERNAL, &json!({"records": [record(1)]}));
    let mut context = Context::default();
    context.deadline = deadline;
    let response = app.handle(serde_json::from_value(event).expect("it is an HTTP request"), &context).await;
    serde_json::to_value(response).expect("a response is JSON")["statusCode"].as_u64().expect("it has a status")
}

#[tokio::test]
async fn a_deadline_before_the_process_began_is_none() {
    let table = Table::new().await;
    // Ten minutes after 1970: `cargo lambda watch` sends it with every request.
    for deadline in [600_000, 0, u64::MAX] {
        assert_eq!(status_with_deadline(&table, deadline).await, 201, "{deadline}");
    }
}

/// `events/201-all-created.json` as another gateway sends it: where it names the path, what `/{proxy+}` matched, and how
/// links start.
struct Gateway {
    name: &'static str,
    event: Value,
    link: String,
}

fn rest(name: &'static str, path: &str, used: &str, parameters: &Value, prefix: &str) -> Gateway {
    let mut event = post(EXTERNAL, &json!({"records": [record(0)]}));
    event["path"] = json!(path);
    event["pathParameters"] = parameters.clone();
    event["requestContext"]["path"] = json!(used);
    let host = event["requestContext"]["domainName"].as_str().expect("the event has a host").to_owned();
    Gateway { name, event, link: format!("https://{host}{prefix}/record-lists/{EXTERNAL}") }
}

fn http_api(name: &'static str, prefix: &str) -> Gateway {
    let mut event = event("201-http-api-jwt");
    let path = format!("/record-lists/{EXTERNAL}/records/bulks");
    event["pathParameters"]["proxy"] = json!(path[1..]);
    let path = format!("{prefix}{path}");
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event["body"] = json!(json!({"records": [record(0)]}).to_string());
    let host = event["requestContext"]["domainName"].as_str().expect("the event has a host").to_owned();
    Gateway { name, event, link: format!("https://{host}{prefix}/record-lists/{EXTERNAL}") }
}

fn gateways() -> Vec<Gateway> {
    let path = &format!("/record-lists/{EXTERNAL}/records/bulks");
    let proxy = &json!({"proxy": path[1..]});
    let id = &json!({"record_list_id": EXTERNAL});
    let below = |proxy: &str| json!({ "proxy": proxy });
    let v1 = &format!("/v1{path}");
    let prod = &format!("/prod{path}");
    let longest = &format!("/{}", "p".repeat(511));
    vec![
        rest("a stage", path, prod, proxy, "/prod"),
        rest("a base path", v1, v1, proxy, "/v1"),
        rest("a resource of its own", path, prod, id, "/prod"),
        rest("a resource of its own behind a base path", v1, v1, id, "/v1"),
        rest("a proxy below a literal", path, prod, &below(&format!("{EXTERNAL}/records/bulks")), "/prod"),
        rest("a proxy below a literal and a base path", v1, v1, &below(&path[14..]), "/v1"),
        rest("no parameters", path, prod, &Value::Null, "/prod"),
        http_api("an HTTP API", ""),
        http_api("a stage of an HTTP API", "/prod"),
        http_api("a mapping key", "/dialler/v1"),
        http_api("a mapping key like an operation", "/record-lists/a"),
        http_api("the longest prefix", longest),
    ]
}

#[tokio::test]
async fn a_request_of_any_gateway_is_routed_and_linked_by_where_the_caller_came_in() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for Gateway { name, event, link } in gateways() {
        let response = function.invoke(&event).await;
        assert_eq!(response.status, StatusCode::CREATED, "{name}: {response:?}");
        let links = &response.body["_links"];
        assert_eq!(links["record_list"]["href"], link, "{name}");
        assert_eq!(links["self"]["href"], format!("{link}/records"), "{name}");
    }
}

#[tokio::test]
async fn a_prefix_over_512_bytes_is_not_found() {
    let function = Function::new(&Table::new().await);
    let path = &format!("/{}/record-lists/{EXTERNAL}/records/bulks", "p".repeat(512));
    let too_long = [
        http_api("an HTTP API", &format!("/{}", "p".repeat(512))),
        rest("a resource of its own", path, path, &Value::Null, ""),
        rest("a base path", path, path, &json!({"proxy": format!("record-lists/{EXTERNAL}/records/bulks")}), ""),
    ];
    for Gateway { name, event, .. } in too_long {
        let response = function.invoke(&event).await;
        assert_eq!((response.status, &response.body["code"]), (StatusCode::NOT_FOUND, &json!("NOT_FOUND")), "{name}");
    }
}

fn with_header(name: &str, values: &[&str]) -> Value {
    let mut event = post(EXTERNAL, &json!({"records": [record(3)]}));
    for headers in ["headers", "multiValueHeaders"] {
        let headers = event[headers].as_object_mut().expect("the event has headers");
        headers.retain(|other, _| !other.eq_ignore_ascii_case(name));
    }
    event["headers"][name] = json!(values.last());
    event["multiValueHeaders"][name] = json!(values);
    event
}

#[tokio::test]
async fn a_content_type_that_was_sent_twice_is_json() {
    let function = Function::new(&Table::new().await);
    let table: [(&[&str], StatusCode); 4] = [
        (&["application/json,application/json"], StatusCode::CREATED),
        (&["application/json", "application/json; charset=utf-8"], StatusCode::CREATED),
        (&["application/json,text/csv"], StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&["application/json", "text/csv"], StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ];
    for (values, status) in table {
        assert_eq!(function.invoke(&with_header("Content-Type", values)).await.status, status, "{values:?}");
    }
}

#[tokio::test]
async fn a_body_in_a_content_coding_is_refused_and_one_that_was_unpacked_is_not() {
    let function = Function::new(&Table::new().await);
    let unpacked = with_header("Content-Encoding", &["gzip"]);
    assert_eq!(function.invoke(&unpacked).await.summary(), [CREATED]);
    assert_eq!(sent_records(&unpacked).len(), 1);
    let mut packed = with_header("Content-Encoding", &["gzip"]);
    packed["isBase64Encoded"] = json!(true);
    // `gzip` of `{}`.
    packed["body"] = json!("H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==");
    let response = function.invoke(&packed).await;
    assert_eq!(response.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{response:?}");
    assert_eq!(response.header("accept-encoding"), Some("identity"));
}
