//! The built function under a Lambda of the tests' own: the Runtime API that it asks for invocations.

use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use lambda_http::http::{HeaderMap, HeaderName};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;
use uuid::Uuid;

use crate::harness::{Answer, Table};
use crate::openapi;

/// How long a test waits for the function.
const PATIENCE: Duration = Duration::from_secs(30);

/// The function's process, and the Lambda it runs under.
pub struct Lambda {
    process: Child,
    invocations: UnboundedSender<Invocation>,
    posts: UnboundedReceiver<(String, String)>,
    /// The time a request has.
    pub timeout: Duration,
}

struct Invocation {
    id: String,
    timeout: Duration,
    event: String,
}

impl Lambda {
    /// The function on `table`, with these environment variables besides.
    pub async fn start(table: &Table, variables: &[(&str, &str)]) -> Self {
        Self::start_at(&table.endpoint, &table.name, variables).await
    }

    /// The function on the table `name` of the DynamoDB at `endpoint`.
    pub async fn start_at(endpoint: &str, name: &str, variables: &[(&str, &str)]) -> Self {
        let (invocations, queue) = unbounded_channel();
        let (answers, posts) = unbounded_channel();
        let api = serve(Api { queue: Mutex::new(queue), posts: answers }).await;
        let mut command = command(variables);
        command.env("AWS_LAMBDA_RUNTIME_API", api).env("AWS_ENDPOINT_URL_DYNAMODB", endpoint).env("TABLE_NAME", name);
        let process = command.spawn().expect("the function is built");
        Self { process, invocations, posts, timeout: Duration::from_secs(15) }
    }

    /// What the function posts for `event`: below which path of the invocation, and the text.
    pub async fn post(&mut self, event: &Value) -> (String, String) {
        let id = Uuid::new_v4().to_string();
        let invocation = Invocation { id: id.clone(), timeout: self.timeout, event: event.to_string() };
        self.invocations.send(invocation).unwrap_or_else(|_| panic!("the Runtime API is gone"));
        let post = timeout(PATIENCE, self.posts.recv()).await.expect("the function posts something");
        let (path, text) = post.expect("the Runtime API is there");
        let path = path.strip_prefix(&format!("invocation/{id}/")).expect("the post is for this invocation");
        (path.to_owned(), text)
    }

    /// The answer to an API Gateway event.
    pub async fn invoke(&mut self, event: &Value) -> Answer {
        let (path, text) = self.post(event).await;
        assert_eq!(path, "response", "{text}");
        let answer = gateway_answer(&serde_json::from_str(&text).expect("a response is JSON"));
        openapi::assert_describes(&answer);
        answer
    }

    /// Ends the function: what it wrote, to standard output and standard error.
    pub async fn stop(mut self) -> String {
        self.process.start_kill().expect("the function runs");
        let output = self.process.wait_with_output().await.expect("the function ends");
        written(&output)
    }
}

/// Runs the function until it ends by itself.
pub async fn run(variables: &[(&str, &str)]) -> Output {
    timeout(PATIENCE, command(variables).output()).await.expect("the function ends").expect("the function is built")
}

/// Everything that a process wrote.
pub fn written(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).expect("the function writes text")
}

/// The function with the environment that Lambda gives it, and no other.
fn command(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_record-lists"));
    command.env_clear().kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.envs([
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_LAMBDA_FUNCTION_NAME", "create-records"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ]);
    command.envs(variables.iter().copied());
    command
}

/// The answer that API Gateway makes of the function's `response`.
fn gateway_answer(response: &Value) -> Answer {
    assert_eq!(response["isBase64Encoded"], false);
    let mut headers = HeaderMap::new();
    let (single, multi) = (&response["headers"], &response["multiValueHeaders"]);
    for (name, value) in [single, multi].into_iter().filter_map(Value::as_object).flatten() {
        for value in value.as_array().unwrap_or(&vec![value.clone()]) {
            headers.append(HeaderName::try_from(name).unwrap(), value.as_str().unwrap().parse().unwrap());
        }
    }
    let text = response["body"].as_str().expect("a response has a body").to_owned();
    let status = u16::try_from(response["statusCode"].as_u64().expect("a response has a status")).unwrap();
    let status = lambda_http::http::StatusCode::from_u16(status).unwrap();
    Answer { status, headers, body: serde_json::from_str(&text).expect("every answer is JSON"), text }
}

struct Api {
    queue: Mutex<UnboundedReceiver<Invocation>>,
    posts: UnboundedSender<(String, String)>,
}

/// Serves `api`, and says where.
async fn serve(api: Api) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the listener has an address").to_string();
    let routes = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/{*path}", post(receive))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(api));
    tokio::spawn(async { axum::serve(listener, routes).await });
    address
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let Some(invocation) = api.queue.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    // The time runs from here: the function may have had to start first.
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + invocation.timeout;
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:create-records".into()),
        ("lambda-runtime-trace-id", "Root=1-6b0404e5-000000000000000000000000;Sampled=0".into()),
    ];
    (headers, invocation.event).into_response()
}

async fn receive(State(api): State<Arc<Api>>, Path(path): Path<String>, text: String) -> StatusCode {
    api.posts.send((path, text)).map_or(StatusCode::GONE, |()| StatusCode::ACCEPTED)
}
