//! Records into a list: what is unique is inserted once, and each record learns what became of it.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use uuid::Uuid;

use super::Session;
use super::call::Failure;
use super::new_record::{NewRecord, Outcome, Written};
use super::retry::Attempts;
use super::send::{Mode, Reply};
use super::settle::Holders;
use crate::list::RecordList;

/// The most statements of a `BatchExecuteStatement`, and of an `ExecuteTransaction`: DynamoDB's quotas.
const MAX_BATCH_STATEMENTS: usize = 25;
const MAX_TRANSACTION_STATEMENTS: usize = 100;

/// The most bytes of items in a transaction: the quota is 4 MB; the rest is left for what is counted otherwise.
const MAX_TRANSACTION_BYTES: usize = 3_500_000;

impl Session<'_> {
    /// Inserts `records` into `list`; the outcomes stand in the order of the records.
    ///
    /// A record that shares an ID with an earlier one waits until that one's fate is known, since only a record that is
    /// itself stored makes another a duplicate.
    pub async fn insert(&self, list: &RecordList, records: &[NewRecord<'_>]) -> Vec<Outcome> {
        self.usage.time(self.insert_in_rounds(list, records)).await
    }

    async fn insert_in_rounds(&self, list: &RecordList, records: &[NewRecord<'_>]) -> Vec<Outcome> {
        let mut outcomes = HashMap::with_capacity(records.len());
        let mut holders = Holders::new();
        let mut pending: Vec<&NewRecord<'_>> = records.iter().collect();
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
    async fn write_all<'r>(&self, list: &RecordList, ready: Vec<&'r NewRecord<'r>>) -> Vec<Written<'r>> {
        let (single, several): (Vec<_>, Vec<_>) = ready.into_iter().partition(|new| new.ids.len() == 1);
        let batches = single.chunks(MAX_BATCH_STATEMENTS).map(|chunk| (Mode::Batch, chunk.to_vec()));
        let transactions = pack(several).into_iter().map(|chunk| (Mode::Transaction, chunk));
        let writes = batches.chain(transactions).map(|(mode, chunk)| self.write(list, mode, chunk));
        join_all(writes).await.into_iter().flatten().collect()
    }

    /// Writes one call's records, those that failed again and again, until each one's fate is known or the time is up.
    async fn write<'r>(&self, list: &RecordList, mode: Mode, mut pending: Vec<&'r NewRecord<'r>>) -> Vec<Written<'r>> {
        let mut attempts = Attempts::until(self.deadline);
        let mut written = Vec::with_capacity(pending.len());
        loop {
            let replies = self.send(&attempts, mode, &pending).await;
            let (mut again, mut collided) = (Vec::new(), Vec::new());
            for (new, reply) in pending.into_iter().zip(replies) {
                match reply {
                    Reply::Stored => written.push(new.created(new.created_at)),
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
fn split_at_shared_ids<'r>(records: Vec<&'r NewRecord<'r>>) -> (Vec<&'r NewRecord<'r>>, Vec<&'r NewRecord<'r>>) {
    let mut seen: HashSet<Uuid> = HashSet::new();
    records.into_iter().partition(|new| {
        let shared = new.ids.iter().any(|id| seen.contains(id));
        seen.extend(&new.ids);
        !shared
    })
}

/// Records by transaction, each filled as far as its limits allow.
fn pack<'r>(records: Vec<&'r NewRecord<'r>>) -> Vec<Vec<&'r NewRecord<'r>>> {
    let mut transactions: Vec<Vec<&NewRecord<'_>>> = Vec::new();
    let (mut statements, mut bytes) = (0, 0);
    for new in records {
        statements += new.ids.len();
        bytes += new.size;
        match transactions.last_mut() {
            Some(last) if statements <= MAX_TRANSACTION_STATEMENTS && bytes <= MAX_TRANSACTION_BYTES => last.push(new),
            _ => {
                (statements, bytes) = (new.ids.len(), new.size);
                transactions.push(vec![new]);
            }
        }
    }
    transactions
}
