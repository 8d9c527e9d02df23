//! Writes, packed into calls that are sent until the outcome of each write is known or the time is up.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::failure::Failure;
use super::retry::Attempts;
use super::session::Session;
use super::statements::{
    MAX_BATCH_STATEMENTS, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_STATEMENTS, Mode, Statement, StatementResult, execute,
};

/// Statements that take effect together or not at all, and their outcome.
pub trait Write: Sized {
    fn statements(&mut self) -> impl Iterator<Item = &mut Statement>;

    /// Whether the outcome is unknown.
    fn is_open(&self) -> bool;

    /// Sets the outcome of a write that had no effect, or no known effect.
    fn give_up(&mut self, failure: Failure);

    /// Sets the outcomes of `writes` that follow from the results of one call, after reading from the table if
    /// necessary. Writes that stay open are sent again.
    async fn resolve(session: &Session<'_>, writes: &mut [&mut Self]);
}

/// Sends `writes`, no two of which name the same key. Writes of one statement go 25 to a call, the others in
/// transactions, and all calls are made at once.
///
/// The calls share one network, so each has as much time as all of them take together on a slow one.
pub async fn send<W: Write>(session: &Session<'_>, writes: Vec<&mut W>) {
    let mut writes = Some(writes);
    send_in_turn(session, |_| writes.take().unwrap_or_default()).await;
}

/// The first of `writes`, as many as fit a transaction.
pub fn first_transaction<W: Write>(writes: Vec<&mut W>) -> Vec<&mut W> {
    let writes = writes.into_iter().map(Unpacked::new).collect();
    fill(writes, MAX_TRANSACTION_STATEMENTS).into_iter().next().unwrap_or_default()
}

/// Sends `writes` once, in one transaction, and decides nothing: if they took effect, the results of their statements say
/// so.
pub async fn try_together<W: Write>(session: &Session<'_>, writes: &mut [&mut W]) {
    let mut statements: Vec<&mut Statement> = writes.iter_mut().flat_map(|write| write.statements()).collect();
    let bytes = statements.iter().map(|statement| statement.bytes()).sum();
    // A call that fails leaves no results.
    let _ = execute(session, &Attempts::until(session.deadline(), bytes), Mode::Transaction, &mut statements).await;
}

/// Sends writes that wait for each other. `next` receives those that are not open any more after a call, and returns those
/// that are sent now. Ends when no call is left.
pub async fn send_in_turn<'w, W: Write + 'w>(
    session: &Session<'_>,
    mut next: impl FnMut(Vec<&'w mut W>) -> Vec<&'w mut W>,
) {
    let (mut calls, mut closed) = (FuturesUnordered::new(), Vec::new());
    loop {
        calls.extend(pack(session, next(closed)).into_iter().map(|call| call.attempt(session)));
        let Some(attempt) = calls.next().await else {
            return;
        };
        calls.extend(attempt.calls.into_iter().map(|call| call.attempt(session)));
        closed = attempt.closed;
    }
}

/// The writes of a call, and the attempts at it.
struct Call<'w, W> {
    mode: Mode,
    writes: Vec<&'w mut W>,
    attempts: Attempts,
    /// Whether the last attempt failed because of these writes, so that the next one has to wait.
    is_retry: bool,
}

/// What is left of a call after an attempt.
struct Attempt<'w, W> {
    /// The calls that are still to be made.
    calls: Vec<Call<'w, W>>,
    /// The writes that are not open any more.
    closed: Vec<&'w mut W>,
}

