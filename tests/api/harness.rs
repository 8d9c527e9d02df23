//! What the tests stand on: a fresh table for each, the function's handler, events, and a look at what is stored.

use std::collections::HashMap;
use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::prelude::{BASE64_STANDARD, Engine};
use dynoxide::Database;
use lambda_http::http::{HeaderMap, StatusCode};
use lambda_http::{Context, RequestExt};
use record_lists::config::Config;
use record_lists::handler::App;
use record_lists::store::Store;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{dynamodb, openapi};

/// The account and lists of `examples/record-lists.json`.
pub const ACCOUNT: &str = "7d1f0c52";
pub const EXTERNAL: &str = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f01";
pub const PHONE_NUMBER: &str = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02";
pub const NOTHING: &str = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f03";

/// A DynamoDB table of a test's own, with the lists in it.
pub struct Table {
    pub client: Client,
    pub endpoint: String,
    pub name: String,
}

impl Table {
    /// A table of the engine in this process, or of the DynamoDB that `TEST_DYNAMODB_ENDPOINT` names.
    pub async fn new() -> Self {
        let endpoint = match env::var("TEST_DYNAMODB_ENDPOINT") {
            Ok(endpoint) => endpoint,
            Err(_) => start_engine().await,
        };
        let table = Self {
            client: Client::new(&dynamodb::config(&endpoint)),
            endpoint,
            name: format!("records-{}", Uuid::new_v4()),
        };
        dynamodb::set_up(&table.client, &table.name).await;
        table
    }

    /// Adds a list of `account`; its type is left out where there is none.
    pub async fn add_list(&self, account: &str, id: &str, unique_identifier_type: Option<&str>) {
        let mut list = vec![("pk", format!("ACCOUNT#{account}")), ("sk", format!("LIST#{id}")), ("id", id.to_owned())];
        list.extend(unique_identifier_type.map(|unique| ("unique_identifier_type", unique.to_owned())));
        let item = list.into_iter().map(|(name, value)| (name.to_owned(), AttributeValue::S(value))).collect();
        self.client.put_item().table_name(&self.name).set_item(Some(item)).send().await.expect("the list is stored");
    }

    /// Every item but the lists.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        let items: Vec<_> = pages.try_collect().await.expect("the table can be read");
        items.into_iter().filter(|item| text(item, "sk").starts_with("RECORD#")).collect()
    }

    /// Every record, without aliases, by its ID.
    pub async fn records(&self) -> HashMap<String, HashMap<String, AttributeValue>> {
        let records = self.items().await.into_iter().filter(|item| item.contains_key("id"));
        records.map(|record| (text(&record, "id").to_owned(), record)).collect()
    }
}

/// A string attribute.
pub fn text<'a>(item: &'a HashMap<String, AttributeValue>, name: &str) -> &'a str {
    item[name].as_s().expect("the attribute is a string")
}

async fn start_engine() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let endpoint = format!("http://{}", listener.local_addr().expect("the listener has an address"));
    let database = Database::memory().expect("the engine starts");
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    endpoint
}

/// An endpoint that refuses connections.
pub async fn closed_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    format!("http://{}", listener.local_addr().expect("the listener has an address"))
}

/// The function, on a table.
pub struct Function {
    app: App,
    /// The time Lambda gives a request.
    pub timeout: Duration,
}

impl Function {
    /// On `table`.
    pub fn new(table: &Table) -> Self {
        Self::at(&table.endpoint, &table.name)
    }

    /// On `table`, with links that start with `base_url`.
    pub fn with_base_url(table: &Table, base_url: &str) -> Self {
        Self::with(&table.endpoint, &[("TABLE_NAME", &table.name), ("API_BASE_URL", base_url)])
    }

    /// On the table `name` of the DynamoDB at `endpoint`, which a test may have put something before.
    pub fn at(endpoint: &str, name: &str) -> Self {
        Self::with(endpoint, &[("TABLE_NAME", name)])
    }

    fn with(endpoint: &str, variables: &[(&str, &str)]) -> Self {
        let lookup = |wanted: &str| variables.iter().find(|(name, _)| *name == wanted);
        let lookup = |name: &str| lookup(name).map(|(_, value)| (*value).to_owned());
        let config = Config::from_lookup(lookup).expect("the configuration is good");
        let store = Store::new(&dynamodb::config(endpoint), &config.table_name);
        Self { app: App::new(config, store), timeout: Duration::from_secs(15) }
    }

