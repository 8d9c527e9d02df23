//! Records into a list: what is unique is inserted once, and each record learns what became of it.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::execute_transaction::{ExecuteTransactionError, ExecuteTransactionOutput};
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementErrorCodeEnum, BatchStatementRequest, CancellationReason, ParameterizedStatement,
};
use futures_util::future::join_all;
use uuid::Uuid;

use super::Session;
use super::call::Failure;
use super::item::{self, Item};
use super::retry::Attempts;
use super::settle::{Holder, Holders};
use crate::list::RecordList;
use crate::record::Record;

/// The most statements of a `BatchExecuteStatement`, and of an `ExecuteTransaction`: DynamoDB's quotas.
const MAX_BATCH_STATEMENTS: usize = 25;
const MAX_TRANSACTION_STATEMENTS: usize = 100;

/// The most bytes of items in a transaction: the quota is 4 MB; the rest is left for what is counted otherwise.
const MAX_TRANSACTION_BYTES: usize = 3_500_000;

/// The code of a cancellation reason for a statement that was not at fault.
const NO_ERROR: &str = "None";

/// Codes of an insert whose key exists.
const DUPLICATES: [&str; 2] = ["DuplicateItem", "ConditionalCheckFailed"];

/// Codes of a statement that no attempt will make good.
const REJECTIONS: [&str; 2] = ["ValidationError", "ItemCollectionSizeLimitExceeded"];

/// A record on its way into a list.
#[derive(Debug)]
pub struct NewRecord {
    /// Its place in the request.
    pub index: usize,
    id: Uuid,
    ids: Vec<Uuid>,
    pub(super) write_token: String,
    created_at: String,
    items: Vec<Item>,
    size: usize,
}

impl NewRecord {
    /// Lays out `record`, which takes `ids` ([`identity::ids`](crate::identity::ids)) in `list`: `None` where it is too
    /// large for an item.
    #[must_use]
    pub fn new(
        index: usize,
        list: &RecordList,
        record: &Record<'_>,
        ids: Vec<Uuid>,
        write_token: String,
        created_at: &str,
    ) -> Option<Self> {
        let (&id, further) = ids.split_first()?;
        let mut items = vec![item::record_item(list, id, record, &write_token, created_at)];
        items.extend(further.iter().map(|alias| item::alias_item(list, *alias, id, &write_token, created_at)));
        if !items.iter().all(item::fits) {
            return None;
        }
        let size = items.iter().map(item::size).sum();
        Some(Self { index, id, ids, write_token, created_at: created_at.to_owned(), items, size })
    }
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, once.
    Created {
        /// The record's ID.
        id: Uuid,
        /// Since when, in RFC 3339, UTC, milliseconds: before this request where an earlier one with the same token
        /// stored it.
        created_at: String,
    },
    /// Another record has one of its IDs.
    NotUnique,
    /// DynamoDB refused this record, whatever is tried.
    Rejected,
    /// It could not be stored, for a reason that is not the record's.
    Unstored(Failure),
}

impl NewRecord {
    fn statements<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (String, Vec<AttributeValue>)> + 'a {
        self.items.iter().map(|item| item::insert_statement(table, item))
    }

    /// The record is stored since `created_at`, and holds all its IDs.
    pub(super) fn created(&self, created_at: &str) -> Written<'_> {
        let holder = Holder { write_token: self.write_token.clone(), created_at: created_at.to_owned() };
        let holders = self.ids.iter().map(|id| (*id, holder.clone())).collect();
        (self, Outcome::Created { id: self.id, created_at: created_at.to_owned() }, holders)
    }

    /// Whether another record is known to hold one of the IDs.
    fn is_duplicate(&self, holders: &Holders) -> bool {
        self.ids.iter().filter_map(|id| holders.get(id)).any(|holder| holder.write_token != self.write_token)
    }
}

/// A record's outcome, and who holds which of its IDs as far as that is known.
pub(super) type Written<'r> = (&'r NewRecord, Outcome, Holders);

/// How records are sent: alone in a statement each, or all of a record's statements or none.
#[derive(Debug, Clone, Copy)]
enum Mode {
    Batch,
    Transaction,
}

/// What one call says of one record.
enum Reply {
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
    /// Inserts `records` into `list`; the outcomes stand in the order of the records.
    ///
    /// A record that shares an ID with an earlier one waits until that one's fate is known, since only a record that is
    /// itself stored makes another a duplicate.
    pub async fn insert(&self, list: &RecordList, records: &[NewRecord]) -> Vec<Outcome> {
        self.usage.time(self.insert_in_rounds(list, records)).await
    }

    async fn insert_in_rounds(&self, list: &RecordList, records: &[NewRecord]) -> Vec<Outcome> {
        let mut outcomes = HashMap::with_capacity(records.len());
        let mut holders = Holders::new();
        let mut pending: Vec<&NewRecord> = records.iter().collect();
        while !pending.is_empty() {
            let (duplicates, rest): (Vec<_>, Vec<_>) = pending.into_iter().partition(|new| new.is_duplicate(&holders));
            outcomes.extend(duplicates.into_iter().map(|new| (new.index, Outcome::NotUnique)));
            let (ready, waiting) = split_at_shared_ids(rest);
            for (new, outcome, found) in self.write_all(list, ready).await {
                holders.extend(found);
                outcomes.insert(new.index, outcome);
            }
            pending = waiting;
        }
        records.iter().filter_map(|new| outcomes.remove(&new.index)).collect()
    }

