//! Between the SDK and DynamoDB: a proxy that loses, delays and refuses calls by rule, and remembers them.

mod upstream;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri, server};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use self::upstream::Upstream;
use super::call::{Call, keys};
use super::reply::{Failed, Places, Reply, values};
use super::{Function, Table};

/// The longest that a test waits for a call.
const PATIENCE: Duration = Duration::from_secs(30);

/// A fault of a call.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The connection closes before DynamoDB has the call.
    LostCall,
    /// The connection closes after DynamoDB has executed the call.
    LostResponse,
    /// DynamoDB never has the call, and the connection stays open.
    Hang,
    /// DynamoDB executes the call, and no response arrives.
    HungResponse,
    /// DynamoDB receives the call later.
    Delay(Duration),
    /// DynamoDB receives the call once this many calls of the operation have arrived: never, if they are made one by
    /// one.
    Together(usize),
    /// DynamoDB receives the call once the test [releases](Proxy::release) it.
    Held,
    /// DynamoDB responds with this status and error, and does nothing.
    Error(u16, &'static str),
    /// Something responds with this status and text; DynamoDB does what it was asked to, or does not have the call.
    Garbled { status: u16, text: &'static str, executed: bool },
    /// DynamoDB executes the call, and only half of its response arrives.
    Truncated,
    /// Statements of a batch fail.
    Statements(Failed),
    /// A transaction is cancelled because of these of its statements; it is stored nevertheless, or not.
    Cancelled(Failed),
    /// The keys of a `BatchGetItem` at these places are not read.
    Unread(Places),
    /// Half of them are not.
    HalfUnread,
    /// DynamoDB executes the call, and its response lacks the last result or reason.
    TooFew,
}

impl Fault {
    /// The failure of the statements of `call` about the item `key`, if there are any: in a batch theirs alone, in a
    /// transaction of the whole. Nothing is stored.
    pub fn at_key(call: &Call, key: &str, code: &'static str) -> Option<Self> {
        let failed = Failed::not_stored(code, Places::of_key(key, &call.keys)?);
        match call.operation.as_str() {
            "BatchExecuteStatement" => Some(Self::Statements(failed)),
            "ExecuteTransaction" => Some(Self::Cancelled(failed)),
            _ => None,
        }
    }
}

/// DynamoDB has a fault, and executes nothing.
pub const DOWN: Fault = Fault::Error(500, "InternalServerError");

/// A call that receives no response: hyper closes its connection.
#[derive(Debug)]
struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection is closed by rule")
    }
}

impl std::error::Error for Lost {}

/// The fault of a call, if it has one.
type Rule = dyn Fn(&Call) -> Option<Fault> + Send + Sync;

/// The proxy, on a port of its own.
pub struct Proxy {
    pub endpoint: String,
    table: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    rule: Box<Rule>,
    log: Mutex<Log>,
    /// The number of calls that have come.
    came: watch::Sender<usize>,
    held: Notify,
    released: Notify,
}

#[derive(Default)]
struct Log {
    calls: Vec<Call>,
    attempts: HashMap<(String, String), usize>,
    /// Keys at which an item exists, according to a response.
    held: HashSet<String>,
    /// Keys that were written to although they were in `held`.
    sent_again: Vec<String>,
}

impl Proxy {
    /// In front of the DynamoDB of `table`.
    pub async fn before(table: &Table, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let endpoint = format!("http://{}", listener.local_addr().expect("the listener has an address"));
        let shared = Arc::new(Shared::new(&table.endpoint, rule));
        tokio::spawn(shared.clone().listen(listener));
        Self { endpoint, table: table.name.clone(), shared }
    }

    /// The function behind the proxy.
    pub fn function(&self) -> Function {
        Function::at(&self.endpoint, &self.table)
    }

    /// The calls so far, in the order in which they came.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.log().calls.clone()
    }

    /// The number of calls of `operation` so far.
    pub fn count(&self, operation: &str) -> usize {
        self.shared.count(operation)
    }

    /// Waits until a call is held, which must be soon.
    pub async fn held(&self) {
        timeout(PATIENCE, self.shared.held.notified()).await.expect("a call is held");
    }

    /// Lets the call go on that is held.
    pub fn release(&self) {
        self.shared.released.notify_one();
    }

    /// The number of statements of each write so far.
    pub fn statements(&self) -> Vec<usize> {
        self.shared.log().calls.iter().filter(|call| call.is_write()).map(|call| call.keys.len()).collect()
    }

    /// No write named an item that the function knew to exist.
    pub fn assert_nothing_known_was_sent_again(&self) {
        let sent_again = &self.shared.log().sent_again;
        assert!(sent_again.is_empty(), "{sent_again:?} were sent again");
    }
}

