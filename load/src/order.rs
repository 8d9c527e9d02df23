//! The order of batches that share an identifier: the earlier row of a file wins, whichever request is faster.

use std::collections::HashSet;
use std::convert::Infallible;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::identifiers::Key;

/// The batches that have been read and are not yet done.
#[derive(Default)]
pub struct UnderWay {
    batches: Vec<Earlier>,
}

struct Earlier {
    keys: HashSet<Key>,
    done: Receiver<Infallible>,
}

/// A batch's turn. Dropping it says that the batch is done.
pub struct Turn {
    after: Vec<Receiver<Infallible>>,
    _under_way: Sender<Infallible>,
}

impl UnderWay {
    /// Adds the next batch of the file, whose rows have these `keys`.
    pub fn enter(&mut self, keys: impl Iterator<Item = Key>) -> Turn {
        self.batches.retain(|batch| batch.done.try_recv() != Err(TryRecvError::Disconnected));
        let keys: HashSet<Key> = keys.collect();
        let sharing = self.batches.iter().filter(|earlier| !earlier.keys.is_disjoint(&keys));
        let after = sharing.map(|earlier| earlier.done.clone()).collect();
        let (under_way, done) = bounded(0);
        if !keys.is_empty() {
            self.batches.push(Earlier { keys, done });
        }
        Turn { after, _under_way: under_way }
    }
}

impl Turn {
    /// Waits until every earlier batch that shares an identifier is done.
    ///
    /// Threads can wait inside a queue without blocking each other for good, because it is in the file's order: the first
    /// batch that is not done waits for none.
    pub fn wait(&self) {
        for earlier in &self.after {
            // Nothing is ever sent: this returns when the other turn is dropped.
            let _ = earlier.recv();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    fn enter(under_way: &mut UnderWay, keys: &[u8]) -> Turn {
        under_way.enter(keys.iter().map(|key| [*key; 8]))
    }

    #[test]
    fn a_batch_waits_for_earlier_ones_that_share_an_identifier_only() {
        let mut under_way = UnderWay::default();
        let (first, second) = (enter(&mut under_way, &[1, 2]), enter(&mut under_way, &[3, 4]));
        let (apart, both) = (enter(&mut under_way, &[5]), enter(&mut under_way, &[4, 1]));
        apart.wait();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| both.wait());
            drop(first);
            thread::sleep(Duration::from_millis(20));
            assert!(!waiting.is_finished());
            drop(second);
            waiting.join().unwrap();
        });
    }

    #[test]
    fn batches_that_are_done_are_forgotten() {
        let mut under_way = UnderWay::default();
        for _ in 0..10 {
            enter(&mut under_way, &[1]).wait();
        }
        assert_eq!(under_way.batches.len(), 1);
        drop(enter(&mut under_way, &[]));
        assert_eq!(under_way.batches.len(), 0);
    }
}
