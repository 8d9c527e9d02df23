//! The sweep: removes the records of deleted lists, at a bounded pace.
//!
//! The outbox has a row for each such list. A run takes turns with the rows, so that small lists do not wait behind a
//! large one, and with each list's shards, so that no partition takes all of the writes. The next run continues with
//! the rest. Deleting an item twice does no harm, so a run can end anywhere, and two can run at once.

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, Instant, sleep_until};
use tracing::error;

use super::key::{DELETIONS, LIST, RECORD, SHARDS, shard};
use super::statement::delete_statement;
use crate::dynamodb::read::{Query, query};
use crate::dynamodb::statements::{Statement, StatementResult};
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::list::{RecordList, UniqueIdentifierType};

/// The items of a list that are removed in one turn: four calls.
const SLICE: usize = 100;

/// The write units that a run takes in a second: a fraction of a table's, because callers come first.
const WRITE_UNITS_PER_SECOND: u32 = 1_000;

/// The write units that removing items takes for each read unit that reading them took: a write unit is 1 KB, a read
/// unit 4 KB.
const WRITE_UNITS_PER_READ_UNIT: u32 = 4;

/// The most lists that a run handles. Its time is enough to look into every shard of this many.
const MAX_LISTS: usize = 1_000;

/// The most rows of the outbox that are read in a call.
const ROWS: usize = 1_000;

/// The age of a deletion at which nobody can add a record any more: several times as long as necessary. A function
/// keeps a list for a minute, a request lasts as long as the function's timeout, and a call that was given up can land
/// until its signature expires after 5 minutes.
const QUIET: SignedDuration = SignedDuration::from_mins(20);

/// The result of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// The records and aliases that were removed.
    pub items: usize,
    /// The age of the oldest deletion that has records left; zero if there is none.
    pub oldest: SignedDuration,
}

/// A list whose records are removed.
struct Deletion {
    row: Key,
    list: RecordList,
    deleted_at: Timestamp,
    /// The shard to look into next.
    shard: u8,
    /// The number of consecutive shards that had nothing.
    empty_shards: u8,
    /// The time at which the first of them was looked into.
    empty_since: Timestamp,
    /// Whether a call failed, so that the rest is left to the next run.
    has_failed: bool,
}

/// The part of a list that was removed in one turn.
#[derive(Default)]
struct Slice {
    items: usize,
    write_units: u32,
}

/// Removes items until `session` ends or nothing is left.
///
/// # Errors
///
/// [`Failure`], if the outbox cannot be read.
pub async fn sweep(session: &Session<'_>) -> Result<Swept, Failure> {
    let mut deletions = read_deletions(session).await?;
    let (start, mut swept, mut write_units) = (Instant::now(), Swept::default(), 0);
    while Instant::now() < session.deadline() && deletions.iter().any(Deletion::is_unfinished) {
        for deletion in deletions.iter_mut().filter(|deletion| deletion.is_unfinished()) {
            let slice = deletion.sweep_slice(session).await;
            swept.items += slice.items;
            write_units = slice.write_units.saturating_add(write_units);
            let due = start + Duration::from_secs(1) * write_units / WRITE_UNITS_PER_SECOND;
            sleep_until(due.min(session.deadline())).await;
        }
    }
    let left = deletions.iter().filter(|deletion| !deletion.is_empty());
    let age = |deletion: &Deletion| Timestamp::now().duration_since(deletion.deleted_at);
    swept.oldest = left.map(age).max().unwrap_or_default();
    Ok(swept)
}

/// Reads the oldest rows of the outbox.
async fn read_deletions(session: &Session<'_>) -> Result<Vec<Deletion>, Failure> {
    let (mut deletions, mut start) = (Vec::new(), None);
    loop {
        let rows = Query {
            pk: DELETIONS,
            sk_prefix: LIST,
            filter: None,
            projection: None,
            start: start.as_deref(),
            limit: ROWS,
        };
        let page = query(session, &rows).await?;
        deletions.extend(page.items.iter().filter_map(Deletion::of));
        // The rows come in the order of the lists' IDs, not of their deletions.
        deletions.sort_by_key(|deletion: &Deletion| deletion.deleted_at);
        deletions.truncate(MAX_LISTS);
        if page.next.is_none() {
            return Ok(deletions);
        }
        start = page.next;
    }
}

