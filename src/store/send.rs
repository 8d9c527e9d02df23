//! One call of statements, and what it says of each.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::execute_transaction::{ExecuteTransactionError, ExecuteTransactionOutput};
use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, BatchStatementResponse, CancellationReason};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use tracing::warn;
use uuid::Uuid;

use super::calls::{Failure, Session};
use super::insert::Row;
use super::retry::Attempts;
use super::write::{Outcome, Write};

/// The code of a cancellation reason for a statement that was not at fault.
const NO_ERROR: &str = "None";

/// Codes of an insert whose key exists, and of a delete whose condition does not hold.
const COLLISIONS: [&str; 3] = ["DuplicateItem", "ConditionalCheckFailed", "ConditionalCheckFailedException"];

/// Codes of a statement that no attempt will get through.
const REJECTIONS: [&str; 2] = ["ValidationError", "ItemCollectionSizeLimitExceeded"];

/// How statements are sent: each of them alone, or all or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Batch,
    Transaction,
}

/// What one call says of one write.
pub enum Reply {
    Stored,
    /// These of its IDs are taken; by whom is not said.
    Collided(Vec<Uuid>),
    /// It may or may not be stored.
    Again,
    Final(Outcome),
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::Again,
            Failure::Fault => Self::Final(Outcome::Unstored(Failure::Fault)),
        }
    }
}

/// Makes one call for `rows`; the replies are in their order.
pub async fn send(session: &Session<'_>, attempts: &Attempts, mode: Mode, rows: &[&mut Row<'_>]) -> Vec<Reply> {
    let statements: Vec<&[u8]> = rows.iter().flat_map(|row| &row.write.statements).map(Vec::as_slice).collect();
    let results = match execute(session, attempts, mode, &statements).await {
        Ok(results) => results,
        Err(failure) => return rows.iter().map(|_| failure.into()).collect(),
    };
    let mut rest = results.as_slice();
    let replies = rows.iter().map(|row| {
        let (own, others) = rest.split_at(row.write.ids.len().min(rest.len()));
        rest = others;
        reply(session, row.write, own)
    });
    replies.collect()
}

/// What the results of a write's statements mean, in the order of its IDs.
fn reply(session: &Session<'_>, write: &Write<'_>, results: &[Executed]) -> Reply {
    let is_collision = |result: &Executed| result.code().is_some_and(|code| COLLISIONS.contains(&code));
    let collided = write.ids.iter().zip(results).filter(|(_, result)| is_collision(result)).map(|(id, _)| *id);
    let collided: Vec<Uuid> = collided.collect();
    let code = results.iter().find_map(Executed::code);
    match code {
        _ if !collided.is_empty() => Reply::Collided(collided),
        Some(code) if REJECTIONS.contains(&code) => Reply::Final(Outcome::Rejected),
        Some(code) => session.failure_of_code(code).into(),
        None if results.len() == write.ids.len() && results.iter().all(|result| *result == Executed::Done) => {
            Reply::Stored
        }
        None => Reply::Again,
    }
}

/// What a call says of one statement.
#[derive(Debug, PartialEq, Eq)]
pub enum Executed {
    Done,
    /// It was not at fault, but its transaction was cancelled.
    Cancelled,
    /// It did nothing, for the reason of this code.
    Failed(String),
}

impl Executed {
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Failed(code) => Some(code),
            Self::Done | Self::Cancelled => None,
        }
    }
}

/// Makes one call of `statements`; the results are in their order, and can be too few.
///
/// # Errors
///
/// What became of the call as a whole.
pub async fn execute(
    session: &Session<'_>,
    attempts: &Attempts,
    mode: Mode,
    statements: &[&[u8]],
) -> Result<Vec<Executed>, Failure> {
    let results: Vec<Executed> = match mode {
        Mode::Batch => {
            let body = body("Statements", statements);
            let call = async |client: Client| {
                let call = client.batch_execute_statement().customize();
                call.mutate_request(move |request| set_body(request, &body)).send().await
            };
            let responses = session.call(attempts, call).await?.responses.unwrap_or_default();
            responses.iter().map(of_response).collect()
        }
        Mode::Transaction => {
            let body = body("TransactStatements", statements);
            let call = async |client: Client| {
                let call = client.execute_transaction().customize();
                cancelled(call.mutate_request(move |request| set_body(request, &body)).send().await)
            };
            match session.call(attempts, call).await? {
                Some(reasons) => reasons.iter().map(of_reason).collect(),
                None => statements.iter().map(|_| Executed::Done).collect(),
            }
        }
    };
    warn_of(&results);
    Ok(results)
}

/// The body of a call: an object with the one member `name`.
fn body(name: &str, statements: &[&[u8]]) -> Bytes {
    let mut body = Vec::with_capacity(32 + statements.iter().map(|statement| statement.len() + 1).sum::<usize>());
    body.extend_from_slice(format!(r#"{{"{name}":["#).as_bytes());
    for (place, statement) in statements.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend_from_slice(statement);
    }
    body.extend_from_slice(b"]}");
    body.into()
}

/// Puts `body` in the place of what the SDK made of an empty input, before it is signed.
fn set_body(request: &mut HttpRequest, body: &Bytes) {
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body.clone());
}

fn of_response(response: &BatchStatementResponse) -> Executed {
    let code = |code: &BatchStatementErrorCodeEnum| code.as_str().to_owned();
    match &response.error {
        None => Executed::Done,
        Some(error) => Executed::Failed(error.code().map(code).unwrap_or_default()),
    }
}

fn of_reason(reason: &CancellationReason) -> Executed {
    match reason.code() {
        None | Some(NO_ERROR) => Executed::Cancelled,
        Some(code) => Executed::Failed(code.to_owned()),
    }
}

/// Logs why statements failed, each code once a call; a key that exists is not a failure.
fn warn_of(results: &[Executed]) {
    let failures: BTreeSet<&str> =
        results.iter().filter_map(Executed::code).filter(|code| !COLLISIONS.contains(code)).collect();
    for code in failures {
        warn!(cause = code, "DynamoDB statements failed");
    }
}

/// The reasons of a transaction that was cancelled, `None` for one that was not: a response, not a failure.
#[expect(clippy::result_large_err, reason = "the SDK's own error, on its way to the one place that reads it")]
fn cancelled(
    result: Result<ExecuteTransactionOutput, SdkError<ExecuteTransactionError>>,
) -> Result<Option<Vec<CancellationReason>>, SdkError<ExecuteTransactionError>> {
    match result {
        Ok(_) => Ok(None),
        Err(SdkError::ServiceError(service)) if service.err().is_transaction_canceled_exception() => {
            match service.into_err() {
                ExecuteTransactionError::TransactionCanceledException(cancelled) => {
                    Ok(Some(cancelled.cancellation_reasons.unwrap_or_default()))
                }
                _ => Ok(Some(Vec::new())),
            }
        }
        Err(error) => Err(error),
    }
}
