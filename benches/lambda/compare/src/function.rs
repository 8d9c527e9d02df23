//! A function's process, and the time, CPU and memory that it takes.

use std::error::Error;
use std::process::Stdio;
use std::time::{Duration, Instant};

use local::integration;
use local::runtime_api::{RuntimeApi, Signal};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::table::Table;

/// A function that takes longer has failed.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The environment that the template and Lambda's logging configuration give the create function.
const VARIABLES: [(&str, &str); 8] = [
    ("ACCOUNT_CLAIM", "aid"),
    ("JWT_ISSUERS", "https://auth.example.com/"),
    ("JWT_AUDIENCES", "https://api.example.com"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/create-records"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ("AWS_EXECUTION_ENV", "AWS_Lambda_rust"),
];

/// A running binary.
pub struct Function {
    child: Child,
    spawned: Instant,
    api: RuntimeApi,
}

/// A function's response to an event.
pub struct Response {
    /// From the moment the event was there for it.
    pub time: Duration,
    /// CPU of all its threads, until it polled again.
    pub cpu: Duration,
    /// API Gateway's response.
    pub body: String,
}

impl Response {
    /// The number of records created.
    ///
    /// # Errors
    ///
    /// If the response is not a `201`.
    pub fn created(&self) -> Result<u64, Box<dyn Error>> {
        let response = integration::response(&self.body)?;
        let body: Value = serde_json::from_str(response.body())?;
        let created = body["total_created"].as_u64().filter(|_| response.status().as_u16() == 201);
        created.ok_or_else(|| format!("no records were created: {}", self.body).into())
    }
}

impl Function {
    /// Spawns `binary` with the environment that Lambda gives a function.
    pub async fn spawn(binary: &str, table: Table<'_>) -> Result<Self, Box<dyn Error>> {
        let api = RuntimeApi::start().await?;
        let mut words = binary.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env_clear().envs(api.environment(table.endpoint, table.name)).envs(VARIABLES);
        command.envs(table.roots.map(|roots| ("SSL_CERT_FILE", roots)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let spawned = Instant::now();
        Ok(Self { child: command.spawn()?, spawned, api })
    }

    /// Waits until it polls for the first time. Returns the time from spawn.
    pub async fn first_poll(&mut self) -> Result<Duration, Box<dyn Error>> {
        match self.signal().await? {
            Signal::Poll(at) => Ok(at - self.spawned),
            Signal::Post(..) => Err("a response without an event".into()),
        }
    }

    /// Hands it `event`, and waits until it has responded and polls again.
    pub async fn invoke(&mut self, event: String) -> Result<Response, Box<dyn Error>> {
        let cpu = self.cpu()?;
        let start = Instant::now();
        self.api.invoke(event, TIMEOUT);
        let Signal::Post(at, post) = self.signal().await? else {
            return Err("a poll instead of a response".into());
        };
        self.signal().await?;
        Ok(Response { time: at - start, cpu: self.cpu()?.saturating_sub(cpu), body: post.text })
    }

    /// The response to `event`, which is there from the start: its time and CPU are counted from spawn.
    pub async fn first_response(&mut self, event: String) -> Result<Response, Box<dyn Error>> {
        self.api.invoke(event, TIMEOUT);
        loop {
            if let Signal::Post(at, post) = self.signal().await? {
                return Ok(Response { time: at - self.spawned, cpu: self.cpu()?, body: post.text });
            }
        }
    }

    async fn signal(&mut self) -> Result<Signal, Box<dyn Error>> {
        tokio::select! {
            signal = timeout(TIMEOUT, self.api.signal()) => Ok(signal?),
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
