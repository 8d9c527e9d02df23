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
use super::version::{Moment, Write};
use super::weather::Weather;
use crate::support::call::{is_write, keys, statements};
use crate::support::reply::{Reply, UnreadKeys, values};
use crate::support::{Places, Response, number_text};

/// Everything between the functions and the table.
pub struct Network {
    shared: Arc<Shared>,
    settings: SdkConfig,
}

struct Shared {
    engine: Engine,
    start: Instant,
    weather: Weather,
    rng: Mutex<Rng>,
    history: Mutex<History>,
}

/// The function that sets up the table, whose calls are calm.
const SET_UP: usize = usize::MAX;

impl Network {
    /// With the table and its lists, on which everything from now on is as `rng` says.
    pub async fn new(weather: Weather, rng: Rng) -> Self {
        let starved = weather.starved.map(number_text);
        let (history, start) = (Mutex::new(History::new(starved)), Instant::now());
        let shared = Shared { engine: Engine::new(), start, weather, rng: Mutex::new(rng), history };
        let network = Self { shared: Arc::new(shared), settings: dynamodb::config("http://dynamodb") };
        dynamodb::set_up_by(&Client::new(&network.settings(SET_UP)), TABLE).await;
        lock(&network.shared.history).calls.clear();
        network
    }

    /// The response of `function` to its caller, with the times of its clock.
    pub fn respond(&self, function: usize, response: Response) -> Response {
        let body = self.shared.weather.to_the_caller(function, response.body);
        Response { body, ..response }
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
        let (fate, keys) = match self.function {
            SET_UP => (Fate::CALM, Vec::new()),
            _ => (self.shared.fate(self.function, &operation), keys(&operation, &body)),
        };
        let body = self.shared.weather.on_the_wire(self.function, body);
        let (sender, receiver) = oneshot::channel();
        // A call that was sent arrives, whether its caller waits for the response or not.
        let made = lock(&self.shared.history).tick();
        let at = self.shared.start.elapsed();
        let call = Call { at, made, function: self.function, operation, keys, fate, executed: None };
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
    fn fate(&self, function: usize, operation: &str) -> Fate {
        let drawn = Fate::draw(&mut lock(&self.rng), operation, self.weather.trouble);
        let fault = self.weather.fault(function, operation).or(drawn.fault);
        Fate { fault, ..drawn }
    }

    async fn carry(self: Arc<Self>, mut call: Call, body: Value, sender: oneshot::Sender<Option<HttpResponse>>) {
        sleep(call.fate.there).await;
        let write = Write { function: call.function, made: call.made, late: sender.is_closed() };
        let mut executed = None;
        let reply = self.reply(&call, &body, &mut |body| {
            let (reply, moment) = self.execute(&call.operation, body, write);
            executed = Some(moment);
            reply
        });
        call.executed = executed;
        let (back, fault) = (call.fate.back, call.fate.fault);
        lock(&self.history).calls.push(call);
        sleep(back).await;
        match fault {
            Some(Fault::Silence) => drop(sender),
            _ => drop(sender.send(reply)),
        }
    }

    /// The response to the call, `None` if the connection closes.
    fn reply(&self, call: &Call, body: &Value, execute: &mut dyn FnMut(&Value) -> Reply) -> Option<HttpResponse> {
        let mut execute_rest = |rest: Option<Value>| rest.map_or(Reply::ok(json!({})), |rest| execute(&rest));
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
            Some(Fault::TooFew) => execute(body).without_last(),
            Some(Fault::Cancelled { conflicting, throttled }) => {
                let taken = self.engine.snapshot();
                let is_taken = |key: &str| taken.keys().any(|(_, sort_key)| sort_key == key);
                let code = |place: usize, (key, statement): (&String, &str)| match place {
                    _ if statement.starts_with("INSERT") && is_taken(key) => "DuplicateItem",
                    place if throttled.contain(place) => "ThrottlingError",
                    place if place == 0 || conflicting.contain(place) => "TransactionConflict",
                    _ => "None",
                };
                let statements = call.keys.iter().zip(statements(body)).enumerate();
                Reply::cancelled(statements.map(|(place, statement)| code(place, statement)))
            }
            Some(Fault::Unprocessed) => {
                let unread = UnreadKeys::at(half_of_keys(body), body);
                unread.reply(execute_rest(unread.call()))
            }
        };
        Some(response(reply.status, reply.body.to_string()))
    }

    /// Has DynamoDB execute `body`, as far as no partition is throttled. Returns the reply, and when that was.
    fn execute(&self, operation: &str, body: &Value, write: Write) -> (Reply, Moment) {
        let starved = self.weather.starved(operation, body);
        let reply = match (operation, starved) {
            ("BatchExecuteStatement", Some(failed)) => {
                let rest = failed.call(body).map(|rest| self.engine.call(operation, &rest));
                failed.reply(body, &rest.unwrap_or_else(|| Reply::ok(json!({}))))
            }
            ("ExecuteTransaction", Some(failed)) => {
                let places = 0..statements(body).count();
                Reply::cancelled(places.map(|place| if failed.chosen.contain(place) { failed.code } else { "None" }))
            }
            _ => self.engine.call(operation, body),
        };
        let mut history = lock(&self.history);
        let moment = if is_write(operation) { history.table(write, self.engine.snapshot()) } else { history.tick() };
        (reply, moment)
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