impl Deletion {
    fn of(item: &Item) -> Option<Self> {
        let deletion = Self::read(item);
        if deletion.is_none() {
            error!("a row of the partition DELETIONS cannot be read");
        }
        deletion
    }

    fn read(item: &Item) -> Option<Self> {
        let list = RecordList {
            account: item.owned_text("account")?,
            id: item.text("record_list_id")?.parse().ok()?,
            // The keys of its records do not depend on the type.
            unique_identifier_type: UniqueIdentifierType::Nothing,
            salt: None,
        };
        Some(Self {
            row: Key::of(item)?,
            list,
            deleted_at: item.text("deleted_at")?.parse().ok()?,
            shard: 0,
            empty_shards: 0,
            empty_since: Timestamp::now(),
            has_failed: false,
        })
    }

    /// Whether every shard had nothing when it was last looked into.
    fn is_empty(&self) -> bool {
        self.empty_shards == SHARDS
    }

    /// Whether this run can remove more of the list.
    fn is_unfinished(&self) -> bool {
        !self.has_failed && !self.is_empty()
    }

    /// Removes up to [`SLICE`] items of the next shard. A list whose shards all had nothing is finished for this run,
    /// and for good if nobody can have added a record since.
    async fn sweep_slice(&mut self, session: &Session<'_>) -> Slice {
        let (pk, now) = (shard(&self.list, self.shard), Timestamp::now());
        let records =
            Query { pk: &pk, sk_prefix: RECORD, filter: None, projection: Some("pk, sk"), start: None, limit: SLICE };
        let Ok(page) = query(session, &records).await else {
            self.has_failed = true;
            return Slice::default();
        };
        if page.items.is_empty() {
            self.count_empty(session, now).await;
            return Slice::default();
        }
        self.empty_shards = 0;
        self.shard = (self.shard + 1) % SHARDS;
        let sort_keys: Vec<String> = page.items.iter().filter_map(|item| item.owned_text("sk")).collect();
        let found = sort_keys.len();
        let items = remove(session, sort_keys, &pk).await;
        self.has_failed = items < found;
        let by_size = page.read_units.saturating_mul(WRITE_UNITS_PER_READ_UNIT);
        Slice { items, write_units: by_size.max(u32::try_from(found).unwrap_or(u32::MAX)) }
    }

    /// Counts a shard that had nothing at `now`.
    async fn count_empty(&mut self, session: &Session<'_>, now: Timestamp) {
        if self.empty_shards == 0 {
            self.empty_since = now;
        }
        self.empty_shards += 1;
        self.shard = (self.shard + 1) % SHARDS;
        if self.is_empty() && self.empty_since.duration_since(self.deleted_at) >= QUIET {
            remove(session, vec![self.row.sk.clone()], &self.row.pk).await;
        }
    }
}

/// An item to remove.
struct Removal {
    statement: Statement,
    is_done: Option<bool>,
}

/// Removes the items of the partition `pk` with these sort keys, and returns their number.
async fn remove(session: &Session<'_>, sort_keys: Vec<String>, pk: &str) -> usize {
    let removal = |sk| {
        let key = Key { pk: pk.to_owned(), sk };
        Removal { statement: Statement::new(delete_statement(session.table(), &key, &[])), is_done: None }
    };
    let mut removals: Vec<Removal> = sort_keys.into_iter().map(removal).collect();
    session.time(writes::send(session, removals.iter_mut().collect())).await;
    removals.iter().filter(|removal| removal.is_done == Some(true)).count()
}

impl Write for Removal {
    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        [&mut self.statement].into_iter()
    }

    fn is_open(&self) -> bool {
        self.is_done.is_none()
    }

    fn give_up(&mut self, _: Failure) {
        self.is_done = Some(false);
    }

    fn note_results(&mut self) {
        self.is_done = match self.statement.result {
            Some(StatementResult::Done | StatementResult::Conflict(_)) => Some(true),
            Some(StatementResult::Failed(Failure::Rejected | Failure::Fault)) => Some(false),
            _ => None,
        };
    }
}