impl<'w, W: Write> Call<'w, W> {
    /// Makes one attempt.
    async fn attempt(mut self, session: &Session<'_>) -> Attempt<'w, W> {
        if self.is_retry && !self.attempts.again().await {
            self.give_up(Failure::Unavailable);
            return self.rest();
        }
        let mut statements: Vec<&mut Statement> = self.writes.iter_mut().flat_map(|write| write.statements()).collect();
        match execute(session, &self.attempts, self.mode, &mut statements).await {
            Ok(()) | Err(Failure::Unavailable) => W::resolve(session, &mut self.writes).await,
            Err(Failure::Rejected) if self.writes.len() > 1 => {
                return Attempt { calls: self.halves(), closed: Vec::new() };
            }
            Err(failure) => self.give_up(failure),
        }
        self.rest()
    }

    fn give_up(&mut self, failure: Failure) {
        self.writes.iter_mut().for_each(|write| write.give_up(failure));
    }

    /// Two calls instead of one that DynamoDB rejected as a whole because of one of its statements.
    fn halves(mut self) -> Vec<Self> {
        let second = self.writes.split_off(self.writes.len() / 2);
        let second = self.with(second, false);
        vec![self, second]
    }

    fn with(&self, writes: Vec<&'w mut W>, is_retry: bool) -> Self {
        Self { mode: self.mode, writes, attempts: self.attempts.clone(), is_retry }
    }

    fn rest(mut self) -> Attempt<'w, W> {
        let sent = self.writes.len();
        let (open, closed): (Vec<_>, Vec<_>) = self.writes.drain(..).partition(|write| write.is_open());
        Attempt { calls: self.retries(open, sent), closed }
    }

    /// The calls for the writes that are still open, of those that were sent.
    fn retries(self, open: Vec<&'w mut W>, sent: usize) -> Vec<Self> {
        // A write that the reasons of a cancelled transaction name goes alone from now on, and the others go at once
        // without it: one busy partition must not hold up its neighbours.
        let (alone, together): (Vec<_>, Vec<_>) =
            open.into_iter().map(Open::new).partition(|open| open.mode != self.mode || open.is_named(self.mode));
        let is_retry = self.mode == Mode::Batch || together.len() == sent;
        let mut calls: Vec<Self> =
            alone.into_iter().map(|open| Self { mode: open.mode, ..self.with(vec![open.write], true) }).collect();
        if !together.is_empty() {
            calls.push(self.with(together.into_iter().map(|open| open.write).collect(), is_retry));
        }
        calls
    }
}

/// A write whose outcome is unknown after an attempt.
struct Open<'w, W> {
    write: &'w mut W,
    /// The mode for the statements that it has now.
    mode: Mode,
    /// Whether one of its statements failed or met a conflict.
    has_result_of_its_own: bool,
}

impl<'w, W: Write> Open<'w, W> {
    fn new(write: &'w mut W) -> Self {
        let is_own = |statement: &mut Statement| {
            matches!(statement.result, Some(StatementResult::Conflict(_) | StatementResult::Failed(_)))
        };
        let has_result_of_its_own = write.statements().any(is_own);
        Self { mode: mode(write), has_result_of_its_own, write }
    }

    /// Whether the reasons of a cancelled transaction name it. The statements of a batch do not affect each other.
    fn is_named(&self, mode: Mode) -> bool {
        mode == Mode::Transaction && self.has_result_of_its_own
    }
}

/// The mode in which to send `write`. A single statement goes in a batch, at half the cost of a transaction.
fn mode(write: &mut impl Write) -> Mode {
    if write.statements().nth(1).is_none() { Mode::Batch } else { Mode::Transaction }
}

/// Distributes `writes` to as few calls as the limits allow.
fn pack<'w, W: Write>(session: &Session<'_>, writes: Vec<&'w mut W>) -> Vec<Call<'w, W>> {
    let writes: Vec<Unpacked<'w, W>> = writes.into_iter().map(Unpacked::new).collect();
    let bytes = writes.iter().map(|write| write.bytes).sum();
    let (single, several): (Vec<_>, Vec<_>) = writes.into_iter().partition(|write| write.statements == 1);
    let batches = fill(single, MAX_BATCH_STATEMENTS).into_iter().map(|writes| (Mode::Batch, writes));
    let transactions = fill(several, MAX_TRANSACTION_STATEMENTS).into_iter().map(|writes| (Mode::Transaction, writes));
    let call =
        |(mode, writes)| Call { mode, writes, attempts: Attempts::until(session.deadline(), bytes), is_retry: false };
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
