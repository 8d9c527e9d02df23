//! Reads one record, or a page of a list's records in the order of their IDs.

use futures_util::future::try_join_all;
use uuid::Uuid;

use super::key::{RECORD, SHARDS, record_key, record_sort_key, shard, shard_of};
use super::stored_record::StoredRecord;
use crate::dynamodb::read::{self, get_item};
use crate::dynamodb::{Failure, Session};
use crate::list::RecordList;

/// The limit of a query after one that ended before the shard did, because most items were aliases.
const MANY_ITEMS: usize = 1_000;

/// Records in the order of their IDs.
#[derive(Debug)]
pub struct Page {
    pub records: Vec<StoredRecord>,
    /// Whether another page can have more records.
    pub has_more: bool,
}

/// Reads the record `id` of `list`, consistently.
///
/// # Errors
///
/// [`Failure`].
pub async fn read_record(session: &Session<'_>, list: &RecordList, id: Uuid) -> Result<Option<StoredRecord>, Failure> {
    let item = session.time(get_item(session, &record_key(list, id))).await?;
    Ok(item.and_then(StoredRecord::of))
}

/// Reads up to `count` records after `after`, consistently, until `fits` says that no more fit.
///
/// # Errors
///
/// [`Failure`].
pub async fn read_records(
    session: &Session<'_>,
    list: &RecordList,
    after: Option<Uuid>,
    count: usize,
    fits: impl FnMut(&StoredRecord) -> bool,
) -> Result<Page, Failure> {
    session.time(read_in_rounds(session, list, Cursor::after(after), count, fits)).await
}

async fn read_in_rounds(
    session: &Session<'_>,
    list: &RecordList,
    mut cursor: Cursor,
    count: usize,
    mut fits: impl FnMut(&StoredRecord) -> bool,
) -> Result<Page, Failure> {
    let mut records = Vec::new();
    while let Some(queries) = cursor.next(count - records.len()) {
        let read = try_join_all(queries.iter().map(|query| query_shard(session, list, query))).await?;
        for (query, part) in queries.iter().zip(read) {
            let found = part.records.len();
            for record in part.records {
                if records.len() == count || !fits(&record) {
                    return Ok(Page { records, has_more: true });
                }
                records.push(record);
            }
            if !cursor.advance(query, found, part.next) {
                break;
            }
        }
        if records.len() == count {
            return Ok(Page { records, has_more: cursor.shard < SHARDS });
        }
    }
    Ok(Page { records, has_more: false })
}

/// The place at which the next round begins, and the fill of the shards so far.
struct Cursor {
    shard: u8,
    /// The sort key in the shard to start after.
    start: Option<String>,
    /// The number of records in the last shard that was read from its beginning to its end.
    records_in_shard: Option<usize>,
    limit: Option<usize>,
}

/// A query of one shard.
struct Query {
    shard: u8,
    start: Option<String>,
    limit: usize,
}

/// The records that a query found.
struct Part {
    records: Vec<StoredRecord>,
    /// The sort key to continue after, `None` at the shard's end.
    next: Option<String>,
}

impl Cursor {
    fn after(id: Option<Uuid>) -> Self {
        Self { shard: id.map_or(0, shard_of), start: id.map(record_sort_key), records_in_shard: None, limit: None }
    }

    /// The next queries, for `wanted` more records. They read one shard; or, if a whole shard was read before, as many
    /// at once as would be needed if all held as few records. After an empty shard, they read all that are left. `None`
    /// at the end.
    fn next(&mut self, wanted: usize) -> Option<Vec<Query>> {
        let left = usize::from(SHARDS.checked_sub(self.shard).filter(|left| *left > 0)?);
        let width = match (&self.start, self.records_in_shard) {
            (None, Some(0)) => left,
            (None, Some(records)) => wanted.div_ceil(records).min(left),
            _ => 1,
        };
        let limit = self.limit.unwrap_or(wanted);
        let shards = (self.shard..SHARDS).take(width);
        let mut start = self.start.take();
        Some(shards.map(|shard| Query { shard, start: start.take(), limit }).collect())
    }

    /// Moves on after `query`, which found this many records. Returns whether its shard is finished.
    fn advance(&mut self, query: &Query, found: usize, next: Option<String>) -> bool {
        self.shard = query.shard;
        self.start = next;
        if self.start.is_some() {
            self.limit = Some(MANY_ITEMS);
            return false;
        }
        self.shard += 1;
        if query.start.is_none() {
            self.records_in_shard = Some(found);
        }
        true
    }
}

/// Makes one query. DynamoDB leaves out aliases, but counts them towards the limit.
async fn query_shard(session: &Session<'_>, list: &RecordList, query: &Query) -> Result<Part, Failure> {
    let query = read::Query {
        pk: &shard(list, query.shard),
        sk_prefix: RECORD,
        filter: Some("attribute_not_exists(record_id)"),
        projection: None,
        start: query.start.as_deref(),
        limit: query.limit,
    };
    let page = read::query(session, &query).await?;
    let records = page.items.into_iter().filter_map(StoredRecord::of).collect();
    Ok(Part { records, next: page.next })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shards that are asked for 100 records, one round after the other, if each has so many.
    fn rounds(after: Option<Uuid>, records_in_shard: usize) -> Vec<Vec<u8>> {
        let (mut cursor, mut rounds, mut found) = (Cursor::after(after), Vec::new(), 0);
        while let Some(queries) = cursor.next(100 - found) {
            found += queries.len() * records_in_shard;
            assert!(queries.iter().all(|query| cursor.advance(query, records_in_shard, None)));
            rounds.push(queries.iter().map(|query| query.shard).collect());
            if found >= 100 {
                break;
            }
        }
        rounds
    }

    #[test]
    fn as_many_shards_are_asked_at_once_as_it_takes() {
        assert_eq!(rounds(None, 100), [[0]]);
        assert_eq!(rounds(None, 30), [vec![0], vec![1, 2, 3]]);
        for records_in_shard in [0, 1, 5] {
            assert_eq!(rounds(None, records_in_shard), [vec![0], (1..16).collect()]);
        }
    }

    #[test]
    fn a_page_that_starts_within_a_shard_learns_from_the_next_one_how_full_they_are() {
        let after = Some(Uuid::from_u128(0xd << 124));
        assert_eq!(rounds(after, 0), [vec![13], vec![14], vec![15]]);
        assert_eq!(rounds(Some(Uuid::nil()), 5), [vec![0], vec![1], (2..16).collect()]);
    }

    #[test]
    fn a_shard_that_is_not_finished_is_asked_again_for_more() {
        let mut cursor = Cursor::after(None);
        let query = cursor.next(100).unwrap().remove(0);
        assert!(!cursor.advance(&query, 17, Some("RECORD#0".to_owned())));
        let queries = cursor.next(83).unwrap();
        assert_eq!(queries.len(), 1);
        assert_eq!(
            (queries[0].shard, queries[0].start.as_deref(), queries[0].limit),
            (0, Some("RECORD#0"), MANY_ITEMS)
        );
    }
}
