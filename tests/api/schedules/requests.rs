//! The requests of a schedule.

use std::time::Duration;

use futures_util::future::join;
use lambda_http::Context;
use record_lists::{App, Config, Store};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::engine::TABLE;
use super::history::{Exchange, History};
use super::network::Network;
use super::plan::{FUNCTIONS, Step};
use crate::support::{Response, bulks_of, keyed, post, record_of, records_of, request, with_if_match};

/// A request.
#[derive(Debug, Clone)]
pub enum Request {
    Create { list: &'static str, records: Vec<Value>, key: Option<String> },
    Change { list: &'static str, patches: Vec<Value>, query: Query },
    ChangeOne { list: &'static str, id: String, patch: Value, if_match: Option<String> },
    Delete { list: &'static str, entries: Vec<Value> },
    DeleteOne { list: &'static str, id: String },
    ReadOne { list: &'static str, id: String },
    ReadPage { list: &'static str, per_page: usize },
}

/// The query of a request that changes several records.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// Whether a record that is missing is created.
    pub creates: bool,
    /// Whether nothing is written.
    pub validates: bool,
}

impl Query {
    /// Makes only changes of records that there are.
    pub const REFUSE: Self = Self { creates: false, validates: false };
}

impl Request {
    /// API Gateway's event.
    fn event(&self) -> Value {
        match self {
            Self::Create { list, records, key: Some(key) } => keyed(list, records, key),
            Self::Create { list, records, key: None } => post(list, &json!({ "records": records })),
            Self::Change { list, patches, query: Query { creates, validates } } => {
                let if_missing = if *creates { "create" } else { "refuse" };
                let target = format!("{}?if_missing={if_missing}&validate_only={validates}", bulks_of(list));
                request("PATCH", &target, Some(&json!({ "records": patches })))
            }
            Self::ChangeOne { list, id, patch, if_match } => {
                let event = request("PATCH", &record_of(list, id), Some(patch));
                if_match.iter().fold(event, |event, etag| with_if_match(event, etag))
            }
            Self::Delete { list, entries } => request("DELETE", &bulks_of(list), Some(&json!(entries))),
            Self::DeleteOne { list, id } => request("DELETE", &record_of(list, id), None),
            Self::ReadOne { list, id } => request("GET", &record_of(list, id), None),
            Self::ReadPage { list, per_page } => {
                request("GET", &format!("{}?per_page={per_page}", records_of(list)), None)
            }
        }
    }
}

/// Has a function respond to each of `steps`.
pub async fn play(number: usize, network: &Network, steps: &[Step]) {
    let mut function = Function::start(number, network);
    for step in steps {
        sleep(step.pause).await;
        if let Some(read) = step.draft.read_first() {
            function.take(network.record(|history| read.resolve(history)), None).await;
        }
        let request = network.record(|history| step.draft.resolve(history));
        if step.twice {
            let mut twin = Function::start(number + FUNCTIONS, network);
            join(function.take(request.clone(), step.cut), twin.take(request, None)).await;
        } else {
            function.take(request, step.cut).await;
        }
    }
}

/// A function, which is started afresh once it was ended in the middle of a request.
struct Function<'a> {
    number: usize,
    network: &'a Network,
    app: App,
}

impl<'a> Function<'a> {
    fn start(number: usize, network: &'a Network) -> Self {
        let config = Config::from_lookup(|name| (name == "TABLE_NAME").then(|| TABLE.to_owned()));
        let store = Store::new(&network.settings(number), TABLE);
        Self { number, network, app: App::new(config.expect("the configuration is valid"), store) }
    }

    async fn take(&mut self, request: Request, cut: Option<Duration>) {
        let (function, event) = (self.number, request.event());
        let from = self.network.record(History::tick);
        let response = timeout(cut.unwrap_or(Duration::MAX), respond(&self.app, &event)).await.ok();
        if response.is_none() {
            *self = Self::start(function, self.network);
        }
        let response = response.map(|response| self.network.respond(function, response));
        self.network.record(|history| {
            let to = history.tick();
            history.exchanges.push(Exchange { function, request, response, from, to });
        });
    }
}

/// Without a deadline, since that would be one of the machine's clock: a request has its default time.
async fn respond(app: &App, event: &Value) -> Response {
    let read = serde_json::from_value(event.clone()).expect("the event is an HTTP request");
    let response = app.handle(read, &Context::default()).await;
    Response::read(event, &serde_json::to_string(&response).expect("a response is JSON"))
}
