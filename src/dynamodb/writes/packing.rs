//! Writes, packed into as few calls as DynamoDB's limits allow.

use super::Write;
use super::call::Call;
use crate::dynamodb::retry::Attempts;
use crate::dynamodb::session::Session;
use crate::dynamodb::statements::{MAX_BATCH_STATEMENTS, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_STATEMENTS, Mode};

/// The first of `writes`, as many as fit a transaction.
pub fn first_transaction<W: Write>(writes: Vec<&mut W>) -> Vec<&mut W> {
    let writes = writes.into_iter().map(Unpacked::new).collect();
    fill(writes, MAX_TRANSACTION_STATEMENTS).into_iter().next().unwrap_or_default()
}

/// Distributes `writes` to as few calls as the limits allow.
pub fn pack<'w, W: Write>(session: &Session<'_>, writes: Vec<&'w mut W>) -> Vec<Call<'w, W>> {
    let writes: Vec<Unpacked<'w, W>> = writes.into_iter().map(Unpacked::new).collect();
    let bytes = writes.iter().map(|write| write.bytes).sum();
    let (single, several): (Vec<_>, Vec<_>) = writes.into_iter().partition(|write| write.statements == 1);
    let batches = fill(single, MAX_BATCH_STATEMENTS).into_iter().map(|writes| (Mode::Batch, writes));
    let transactions = fill(several, MAX_TRANSACTION_STATEMENTS).into_iter().map(|writes| (Mode::Transaction, writes));
    let call = |(mode, writes)| Call::new(mode, writes, Attempts::until(session.deadline(), bytes));
    batches.chain(transactions).map(call).collect()
}

/// A write that is not yet in a call.
struct Unpacked<'w, W> {
    write: &'w mut W,
    statements: usize,
    bytes: usize,
}

impl<'w, W: Write> Unpacked<'w, W> {
    fn new(write: &'w mut W) -> Self {
        let (statements, bytes) =
            write.statements().fold((0, 0), |(count, bytes), statement| (count + 1, bytes + statement.bytes()));
        Self { write, statements, bytes }
    }
}

fn fill<W>(writes: Vec<Unpacked<'_, W>>, max_statements: usize) -> Vec<Vec<&mut W>> {
    let mut calls: Vec<Vec<&mut W>> = Vec::new();
    let (mut statements, mut bytes) = (0, 0);
    for Unpacked { write, statements: more_statements, bytes: more_bytes } in writes {
        statements += more_statements;
        bytes += more_bytes;
        match calls.last_mut() {
            Some(call) if statements <= max_statements && bytes <= MAX_TRANSACTION_BYTES => call.push(write),
            _ => {
                (statements, bytes) = (more_statements, more_bytes);
                calls.push(vec![write]);
            }
        }
    }
    calls
}
