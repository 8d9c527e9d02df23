//! Keys of lists, records and aliases.

use uuid::Uuid;

use crate::dynamodb::{Item, Key};
use crate::list::RecordList;

/// The beginning of the sort keys of records and aliases.
pub const RECORD: &str = "RECORD#";

/// The beginning of the sort keys of lists.
pub const LIST: &str = "LIST#";

/// The number of partitions of a list: one for each hexadecimal digit.
pub const SHARDS: u8 = 16;

/// The key of the record or alias `id`.
///
/// Its shard is the first hexadecimal digit of `id`, so that a list spreads over 16 partitions from its first write.
pub fn record_key(list: &RecordList, id: Uuid) -> Key {
    Key { pk: shard(list, shard_of(id)), sk: record_sort_key(id) }
}

/// The sort key of the record or alias `id`.
pub fn record_sort_key(id: Uuid) -> String {
    format!("{RECORD}{id}")
}

/// The shard of the record or alias `id`, 0 to 15.
pub fn shard_of(id: Uuid) -> u8 {
    id.as_bytes()[0] >> 4
}

/// The partition of a shard of `list`.
pub fn shard(list: &RecordList, shard: u8) -> String {
    format!("ACCOUNT#{}#LIST#{}#{shard:x}", list.account, list.id.as_str())
}

/// The key of the list `id` of `account`.
pub fn list_key(account: &str, id: &str) -> Key {
    Key { pk: account_partition(account), sk: format!("{LIST}{id}") }
}

/// The partition of an account's lists.
pub fn account_partition(account: &str) -> String {
    format!("ACCOUNT#{account}")
}

/// The partition with a row for each list that is being deleted: an outbox, so that none is forgotten.
pub const DELETIONS: &str = "DELETIONS";

/// The key of the row of the list `id` of `account` in [`DELETIONS`]. An ID contains no `#`, so no two lists share a
/// key.
pub fn deletion_key(account: &str, id: &str) -> Key {
    Key { pk: DELETIONS.to_owned(), sk: format!("{LIST}{id}#{account}") }
}

/// The ID in the sort key of `item`: a record, an alias or a list whose ID is a UUID.
pub fn id_of(item: &Item) -> Option<Uuid> {
    let sort_key = item.text("sk")?;
    sort_key.strip_prefix(RECORD).or_else(|| sort_key.strip_prefix(LIST)).and_then(|id| id.parse().ok())
}
