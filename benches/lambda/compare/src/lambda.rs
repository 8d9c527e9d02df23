//! Lambda as a binary sees it: its environment, and the Runtime API.

use std::collections::HashMap;
use std::error::Error;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use crate::batch::RECORDS;
use crate::dynamodb::TABLE;

/// A function that takes longer has failed.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A running binary.
pub struct Function {
    child: Child,
    spawned: Instant,
    events: mpsc::UnboundedSender<String>,
    signals: mpsc::UnboundedReceiver<Signal>,
}

/// What a function tells the Runtime API, and when.
enum Signal {
    Polled(Instant),
    Answered(Instant, String),
}

/// A function's answer.
pub struct Answer {
    /// From the moment the event was there for it.
    pub time: Duration,
    /// CPU of all its threads, until it polled again.
    pub cpu: Duration,
    /// API Gateway's response.
    pub body: String,
}

impl Answer {
    /// Panics unless all records were created: a fast refusal is no result.
    pub fn assert_created(&self) {
        let answer: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
        assert_eq!((&answer["statusCode"], &body["total_created"]), (&json!(201), &json!(RECORDS)), "{}", self.body);
    }
}

struct RuntimeApi {
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    signals: mpsc::UnboundedSender<Signal>,
}

impl Function {
    /// Spawns `binary` with the environment that Lambda gives a function, and DynamoDB at `endpoint`.
    pub async fn spawn(binary: &str, endpoint: &str) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let (events, event_queue) = mpsc::unbounded_channel();
        let (signal_sender, signals) = mpsc::unbounded_channel();
        let api = Arc::new(RuntimeApi { events: Mutex::new(event_queue), signals: signal_sender });
        tokio::spawn(async { axum::serve(listener, router(api)).await });
        let mut words = binary.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env_clear().envs(environment(&address, endpoint));
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let spawned = Instant::now();
        Ok(Self { child: command.spawn()?, spawned, events, signals })
    }

    /// The time from spawn to the first poll.
    pub async fn first_poll(&mut self) -> Result<Duration, Box<dyn Error>> {
        match self.signal().await? {
            Signal::Polled(at) => Ok(at - self.spawned),
            Signal::Answered(..) => Err("an answer without event".into()),
        }
    }

    /// Hands it `event`, and waits until it has answered and polls again.
    pub async fn invoke(&mut self, event: String) -> Result<Answer, Box<dyn Error>> {
        let cpu = self.cpu()?;
        let start = Instant::now();
        self.events.send(event)?;
        let Signal::Answered(at, body) = self.signal().await? else {
            return Err("a poll instead of an answer".into());
        };
        self.signal().await?;
        Ok(Answer { time: at - start, cpu: self.cpu()?.saturating_sub(cpu), body })
    }

    /// The time from spawn to the answer to `event`, which is there from the start.
    pub async fn first_answer(&mut self, event: String) -> Result<(Duration, String), Box<dyn Error>> {
        self.events.send(event)?;
        loop {
            if let Signal::Answered(at, body) = self.signal().await? {
                return Ok((at - self.spawned, body));
            }
        }
    }

    async fn signal(&mut self) -> Result<Signal, Box<dyn Error>> {
        tokio::select! {
            signal = timeout(TIMEOUT, self.signals.recv()) => signal?.ok_or_else(|| "the Runtime API is gone".into()),
            status = self.child.wait() => Err(format!("the function ended: {}", status?).into()),
        }
    }

    fn pid(&self) -> Result<i32, Box<dyn Error>> {
        Ok(self.child.id().ok_or("the function has ended")?.try_into()?)
    }

    /// The CPU it took so far, user and system, all threads.
    fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let clock = clock_getcpuclockid(Pid::from_raw(self.pid()?))?;
        Ok(clock_gettime(clock)?.into())
    }

    /// The most memory it held at once, in bytes.
    pub fn peak_memory(&self) -> Result<u64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()?))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Ends it as Lambda does, by a signal, and waits.
    pub async fn stop(mut self) -> Result<(), Box<dyn Error>> {
        let pid = Pid::from_raw(self.pid()?);
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM)?;
        if timeout(TIMEOUT, self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}

fn environment(runtime_api: &str, endpoint: &str) -> HashMap<&'static str, String> {
    let variables = [
        ("AWS_LAMBDA_RUNTIME_API", runtime_api),
        ("AWS_LAMBDA_FUNCTION_NAME", "create-records"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/create-records"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_rust"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
        ("TABLE_NAME", TABLE),
    ];
    variables.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

fn router(api: Arc<RuntimeApi>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(answered))
        .route("/2018-06-01/runtime/init/error", post(answered))
        .with_state(api)
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    // The other end may have what it wanted and be gone: so it is with every signal.
    let _ = api.signals.send(Signal::Polled(Instant::now()));
    let Some(event) = api.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + TIMEOUT;
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:create".to_owned()),
        ("lambda-runtime-trace-id", "Root=1-6b0404e5-f552cc5023d8319aea1181f7".to_owned()),
    ];
    (headers, event).into_response()
}

async fn answered(State(api): State<Arc<RuntimeApi>>, body: String) -> StatusCode {
    let _ = api.signals.send(Signal::Answered(Instant::now(), body));
    StatusCode::ACCEPTED
}
