//! One call that inserts records, and what it says of each.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::execute_transaction::{ExecuteTransactionError, ExecuteTransactionOutput};
use aws_sdk_dynamodb::types::{
    BatchStatementErrorCodeEnum, BatchStatementRequest, CancellationReason, ParameterizedStatement,
};
use tracing::warn;
use uuid::Uuid;

use super::Session;
use super::call::Failure;
use super::new_record::{NewRecord, Outcome};
use super::retry::Attempts;

/// The code of a cancellation reason for a statement that was not at fault.
const NO_ERROR: &str = "None";

/// Codes of an insert whose key exists.
const DUPLICATES: [&str; 2] = ["DuplicateItem", "ConditionalCheckFailed"];

/// Codes of a statement that no attempt will make good.
const REJECTIONS: [&str; 2] = ["ValidationError", "ItemCollectionSizeLimitExceeded"];

/// How records are sent: alone in a statement each, or all of a record's statements or none.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    Batch,
    Transaction,
}

/// What one call says of one record.
pub enum Reply {
    Stored,
    /// These of its IDs are taken, by whom is not said.
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

impl Session<'_> {
    /// Makes one call for `records`; the replies stand in their order.
    pub(super) async fn send(&self, attempts: &Attempts, mode: Mode, records: &[&NewRecord<'_>]) -> Vec<Reply> {
        let replies = match mode {
            Mode::Batch => self.send_batch(attempts, records).await,
            Mode::Transaction => self.send_transaction(attempts, records).await,
        };
        replies.unwrap_or_else(|failure| records.iter().map(|_| failure.into()).collect())
    }

    async fn send_batch(&self, attempts: &Attempts, records: &[&NewRecord<'_>]) -> Result<Vec<Reply>, Failure> {
        let table = &self.store.table;
        let statements = records.iter().flat_map(|new| new.statements(table)).map(|(statement, parameters)| {
            BatchStatementRequest::builder().statement(statement).set_parameters(Some(parameters)).build()
        });
        let statements = statements.collect::<Result<Vec<_>, _>>().map_err(|_| Failure::Fault)?;
        let call = self.store.client.batch_execute_statement().set_statements(Some(statements));
        let output = self.call(attempts, call.send()).await?;
        let responses = output.responses.unwrap_or_default();
        let errors = responses.iter().filter_map(|response| response.error.as_ref()?.code());
        warn_of(errors.map(BatchStatementErrorCodeEnum::as_str));
        let mut responses = responses.into_iter();
        let reply = |new: &&NewRecord<'_>| match responses.next().map(|response| response.error) {
            Some(Some(error)) => self.reply(new, &[error.code().map_or("", BatchStatementErrorCodeEnum::as_str)]),
            Some(None) => Reply::Stored,
            None => Reply::Again,
        };
        Ok(records.iter().map(reply).collect())
    }

    async fn send_transaction(&self, attempts: &Attempts, records: &[&NewRecord<'_>]) -> Result<Vec<Reply>, Failure> {
        let table = &self.store.table;
        let statements = records.iter().flat_map(|new| new.statements(table)).map(|(statement, parameters)| {
            ParameterizedStatement::builder().statement(statement).set_parameters(Some(parameters)).build()
        });
        let statements = statements.collect::<Result<Vec<_>, _>>().map_err(|_| Failure::Fault)?;
        let call = self.store.client.execute_transaction().set_transact_statements(Some(statements));
        let Some(reasons) = self.call(attempts, async { cancelled(call.send().await) }).await? else {
            return Ok(records.iter().map(|_| Reply::Stored).collect());
        };
        warn_of(reasons.iter().filter_map(CancellationReason::code));
        let mut codes = reasons.iter().map(|reason| reason.code().unwrap_or(NO_ERROR));
        let reply = |new: &&NewRecord<'_>| self.reply(new, &codes.by_ref().take(new.ids.len()).collect::<Vec<_>>());
        Ok(records.iter().map(reply).collect())
    }

    /// What the error codes of a record's statements mean, in the order of its IDs; it is not stored.
    fn reply(&self, new: &NewRecord<'_>, codes: &[&str]) -> Reply {
        let collided = new.ids.iter().zip(codes).filter(|(_, code)| DUPLICATES.contains(code));
        let collided: Vec<Uuid> = collided.map(|(id, _)| *id).collect();
        let code = codes.iter().find(|code| **code != NO_ERROR);
        match code {
            _ if !collided.is_empty() => Reply::Collided(collided),
            Some(code) if REJECTIONS.contains(code) => Reply::Final(Outcome::Rejected),
            Some(code) => self.failure_of_code(code).into(),
            None => Reply::Again,
        }
    }
}

/// Logs why statements failed, each code once a call; a key that exists is no failure.
fn warn_of<'a>(codes: impl Iterator<Item = &'a str>) {
    let failures: BTreeSet<&str> = codes.filter(|code| *code != NO_ERROR && !DUPLICATES.contains(code)).collect();
    for code in failures {
        warn!(cause = code, "DynamoDB statements failed");
    }
}

/// The reasons of a transaction that was cancelled, `None` for one that was not: an answer, not a failure.
#[allow(clippy::result_large_err)] // The SDK's own error, on its way to the one place that reads it.
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
