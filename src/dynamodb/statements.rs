//! One call of `PartiQL` statements, and the result of each.
//!
//! A statement is written as the JSON of DynamoDB's protocol, straight into the bytes that are sent. The SDK's own
//! types would first hold each attribute in a string of its own, which takes a fifth of the function's work for a batch
//! of 100 records.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::execute_transaction::{ExecuteTransactionError, ExecuteTransactionOutput};
use aws_sdk_dynamodb::types::CancellationReason;
use bytes::Bytes;
use serde::Deserialize;
use tracing::warn;

use super::call::{RawBody, call, set_body};
use super::failure::Failure;
use super::item::{Attributes, Item};
use super::retry::Attempts;
use super::session::Session;

/// The most statements of a `BatchExecuteStatement`: DynamoDB's quotas.
pub const MAX_BATCH_STATEMENTS: usize = 25;

/// The most statements of an `ExecuteTransaction`: DynamoDB's quotas.
pub const MAX_TRANSACTION_STATEMENTS: usize = 100;

/// The most bytes of statements in a transaction. The quota is 4 MB of items; the difference allows for their overhead.
pub const MAX_TRANSACTION_BYTES: usize = 3_500_000;

/// The code in the cancellation reason of a statement that was not at fault.
const NO_ERROR: &str = "None";

/// The codes of an `INSERT` whose key exists, and of an `UPDATE` or `DELETE` whose condition does not hold.
const CONFLICTS: [&str; 3] = ["DuplicateItem", "ConditionalCheckFailed", "ConditionalCheckFailedException"];

/// A statement, and its result in the last call.
#[derive(Debug)]
pub struct Statement {
    /// An element of `Statements`: the statement and its parameters.
    json: Vec<u8>,
    /// `None` if the call failed as a whole, or its response had too few results.
    pub result: Option<StatementResult>,
}

/// The result of a statement.
#[derive(Debug)]
pub enum StatementResult {
    /// It took effect.
    Done,
    /// It was not at fault, but its transaction was cancelled.
    Cancelled,
    /// The key of the `INSERT` exists, or the condition of the `UPDATE` or `DELETE` does not hold. Has the existing
    /// item if the response has it.
    Conflict(Option<Item>),
    /// It had no effect for another reason.
    Failed(Failure),
}

impl Statement {
    /// A statement that has not been sent.
    pub fn new(json: Vec<u8>) -> Self {
        Self { json, result: None }
    }

    /// The size of the statement in a call, in bytes.
    pub fn bytes(&self) -> usize {
        self.json.len()
    }

    /// Whether the statement took effect.
    pub fn is_done(&self) -> bool {
        matches!(self.result, Some(StatementResult::Done))
    }

    /// Whether the last call found an item that the statement does not expect.
    pub fn is_in_conflict(&self) -> bool {
        matches!(self.result, Some(StatementResult::Conflict(_)))
    }

    /// The reason why the statement failed in the last call, if it did.
    pub fn failure(&self) -> Option<Failure> {
        match self.result {
            Some(StatementResult::Failed(failure)) => Some(failure),
            _ => None,
        }
    }
}

/// The way in which statements are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each of them takes effect by itself.
    Batch,
    /// All of them take effect, or none.
    Transaction,
}

/// Makes one call of `statements`, and sets their results.
///
/// # Errors
///
/// [`Failure`] of the call as a whole.
pub async fn execute(
    session: &Session<'_>,
    attempts: &Attempts,
    mode: Mode,
    statements: &mut [&mut Statement],
) -> Result<(), Failure> {
    for statement in statements.iter_mut() {
        statement.result = None;
    }
    let results = match mode {
        Mode::Batch => execute_batch(session, attempts, statements).await?,
        Mode::Transaction => execute_transaction(session, attempts, statements).await?,
    };
    for (statement, result) in statements.iter_mut().zip(results) {
        statement.result = Some(result);
    }
    Ok(())
}