    /// Writes records that share no ID: single ones 25 to a call, those with several IDs in transactions, all at once.
    async fn write_all<'r>(&self, list: &RecordList, ready: Vec<&'r NewRecord>) -> Vec<Written<'r>> {
        let (single, several): (Vec<_>, Vec<_>) = ready.into_iter().partition(|new| new.ids.len() == 1);
        let batches = single.chunks(MAX_BATCH_STATEMENTS).map(|chunk| (Mode::Batch, chunk.to_vec()));
        let transactions = pack(several).into_iter().map(|chunk| (Mode::Transaction, chunk));
        let writes = batches.chain(transactions).map(|(mode, chunk)| self.write(list, mode, chunk));
        join_all(writes).await.into_iter().flatten().collect()
    }

    /// Writes one call's records, those that failed again and again, until each one's fate is known or the time is up.
    async fn write<'r>(&self, list: &RecordList, mode: Mode, mut pending: Vec<&'r NewRecord>) -> Vec<Written<'r>> {
        let mut attempts = Attempts::until(self.deadline);
        let mut written = Vec::with_capacity(pending.len());
        loop {
            let replies = self.send(&attempts, mode, &pending).await;
            let (mut again, mut collided) = (Vec::new(), Vec::new());
            for (new, reply) in pending.into_iter().zip(replies) {
                match reply {
                    Reply::Stored => written.push(new.created(&new.created_at)),
                    Reply::Final(outcome) => written.push((new, outcome, Holders::new())),
                    Reply::Collided(ids) => collided.push((new, ids)),
                    Reply::Again => again.push(new),
                }
            }
            let (settled, unsettled) = self.settle(list, collided).await;
            written.extend(settled);
            again.extend(unsettled);
            pending = again;
            if pending.is_empty() {
                return written;
            }
            if !attempts.again().await {
                let outcome = Outcome::Unstored(Failure::Unavailable);
                written.extend(pending.into_iter().map(|new| (new, outcome.clone(), Holders::new())));
                return written;
            }
        }
    }
}

/// The records that share no ID with one before them, and the rest.
fn split_at_shared_ids(records: Vec<&NewRecord>) -> (Vec<&NewRecord>, Vec<&NewRecord>) {
    let mut seen: HashSet<Uuid> = HashSet::new();
    records.into_iter().partition(|new| {
        let shared = new.ids.iter().any(|id| seen.contains(id));
        seen.extend(&new.ids);
        !shared
    })
}

/// Records by transaction, each filled as far as its limits allow.
fn pack(records: Vec<&NewRecord>) -> Vec<Vec<&NewRecord>> {
    let mut transactions: Vec<Vec<&NewRecord>> = Vec::new();
    let (mut statements, mut bytes) = (0, 0);
    for new in records {
        statements += new.items.len();
        bytes += new.size;
        match transactions.last_mut() {
            Some(last) if statements <= MAX_TRANSACTION_STATEMENTS && bytes <= MAX_TRANSACTION_BYTES => last.push(new),
            _ => {
                (statements, bytes) = (new.items.len(), new.size);
                transactions.push(vec![new]);
            }
        }
    }
    transactions
}

impl Session<'_> {
    /// Makes one call for `records`; the replies stand in their order.
    async fn send(&self, attempts: &Attempts, mode: Mode, records: &[&NewRecord]) -> Vec<Reply> {
        let replies = match mode {
            Mode::Batch => self.send_batch(attempts, records).await,
            Mode::Transaction => self.send_transaction(attempts, records).await,
        };
        replies.unwrap_or_else(|failure| records.iter().map(|_| failure.into()).collect())
    }

    async fn send_batch(&self, attempts: &Attempts, records: &[&NewRecord]) -> Result<Vec<Reply>, Failure> {
        let table = &self.store.table;
        let statements = records.iter().flat_map(|new| new.statements(table)).map(|(statement, parameters)| {
            BatchStatementRequest::builder().statement(statement).set_parameters(Some(parameters)).build()
        });
        let statements = statements.collect::<Result<Vec<_>, _>>().map_err(|_| Failure::Fault)?;
        let call = self.store.client.batch_execute_statement().set_statements(Some(statements));
        let output = self.call(attempts, call.send()).await?;
        let mut responses = output.responses.unwrap_or_default().into_iter();
        let reply = |new: &&NewRecord| match responses.next().map(|response| response.error) {
            Some(Some(error)) => self.reply(new, &[error.code().map_or("", BatchStatementErrorCodeEnum::as_str)]),
            Some(None) => Reply::Stored,
            None => Reply::Again,
        };
        Ok(records.iter().map(reply).collect())
    }

    async fn send_transaction(&self, attempts: &Attempts, records: &[&NewRecord]) -> Result<Vec<Reply>, Failure> {
        let table = &self.store.table;
        let statements = records.iter().flat_map(|new| new.statements(table)).map(|(statement, parameters)| {
            ParameterizedStatement::builder().statement(statement).set_parameters(Some(parameters)).build()
        });
        let statements = statements.collect::<Result<Vec<_>, _>>().map_err(|_| Failure::Fault)?;
        let call = self.store.client.execute_transaction().set_transact_statements(Some(statements));
        let Some(reasons) = self.call(attempts, async { cancelled(call.send().await) }).await? else {
            return Ok(records.iter().map(|_| Reply::Stored).collect());
        };
        let mut codes = reasons.iter().map(|reason| reason.code().unwrap_or(NO_ERROR));
        let reply = |new: &&NewRecord| self.reply(new, &codes.by_ref().take(new.ids.len()).collect::<Vec<_>>());
        Ok(records.iter().map(reply).collect())
    }

    /// What the error codes of a record's statements mean, in the order of its IDs; it is not stored.
    fn reply(&self, new: &NewRecord, codes: &[&str]) -> Reply {
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
