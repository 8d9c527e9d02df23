//! A limit for the memory that a load takes, however large the file is.

use crossbeam_channel::{Receiver, Sender, bounded};

/// The most of the file that is in memory, in bytes: between being read and being written down.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The unit in which memory is counted, in bytes: that of a usual batch, more or less.
const UNIT_BYTES: usize = 64 * 1024;

const UNITS: usize = MAX_BYTES / UNIT_BYTES;

/// Memory that is in use: a unit is a message in a channel that holds no more.
#[derive(Clone)]
pub struct Room {
    take: Sender<()>,
    free: Receiver<()>,
}

impl Room {
    /// All of the memory, unused.
    pub fn new() -> Self {
        let (take, free) = bounded(UNITS);
        Self { take, free }
    }

    /// Waits until there are as many as `bytes`. What is larger than the limit goes alone.
    pub fn take(&self, bytes: usize) {
        for _ in 0..units(bytes) {
            self.take.send(()).unwrap_or_else(|_| unreachable!("the channel is open as long as it has both ends"));
        }
    }

    /// Gives back as many as were taken for `bytes`.
    pub fn free(&self, bytes: usize) {
        self.free.try_iter().take(units(bytes)).for_each(drop);
    }
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT_BYTES).clamp(1, UNITS)
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_reader_waits_until_there_is_memory() {
        let room = Room::new();
        room.take(2 * MAX_BYTES);
        thread::scope(|scope| {
            let reader = scope.spawn(|| room.take(1));
            thread::sleep(Duration::from_millis(20));
            assert!(!reader.is_finished());
            room.free(2 * MAX_BYTES);
            reader.join().unwrap();
        });
        assert_eq!(room.free.len(), 1);
    }
}
