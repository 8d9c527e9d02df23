//! The requests of a schedule.

use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join;
use lambda_http::Context;
use record_lists::{App, Config, Store};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::engine::TABLE;
use super::history::{Exchange, History};
use super::network::Network;
use crate::support::{
    EXTERNAL, NO_ID, NOTHING, PHONE_NUMBER, Response, bulks_of, keyed, named, post, record, record_of, records_of,
    request,
};

/// References and numbers, so few that most requests have some in common with others.
pub const IDENTIFIERS: usize = 8;

/// The most functions of a schedule, besides those that get an event as its second delivery.
const FUNCTIONS: usize = 4;

/// The requests of each function, one after another.
pub struct Plan {
    pub functions: Vec<Vec<Step>>,
}

/// A request, and the pause after the one before it.
pub struct Step {
    pause: Duration,
    draft: Draft,
    /// The time after which the function is ended, although it has not responded.
    cut: Option<Duration>,
    /// Whether the event is delivered to another function too.
    twice: bool,
}

/// A request, before it is known which IDs there are: a number stands for the ID of one of the records so far.
#[derive(Clone)]
enum Draft {
    Create { list: &'static str, records: Vec<Value>, key: Option<String> },
    DeleteByIdentifier { list: &'static str, entries: Vec<Value> },
    DeleteById { list: &'static str, numbers: Vec<usize> },
    DeleteOne { list: &'static str, number: usize },
    ReadOne { list: &'static str, number: usize },
    ReadPage { list: &'static str, per_page: usize },
}

/// A request.
#[derive(Clone)]
pub enum Request {
    Create { list: &'static str, records: Vec<Value>, key: Option<String> },
    Delete { list: &'static str, entries: Vec<Value> },
    DeleteOne { list: &'static str, id: String },
    ReadOne { list: &'static str, id: String },
    ReadPage { list: &'static str, per_page: usize },
}

impl Plan {
    /// Two to four functions on one list, which are asked up to three times each; some requests are sent to several.
    pub fn new(rng: &mut Rng) -> Self {
        let list = [EXTERNAL, PHONE_NUMBER, PHONE_NUMBER, NOTHING][rng.usize(..4)];
        let repeated: Vec<Draft> = (0..2).map(|number| create(rng, list, &format!("k{number}"), true)).collect();
        let functions = (0..rng.usize(2..=FUNCTIONS)).map(|function| {
            let steps = (0..rng.usize(1..=3)).map(|step| {
                let pause = Duration::from_millis([0, 0, 5, 40, 1_500][rng.usize(..5)]);
                let draft = match rng.usize(..8) {
                    0..=1 => repeated[rng.usize(..2)].clone(),
                    _ => draft(rng, list, &format!("f{function}s{step}")),
                };
                let cut = (rng.u8(..12) == 0).then(|| Duration::from_millis(rng.u64(1..200)));
                let twice = rng.u8(..10) == 0 && draft.can_be_twice();
                Step { pause, draft, cut, twice }
            });
            steps.collect()
        });
        Self { functions: functions.collect() }
    }
}

fn draft(rng: &mut Rng, list: &'static str, name: &str) -> Draft {
    match rng.usize(..12) {
        0..=5 => create(rng, list, name, rng.clone().bool()),
        6..=7 if list != NOTHING => {
            let mut identifiers: Vec<usize> = (0..IDENTIFIERS).collect();
            rng.shuffle(&mut identifiers);
            identifiers.truncate(rng.usize(1..=4));
            Draft::DeleteByIdentifier { list, entries: identifiers.into_iter().map(|n| entry(list, n)).collect() }
        }
        6..=8 => Draft::DeleteById { list, numbers: (0..rng.usize(1..=3)).map(|_| rng.usize(..100)).collect() },
        9 => Draft::DeleteOne { list, number: rng.usize(..100) },
        10 => Draft::ReadOne { list, number: rng.usize(..100) },
        _ => Draft::ReadPage { list, per_page: rng.usize(1..=100) },
    }
}

fn entry(list: &str, number: usize) -> Value {
    let record = record(number);
    match list {
        PHONE_NUMBER => json!({"phone_number": record["phone_numbers"][0]["phone_number"]}),
        _ => json!({"external_provider": record["external_provider"], "external_id": record["external_id"]}),
    }
}

/// A few records, each with a name of its own; now and then more than one call takes.
fn create(rng: &mut Rng, list: &'static str, name: &str, idempotent: bool) -> Draft {
    let count = if rng.usize(..20) == 0 { 30 } else { rng.usize(1..=4) };
    let records = (0..count).map(|place| {
        let mut numbers: Vec<usize> = (0..IDENTIFIERS).collect();
        rng.shuffle(&mut numbers);
        numbers.truncate(if list == PHONE_NUMBER { rng.usize(1..=3) } else { 1 });
        let numbers = if place < 4 { numbers } else { vec![100 * name.len() + place] };
        named(&format!("{name}r{place}"), list, &numbers)
    });
    Draft::Create { list, records: records.collect(), key: idempotent.then(|| name.to_owned()) }
}

impl Draft {
    /// Whether two deliveries store no record twice: without a key, they are two requests.
    fn can_be_twice(&self) -> bool {
        !matches!(self, Self::Create { list, key: None, .. } if *list == NOTHING)
    }

    fn resolve(&self, history: &History) -> Request {
        let id = |list: &str, number: usize| {
            let ids = history.ids(list);
            if ids.is_empty() { NO_ID.to_owned() } else { ids[number % ids.len()].clone() }
        };
        match self.clone() {
            Self::Create { list, records, key } => Request::Create { list, records, key },
            Self::DeleteByIdentifier { list, entries } => Request::Delete { list, entries },
            Self::DeleteById { list, numbers } => {
                let mut ids: Vec<String> = Vec::new();
                for number in numbers {
                    let id = id(list, number);
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                Request::Delete { list, entries: ids.into_iter().map(|id| json!({ "id": id })).collect() }
            }
            Self::DeleteOne { list, number } => Request::DeleteOne { list, id: id(list, number) },
            Self::ReadOne { list, number } => Request::ReadOne { list, id: id(list, number) },
            Self::ReadPage { list, per_page } => Request::ReadPage { list, per_page },
        }
    }
}

impl Request {
    /// API Gateway's event.
    fn event(&self) -> Value {
        match self {
            Self::Create { list, records, key: Some(key) } => keyed(list, records, key),
            Self::Create { list, records, key: None } => post(list, &json!({ "records": records })),
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
