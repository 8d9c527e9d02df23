//! Unclear writes: gathered, and read together.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Write;
use super::call::{Call, Left};
use crate::dynamodb::batch_get::{MAX_KEYS, batch_get_once};
use crate::dynamodb::failure::Failure;
use crate::dynamodb::item::Item;
use crate::dynamodb::read::Key;
use crate::dynamodb::retry::Attempts;
use crate::dynamodb::session::Session;

/// The longest time for which unclear writes are gathered, so that one read settles those of several calls. Calls that are
/// made at once rarely take so long, and one that hangs must not hold up the others.
const GATHERING: Duration = Duration::from_millis(100);

/// Unclear writes that are not read yet.
pub struct Gathered<'w, W> {
    calls: Vec<Call<'w, W>>,
    end: Option<Instant>,
}

impl<W> Default for Gathered<'_, W> {
    fn default() -> Self {
        Self { calls: Vec::new(), end: None }
    }
}

impl<'w, W: Write> Gathered<'w, W> {
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Adds the writes of `calls`.
    pub fn add(&mut self, calls: Vec<Call<'w, W>>) {
        if !calls.is_empty() {
            self.end.get_or_insert_with(|| Instant::now() + GATHERING);
            self.calls.extend(calls);
        }
    }

    /// The output of `next`, which is `None` if nothing is under way; `None` also if it is time to read.
    pub async fn until<T>(&self, next: impl Future<Output = Option<T>>) -> Option<T> {
        match self.end {
            Some(end) => timeout_at(end, next).await.ok().flatten(),
            None => next.await,
        }
    }

    /// Takes all of them, to be read now in as few calls as they fit.
    pub fn take(&mut self, session: &Session<'_>) -> Vec<Reading<'w, W>> {
        let mut readings: Vec<Reading<'w, W>> = Vec::new();
        for call in mem::take(self).calls {
            match readings.last_mut() {
                Some(reading) if reading.keys().count() + call.unclear_keys().count() <= MAX_KEYS => {
                    reading.calls.push(call);
                }
                _ => {
                    let attempts = Attempts::until(session.deadline(), 0);
                    readings.push(Reading { calls: vec![call], attempts, is_retry: false });
                }
            }
        }
        readings
    }
}

/// The calls whose writes are unclear, and the attempts to read the items that tell their outcomes.
pub struct Reading<'w, W> {
    calls: Vec<Call<'w, W>>,
    attempts: Attempts,
    is_retry: bool,
}

impl<'w, W: Write> Reading<'w, W> {
    /// Makes one attempt. Returns what is left of the writes whose items were read, and the others, which are to be read
    /// again: they hold up nothing but themselves.
    pub async fn read(mut self, session: &Session<'_>) -> (Left<'w, W>, Option<Self>) {
        if self.is_retry && !self.attempts.again().await {
            return (self.give_up(Failure::Unavailable), None);
        }
        let keys: Vec<Key> = self.keys().cloned().collect();
        let page = match batch_get_once(session, &self.attempts, &keys, W::ATTRIBUTES).await {
            Ok(page) => page,
            Err(Failure::Unavailable) => return (Left::closed(Vec::new()), Some(Self { is_retry: true, ..self })),
            Err(failure) => return (self.give_up(failure), None),
        };
        let items: HashMap<Key, &Item> = page.items.iter().filter_map(|item| Some((Key::of(item)?, item))).collect();
        let (mut left, mut unread) = (Left::closed(Vec::new()), Vec::new());
        for mut call in self.calls {
            unread.extend(call.split_off(|write| write.unclear_keys().any(|key| page.unprocessed.contains(key))));
            for write in &mut call.writes {
                write.judge(&items);
            }
            let read = call.writes.len();
            call.rest(read, &mut left);
        }
        let unread = (!unread.is_empty()).then_some(Self { calls: unread, attempts: self.attempts, is_retry: true });
        (left, unread)
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        self.calls.iter().flat_map(Call::unclear_keys)
    }

    fn give_up(self, failure: Failure) -> Left<'w, W> {
        Left::closed(self.calls.into_iter().flat_map(|call| call.give_up(failure)).collect())
    }
}
