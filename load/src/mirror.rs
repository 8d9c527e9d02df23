//! The last part of a mirror: deletes what the list has and the file has not.

use std::sync::{Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;
use ureq::http::StatusCode;
use uuid::Uuid;

use crate::client::{Content, Request};
use crate::console::{confirm, say};
use crate::deletion::Deletion;
use crate::exchange::{Exchange, Success, Unprocessed};
use crate::kept::Kept;
use crate::limits::Limits;
use crate::page::{self, Listed, Stale};
use crate::stop::{Stop, Switch};
use crate::summary::{count, records};

/// The records in one request to delete: the API's limit.
const MAX_ENTRIES: usize = 100;

/// The parts of a list that are read side by side: one for each first digit of an ID.
const PARTS: u8 = 16;

/// A mirror whose every batch was processed.
pub struct Mirror<'a> {
    pub exchange: &'a Exchange,
    pub stop: &'a Switch,
    pub kept: &'a Kept,
    pub limits: Limits,
    /// The time by the API's clock from which on records were changed during the run.
    pub began: Timestamp,
    pub dry_run: bool,
    /// Requests at a time.
    pub senders: usize,
}

/// The records of the list, or of a part of it.
#[derive(Debug, Default)]
struct Records {
    /// The number of those that the list had when the run began.
    total: u64,
    /// Those that no row of the file has, and that nobody has changed since the run began.
    stale: Vec<Stale>,
}

impl Records {
    fn and(mut self, mut other: Self) -> Self {
        self.stale.append(&mut other.stale);
        Self { total: self.total + other.total, stale: self.stale }
    }
}

impl Mirror<'_> {
    /// Deletes the stale records, and returns how many there were. A reason not to delete any stops the run.
    pub fn run(&self) -> u64 {
        let records = self.are_all_known().then(|| self.records()).flatten();
        match records.filter(|records| self.permit(records)) {
            Some(records) if self.dry_run => records.stale.len() as u64,
            Some(records) => self.delete(&records.stale),
            None => 0,
        }
    }

    /// Whether the record of every row is known.
    fn are_all_known(&self) -> bool {
        self.kept.unknown().is_none_or(|line| {
            self.refuse(&format!(
                "It cannot be known which record the row on line {line} is about, so that it could be one that the file \
                 seems not to have. Mend the row, or remove it."
            ))
        })
    }

    /// Reads the list once; `None` if the run stops before its end.
    fn records(&self) -> Option<Records> {
        say("Reading the list, to find what the file does not have.");
        let parts = self.in_parallel(0..PARTS, |part| self.part(part));
        (parts.len() == usize::from(PARTS)).then(|| parts.into_iter().fold(Records::default(), Records::and))
    }

    /// Reads the records whose IDs start with the digit `part`.
    fn part(&self, part: u8) -> Result<Records, Unprocessed> {
        let (mut records, mut after) = (Records::default(), last_before(part));
        loop {
            let path = page::path(after);
            let request = Request { content: Content::Get, path: &path };
            let page = self.exchange.send(&request, StatusCode::OK, |success| page::page(success.response.body()))?;
            let is_last = page.next.is_none() || page.records.last().is_some_and(|record| digit(record.id) > part);
            for record in page.records.into_iter().filter(|record| digit(record.id) == part) {
                records.total += u64::from(record.existed_at(self.began));
                records.stale.extend(self.stale(&record));
            }
            if is_last {
                return Ok(records);
            }
            after = page.next;
        }
    }

    fn stale(&self, record: &Listed) -> Option<Stale> {
        if self.kept.has(record.id) { None } else { record.unchanged_since(self.began) }
    }

    /// Whether the stale records can be deleted. Says how many there are.
    fn permit(&self, Records { total, stale }: &Records) -> bool {
        let (stale, most, limit) = (stale.len() as u64, self.limits.max_delete.of(*total), self.limits.max_delete);
        say(&format!(
            "The list had {}. The file does not have {} of them. At most {} are deleted (--max-delete {limit}).",
            records(*total),
            count(stale),
            count(most),
        ));
        if stale > most {
            return self.refuse("If it is the right file, give a larger --max-delete.");
        }
        let asks = self.limits.ask && stale > 0 && !self.dry_run;
        !asks
            || confirm(&format!("Delete {}? [y/N] ", records(stale)), self.stop)
            || self.refuse("You did not say yes.")
    }

    /// Stops the run without deleting anything.
    fn refuse(&self, reason: &str) -> bool {
        let is_deleted = if self.dry_run { "would be" } else { "was" };
        self.stop.stop(Stop::NotDeleted(format!("Nothing {is_deleted} deleted. {reason}")));
        false
    }

    /// Deletes `stale`, unless they have changed since they were read. Returns how many were deleted.
    fn delete(&self, stale: &[Stale]) -> u64 {
        let deletions = self.in_parallel(stale.chunks(MAX_ENTRIES), |chunk| self.delete_chunk(chunk));
        let all = deletions.into_iter().fold(Deletion::default(), Deletion::and);
        if all.changed > 0 {
            say(&format!("Left alone, because they were changed meanwhile: {}.", records(all.changed)));
        }
        all.deleted
    }

    #[expect(clippy::expect_used, reason = "text under names is always JSON")]
    fn delete_chunk(&self, chunk: &[Stale]) -> Result<Deletion, Unprocessed> {
        let body = serde_json::to_string(chunk).expect("entries are JSON");
        let request = Request { content: Content::Delete { body: &body }, path: "/records/bulks" };
        let read = |success: &Success| Deletion::of(success.response.body(), chunk.len(), success.repeated);
        self.exchange.send(&request, StatusCode::OK, read)
    }

    /// The results of `work` for each of `tasks`, as many at a time as requests; not of all if the run stops.
    fn in_parallel<T: Send, R: Send>(
        &self,
        tasks: impl Iterator<Item = T> + Send,
        work: impl Fn(T) -> Result<R, Unprocessed> + Sync,
    ) -> Vec<R> {
        let (tasks, results) = (Mutex::new(tasks), Mutex::new(Vec::new()));
        let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).next();
        let worker = || {
            while let Some(Ok(result)) = next().map(&work) {
                results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
            }
        };
        thread::scope(|scope| {
            for _ in 0..self.senders {
                scope.spawn(worker);
            }
        });
        results.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first digit of an ID.
fn digit(id: Uuid) -> u8 {
    id.as_bytes()[0] >> 4
}

/// The last ID that starts with a lower digit than `part`, if there is one.
fn last_before(part: u8) -> Option<Uuid> {
    (u128::from(part) << 124).checked_sub(1).map(Uuid::from_u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_whole_list() {
        assert_eq!(last_before(0), None);
        assert_eq!(last_before(10).unwrap().to_string(), "9fffffff-ffff-ffff-ffff-ffffffffffff");
        assert_eq!((0..PARTS).filter_map(last_before).map(digit).collect::<Vec<_>>(), (0..15).collect::<Vec<_>>());
    }
}
