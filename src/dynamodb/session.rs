//! The calls to DynamoDB of one request: their time limits and their usage.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::Table;
use super::connections::Current;
use super::failure::{Failure, cause, is_clock_skew, is_throttling};
use super::retry::Attempts;

/// The DynamoDB calls of one request.
#[derive(Debug)]
pub struct Session<'a> {
    table: &'a Table,
    deadline: Instant,
    usage: UsageCounter,
}

impl<'a> Session<'a> {
    /// Calls to `table` that end at `deadline`.
    pub fn new(table: &'a Table, deadline: Instant) -> Self {
        Self { table, deadline, usage: UsageCounter::default() }
    }

    /// The table's name.
    pub fn table(&self) -> &'a str {
        &self.table.name
    }

    /// The time at which the calls end.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The calls so far, and their time.
    pub fn usage(&self) -> Usage {
        self.usage.read()
    }

    /// Does `work`, and counts its time as spent on DynamoDB.
    pub async fn time<T>(&self, work: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let output = work.await;
        let microseconds = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.usage.microseconds.fetch_add(microseconds, Relaxed);
        output
    }

    /// Makes `call`, as the current one of `attempts`. The cause of a failure is logged here, as a code or kind only,
    /// because DynamoDB's messages quote the statements.
    pub async fn call<T, E: ProvideErrorMetadata, F>(
        &self,
        attempts: &Attempts,
        call: impl FnOnce(Client) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        if Instant::now() >= self.deadline {
            return Err(Failure::Unavailable);
        }
        self.usage.calls.fetch_add(1, Relaxed);
        self.usage.retries.fetch_add(u32::from(attempts.failed() > 0), Relaxed);
        let Current { client, generation } = self.table.connections.current();
        match Box::pin(timeout_at(attempts.end(Instant::now()), call(client))).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => {
                warn!(cause = cause(&error), "a DynamoDB call failed");
                Err(self.failure(&error, attempts))
            }
            Err(_) => {
                warn!(cause = "timeout", "a DynamoDB call failed");
                self.table.connections.renew(generation);
                Err(Failure::Unavailable)
            }
        }
    }

    /// Reads the `body` of a response, whose headers the current attempt received. A large body has as much time as it
    /// takes over a slow connection.
    pub async fn receive(&self, attempts: &Attempts, body: SdkBody) -> Result<Bytes, Failure> {
        let bytes = body.content_length().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or_default();
        let generation = self.table.connections.current().generation;
        match timeout_at(attempts.end_of_transfer(Instant::now(), bytes), ByteStream::new(body).collect()).await {
            Ok(Ok(body)) => Ok(body.into_bytes()),
            Ok(Err(_)) => {
                warn!(cause = "response error", "a DynamoDB call failed");
                Err(Failure::Unavailable)
            }
            Err(_) => {
                warn!(cause = "timeout", "a DynamoDB call failed");
                self.table.connections.renew(generation);
                Err(Failure::Unavailable)
            }
        }
    }

    /// The meaning of an error. Only a code tells what happened: a response without one, or with a status other than
    /// 4xx, comes from something between here and DynamoDB, or cannot be read.
    fn failure<E: ProvideErrorMetadata>(&self, error: &SdkError<E>, attempts: &Attempts) -> Failure {
        let service = match error {
            SdkError::ServiceError(service) => service,
            SdkError::ConstructionFailure(_) => return Failure::Fault,
            _ => return Failure::Unavailable,
        };
        match (service.raw().status().as_u16(), service.err().code()) {
            (408 | 429, _) => Failure::Unavailable,
            (400..=499, Some(code)) if is_clock_skew(code) && attempts.can_sign_again() => Failure::Unavailable,
            (400..=499, Some(code)) => self.failure_of_code(code),
            _ => Failure::Unavailable,
        }
    }

    /// The meaning of the `code` of a call, a statement or a cancellation reason. Counts throttling.
    pub fn failure_of_code(&self, code: &str) -> Failure {
        if is_throttling(code) {
            self.usage.throttles.fetch_add(1, Relaxed);
        }
        Failure::of_code(code)
    }
}

/// The calls of a request, and their time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub calls: u32,
    /// The calls that were not a first attempt.
    pub retries: u32,
    /// Calls and statements that were throttled.
    pub throttles: u32,
    /// The time spent, pauses included. Calls at the same time count once.
    pub time: Duration,
}

/// Counts [`Usage`]; calls at the same time share it.
#[derive(Debug, Default)]
struct UsageCounter {
    calls: AtomicU32,
    retries: AtomicU32,
    throttles: AtomicU32,
    microseconds: AtomicU64,
}

impl UsageCounter {
    fn read(&self) -> Usage {
        Usage {
            calls: self.calls.load(Relaxed),
            retries: self.retries.load(Relaxed),
            throttles: self.throttles.load(Relaxed),
            time: Duration::from_micros(self.microseconds.load(Relaxed)),
        }
    }
}
