//! The API over an embedded DynamoDB, with faults in front of it.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use hyper::body::Incoming;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use local::gateway::{self, Gateway};
use local::tokens::{Issuer, LIFETIME};
use local::{dynamodb, function};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::fault::{Fault, Rule, Seen};

const TABLE: &str = "records";

/// The number of requests that are remembered: a long run has more than memory should hold.
const REMEMBERED: usize = 1_000;

/// An API of its own.
pub struct Api {
    pub url: String,
    runtime: Runtime,
    dynamodb: String,
    front: Arc<Front>,
}

struct Front {
    gateway: Arc<Gateway>,
    rule: Box<Rule>,
    seen: Mutex<Vec<Seen>>,
    attempts: Mutex<HashMap<String, usize>>,
    connections: AtomicUsize,
    started: Instant,
}

/// A request that gets no response: hyper closes its connection.
#[derive(Debug)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed by rule")
    }
}

impl std::error::Error for Lost {}

impl Api {
    /// One that has no faults.
    pub fn start() -> Self {
        Self::with(|_| None)
    }

    /// One with the faults of `rule`.
    pub fn with(rule: impl Fn(&Seen) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().expect("threads can be started");
        let (url, dynamodb, front) = runtime.block_on(async {
            let dynamodb = dynamodb::start().await;
            dynamodb::set_up(&dynamodb, TABLE).await;
            let gateway = Gateway { app: function::app(&dynamodb, TABLE, &[]), issuer: Issuer::new() };
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
            let url = format!("http://{}", listener.local_addr().expect("the listener is bound"));
            let front = Arc::new(Front {
                gateway: Arc::new(gateway),
                rule: Box::new(rule),
                seen: Mutex::default(),
                attempts: Mutex::default(),
                connections: AtomicUsize::new(0),
                started: Instant::now(),
            });
            tokio::spawn(Arc::clone(&front).listen(listener));
            (url, dynamodb, front)
        });
        Self { url, runtime, dynamodb, front }
    }

    /// A token that is valid.
    pub fn token(&self) -> String {
        self.front.gateway.issuer.token(LIFETIME)
    }

    /// A token that has expired.
    pub fn expired_token(&self) -> String {
        self.front.gateway.issuer.token(-LIFETIME)
    }

    /// The first batches so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.front.seen.lock().unwrap().clone()
    }

    /// The number of batches that were sent so far.
    pub fn requests(&self) -> usize {
        self.front.attempts.lock().unwrap().values().sum()
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.front.connections.load(Ordering::Relaxed)
    }

    /// The records of `list`, in the order of their IDs.
    pub fn records(&self, list: &str) -> Vec<Value> {
        let (mut records, mut page) = (Vec::new(), Some(format!("/record-lists/{list}/records")));
        while let Some(path) = page {
            let mut body = self.request(Method::GET, &path, "");
            records.extend(body["_embedded"]["records"].as_array().expect("it is a page").clone());
            page = body["_links"]["next"]["href"]
                .take()
                .as_str()
                .map(|next| next[next.find("/record-lists").unwrap()..].to_owned());
        }
        records
    }

    /// The response to a request of another caller, who meets no faults.
    pub fn request(&self, method: Method, path: &str, body: &str) -> Value {
        let request = Request::builder().method(method).uri(path).header("host", "localhost");
        let request = request.header("authorization", format!("Bearer {}", self.token()));
        let request = request.header("content-type", "application/json").body(Body::from(body.to_owned()));
        let response = self.runtime.block_on(gateway::send(&self.front.gateway, request.expect("the request is one")));
        serde_json::from_str(response.body()).unwrap_or_default()
    }

    /// The last names of the stored records, in order.
    pub fn stored(&self) -> Vec<String> {
        let client = Client::new(&dynamodb::config(&self.dynamodb));
        let pages = client.scan().table_name(TABLE).into_paginator().items().send();
        let items = self.runtime.block_on(pages.collect::<Result<Vec<_>, _>>()).expect("the table can be read");
        let mut names: Vec<String> = items.iter().filter_map(last_name).collect();
        names.sort();
        names
    }
}

fn last_name(item: &HashMap<String, AttributeValue>) -> Option<String> {
    item.get("last_name").and_then(|name| name.as_s().ok()).cloned()
}

impl Front {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            self.connections.fetch_add(1, Ordering::Relaxed);
            let front = Arc::clone(&self);
            let service = service_fn(move |request| Arc::clone(&front).respond(request));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    async fn respond(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Body>, Lost> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(Body::new(body), usize::MAX).await.map_err(|_| Lost)?;
        // The list itself is read once; the faults are for its records.
        let is_records = parts.uri.path().contains("/records");
        let fault = is_records.then(|| self.see(&parts, &body)).and_then(|seen| (self.rule)(&seen));
        match fault {
            Some(Fault::LostRequest) => return Err(Lost),
            Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
            Some(Fault::Response(status, retry_after, body)) => {
                let response = Response::builder().status(status);
                let response = retry_after.into_iter().fold(response, |all, value| all.header("retry-after", value));
                return Ok(response.body(Body::from(body)).expect("the response is one"));
            }
            Some(Fault::NotStored) => return Ok(not_stored(&parts)),
            Some(Fault::LostResponse | Fault::CutResponse) | None => {}
        }
        let request = Request::from_parts(parts, Body::from(body));
        let response = gateway::respond(State(Arc::clone(&self.gateway)), request).await;
        match fault {
            Some(Fault::LostResponse) => Err(Lost),
            Some(Fault::CutResponse) => cut(response).await,
            _ => Ok(response),
        }
    }

    fn see(&self, parts: &Parts, body: &Bytes) -> Seen {
        let key = parts.headers.get("idempotency-key").map_or("", |key| key.to_str().unwrap()).to_owned();
        let body = String::from_utf8(body.to_vec()).expect("the body is text");
        let method = parts.method.clone();
        let mut attempts = self.attempts.lock().unwrap();
        let number = attempts.values().sum();
        let request = if key.is_empty() { format!("{method} {} {}", parts.uri, hash(&body)) } else { key.clone() };
        let attempt = attempts.entry(request).or_default();
        let seen = Seen { number, attempt: *attempt, method, key, body, after: self.started.elapsed() };
        *attempt += 1;
        let mut all = self.seen.lock().unwrap();
        if all.len() < REMEMBERED {
            all.push(seen.clone());
        }
        seen
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The success that has not stored the first record, or not deleted it.
fn not_stored(request: &Parts) -> Response<Body> {
    let creates = request.method == Method::POST && request.uri.query().is_none();
    let failed = serde_json::json!([{"errors": ["OTHER"], "fields": []}]);
    let body = serde_json::json!({"total_deleted": 0, "_embedded": {"records": failed, "failed_records": failed}});
    let response = Response::builder().status(if creates { 201 } else { 200 });
    response.body(Body::from(body.to_string())).expect("the response is one")
}

/// The first half of `response`, announced as the whole of it.
async fn cut(response: Response<Body>) -> Result<Response<Body>, Lost> {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Lost)?;
    parts.headers.insert(CONTENT_LENGTH, body.len().into());
    Ok(Response::from_parts(parts, Body::from(body.slice(..body.len() / 2))))
}
