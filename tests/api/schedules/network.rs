//! The network between the functions and the engine: an HTTP client of the SDK, without a socket.

use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use fastrand::Rng;
use local::dynamodb;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::engine::{Engine, Reply, TABLE};
use super::fate::{Fate, Fault};
use super::history::{Call, History};

/// Everything between the functions and the table.
pub struct Network {
    shared: Arc<Shared>,
    settings: SdkConfig,
}

struct Shared {
    engine: Engine,
    start: Instant,
    /// How likely it is that something goes wrong with a call; nothing does before the functions start.
    trouble: Mutex<f64>,
    rng: Mutex<Rng>,
    history: Mutex<History>,
}

impl Network {
    /// With the table and its lists, on which everything from now on is as `rng` says.
    pub async fn new(mut rng: Rng) -> Self {
        let trouble = [0.0, 0.15, 0.3, 0.5][rng.usize(..4)];
        let (history, start) = (Mutex::default(), Instant::now());
        let shared = Shared { engine: Engine::new(), start, trouble: Mutex::new(0.0), rng: Mutex::new(rng), history };
        let network = Self { shared: Arc::new(shared), settings: dynamodb::config("http://dynamodb") };
        dynamodb::set_up_by(&Client::new(&network.settings(usize::MAX)), TABLE).await;
        *lock(&network.shared.trouble) = trouble;
        lock(&network.shared.history).calls.clear();
        network
    }

    /// The settings of the SDK in the function of this number.
    pub fn settings(&self, function: usize) -> SdkConfig {
        let connector = SharedHttpConnector::new(Connector { shared: self.shared.clone(), function });
        let client: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
        self.settings.to_builder().http_client(client).build()
    }

    /// What was asked of the table, what became of it, and what the functions said.
    pub fn record<T>(&self, note: impl FnOnce(&mut History) -> T) -> T {
        note(&mut lock(&self.shared.history))
    }

    pub fn history(self) -> History {
        std::mem::take(&mut lock(&self.shared.history))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics in here")
}

/// The network as one function sees it.
struct Connector {
    shared: Arc<Shared>,
    function: usize,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connector of function {}", self.function)
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("a call has a target");
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().expect("a call's body is in memory");
        let body: Value = serde_json::from_slice(body).expect("a call's body is JSON");
        let trouble = *lock(&self.shared.trouble);
        let fate = match self.function {
            usize::MAX => Fate::CALM,
            _ => Fate::draw(&mut lock(&self.shared.rng), &operation, trouble),
        };
        let (sender, receiver) = oneshot::channel();
        // A call that was sent arrives, whether its caller waits for the response or not.
        let made = lock(&self.shared.history).tick();
        let call = Call { at: self.shared.start.elapsed(), made, function: self.function, operation, fate };
        tokio::spawn(self.shared.clone().carry(call, body, sender));
        HttpConnectorFuture::new(async move {
            match receiver.await {
                Ok(Some(response)) => Ok(response),
                Ok(None) => Err(ConnectorError::io("the connection is closed".into())),
                Err(_) => pending().await,
            }
        })
    }
}

impl Shared {
    async fn carry(self: Arc<Self>, call: Call, body: Value, sender: oneshot::Sender<Option<HttpResponse>>) {
        sleep(call.fate.there).await;
        let late = sender.is_closed();
        let reply = self.reply(&call, &body, late);
        let (back, fault) = (call.fate.back, call.fate.fault);
        lock(&self.history).calls.push(call);
        sleep(back).await;
        match fault {
            Some(Fault::Silence) => drop(sender),
            _ => drop(sender.send(reply)),
        }
    }

    /// What comes back, `None` if the connection closes.
    fn reply(&self, call: &Call, body: &Value, late: bool) -> Option<HttpResponse> {
        let execute = |body: &Value| self.execute(call, body, late);
        let reply = match call.fate.fault {
            None => execute(body),
            Some(Fault::LostCall | Fault::Silence) => return None,
            Some(Fault::LostResponse) => {
                execute(body);
                return None;
            }
            Some(Fault::Error { status, code, executed }) => {
                if executed {
                    execute(body);
                }
                error(status, code)
            }
            Some(Fault::Garbled { text, executed }) => {
                if executed {
                    execute(body);
                }
                return Some(response(200, text.to_owned()));
            }
            Some(Fault::Statements { code, executed, chosen }) => fail_some(body, code, executed, chosen, execute),
            Some(Fault::Cancelled { code }) => cancelled(body, code),
            Some(Fault::Unprocessed) => read_half(body, execute),
        };
        Some(response(reply.0, reply.1.to_string()))
    }

    fn execute(&self, call: &Call, body: &Value, late: bool) -> Reply {
        let reply = self.engine.call(&call.operation, body);
        if matches!(call.operation.as_str(), "BatchExecuteStatement" | "ExecuteTransaction") {
            lock(&self.history).table(call.function, late, self.engine.snapshot());
        }
        reply
    }
}

fn response(status: u16, text: String) -> HttpResponse {
    let status = status.try_into().expect("a status");
    HttpResponse::new(status, SdkBody::from(text))
}

fn error(status: u16, code: &str) -> Reply {
    (status, json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "by fate"}))
}

fn elements<'a>(body: &'a Value, name: &str) -> Vec<&'a Value> {
    body[name].as_array().into_iter().flatten().collect()
}

/// The statements at which `chosen` has a bit fail, executed or not.
fn fail_some(body: &Value, code: &str, executed: bool, chosen: u64, execute: impl Fn(&Value) -> Reply) -> Reply {
    let statements = elements(body, "Statements");
    let is_chosen = |place: usize| chosen >> (place % 64) & 1 == 1;
    let is_sent = |place: &usize| executed || !is_chosen(*place);
    let sent: Vec<&Value> = (0..statements.len()).filter(is_sent).map(|place| statements[place]).collect();
    let mut responses = if sent.is_empty() {
        Vec::new()
    } else {
        let (_, reply) = execute(&json!({ "Statements": sent }));
        elements(&reply, "Responses").into_iter().cloned().collect()
    }
    .into_iter();
    let of_place = |place: usize| {
        let response = is_sent(&place).then(|| responses.next()).flatten().unwrap_or_default();
        if is_chosen(place) { json!({"Error": {"Code": code, "Message": "by fate"}}) } else { response }
    };
    (200, json!({"Responses": (0..statements.len()).map(of_place).collect::<Vec<_>>()}))
}

fn cancelled(body: &Value, code: &str) -> Reply {
    let (status, mut error) = error(400, "TransactionCanceledException");
    let reason = |place| json!({"Code": if place == 0 { code } else { "None" }});
    error["CancellationReasons"] = (0..elements(body, "TransactStatements").len()).map(reason).collect();
    (status, error)
}

/// The keys are sorted first, so that which of them are read depends on nothing but the keys.
fn read_half(body: &Value, execute: impl Fn(&Value) -> Reply) -> Reply {
    let mut keys: Vec<Value> = elements(&body["RequestItems"][TABLE], "Keys").into_iter().cloned().collect();
    keys.sort_by_key(Value::to_string);
    let unread = keys.split_off(keys.len() / 2);
    let with = |keys: Vec<Value>| {
        let mut items = body["RequestItems"].clone();
        items[TABLE]["Keys"] = json!(keys);
        items
    };
    let (status, mut reply) =
        if keys.is_empty() { (200, json!({"Responses": {}})) } else { execute(&json!({"RequestItems": with(keys)})) };
    reply["UnprocessedKeys"] = with(unread);
    (status, reply)
}
