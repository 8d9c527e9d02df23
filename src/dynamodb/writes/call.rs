//! One call of writes: an attempt at it, and what is left afterwards.

use super::Write;
use crate::dynamodb::failure::Failure;
use crate::dynamodb::read::Key;
use crate::dynamodb::retry::Attempts;
use crate::dynamodb::session::Session;
use crate::dynamodb::statements::{Mode, Statement, execute};

/// The writes of a call, and the attempts at it.
pub struct Call<'w, W> {
    mode: Mode,
    pub writes: Vec<&'w mut W>,
    attempts: Attempts,
    /// Whether the last attempt failed because of these writes, so that the next one has to wait.
    is_retry: bool,
}

/// What is left of writes after a step.
pub struct Left<'w, W> {
    /// The calls that are still to be made.
    pub calls: Vec<Call<'w, W>>,
    /// The calls whose writes are unclear.
    pub unclear: Vec<Call<'w, W>>,
    /// The writes that are not open any more.
    pub closed: Vec<&'w mut W>,
}

impl<'w, W> Left<'w, W> {
    /// Nothing but `closed`.
    pub fn closed(closed: Vec<&'w mut W>) -> Self {
        Self { calls: Vec::new(), unclear: Vec::new(), closed }
    }
}

impl<'w, W: Write> Call<'w, W> {
    /// A first attempt at `writes`, which are sent in `mode`.
    pub fn new(mode: Mode, writes: Vec<&'w mut W>, attempts: Attempts) -> Self {
        Self { mode, writes, attempts, is_retry: false }
    }

    /// Makes one attempt.
    pub async fn send(mut self, session: &Session<'_>) -> Left<'w, W> {
        if self.is_retry && !self.attempts.again().await {
            return Left::closed(self.give_up(Failure::Unavailable));
        }
        let mut statements: Vec<&mut Statement> = self.writes.iter_mut().flat_map(|write| write.statements()).collect();
        match execute(session, &self.attempts, self.mode, &mut statements).await {
            Ok(()) | Err(Failure::Unavailable) => self.note_results(),
            Err(Failure::Rejected) if self.writes.len() > 1 => {
                Left { calls: self.halves().into(), unclear: Vec::new(), closed: Vec::new() }
            }
            Err(failure) => Left::closed(self.give_up(failure)),
        }
    }

    fn note_results(mut self) -> Left<'w, W> {
        let sent = self.writes.len();
        for write in &mut self.writes {
            write.note_results();
        }
        let unclear = self.split_off(|write| write.is_open() && write.unclear_keys().next().is_some());
        let mut left = Left::closed(Vec::new());
        left.unclear.extend(unclear);
        self.rest(sent, &mut left);
        left
    }

    /// The keys of the items that tell the outcomes of its writes: at most as many as it has statements, so that one read
    /// takes them all.
    pub fn unclear_keys(&self) -> impl Iterator<Item = &Key> {
        self.writes.iter().flat_map(|write| write.unclear_keys())
    }

    /// Takes the writes that `is_taken` chooses into a call of their own, if there are any.
    pub fn split_off(&mut self, is_taken: impl Fn(&W) -> bool) -> Option<Self> {
        let (taken, kept): (Vec<_>, Vec<_>) = self.writes.drain(..).partition(|write| is_taken(write));
        self.writes = kept;
        (!taken.is_empty()).then(|| self.with(taken, true))
    }

    /// Adds to `left` what is left of the call, which was sent with `sent` writes. None of them is unclear any more.
    pub fn rest(mut self, sent: usize, left: &mut Left<'w, W>) {
        let (open, closed): (Vec<_>, Vec<_>) = self.writes.drain(..).partition(|write| write.is_open());
        left.closed.extend(closed);
        left.calls.extend(self.retries(open, sent));
    }

    /// Gives up all its writes, and returns them.
    pub fn give_up(mut self, failure: Failure) -> Vec<&'w mut W> {
        self.writes.iter_mut().for_each(|write| write.give_up(failure));
        self.writes
    }

    /// Two calls instead of one that DynamoDB rejected as a whole because of one of its statements.
    fn halves(mut self) -> [Self; 2] {
        let second = self.writes.split_off(self.writes.len() / 2);
        let second = self.with(second, false);
        [self, second]
    }

    fn with(&self, writes: Vec<&'w mut W>, is_retry: bool) -> Self {
        Self { mode: self.mode, writes, attempts: self.attempts.clone(), is_retry }
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
        let is_own = |statement: &mut Statement| statement.is_in_conflict() || statement.failure().is_some();
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
