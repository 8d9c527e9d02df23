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

use super::engine::{Engine, TABLE};
use super::fate::{Fate, Fault};
use super::history::{Call, History};
use crate::support::Places;
use crate::support::reply::{Reply, UnreadKeys, values};

/// Everything between the functions and the table.
pub struct Network {
    shared: Arc<Shared>,
    settings: SdkConfig,
}

struct Shared {
    engine: Engine,
    start: Instant,
    /// The probability of a fault at a call, zero until the functions start.
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

    /// Has `note` read or extend the history.
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

    /// The response to the call, `None` if the connection closes.
    fn reply(&self, call: &Call, body: &Value, late: bool) -> Option<HttpResponse> {
        let execute = |body: &Value| self.execute(call, body, late);
        let execute_rest = |rest: Option<Value>| rest.map_or(Reply::ok(json!({})), |rest| execute(&rest));
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
                Reply::error(status, code)
            }
            Some(Fault::Garbled { text, executed }) => {
                if executed {
                    execute(body);
                }
                return Some(response(200, text.to_owned()));
            }
            Some(Fault::Statements(failed)) => failed.reply(body, &execute_rest(failed.call(body))),
            Some(Fault::Cancelled { code }) => {
                let statements = values(&body["TransactStatements"]).enumerate();
                Reply::cancelled(statements.map(|(place, _)| if place == 0 { code } else { "None" }))
            }
            Some(Fault::Unprocessed) => {
                let unread = UnreadKeys::at(half_of_keys(body), body);
                unread.reply(execute_rest(unread.call()))
            }
        };
        Some(response(reply.status, reply.body.to_string()))
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

/// The later half of the keys in their own order: they come in any, and the same of them are to be left in every run.
fn half_of_keys(body: &Value) -> Places {
    let keys: Vec<String> = values(&body["RequestItems"][TABLE]["Keys"]).map(Value::to_string).collect();
    let before = |key: &String| keys.iter().filter(|other| *other < key).count();
    Places::of(|place| keys.get(place).is_some_and(|key| before(key) >= keys.len() / 2))
}
