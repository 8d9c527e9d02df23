//! The sweep: removes the records of lists that were deleted, at a bounded pace.
//!
//! The outbox has a row for each such list. A run goes round the rows, so that small lists do not wait behind a large one, and
//! the next run goes on with what is left: deleting an item twice does no harm, so that a run can end anywhere, and two can run
//! at once.

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, Instant, sleep_until};
use tracing::error;

use super::item::delete_statement;
use super::key::{DELETIONS, LIST, RECORD, SHARDS, shard};
use crate::dynamodb::read::{Query, query};
use crate::dynamodb::statements::{Statement, StatementResult};
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::list::{RecordList, UniqueIdentifierType};

/// The items of a list that are removed before it is the next list's turn: four calls.
const SLICE: usize = 100;

/// The most items that a run removes in a second: a fraction of what a table can write, since its callers come first.
const ITEMS_PER_SECOND: u32 = 1_000;

/// The most lists that a run takes care of.
const MAX_LISTS: usize = 1_000;

/// The age of a deletion from which on nobody can add a record: a function keeps a list for a minute, a request lasts as long
/// as the function's timeout, and a call that was given up can land while its signature lives, which is 5 minutes. This is
/// that, several times over.
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
    /// The shard that is next in this pass through the list.
    shard: u8,
    /// The time at which the pass began.
    began: Timestamp,
    /// Whether the pass has found anything.
    has_found: bool,
    is_finished: bool,
}

/// Removes what it can until `session` ends or nothing is left.
///
/// # Errors
///
/// [`Failure`], if the outbox cannot be read.
pub async fn sweep(session: &Session<'_>) -> Result<Swept, Failure> {
    let mut deletions = read_deletions(session).await?;
    let (start, mut swept) = (Instant::now(), Swept::default());
    while Instant::now() < session.deadline() && deletions.iter().any(|deletion| !deletion.is_finished) {
        for deletion in deletions.iter_mut().filter(|deletion| !deletion.is_finished) {
            swept.items += deletion.sweep_slice(session).await;
            let due = Duration::from_secs(1) * u32::try_from(swept.items).unwrap_or(u32::MAX) / ITEMS_PER_SECOND;
            sleep_until((start + due).min(session.deadline())).await;
        }
    }
    let left = deletions.iter().filter(|deletion| deletion.has_found || !deletion.is_finished);
    let age = |deletion: &Deletion| Timestamp::now().duration_since(deletion.deleted_at);
    swept.oldest = left.map(age).max().unwrap_or_default();
    Ok(swept)
}

async fn read_deletions(session: &Session<'_>) -> Result<Vec<Deletion>, Failure> {
    let rows = Query { pk: DELETIONS, sk_prefix: LIST, filter: None, projection: None, start: None, limit: MAX_LISTS };
    let mut deletions: Vec<Deletion> = query(session, &rows).await?.items.iter().filter_map(Deletion::of).collect();
    deletions.sort_by_key(|deletion| deletion.deleted_at);
    Ok(deletions)
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
            account: item.text("account")?,
            id: item.text("record_list_id")?.parse().ok()?,
            // The keys of its records do not depend on the type.
            unique_identifier_type: UniqueIdentifierType::Nothing,
            salt: None,
        };
        Some(Self {
            row: Key { pk: item.text("pk")?, sk: item.text("sk")? },
            list,
            deleted_at: item.text("deleted_at")?.parse().ok()?,
            shard: 0,
            began: Timestamp::now(),
            has_found: false,
            is_finished: false,
        })
    }

    /// Removes up to [`SLICE`] items of the list, and returns their number. At the end of a pass the list is finished for this
    /// run, and for good if nobody can have added a record since.
    async fn sweep_slice(&mut self, session: &Session<'_>) -> usize {
        let pk = shard(&self.list, self.shard);
        let records =
            Query { pk: &pk, sk_prefix: RECORD, filter: None, projection: Some("pk, sk"), start: None, limit: SLICE };
        let Ok(page) = query(session, &records).await else {
            self.leave();
            return 0;
        };
        let found = page.items.len();
        self.has_found |= found > 0;
        let removed = remove(session, page.items.iter().filter_map(|item| item.text("sk")), &pk).await;
        if removed < found {
            self.leave();
        } else if page.next.is_none() {
            self.next_shard(session).await;
        }
        removed
    }

    /// Leaves the rest of the list to the next run.
    fn leave(&mut self) {
        (self.has_found, self.is_finished) = (true, true);
    }

    async fn next_shard(&mut self, session: &Session<'_>) {
        self.shard += 1;
        if self.shard < SHARDS {
            return;
        }
        if self.has_found {
            // One more pass shows whether anything is left.
            (self.shard, self.began, self.has_found) = (0, Timestamp::now(), false);
            return;
        }
        self.is_finished = true;
        if self.began.duration_since(self.deleted_at) >= QUIET {
            remove(session, [self.row.sk.clone()].into_iter(), &self.row.pk).await;
        }
    }
}

/// An item to remove.
struct Removal {
    statement: Statement,
    is_done: Option<bool>,
}

/// Removes the items of the partition `pk` with these sort keys, and returns their number.
async fn remove(session: &Session<'_>, sort_keys: impl Iterator<Item = String>, pk: &str) -> usize {
    let removal = |sk| {
        let key = Key { pk: pk.to_owned(), sk };
        Removal { statement: Statement::new(delete_statement(session.table(), &key, &[])), is_done: None }
    };
    let mut removals: Vec<Removal> = sort_keys.map(removal).collect();
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

    async fn resolve(_: &Session<'_>, removals: &mut [&mut Self]) {
        for removal in removals {
            removal.is_done = match removal.statement.result {
                Some(StatementResult::Done | StatementResult::Conflict(_)) => Some(true),
                Some(StatementResult::Failed(Failure::Rejected | Failure::Fault)) => Some(false),
                _ => None,
            };
        }
    }
}
