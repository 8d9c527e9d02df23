//! Writes into the table: what is unique is inserted once, and each write learns what became of it.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use uuid::Uuid;

use super::calls::{Failure, Session};
use super::retry::Attempts;
use super::send::{Mode, Reply, send};
use super::settle::{outcome, read_holders, settle};
use super::write::{Holder, Holders, Outcome, Write};

/// The most statements of a `BatchExecuteStatement`, and of an `ExecuteTransaction`: DynamoDB's quotas.
pub const MAX_BATCH_STATEMENTS: usize = 25;
const MAX_TRANSACTION_STATEMENTS: usize = 100;

/// The most bytes in a transaction: the quota is 4 MB of items; the rest is left for what is counted otherwise.
const MAX_TRANSACTION_BYTES: usize = 3_500_000;

/// A write and its outcome, once that is known.
pub struct Row<'w> {
    pub write: &'w Write<'w>,
    pub outcome: Option<Outcome>,
}

/// Inserts `writes`, which are all of one keyspace. The outcomes are in the order of the writes.
///
/// A write that shares an ID with an earlier one waits until that one's fate is known, since only a record that is itself
/// stored makes another a duplicate.
#[expect(clippy::expect_used, reason = "every round decides at least the first row that is open")]
pub async fn insert(session: &Session<'_>, writes: &[&Write<'_>]) -> Vec<Outcome> {
    let mut rows: Vec<Row<'_>> = writes.iter().map(|write| Row { write, outcome: None }).collect();
    session.time(insert_in_rounds(session, &mut rows)).await;
    rows.into_iter().map(|row| row.outcome.expect("the rounds end when every row has an outcome")).collect()
}

async fn insert_in_rounds(session: &Session<'_>, rows: &mut [Row<'_>]) {
    let mut holders = holders_of_chain(session, rows).await;
    loop {
        let ready = ready(rows, &holders);
        if ready.is_empty() {
            return;
        }
        write_all(session, ready).await;
        if rows.iter().all(|row| row.outcome.is_some()) {
            return;
        }
        for row in rows.iter() {
            learn(row, &mut holders);
        }
    }
}

/// Who holds the IDs of a chain, if there is one.
async fn holders_of_chain(session: &Session<'_>, rows: &mut [Row<'_>]) -> Holders {
    let is_shared = ready(rows, &Holders::new()).len() < rows.len();
    let ids = if is_shared { chained(rows) } else { Vec::new() };
    match rows.first() {
        Some(first) if !ids.is_empty() => read_holders(session, first.write, &ids).await.unwrap_or_default(),
        _ => Holders::new(),
    }
}

/// The IDs of the rows in a chain: a row shares one with a row that waits for a third. Whether it has to wait depends on
/// whether the second is stored, and so on; reading first who holds the IDs settles all that in one round trip.
fn chained(rows: &[Row<'_>]) -> Vec<Uuid> {
    let (mut sent, mut waiting): (HashSet<Uuid>, HashSet<Uuid>) = Default::default();
    let is_chain = rows.iter().any(|row| {
        let waits = row.write.ids.iter().any(|id| sent.contains(id));
        let in_chain = !waits && row.write.ids.iter().any(|id| waiting.contains(id));
        if waits { &mut waiting } else { &mut sent }.extend(&row.write.ids);
        in_chain
    });
    if !is_chain {
        return Vec::new();
    }
    let mut uses: HashMap<Uuid, usize> = HashMap::new();
    rows.iter().flat_map(|row| &row.write.ids).for_each(|id| *uses.entry(*id).or_default() += 1);
    let shares = rows.iter().filter(|row| row.write.ids.iter().any(|id| uses[id] > 1));
    shares.flat_map(|row| row.write.ids.iter().copied()).collect::<HashSet<_>>().into_iter().collect()
}

/// Decides the rows whose IDs are held, and gives those that share no ID with an earlier one: as nobody is known to hold
/// theirs, they will be stored, and those that wait for them will not.
fn ready<'r, 'w>(rows: &'r mut [Row<'w>], holders: &Holders) -> Vec<&'r mut Row<'w>> {
    let mut claimed: HashSet<Uuid> = HashSet::new();
    let mut ready = Vec::with_capacity(rows.len());
    for row in rows.iter_mut().filter(|row| row.outcome.is_none()) {
        row.outcome = outcome(row.write, &row.write.ids, holders);
        if row.outcome.is_none() && row.write.ids.iter().all(|id| !claimed.contains(id)) {
            claimed.extend(&row.write.ids);
            ready.push(row);
        }
    }
    ready
}

