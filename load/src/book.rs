//! The record of a run: its counts, its rejects and its progress.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use crate::console::say;
use crate::job::Files;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::rejects::{Kept, Reject, Rejects};
use crate::rows::Layout;
use crate::stop::{Stop, Switch};
use crate::summary::{Kind, Summary};

/// Writes down what becomes of the rows.
pub struct Book {
    rejects: Rejects,
    summary: Summary,
    progress: Progress,
    /// The part of the file that is done, in bytes.
    position: u64,
    unfollowed: Vec<u64>,
    /// Outcomes of batches that come after one without an outcome.
    early: BTreeMap<u64, Outcome>,
    next: u64,
}

impl Book {
    /// Opens the book of a run over `files`, whose rows have this `layout`, with its empty `summary`.
    ///
    /// # Errors
    ///
    /// If the rejects cannot be written: the reason.
    pub fn open(files: &Files, layout: &Layout, summary: Summary) -> Result<Self, String> {
        let Files { input, rejects, .. } = files;
        let only_checks = summary.dry_run || summary.kind == Kind::Check;
        let rejects = Rejects::open(input, layout, only_checks, rejects.as_deref())?;
        if let Some(path) = rejects.unwritten() {
            say(&format!(
                "Rejected rows are only counted: {} cannot be written. Name another file with --rejects.",
                path.display()
            ));
        }
        let (progress, unfollowed) = (Progress::start(input.size()), Vec::new());
        Ok(Self { rejects, summary, progress, position: 0, unfollowed, early: BTreeMap::new(), next: 0 })
    }

    /// The time at which progress is to be shown.
    pub fn due(&self) -> Instant {
        self.progress.due()
    }

    /// Notes the result of the next row of a check.
    pub fn note(&mut self, result: Result<(), Reject>, position: u64) -> io::Result<()> {
        self.position = position;
        match result {
            Ok(()) => self.summary.counts.created += 1,
            Err(reject) => {
                self.summary.refuse(&reject);
                self.rejects.write(&reject)?;
            }
        }
        Ok(())
    }

    /// Notes the outcome of a batch. Rejects are written in the file's order; returns the memory that is free.
    pub fn add(&mut self, outcome: Outcome) -> io::Result<Vec<usize>> {
        self.summary.counts += outcome.counts;
        self.unfollowed.extend(&outcome.unfollowed);
        outcome.rejects.iter().for_each(|reject| self.summary.refuse(reject));
        self.early.insert(outcome.number, outcome);
        let mut free = Vec::new();
        while let Some(outcome) = self.early.remove(&self.next) {
            self.next += 1;
            free.push(outcome.bytes);
            self.write(&outcome)?;
        }
        Ok(free)
    }

    fn write(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.position = self.position.max(outcome.end);
        outcome.rejects.iter().try_for_each(|reject| self.rejects.write(reject))
    }

    /// Shows the progress, if that is due, and `trouble`.
    pub fn show(&mut self, trouble: impl FnOnce() -> Option<String>) {
        self.progress.show(&self.summary, self.position, trouble);
    }

    /// Shows that every row is done, and that the rest concerns the list.
    pub fn finish_rows(&mut self) {
        self.progress.clear();
    }

    /// Notes the number of records that were deleted.
    pub fn delete(&mut self, records: u64) {
        self.summary.deleted += records;
    }

    /// Closes the book of a run that has read as many rows as `read`.
    pub fn close(mut self, read: u64, stop: &Switch) -> End {
        // A run that was stopped leaves gaps.
        let late: Vec<Outcome> = std::mem::take(&mut self.early).into_values().collect();
        let written = late.iter().try_for_each(|outcome| self.write(outcome));
        written.unwrap_or_else(|error| stop.stop(unwritten(&error)));
        self.summary.not_sent = read.saturating_sub(self.summary.done() + self.summary.counts.failed);
        self.summary.seconds = (self.progress.seconds() * 1_000.0).round() / 1_000.0;
        self.progress.finish(&self.summary);
        let rejects = keep(self.rejects, &self.summary, stop);
        self.unfollowed.sort_unstable();
        End { summary: self.summary, rejects, unfollowed: self.unfollowed, stop: stop.stopped().cloned() }
    }
}

/// Puts the rejects in their place. A run that failed before anything was stored leaves those of the run before.
fn keep(rejects: Rejects, summary: &Summary, stop: &Switch) -> Kept {
    if summary.counts.stored() == 0 && matches!(stop.stopped(), Some(Stop::GaveUp(_) | Stop::Failed(_))) {
        return Kept::Nothing;
    }
    rejects.keep().unwrap_or_else(|error| {
        stop.stop(unwritten(&error));
        Kept::Nothing
    })
}

/// The reason to stop if rejects cannot be written.
pub fn unwritten(error: &io::Error) -> Stop {
    Stop::GaveUp(format!("The rejected rows cannot be written: {error}"))
}

/// The end of a run.
pub struct End {
    pub summary: Summary,
    /// The file of rejected rows.
    pub rejects: Kept,
    /// The lines of the rows whose stored record would lose its identity.
    pub unfollowed: Vec<u64>,
    /// The reason why it stopped early, if it did.
    pub stop: Option<Stop>,
}

impl End {
    /// The exit status.
    pub fn status(&self) -> u8 {
        match (&self.stop, self.summary.refused) {
            (Some(_), _) => 1,
            (None, 0) => 0,
            (None, _) => 3,
        }
    }
}
