//! Rows to batches. The rows of a batch depend on nothing but the file, so that every run sends the same ones.

use std::io;

use record_lists::{MAX_BODY_BYTES, MAX_RECORDS};
use uuid::Uuid;

use crate::identifiers::Key;
use crate::meaning::{Known, Meaning, Meant, Unsent};
use crate::rejection::OTHER;
use crate::rejects::Reject;
use crate::rows::{Item, RecordRow, Unsendable};

/// The namespace of the keys. Never change it: a file that was loaded in part would be loaded twice.
const NAMESPACE: Uuid = Uuid::from_u128(0x0d2f_86f5_3c5b_4f5e_8a41_7a0c_55e1_9b6d);

/// The body around its records.
const START: &str = "{\"records\":[";
const END: &str = "]}";

/// The most of rejected rows that a batch holds, in bytes: a file of nothing else must not fill the memory.
const MAX_REJECTED_BYTES: usize = 1024 * 1024;

/// The content of one request: up to 100 rows, and the rejected rows between them.
#[derive(Debug, Default)]
pub struct Batch {
    /// Its place in the file, from 0.
    pub number: u64,
    /// The request's body; without records nothing is sent.
    pub body: String,
    /// The rows that are sent, in order.
    pub rows: Vec<Known>,
    /// The rows of this part of the file that are not sent, in order.
    pub rejected: Vec<Reject>,
    /// The identities of those, if rows change records.
    pub unsent: Vec<Unsent>,
}

/// The body of a request with `records`.
pub fn body(records: &[&str]) -> String {
    [START, &records.join(","), END].concat()
}

impl Batch {
    fn new(number: u64) -> Self {
        Self { number, body: START.to_owned(), ..Self::default() }
    }

    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.rejected.is_empty()
    }

    fn is_full(&self) -> bool {
        self.rows.len() == MAX_RECORDS || self.rejected_bytes() >= MAX_REJECTED_BYTES
    }

    fn rejected_bytes(&self) -> usize {
        self.rejected.iter().map(|reject| size_of::<Reject>() + reject.row.text.len()).sum()
    }

    fn has_room_for(&self, record: &str) -> bool {
        let comma = usize::from(!self.rows.is_empty());
        self.body.len() + comma + record.len() + END.len() <= MAX_BODY_BYTES
    }

    fn add(&mut self, row: Meant) {
        match row {
            Meant::Sent { known, record } => {
                if !self.rows.is_empty() {
                    self.body.push(',');
                }
                self.body.push_str(&record);
                self.rows.push(known);
            }
            Meant::Rejected { reject, unsent } => {
                self.rejected.push(reject);
                self.unsent.extend(unsent);
            }
        }
    }

    fn finish(mut self) -> Self {
        self.body.push_str(END);
        self.body.shrink_to_fit();
        self
    }

    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let rows: usize = self.rows.iter().map(Known::bytes).sum();
        let unsent: usize = self.unsent.iter().map(Unsent::bytes).sum();
        self.body.len() + rows + self.rejected_bytes() + unsent
    }

    /// The identifiers of its rows.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.rows.iter().flat_map(|known| known.keys.iter().copied())
    }

    /// The `Idempotency-Key`: the same for the same batch of the same load, in every run.
    pub fn key(&self, list: &str, run: &str) -> String {
        let body = Uuid::new_v5(&NAMESPACE, self.body.as_bytes());
        // A JSON array, in which no two lists of parts look the same.
        let parts = serde_json::json!([list, run, self.number, body.to_string()]);
        Uuid::new_v5(&NAMESPACE, parts.to_string().as_bytes()).to_string()
    }
}

/// The batches of a file.
pub struct Batches<R> {
    rows: R,
    meaning: Meaning,
    next: u64,
    /// The row that the last batch had no room for.
    left: Option<RecordRow>,
}

impl<R: Iterator<Item = io::Result<Item>>> Batches<R> {
    pub fn new(rows: R, meaning: Meaning) -> Self {
        Self { rows, meaning, next: 0, left: None }
    }

    /// The rows that are left.
    pub fn rows(&self) -> &R {
        &self.rows
    }

    fn item(&mut self) -> io::Result<Option<Item>> {
        match self.left.take() {
            Some(row) => Ok(Some(Ok(row))),
            None => Ok(self.rows.next().transpose()?.map(within_a_body)),
        }
    }