    /// Answers an API Gateway event, with an answer that `openapi.yaml` describes.
    pub async fn invoke(&self, event: &Value) -> Answer {
        let request = lambda_http::request::from_str(&event.to_string()).expect("the event is API Gateway's");
        let mut context = Context::default();
        let deadline = SystemTime::now() + self.timeout;
        context.deadline = u64::try_from(deadline.duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
        "8476a536-e9f4-11e8-9739-2dfe598c3fcd".clone_into(&mut context.request_id);
        let response = self.app.handle(request.with_lambda_context(context)).await;
        let (parts, text) = response.into_parts();
        let body = serde_json::from_str(&text).expect("every answer is JSON");
        let answer = Answer { status: parts.status, headers: parts.headers, text, body };
        openapi::assert_describes(&answer);
        answer
    }

    /// Posts `records` to `list`.
    pub async fn post(&self, list: &str, records: &[Value]) -> Answer {
        self.invoke(&post(list, &json!({ "records": records }))).await
    }
}

/// An answer of the function.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The same, read.
    pub body: Value,
}

impl Answer {
    /// A header that is there once, `None` where it is not there.
    pub fn header(&self, name: &str) -> Option<&str> {
        assert!(self.headers.get_all(name).iter().count() <= 1, "{name} stands twice");
        self.headers.get(name).map(|value| value.to_str().expect("a header is ASCII"))
    }

    /// What the answer says of each record.
    pub fn records(&self) -> &[Value] {
        assert_eq!(self.status, StatusCode::CREATED, "{self:?}");
        self.body["_embedded"]["records"].as_array().expect("the answer has records")
    }

    /// What became of each record: its ID, or its error codes.
    pub fn outcomes(&self) -> Vec<Result<String, Vec<String>>> {
        let codes =
            |errors: &Value| errors.as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        let outcome = |record: &Value| match record.get("errors") {
            Some(errors) => Err(codes(errors)),
            None => Ok(record["id"].as_str().expect("a created record has an ID").to_owned()),
        };
        self.records().iter().map(outcome).collect()
    }

    /// The same, but `created` for an ID and codes joined by a space: easy to compare.
    pub fn summary(&self) -> Vec<String> {
        self.outcomes()
            .into_iter()
            .map(|outcome| outcome.map_or_else(|codes| codes.join(" "), |_| "created".to_owned()))
            .collect()
    }
}

/// The event of `events/{name}.json`.
pub fn event(name: &str) -> Value {
    let path = format!("{}/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of all events whose name starts with `prefix`.
pub fn event_names(prefix: &str) -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/events");
    let files = std::fs::read_dir(folder).expect("the folder is there");
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap().replace(".json", ""));
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix)).collect();
    names.sort();
    assert!(!names.is_empty(), "no event is called {prefix}");
    names
}

/// The body that `event` sends, `None` where it has none.
pub fn sent_body(event: &Value) -> Option<Vec<u8>> {
    let body = event["body"].as_str()?;
    if event["isBase64Encoded"] == true {
        return Some(BASE64_STANDARD.decode(body).expect("the body is base64"));
    }
    Some(body.as_bytes().to_vec())
}

/// The records that `event` sends.
pub fn sent_records(event: &Value) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&sent_body(event).unwrap()).expect("the body is JSON");
    body["records"].as_array().expect("the body has records").clone()
}

/// An event like `events/201-all-created.json` that posts `body` to `list`.
pub fn post(list: &str, body: &Value) -> Value {
    post_text(list, &body.to_string())
}

/// The same, with a body of any text.
pub fn post_text(list: &str, body: &str) -> Value {
    let mut event = event("201-all-created");
    let path = format!("/record-lists/{list}/records/bulks");
    event["path"] = json!(path);
    event["pathParameters"]["proxy"] = json!(path[1..]);
    event["requestContext"]["path"] = json!(format!("/prod{path}"));
    event["body"] = json!(body);
    event
}

/// A good record with the reference `external_id` and one number made of `number`, 0 to 9,999.
pub fn record(number: usize) -> Value {
    json!({
        "phone_numbers": [{"phone_number": format!("+1202555{number:04}"), "phone_type": "MOBILE"}],
        "first_name": "Jane",
        "last_name": "Doe",
        "timezone": "Europe/Lisbon",
        "priority": 5,
        "external_provider": "crm",
        "external_id": format!("C-{number}"),
        "extra_data": {"country": "USA", "state": "California", "job": "Actress"},
    })
}

/// `count` good records that have nothing in common.
pub fn records(count: usize) -> Vec<Value> {
    (0..count).map(record).collect()
}

/// A record with these numbers, all different types.
pub fn with_numbers(numbers: &[usize]) -> Value {
    let types = ["HOME", "OFFICE", "MOBILE", "EXTRA_1", "EXTRA_2", "EXTRA_3"];
    let numbers = numbers.iter().zip(types);
    let numbers =
        numbers.map(|(number, kind)| json!({"phone_number": format!("+1202555{number:04}"), "phone_type": kind}));
    json!({"phone_numbers": numbers.collect::<Vec<_>>(), "first_name": "Jane", "last_name": "Doe"})
}
