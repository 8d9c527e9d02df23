//! One call to DynamoDB: its time limit, what its failure means, and what it took.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use super::Session;
use super::retry::Attempts;

/// Why a call, or a statement of it, did nothing that is known of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// DynamoDB was not reached, did not answer in time, had a fault, or was busy: worth another attempt.
    Unavailable,
    /// DynamoDB refused it: a fault of ours, or of the deployment.
    Fault,
}

/// Codes that ask for patience: DynamoDB's "error handling" page, of calls, statements and cancellation reasons.
const THROTTLES: [&str; 6] = [
    "ThrottlingException",
    "ThrottlingError",
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "LimitExceededException",
];

/// Codes of faults and conflicts that pass.
const PASSING: [&str; 6] = [
    "InternalServerError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// What the calls of a request took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Calls made.
    pub calls: u32,
    /// Calls among them that were not the first attempt.
    pub retries: u32,
    /// Calls and statements that were throttled.
    pub throttles: u32,
    /// Time spent, pauses included; calls at the same time count once.
    pub time: Duration,
}

/// Counts [`Usage`]; calls at the same time share it.
#[derive(Debug, Default)]
pub struct UsageCounter {
    calls: AtomicU32,
    retries: AtomicU32,
    throttles: AtomicU32,
    microseconds: AtomicU64,
}

impl UsageCounter {
    pub fn read(&self) -> Usage {
        Usage {
            calls: self.calls.load(Relaxed),
            retries: self.retries.load(Relaxed),
            throttles: self.throttles.load(Relaxed),
            time: Duration::from_micros(self.microseconds.load(Relaxed)),
        }
    }

    /// Adds the time that `work` takes.
    pub async fn time<T>(&self, work: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let output = work.await;
        let microseconds = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.microseconds.fetch_add(microseconds, Relaxed);
        output
    }
}

impl Session<'_> {
    /// Awaits `call`, the attempt of `attempts` that is under way. The cause of a failure is logged here: the code and
    /// kind only, since DynamoDB's messages quote the statements.
    pub(super) async fn call<T, E: ProvideErrorMetadata>(
        &self,
        attempts: &Attempts,
        call: impl Future<Output = Result<T, SdkError<E>>>,
    ) -> Result<T, Failure> {
        if Instant::now() >= self.deadline {
            return Err(Failure::Unavailable);
        }
        self.usage.calls.fetch_add(1, Relaxed);
        self.usage.retries.fetch_add(u32::from(attempts.is_retry()), Relaxed);
        match Box::pin(timeout_at(attempts.end(Instant::now()), call)).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => {
                warn!(cause = cause(&error), "a DynamoDB call failed");
                Err(self.failure(&error))
            }
            Err(_) => {
                warn!(cause = "timeout", "a DynamoDB call failed");
                Err(Failure::Unavailable)
            }
        }
    }

    fn failure<E: ProvideErrorMetadata>(&self, error: &SdkError<E>) -> Failure {
        match error {
            SdkError::ServiceError(service) if service.raw().status().is_server_error() => Failure::Unavailable,
            SdkError::ServiceError(service) => self.failure_of_code(service.err().code().unwrap_or_default()),
            SdkError::ConstructionFailure(_) => Failure::Fault,
            _ => Failure::Unavailable,
        }
    }

    /// What the `code` of a call, a statement or a cancellation reason means.
    pub(super) fn failure_of_code(&self, code: &str) -> Failure {
        if THROTTLES.contains(&code) {
            self.usage.throttles.fetch_add(1, Relaxed);
            Failure::Unavailable
        } else if PASSING.contains(&code) {
            Failure::Unavailable
        } else {
            Failure::Fault
        }
    }
}

/// What the log may say of `error`.
pub fn cause<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    match error {
        SdkError::ServiceError(service) => service.err().code().unwrap_or("service error"),
        SdkError::ConstructionFailure(_) => "construction failure",
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "dispatch failure",
        SdkError::ResponseError(_) => "response error",
        _ => "unknown",
    }
}
