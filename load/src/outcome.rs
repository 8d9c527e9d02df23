//! The outcome of a batch.

use crate::fate::Fate;
use crate::rejects::Reject;
use crate::rows::Row;
use crate::summary::Counts;

/// The outcome of a batch.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The number of the batch.
    pub number: u64,
    pub counts: Counts,
    /// The rejected rows, in the file's order.
    pub rejects: Vec<Reject>,
    /// The lines of those whose stored record would lose its identity.
    pub unfollowed: Vec<u64>,
    /// The end of the batch in the file, in bytes.
    pub end: u64,
    /// The memory that the batch took, in bytes.
    pub bytes: usize,
}

impl Outcome {
    /// Adds what became of `row`.
    pub fn add(&mut self, row: Row, fate: Fate) {
        match fate {
            Fate::Created => self.counts.created += 1,
            Fate::Updated => self.counts.updated += 1,
            Fate::Unchanged => self.counts.unchanged += 1,
            Fate::Refused(refusal) => {
                self.unfollowed.extend(refusal.ends_identity.then_some(row.line));
                self.rejects.push(refusal.reject(row));
            }
            Fate::NotStored => self.counts.failed += 1,
        }
    }
}