async fn execute_batch(
    session: &Session<'_>,
    attempts: &Attempts,
    statements: &[&mut Statement],
) -> Result<Vec<StatementResult>, Failure> {
    let body = body("Statements", statements);
    let send = |client: Client, response: RawBody| {
        let body = body.clone();
        let call = client.batch_execute_statement().customize().interceptor(response);
        let call = call.mutate_request(move |request| set_body(request, &body));
        async move { call.send().await.map(drop) }
    };
    let errors = call(session, attempts, send, |response| {
        let output: BatchOutput<'_> = serde_json::from_str(response)?;
        Ok(output
            .responses
            .into_iter()
            .map(|result| result.error.map(|error| error.read(response)))
            .collect::<Vec<_>>())
    })
    .await?;
    warn_of(errors.iter().flatten().map(|error| error.code.as_str()));
    Ok(errors.into_iter().map(|error| result(session, error)).collect())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchOutput<'a> {
    #[serde(borrow)]
    responses: Vec<BatchResponse<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchResponse<'a> {
    #[serde(borrow, default)]
    error: Option<BatchError<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchError<'a> {
    #[serde(borrow, default)]
    code: Cow<'a, str>,
    #[serde(borrow, default)]
    item: Option<Attributes<'a>>,
}

/// The reason why a statement had no effect.
struct StatementError {
    /// Empty if DynamoDB gave none.
    code: String,
    item: Option<Item>,
}

impl BatchError<'_> {
    fn read(self, response: &Arc<str>) -> StatementError {
        StatementError { code: self.code.into_owned(), item: self.item.map(|item| Item::of(item, response)) }
    }
}

fn result(session: &Session<'_>, error: Option<StatementError>) -> StatementResult {
    match error {
        None => StatementResult::Done,
        Some(error) if CONFLICTS.contains(&error.code.as_str()) => StatementResult::Conflict(error.item),
        Some(error) => StatementResult::Failed(session.failure_of_code(&error.code)),
    }
}

async fn execute_transaction(
    session: &Session<'_>,
    attempts: &Attempts,
    statements: &[&mut Statement],
) -> Result<Vec<StatementResult>, Failure> {
    let body = body("TransactStatements", statements);
    let send = async |client: Client| {
        let call = client.execute_transaction().customize();
        cancelled(call.mutate_request(move |request| set_body(request, &body)).send().await)
    };
    let Some(reasons) = session.call(attempts, send).await? else {
        return Ok(statements.iter().map(|_| StatementResult::Done).collect());
    };
    let at_fault = |reason: &&CancellationReason| reason.code().is_some_and(|code| code != NO_ERROR);
    warn_of(reasons.iter().filter(at_fault).filter_map(CancellationReason::code));
    Ok(reasons.iter().map(|reason| of_reason(session, reason)).collect())
}

fn of_reason(session: &Session<'_>, reason: &CancellationReason) -> StatementResult {
    match reason.code() {
        None | Some(NO_ERROR) => StatementResult::Cancelled,
        Some(code) => result(session, Some(StatementError { code: code.to_owned(), item: None })),
    }
}

/// The reasons for which a transaction was cancelled, `None` if it was not. A cancellation is a result, not a failed
/// call.
#[expect(clippy::result_large_err, reason = "the SDK's own error, on its way to the one place that reads it")]
fn cancelled(
    result: Result<ExecuteTransactionOutput, SdkError<ExecuteTransactionError>>,
) -> Result<Option<Vec<CancellationReason>>, SdkError<ExecuteTransactionError>> {
    match result {
        Ok(_) => Ok(None),
        Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
            let ExecuteTransactionError::TransactionCanceledException(cancelled) = service.into_err() else {
                unreachable!("the error was found to be of this kind")
            };
            Ok(Some(cancelled.cancellation_reasons.unwrap_or_default()))
        }
        Err(error) => Err(error),
    }
}

/// Logs the codes of failed statements, each once a call. A conflict is not a failure.
fn warn_of<'a>(codes: impl Iterator<Item = &'a str>) {
    let failures: BTreeSet<&str> = codes.filter(|code| !CONFLICTS.contains(code)).collect();
    for code in failures {
        warn!(cause = code, "DynamoDB statements failed");
    }
}

/// The body of a call: an object with the one member `name`.
fn body(name: &str, statements: &[&mut Statement]) -> Bytes {
    let mut body = Vec::with_capacity(32 + statements.iter().map(|statement| statement.bytes() + 1).sum::<usize>());
    body.extend_from_slice(format!(r#"{{"{name}":["#).as_bytes());
    for (place, statement) in statements.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&statement.json);
    }
    body.extend_from_slice(b"]}");
    body.into()
}
