//! A function's process, and what it takes.

use std::error::Error;
use std::process::Stdio;
use std::time::{Duration, Instant};

use local::integration;
use local::runtime_api::{RuntimeApi, Signal};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::TABLE;
use crate::batch::RECORDS;

/// A function that takes longer has failed.
const TIMEOUT: Duration = Duration::from_mins(2);

/// How the functions log, on top of the Runtime API's environment.
const LOGGING: [(&str, &str); 5] = [
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
        let response = integration::response(&self.body).unwrap_or_default();
        let body: Value = serde_json::from_str(response.body()).unwrap_or_default();
        assert_eq!((response.status().as_u16(), &body["total_created"]), (201, &json!(RECORDS)), "{}", self.body);
    }
}

impl Function {
    /// Spawns `binary` with the environment that Lambda gives a function, and DynamoDB at `endpoint`.
    pub async fn spawn(binary: &str, endpoint: &str) -> Result<Self, Box<dyn Error>> {
        let api = RuntimeApi::start().await?;
        let mut words = binary.split(' ');
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).env_clear().envs(api.environment(endpoint, TABLE)).envs(LOGGING);
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let spawned = Instant::now();
        Ok(Self { child: command.spawn()?, spawned, api })
    }

    /// The time from spawn to the first poll.
    pub async fn first_poll(&mut self) -> Result<Duration, Box<dyn Error>> {
        match self.signal().await? {
            Signal::Poll(at) => Ok(at - self.spawned),
            Signal::Post(..) => Err("an answer without event".into()),
        }
    }

    /// Hands it `event`, and waits until it has answered and polls again.
    pub async fn invoke(&mut self, event: String) -> Result<Answer, Box<dyn Error>> {
        let cpu = self.cpu()?;
        let start = Instant::now();
        self.api.invoke(event, TIMEOUT);
        let Signal::Post(at, post) = self.signal().await? else {
            return Err("a poll instead of an answer".into());
        };
        self.signal().await?;
        Ok(Answer { time: at - start, cpu: self.cpu()?.saturating_sub(cpu), body: post.text })
    }

    /// The time from spawn to the answer to `event`, which is there from the start.
    pub async fn first_answer(&mut self, event: String) -> Result<(Duration, String), Box<dyn Error>> {
        self.api.invoke(event, TIMEOUT);
        loop {
            if let Signal::Post(at, post) = self.signal().await? {
                return Ok((at - self.spawned, post.text));
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
