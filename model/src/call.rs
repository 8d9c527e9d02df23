//! One call of statements, and its result for each record, as in `src/dynamodb/statements.rs`.

use std::collections::BTreeSet;

use crate::identity::Id;
use crate::scenario::{Bug, Insert, Scenario};
use crate::table::{Owner, Owners, Statement, StatementResult, Version};

/// The call that carries statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `BatchExecuteStatement`: each statement fails alone.
    Batch,
    /// `ExecuteTransaction`: all statements or none.
    Transaction,
}

/// The records of one call, by their places in the request, until each is decided.
///
/// The attempt is 0 for the first and 1 for every retry. Only a bug that draws tokens anew counts on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Call {
    /// About to be sent.
    Ready {
        /// The records.
        records: Vec<usize>,
        /// The attempt to come.
        attempt: usize,
    },
    /// Sent, without response so far.
    InFlight {
        /// The records.
        records: Vec<usize>,
        /// The attempt under way.
        attempt: usize,
        /// The statements, and the results of those that are executed.
        statements: Vec<(Statement, Option<StatementResult>)>,
    },
    /// Conflicts of records are being resolved.
    Resolving {
        /// The records with conflicts, and the IDs that have them.
        conflicts: Vec<(usize, Vec<Id>)>,
        /// The records to send retry.
        retry: Vec<usize>,
        /// The attempt that brought the conflict.
        attempt: usize,
        /// The IDs to read.
        unread: BTreeSet<Id>,
        /// The owners of the others.
        owners: Owners,
    },
}

impl Call {
    /// The records that are not decided.
    #[must_use]
    pub fn into_records(self) -> Vec<usize> {
        match self {
            Self::Ready { records, .. } | Self::InFlight { records, .. } => records,
            Self::Resolving { conflicts, mut retry, .. } => {
                retry.extend(conflicts.into_iter().map(|(index, _)| index));
                retry
            }
        }
    }
}

/// The number of the attempt after `attempt`.
#[must_use]
pub fn next(scenario: &Scenario, attempt: usize) -> usize {
    if scenario.has(Bug::RandomTokenOnRetry) { attempt + 1 } else { 1 }
}

/// The result of one call for one record.
pub enum RecordResult {
    /// It is stored.
    Stored,
    /// Items with these of its IDs exist.
    Conflict(Vec<Id>),
    /// It is to be sent again.
    Retry,
}

/// The result for a record with these `statements`.
pub fn record_result<'a>(
    statements: impl Iterator<Item = &'a (Statement, Option<StatementResult>)> + Clone,
) -> RecordResult {
    let conflicts = statements.clone().filter(|(_, result)| *result == Some(StatementResult::DuplicateItem));
    let conflicts: Vec<Id> = conflicts.map(|(statement, _)| statement.id).collect();
    let mut results = statements.map(|(_, result)| *result);
    match conflicts.is_empty() {
        false => RecordResult::Conflict(conflicts),
        true if results.all(|result| result == Some(StatementResult::Stored)) => RecordResult::Stored,
        true => RecordResult::Retry,
    }
}

/// The record's own item, and an alias for each further ID.
#[must_use]
pub fn statements(insert: &Insert) -> Vec<Statement> {
    let version = Version { write_token: insert.write_token, created_at: insert.created_at };
    let owner = Owner { version, record_id: insert.ids[0] };
    insert.ids.iter().map(|id| Statement { id: *id, owner }).collect()
}