fn authority(endpoint: &str) -> String {
    let uri: Uri = endpoint.parse().expect("the endpoint is a URL");
    format!("{}:{}", uri.host().expect("the endpoint has a host"), uri.port_u16().unwrap_or(80))
}

impl Shared {
    fn new(endpoint: &str, rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Self {
        Self {
            upstream: authority(endpoint),
            rule: Box::new(rule),
            log: Mutex::default(),
            came: watch::Sender::default(),
            held: Notify::default(),
            released: Notify::default(),
        }
    }

    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let shared = self.clone();
            let service = service_fn(move |request| shared.clone().respond(request));
            tokio::spawn(server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().expect("no test has panicked in here")
    }

    async fn respond(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Lost> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
        let call = self.log().record(&head, &body);
        self.came.send_modify(|came| *came += 1);
        let fault = (self.rule)(&call);
        self.hold(&call, fault).await;
        let upstream = Upstream { authority: &self.upstream, head };
        let (status, text) = match fault {
            Some(Fault::Garbled { status, text, executed }) => {
                if executed {
                    upstream.reply(&call, None).await?;
                }
                (status, text.to_owned())
            }
            Some(Fault::Truncated) => {
                let Reply { status, body } = upstream.reply(&call, None).await?;
                let text = body.to_string();
                (status, text[..text.len() / 2].to_owned())
            }
            fault => {
                let reply = upstream.reply(&call, fault).await?;
                self.log().held.extend(held(&call, &reply));
                (reply.status, reply.body.to_string())
            }
        };
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        response.headers_mut().insert(CONTENT_TYPE, "application/x-amz-json-1.0".parse().expect("a header's value"));
        Ok(response)
    }

    /// Holds `call` for as long as `fault` says.
    async fn hold(&self, call: &Call, fault: Option<Fault>) {
        match fault {
            Some(Fault::Together(calls)) => {
                let have_come = |_: &usize| self.count(&call.operation) >= calls;
                self.came.subscribe().wait_for(have_come).await.expect("the sender lives as long as this");
            }
            Some(Fault::Held) => {
                self.held.notify_one();
                self.released.notified().await;
            }
            _ => {}
        }
    }

    fn count(&self, operation: &str) -> usize {
        self.log().calls.iter().filter(|call| call.operation == operation).count()
    }
}

impl Log {
    fn record(&mut self, head: &Parts, body: &[u8]) -> Call {
        let target = head.headers["x-amz-target"].to_str().expect("the target is text");
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body: Value = serde_json::from_slice(body).expect("a call's body is JSON");
        let keys = keys(&operation, &body);
        let number = self.calls.iter().filter(|call| call.operation == operation).count();
        let attempt = keys.iter().map(|key| self.count_attempt(&operation, key)).max().unwrap_or_default();
        let call = Call { operation, number, attempt, keys, body };
        self.sent_again.extend(call.keys_of("INSERT", true).filter(|key| self.held.contains(*key)).cloned());
        call.keys_of("DELETE", true).for_each(|key| _ = self.held.remove(key));
        self.calls.push(call.clone());
        call
    }

    fn count_attempt(&mut self, operation: &str, key: &str) -> usize {
        let attempts = self.attempts.entry((operation.to_owned(), key.to_owned())).or_default();
        *attempts += 1;
        *attempts - 1
    }
}

/// The keys at which an item exists, according to `reply`.
fn held(call: &Call, reply: &Reply) -> Vec<String> {
    if reply.status != 200 {
        return Vec::new();
    }
    match call.operation.as_str() {
        "BatchExecuteStatement" => {
            let done = values(&reply.body["Responses"]).map(|response| response.get("Error").is_none());
            let done: HashSet<&String> =
                call.keys.iter().zip(done).filter(|(_, done)| *done).map(|(key, _)| key).collect();
            call.keys_of("DELETE", false).filter(|key| done.contains(key)).cloned().collect()
        }
        "ExecuteTransaction" => call.keys_of("DELETE", false).cloned().collect(),
        "BatchGetItem" => {
            let items = values(&reply.body["Responses"]).flat_map(values);
            items.filter_map(|item| item["sk"]["S"].as_str()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
