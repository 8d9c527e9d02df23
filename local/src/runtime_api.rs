//! Lambda as a function's process sees it: its environment, and the Runtime API that it polls for invocations.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use crate::function::deadline;

/// The variables that Lambda sets, with credentials that an emulator accepts.
const ENVIRONMENT: [(&str, &str); 7] = [
    ("AWS_REGION", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "local"),
    ("AWS_SECRET_ACCESS_KEY", "local"),
    ("AWS_SESSION_TOKEN", "local"),
    ("AWS_LAMBDA_FUNCTION_NAME", "create-records"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
];

/// A function's call of its Runtime API, and the time of the call.
#[derive(Debug)]
pub enum Signal {
    /// The function asks for an invocation.
    Poll(Instant),
    /// The function posts the outcome of an invocation.
    Post(Instant, Post),
}

/// The outcome of an invocation.
#[derive(Debug)]
pub struct Post {
    /// The part of its path that names the invocation and the kind of outcome: `invocation/{request ID}/response`,
    /// `invocation/{request ID}/error` or `init/error`.
    pub path: String,
    /// JSON: the function's response, or its error.
    pub text: String,
}

struct Invocation {
    request_id: String,
    timeout: Duration,
    event: String,
}

/// A Runtime API for one function.
#[derive(Debug)]
pub struct RuntimeApi {
    address: String,
    invocations: UnboundedSender<Invocation>,
    signals: UnboundedReceiver<Signal>,
}

impl RuntimeApi {
    /// Starts one on a free port.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (invocations, queue) = unbounded_channel();
        let (sender, signals) = unbounded_channel();
        let server = Arc::new(Server { queue: Mutex::new(queue), signals: sender });
        tokio::spawn(async { axum::serve(listener, router(server)).await });
        Ok(Self { address, invocations, signals })
    }

    /// The environment of a function that uses this API, and `table` of the DynamoDB at `endpoint`.
    #[must_use]
    pub fn environment(&self, endpoint: &str, table: &str) -> Vec<(&'static str, String)> {
        let of_function = [
            ("AWS_LAMBDA_RUNTIME_API", self.address.as_str()),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
            ("TABLE_NAME", table),
        ];
        ENVIRONMENT.into_iter().chain(of_function).map(|(name, value)| (name, value.to_owned())).collect()
    }

    /// Hands `event` to the function the next time it polls, with `timeout` from then on. Returns the request's ID.
    pub fn invoke(&mut self, event: String, timeout: Duration) -> String {
        let request_id = Uuid::new_v4().to_string();
        let invocation = Invocation { request_id: request_id.clone(), timeout, event };
        self.invocations.send(invocation).expect("the server runs as long as this");
        request_id
    }

    /// Waits for the next call of the function.
    pub async fn signal(&mut self) -> Signal {
        self.signals.recv().await.expect("the server runs as long as this")
    }

    /// Waits for the next outcome that the function posts.
    pub async fn post(&mut self) -> Post {
        loop {
            if let Signal::Post(_, post) = self.signal().await {
                return post;
            }
        }
    }
}

struct Server {
    queue: Mutex<UnboundedReceiver<Invocation>>,
    signals: UnboundedSender<Signal>,
}

impl Server {
    fn signal(&self, signal: Signal) -> StatusCode {
        self.signals.send(signal).map_or(StatusCode::GONE, |()| StatusCode::ACCEPTED)
    }
}

fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/{*path}", post(receive))
        .layer(DefaultBodyLimit::disable())
        .with_state(server)
}

async fn next(State(server): State<Arc<Server>>) -> Response {
    server.signal(Signal::Poll(Instant::now()));
    let Some(invocation) = server.queue.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", invocation.request_id),
        ("lambda-runtime-deadline-ms", deadline(invocation.timeout).to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:create-records".into()),
        ("lambda-runtime-trace-id", "Root=1-6b0404e5-000000000000000000000000;Sampled=0".into()),
    ];
    (headers, invocation.event).into_response()
}

async fn receive(State(server): State<Arc<Server>>, Path(path): Path<String>, text: String) -> StatusCode {
    server.signal(Signal::Post(Instant::now(), Post { path, text }))
}
