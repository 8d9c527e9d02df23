//! The built function, as Lambda runs it: a process of its own at a Runtime API.

use std::process::{Output, Stdio};
use std::time::Duration;

use local::runtime_api::RuntimeApi;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Response, Table};

/// The longest that a test waits for the function.
const PATIENCE: Duration = Duration::from_secs(30);

/// The function's process, and the Runtime API that it polls.
pub struct Lambda {
    process: Child,
    /// Its standard output and standard error, which are read all the time: a pipe holds only 64 KB.
    written: [JoinHandle<String>; 2],
    api: RuntimeApi,
    /// The time that a request has.
    pub timeout: Duration,
}

impl Lambda {
    /// The function on `table`, with these other environment variables.
    pub async fn start(table: &Table, variables: &[(&str, &str)]) -> Self {
        Self::start_at(&table.endpoint, &table.name, variables).await
    }

    /// The function on the table `name` of the DynamoDB at `endpoint`.
    pub async fn start_at(endpoint: &str, name: &str, variables: &[(&str, &str)]) -> Self {
        let api = RuntimeApi::start().await.expect("a port is free");
        let mut command = command();
        command.envs(api.environment(endpoint, name)).envs(variables.iter().copied());
        let mut process = command.spawn().expect("the function is built");
        let written =
            [read(process.stdout.take().expect("it is piped")), read(process.stderr.take().expect("it is piped"))];
        Self { process, written, api, timeout: local::template::timeout() }
    }

    /// The function's post for `event`: `response` or `error`, and the text.
    pub async fn post(&mut self, event: &Value) -> (String, String) {
        let request_id = self.api.invoke(event.to_string(), self.timeout);
        let post = timeout(PATIENCE + self.timeout, self.api.post()).await.expect("the function posts something");
        let path = post.path.strip_prefix(&format!("invocation/{request_id}/"));
        (path.expect("the post is for this invocation").to_owned(), post.text)
    }

    /// The response to an API Gateway event.
    pub async fn invoke(&mut self, event: &Value) -> Response {
        let (path, text) = self.post(event).await;
        assert_eq!(path, "response", "{text}");
        Response::read(event, &text)
    }

    /// The ID of its process.
    pub fn id(&self) -> u32 {
        self.process.id().expect("the function runs")
    }

    /// Stops the function. Returns what it wrote to standard output and standard error.
    pub async fn stop(mut self) -> String {
        self.process.kill().await.expect("the function runs");
        let [output, errors] = self.written;
        output.await.expect("the function writes text") + &errors.await.expect("the function writes text")
    }
}

fn read(mut pipe: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut text = String::new();
        pipe.read_to_string(&mut text).await.expect("the function writes text");
        text
    })
}

/// Runs the function with these environment variables and no other, until it ends by itself.
pub async fn run(variables: &[(&str, &str)]) -> Output {
    let output = command().envs(variables.iter().copied()).output();
    timeout(PATIENCE, output).await.expect("the function ends").expect("the function is built")
}

/// Everything that a process wrote.
pub fn written(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).expect("the function writes text")
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_record-lists"));
    command.env_clear().kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
