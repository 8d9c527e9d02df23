//! Writes of one request in turn: one that shares an ID with an earlier one waits for that one's outcome.

use std::collections::HashSet;

use uuid::Uuid;

use crate::dynamodb::Session;
use crate::dynamodb::writes::{self, Write};

/// A write that can wait for earlier ones of its request.
pub trait Dependent: Write {
    /// The IDs that it depends on, or on which others depend.
    fn touches(&self) -> impl Iterator<Item = Uuid>;

    /// Whether it has no outcome. One that is not open can be undecided too: it has to be prepared again.
    fn is_undecided(&self) -> bool;
}

/// What follows from the outcomes of a request so far.
pub trait Known<W> {
    /// Sets the outcome of `write` if it follows.
    fn decide(&self, write: &mut W);

    /// Adds what follows from the outcome of `write`.
    fn note(&mut self, write: &W);
}

/// Sends `waiting` in turn. A write that stays undecided keeps those that wait for it.
pub async fn send_in_turn<W: Dependent>(session: &Session<'_>, mut waiting: Vec<&mut W>, known: &mut impl Known<W>) {
    let mut under_way = HashSet::new();
    let next = |closed: Vec<&mut W>| {
        if waiting.is_empty() {
            return Vec::new();
        }
        for write in closed.into_iter().filter(|write| !write.is_undecided()) {
            known.note(write);
            for id in write.touches() {
                under_way.remove(&id);
            }
        }
        take_next(&mut waiting, &mut under_way, known)
    };
    writes::send_in_turn(session, next).await;
}

/// Takes from `waiting` the writes that share no ID with an earlier undecided one, under way or waiting. Returns those whose
/// outcome does not follow from what is known.
fn take_next<'w, W: Dependent>(
    waiting: &mut Vec<&'w mut W>,
    under_way: &mut HashSet<Uuid>,
    known: &mut impl Known<W>,
) -> Vec<&'w mut W> {
    let mut claimed = under_way.clone();
    let (mut next, mut left) = (Vec::with_capacity(waiting.len()), Vec::new());
    for write in waiting.drain(..) {
        let waits = write.touches().any(|id| claimed.contains(&id));
        if !waits {
            known.decide(write);
        }
        if write.is_undecided() {
            claimed.extend(write.touches());
            if waits { &mut left } else { &mut next }.push(write);
        } else {
            known.note(write);
        }
    }
    if !left.is_empty() {
        under_way.extend(next.iter().flat_map(|write| write.touches()));
    }
    *waiting = left;
    next
}