/// A record that is stored holds all its IDs; for one that is not unique, it is known who holds them.
fn learn(row: &Row<'_>, holders: &mut Holders) {
    match &row.outcome {
        Some(Outcome::Created { id, created_at }) => {
            let write_token = row.write.write_token.clone();
            let holder = Holder { write_token, created_at: created_at.clone(), record_id: *id };
            holders.extend(row.write.ids.iter().map(|id| (*id, holder.clone())));
        }
        Some(Outcome::NotUnique(taken)) => {
            holders.extend(taken.iter().map(|taken| (taken.id, taken.holder.clone())));
        }
        _ => {}
    }
}

/// Writes rows that share no ID: single items 25 to a call, those with aliases in transactions, all at once.
///
/// They share one network, so each has the time that all together take on a slow one.
async fn write_all(session: &Session<'_>, ready: Vec<&mut Row<'_>>) {
    let bytes = ready.iter().map(|row| row.write.bytes()).sum();
    let (single, several): (Vec<_>, Vec<_>) = ready.into_iter().partition(|row| row.write.ids.len() == 1);
    let batches = pack(single, MAX_BATCH_STATEMENTS).into_iter().map(|rows| (Mode::Batch, rows));
    let transactions = pack(several, MAX_TRANSACTION_STATEMENTS).into_iter().map(|rows| (Mode::Transaction, rows));
    join_all(
        batches
            .chain(transactions)
            .map(|(mode, rows)| write(session, Attempts::until(session.deadline, bytes), mode, rows)),
    )
    .await;
}

/// Writes one call's rows, those that failed again and again, until each one's fate is known or the time is up.
async fn write(session: &Session<'_>, mut attempts: Attempts, mode: Mode, mut rows: Vec<&mut Row<'_>>) {
    while !rows.is_empty() {
        let replies = send(session, &attempts, mode, &rows).await;
        let mut collided = Vec::new();
        for (row, reply) in rows.iter_mut().zip(replies) {
            match reply {
                Reply::Stored => row.outcome = Some(row.write.created(row.write.created_at)),
                Reply::Final(outcome) => row.outcome = Some(outcome),
                Reply::Collided(ids) => collided.push((&mut **row, ids)),
                Reply::Again => {}
            }
        }
        settle(session, collided).await;
        rows.retain(|row| row.outcome.is_none());
        if !rows.is_empty() && !attempts.again().await {
            let outcome = Some(Outcome::Unstored(Failure::Unavailable));
            return rows.into_iter().for_each(|row| row.outcome.clone_from(&outcome));
        }
    }
}

/// Rows by call, each filled as far as its limits allow.
fn pack<'r, 'w>(rows: Vec<&'r mut Row<'w>>, max_statements: usize) -> Vec<Vec<&'r mut Row<'w>>> {
    let mut calls: Vec<Vec<&mut Row<'_>>> = Vec::new();
    let (mut statements, mut bytes) = (0, 0);
    for row in rows {
        statements += row.write.ids.len();
        bytes += row.write.bytes();
        match calls.last_mut() {
            Some(call) if statements <= max_statements && bytes <= MAX_TRANSACTION_BYTES => call.push(row),
            _ => {
                (statements, bytes) = (row.write.ids.len(), row.write.bytes());
                calls.push(vec![row]);
            }
        }
    }
    calls
}
