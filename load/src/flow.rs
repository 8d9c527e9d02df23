//! Where the threads of a load meet: one reads batches, some send them, one writes down what came of them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::batch::Batch;
use crate::rejects::Reject;

/// How much of the file can be in memory, in bytes: between being read and being written down.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// A part of the file on its way.
#[derive(Debug)]
pub struct Piece {
    pub batch: Batch,
    /// Where in the file it ends, in bytes.
    pub end: u64,
}

/// What came of a part of the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The number of its batch.
    pub number: u64,
    /// How many records were created.
    pub created: u64,
    /// Every other row, in the file's order.
    pub rejects: Vec<Reject>,
    /// Where in the file it ends, in bytes.
    pub end: u64,
    /// How much memory it took.
    pub bytes: usize,
}

/// Why a load stops early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C, or a request to terminate.
    Interrupted,
    /// Something that makes it useless to go on.
    Failed(String),
}

/// What the thread that writes down gets next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    Outcome(Outcome),
    /// Nothing for now.
    Nothing,
    /// Nothing any more.
    End,
}

/// The meeting point.
pub struct Flow {
    state: Mutex<State>,
    changed: Condvar,
    queue: usize,
}

struct State {
    waiting: VecDeque<Piece>,
    in_flight: usize,
    outcomes: VecDeque<Outcome>,
    bytes: usize,
    rows: u64,
    all_read: bool,
    stop: Option<Stop>,
    succeeded: Instant,
    trouble: Option<String>,
}

