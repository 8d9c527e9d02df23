//! The record lists that a function knows, so that it need not read them for every request.

use std::collections::{HashMap, VecDeque};

use crate::dynamodb::Key;
use crate::list::RecordList;

/// The most lists that a function keeps in memory.
const MAX_KNOWN_LISTS: usize = 1_000;

/// The longest time that a function keeps a list, so that a deleted list soon becomes a 404. It is measured by API
/// Gateway's clock, because the function's own stands still while its environment is frozen.
const KEPT_MILLISECONDS: u64 = 60_000;

/// Lists that were found, and the times of the requests that read them. A list's type and salt never change, but the
/// list can be deleted. Missing lists are not noted, because they can be created at any moment.
#[derive(Debug, Default)]
pub struct KnownLists {
    lists: HashMap<Key, KnownList>,
    /// The keys, oldest first.
    order: VecDeque<Key>,
}

#[derive(Debug, Clone)]
struct KnownList {
    list: RecordList,
    /// The time of the request that read it, in milliseconds since 1970.
    read_at: i64,
}

impl KnownLists {
    /// The list `key`, for a request that API Gateway received at `time`.
    pub fn get(&self, key: &Key, time: Option<i64>) -> Option<RecordList> {
        let known = self.lists.get(key)?;
        (time?.abs_diff(known.read_at) < KEPT_MILLISECONDS).then(|| known.list.clone())
    }

    /// Keeps `list`, read by a request that API Gateway received at `time`. Without a time, does nothing.
    pub fn keep(&mut self, key: Key, list: RecordList, time: Option<i64>) {
        let Some(read_at) = time else {
            return;
        };
        if self.lists.insert(key.clone(), KnownList { list, read_at }).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MAX_KNOWN_LISTS {
            self.order.pop_front().map(|oldest| self.lists.remove(&oldest));
        }
    }

    pub fn forget(&mut self, key: &Key) {
        if self.lists.remove(key).is_some() {
            self.order.retain(|known| known != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::UniqueIdentifierType;

    const TIME: i64 = 1_795_000_000_000;

    fn list() -> RecordList {
        RecordList {
            account: "a".to_owned(),
            id: "l".parse().unwrap(),
            unique_identifier_type: UniqueIdentifierType::Nothing,
            salt: None,
        }
    }

    fn key(list: usize) -> Key {
        Key { pk: "ACCOUNT#a".to_owned(), sk: format!("LIST#{list}") }
    }

    #[test]
    fn a_function_keeps_the_newest_thousand_lists() {
        let mut known = KnownLists::default();
        for place in 0..=MAX_KNOWN_LISTS {
            known.keep(key(place), list(), Some(TIME));
            known.keep(key(place), list(), Some(TIME));
        }
        assert_eq!((known.lists.len(), known.order.len()), (MAX_KNOWN_LISTS, MAX_KNOWN_LISTS));
        let is_known = |place| known.get(&key(place), Some(TIME)).is_some();
        assert_eq!((is_known(0), is_known(1)), (false, true));
    }

    #[test]
    fn a_list_is_kept_for_a_minute_of_the_requests_clock() {
        let mut known = KnownLists::default();
        known.keep(key(0), list(), None);
        assert_eq!(known.get(&key(0), Some(TIME)), None, "the request had no time");
        known.keep(key(0), list(), Some(TIME));
        let table = [
            (Some(TIME), true),
            (Some(TIME + 59_999), true),
            (Some(TIME - 59_999), true),
            (Some(TIME + 60_000), false),
            (None, false),
        ];
        for (time, expected) in table {
            assert_eq!(known.get(&key(0), time).is_some(), expected, "{time:?}");
        }
        known.forget(&key(0));
        assert_eq!((known.get(&key(0), Some(TIME)), known.order.len()), (None, 0));
    }
}
