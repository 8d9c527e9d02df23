//! Writes, packed into calls that are sent until the outcome of each write is known or the time is up.

mod call;
mod packing;
mod reading;

use std::collections::HashMap;
use std::iter;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use self::call::{Call, Left};
pub use self::packing::first_transaction;
use self::packing::pack;
use self::reading::{Gathered, Reading};
use super::failure::Failure;
use super::item::Item;
use super::read::Key;
use super::retry::Attempts;
use super::session::Session;
use super::statements::{Mode, Statement, execute};

/// Statements that take effect together or not at all, and their outcome.
pub trait Write: Sized {
    /// The attributes that [`judge`](Self::judge) needs, its key among them; all if `None`.
    const ATTRIBUTES: Option<&'static str> = None;

    fn statements(&mut self) -> impl Iterator<Item = &mut Statement>;

    /// Whether the outcome is unknown.
    fn is_open(&self) -> bool;

    /// Sets the outcome of a write that had no effect, or no known effect.
    fn give_up(&mut self, failure: Failure);

    /// Sets the outcome if it follows from the results of the statements alone.
    fn note_results(&mut self);

    /// The keys of the items to read because the results are unclear. If there are none, and the write is open, it is
    /// sent again.
    fn unclear_keys(&self) -> impl Iterator<Item = &Key> {
        iter::empty()
    }

    /// Sets the outcome if it follows from the items with the unclear keys. A write that stays open is sent again.
    fn judge(&mut self, _items: &HashMap<Key, &Item>) {}
}

/// Sends `writes`, no two of which name the same key. Writes of one statement go 25 to a call, the others in
/// transactions, and all calls are made at once.
///
/// The calls share one network, so each has as much time as all of them take together on a slow one.
pub async fn send<W: Write>(session: &Session<'_>, writes: Vec<&mut W>) {
    let mut writes = Some(writes);
    send_in_turn(session, |_| writes.take().unwrap_or_default()).await;
}

/// Sends `writes` once, in one transaction, and decides nothing: if they took effect, the results of their statements say
/// so.
pub async fn try_together<W: Write>(session: &Session<'_>, writes: &mut [&mut W]) {
    let mut statements: Vec<&mut Statement> = writes.iter_mut().flat_map(|write| write.statements()).collect();
    let bytes = statements.iter().map(|statement| statement.bytes()).sum();
    // A call that fails leaves no results.
    let _ = execute(session, &Attempts::until(session.deadline(), bytes), Mode::Transaction, &mut statements).await;
}

/// Sends writes that wait for each other. `next` receives those that are not open any more after a step, and returns those
/// that are sent now. Ends when no step is left and nothing is gathered.
pub async fn send_in_turn<'w, W: Write + 'w>(
    session: &Session<'_>,
    mut next: impl FnMut(Vec<&'w mut W>) -> Vec<&'w mut W>,
) {
    let (mut steps, mut gathered, mut closed) = (FuturesUnordered::new(), Gathered::default(), Vec::new());
    let step = |step: Step<'w, W>| step.take(session);
    loop {
        steps.extend(pack(session, next(closed)).into_iter().map(Step::Send).map(step));
        closed = match gathered.until(steps.next()).await {
            Some((left, unread)) => {
                gathered.add(left.unclear);
                steps.extend(left.calls.into_iter().map(Step::Send).chain(unread.map(Step::Read)).map(step));
                left.closed
            }
            None if gathered.is_empty() => return,
            None => {
                steps.extend(gathered.take(session).into_iter().map(Step::Read).map(step));
                Vec::new()
            }
        };
    }
}

/// What is done next for some writes.
enum Step<'w, W> {
    Send(Call<'w, W>),
    Read(Reading<'w, W>),
}

impl<'w, W: Write> Step<'w, W> {
    /// Takes the step. Returns what is left, and what could not be read.
    async fn take(self, session: &Session<'_>) -> (Left<'w, W>, Option<Reading<'w, W>>) {
        match self {
            Self::Send(call) => (call.send(session).await, None),
            Self::Read(reading) => reading.read(session).await,
        }
    }
}