impl Flow {
    /// For as many senders as `queue`.
    pub fn new(queue: usize) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            in_flight: 0,
            outcomes: VecDeque::new(),
            bytes: 0,
            rows: 0,
            all_read: false,
            stop: None,
            succeeded: Instant::now(),
            trouble: None,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), queue }
    }

    /// The state stays whole if a thread panics: each change is one assignment or one call.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands `piece` to the senders, when there is room. Says whether to go on reading.
    pub fn put(&self, piece: Piece) -> bool {
        let bytes = piece.batch.bytes();
        let mut state = self.state();
        while state.stop.is_none() && state.has_no_room(bytes, self.queue) {
            state = self.wait(state);
        }
        if state.stop.is_some() {
            return false;
        }
        state.bytes += bytes;
        state.rows += (piece.batch.rows.len() + piece.batch.rejected.len()) as u64;
        state.waiting.push_back(piece);
        self.changed.notify_all();
        true
    }

    /// Says that all of the file has been read.
    pub fn end(&self) {
        self.state().all_read = true;
        self.changed.notify_all();
    }

    /// The next piece to send; `None` if there are no more. [`settle`](Self::settle) or [`abandon`](Self::abandon)
    /// must follow.
    pub fn take(&self) -> Option<Piece> {
        let mut state = self.state();
        loop {
            if state.stop.is_some() {
                return None;
            }
            if let Some(piece) = state.waiting.pop_front() {
                state.in_flight += 1;
                self.changed.notify_all();
                return Some(piece);
            }
            if state.all_read {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Writes down what came of a piece.
    pub fn settle(&self, outcome: Outcome) {
        let mut state = self.state();
        state.in_flight -= 1;
        state.outcomes.push_back(outcome);
        self.changed.notify_all();
    }

    /// Says that nothing more will come of a piece.
    pub fn abandon(&self) {
        self.state().in_flight -= 1;
        self.changed.notify_all();
    }

    /// The next outcome, as they come, or nothing if there is none until `deadline`.
    pub fn next(&self, deadline: Instant) -> Next {
        let mut state = self.state();
        loop {
            if let Some(outcome) = state.outcomes.pop_front() {
                return Next::Outcome(outcome);
            }
            if state.is_over() {
                return Next::End;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Next::Nothing;
            }
            state = self.wait_for(state, left);
        }
    }

    fn wait_for<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Makes room for what the reader has waiting, as much as `bytes`.
    pub fn free(&self, bytes: usize) {
        self.state().bytes -= bytes;
        self.changed.notify_all();
    }

    /// Stops the load: what is being sent is still waited for, nothing else is sent. The first reason counts.
    pub fn stop(&self, reason: Stop) {
        self.state().stop.get_or_insert(reason);
        self.changed.notify_all();
    }

    /// Why the load stops, if it does.
    pub fn stopped(&self) -> Option<Stop> {
        self.state().stop.clone()
    }

    /// Waits until `time`. Says whether to go on; a stop ends the wait.
    pub fn wait_until(&self, time: Instant) -> bool {
        let mut state = self.state();
        loop {
            let left = time.saturating_duration_since(Instant::now());
            if state.stop.is_some() || left.is_zero() {
                return state.stop.is_none();
            }
            state = self.wait_for(state, left);
        }
    }

    /// Notes that the API has processed a batch.
    pub fn succeed(&self) {
        self.state().succeeded = Instant::now();
    }

    /// When the API last processed a batch.
    pub fn succeeded(&self) -> Instant {
        self.state().succeeded
    }

    /// How many rows have been handed to the senders.
    pub fn rows(&self) -> u64 {
        self.state().rows
    }

    /// Notes what is in the way at the moment.
    pub fn note(&self, trouble: String) {
        self.state().trouble = Some(trouble);
    }

    /// What was in the way since the last call.
    pub fn trouble(&self) -> Option<String> {
        self.state().trouble.take()
    }
}

impl State {
    fn has_no_room(&self, bytes: usize, queue: usize) -> bool {
        self.waiting.len() >= queue || (self.bytes > 0 && self.bytes + bytes > MAX_BYTES)
    }

    fn is_over(&self) -> bool {
        self.in_flight == 0 && (self.stop.is_some() || (self.all_read && self.waiting.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::rows::Row;

    fn piece(number: u64, bytes: usize) -> Piece {
        let rows = vec![Row { line: number, text: vec![b'x'; bytes] }];
        Piece { batch: Batch { number, rows, ..Batch::default() }, end: 0 }
    }

    fn outcome(number: u64) -> Outcome {
        Outcome { number, created: 1, rejects: vec![], end: 0, bytes: 0 }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[test]
    fn it_ends_when_all_that_was_read_is_settled() {
        let flow = Flow::new(2);
        assert!(flow.put(piece(0, 1)) && flow.put(piece(1, 1)));
        flow.end();
        assert_eq!(flow.take().unwrap().batch.number, 0);
        flow.settle(outcome(0));
        assert_eq!(flow.next(later()), Next::Outcome(outcome(0)));
        assert_eq!(flow.next(soon()), Next::Nothing);
        flow.take().unwrap();
        flow.abandon();
        assert!(flow.take().is_none());
        assert_eq!((flow.next(later()), flow.rows()), (Next::End, 2));
    }

    #[test]
    fn a_stop_waits_for_what_is_in_flight_only() {
        let flow = Flow::new(2);
        assert!(flow.put(piece(0, 1)) && flow.put(piece(1, 1)));
        flow.take().unwrap();
        flow.stop(Stop::Interrupted);
        flow.stop(Stop::Failed("later".to_owned()));
        assert_eq!(flow.next(soon()), Next::Nothing);
        assert!(flow.take().is_none() && !flow.put(piece(2, 1)) && !flow.wait_until(later()));
        flow.settle(outcome(0));
        assert_eq!((flow.next(later()), flow.next(later())), (Next::Outcome(outcome(0)), Next::End));
        assert_eq!(flow.stopped(), Some(Stop::Interrupted));
    }

    #[test]
    fn the_reader_waits_until_there_is_memory() {
        let flow = Flow::new(2);
        assert!(flow.put(piece(0, MAX_BYTES)), "what is larger than the limit goes alone");
        thread::scope(|scope| {
            let reader = scope.spawn(|| flow.put(piece(1, 1)));
            let first = flow.take().unwrap().batch;
            assert!(!reader.is_finished());
            flow.free(first.bytes());
            assert!(reader.join().unwrap());
        });
        assert_eq!(flow.take().unwrap().batch.number, 1);
    }
}