    fn batch(&mut self) -> io::Result<Option<Batch>> {
        let mut batch = Batch::new(self.next);
        while !batch.is_full() {
            match self.item()? {
                None => break,
                Some(Ok(row)) if !batch.has_room_for(&row.record) => {
                    self.left = Some(row);
                    break;
                }
                Some(item) => batch.add(self.meaning.read(item)),
            }
        }
        self.next += 1;
        Ok((!batch.is_empty()).then(|| batch.finish()))
    }
}

impl<R: Iterator<Item = io::Result<Item>>> Iterator for Batches<R> {
    type Item = io::Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batch().transpose()
    }
}

/// Rejects a record that no body has room for.
pub fn within_a_body(item: Item) -> Item {
    let RecordRow { row, record } = item?;
    if START.len() + record.len() + END.len() <= MAX_BODY_BYTES {
        return Ok(RecordRow { row, record });
    }
    Err(Unsendable {
        row,
        broken: false,
        code: OTHER,
        reason: "The record is larger than a request can be.".to_owned(),
        naming: None,
    })
}

#[cfg(test)]
mod tests {
    use record_lists::UniqueIdentifierType;

    use super::*;
    use crate::rows::Row;

    #[expect(clippy::unnecessary_wraps, reason = "it is one of many items")]
    fn record(line: u64, bytes: usize) -> Item {
        Ok(RecordRow { row: Row { line, text: Vec::new() }, record: "x".repeat(bytes) })
    }

    fn unsendable(line: u64, bytes: usize) -> Item {
        let row = Row { line, text: vec![b'x'; bytes] };
        Err(Unsendable { row, broken: true, code: OTHER, reason: String::new(), naming: None })
    }

    /// The lines that each batch sends, and the rejected ones.
    fn batches(items: Vec<Item>) -> Vec<(Vec<u64>, Vec<u64>)> {
        let meaning = Meaning::Records(UniqueIdentifierType::Nothing);
        let batches = Batches::new(items.into_iter().map(Ok), meaning).map(Result::unwrap);
        batches
            .map(|batch| {
                assert!(batch.body.len() <= MAX_BODY_BYTES);
                let rejected = batch.rejected.iter().map(|reject| reject.row.line).collect();
                (batch.rows.iter().map(|known| known.row.line).collect(), rejected)
            })
            .collect()
    }

    #[test]
    fn a_batch_is_100_records_whatever_is_rejected_between_them() {
        let items = (1..=205).map(|line| if line % 50 == 0 { unsendable(line, 1) } else { record(line, 1) });
        let found = batches(items.collect());
        let sizes: Vec<_> = found.iter().map(|(sent, rejected)| (sent.len(), rejected.len())).collect();
        assert_eq!(sizes, [(100, 2), (100, 2), (1, 0)]);
        assert_eq!((found[0].0[0], found[0].0[99], &found[0].1), (1, 102, &vec![50, 100]));
    }

    #[test]
    fn a_batch_is_smaller_if_the_body_would_be_too_large() {
        let half = (MAX_BODY_BYTES - START.len() - END.len() - 1) / 2;
        let found = batches(vec![record(1, half), record(2, half), record(3, half), record(4, half + 2)]);
        assert_eq!(found, [(vec![1, 2], vec![]), (vec![3], vec![]), (vec![4], vec![])]);
    }

    #[test]
    fn a_record_that_no_body_has_room_for_is_rejected() {
        let most = MAX_BODY_BYTES - START.len() - END.len();
        let found = batches(vec![record(1, 1), record(2, most + 1), record(3, 1), record(4, most)]);
        assert_eq!(found, [(vec![1, 3], vec![2]), (vec![4], vec![])]);
    }

    #[test]
    fn a_file_of_rejects_is_not_kept_in_memory() {
        let found = batches((1..=30).map(|line| unsendable(line, 100_000)).collect());
        assert!(found.iter().all(|(_, rejected)| rejected.len() <= 11), "{found:?}");
        assert!(found.iter().flat_map(|(_, rejected)| rejected).eq(&(1..=30).collect::<Vec<_>>()));
    }

    #[test]
    fn a_key_is_of_list_run_number_and_body() {
        let batch = |number, body: &str| Batch { number, body: body.to_owned(), ..Batch::default() };
        let key = batch(1, "a").key("list", "");
        assert_eq!(key, batch(1, "a").key("list", ""));
        assert_eq!(key, "ca7c0766-ae11-563a-9d10-db8fb7449b68", "never another one");
        let others = [
            batch(1, "a").key("other", ""),
            batch(1, "a").key("list", "second"),
            batch(2, "a").key("list", ""),
            batch(1, "b").key("list", ""),
        ];
        assert!(others.iter().all(|other| *other != key), "{others:?}");
    }
}
