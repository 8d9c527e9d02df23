//! A record on its way into a list, and what became of it.

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::call::Failure;
use super::item::{self, Item};
use super::settle::{Holder, Holders};
use crate::list::RecordList;
use crate::record::Record;

/// A record on its way into a list.
#[derive(Debug)]
pub struct NewRecord {
    /// Its place in the request.
    pub index: usize,
    id: Uuid,
    pub(super) ids: Vec<Uuid>,
    pub(super) write_token: String,
    pub(super) created_at: String,
    pub(super) items: Vec<Item>,
    pub(super) size: usize,
}

impl NewRecord {
    /// Lays out `record`, which takes `ids` ([`identity::ids`](crate::identity::ids)) in `list`: `None` where it is too
    /// large for an item.
    #[must_use]
    pub fn new(
        index: usize,
        list: &RecordList,
        record: &Record<'_>,
        ids: Vec<Uuid>,
        write_token: String,
        created_at: &str,
    ) -> Option<Self> {
        let (&id, further) = ids.split_first()?;
        let mut items = vec![item::record_item(list, id, record, &write_token, created_at)];
        items.extend(further.iter().map(|alias| item::alias_item(list, *alias, id, &write_token, created_at)));
        if !items.iter().all(item::fits) {
            return None;
        }
        let size = items.iter().map(item::size).sum();
        Some(Self { index, id, ids, write_token, created_at: created_at.to_owned(), items, size })
    }

    pub(super) fn statements<'a>(&'a self, table: &'a str) -> impl Iterator<Item = (String, Vec<AttributeValue>)> + 'a {
        self.items.iter().map(|item| item::insert_statement(table, item))
    }

    /// The record is stored since `created_at`, and holds all its IDs.
    pub(super) fn created(&self, created_at: &str) -> Written<'_> {
        let holder = Holder { write_token: self.write_token.clone(), created_at: created_at.to_owned() };
        let holders = self.ids.iter().map(|id| (*id, holder.clone())).collect();
        (self, Outcome::Created { id: self.id, created_at: created_at.to_owned() }, holders)
    }

    /// Whether another record is known to hold one of the IDs.
    pub(super) fn is_duplicate(&self, holders: &Holders) -> bool {
        self.ids.iter().filter_map(|id| holders.get(id)).any(|holder| holder.write_token != self.write_token)
    }
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, once.
    Created {
        /// The record's ID.
        id: Uuid,
        /// Since when, in RFC 3339, UTC, milliseconds: before this request where an earlier one with the same token
        /// stored it.
        created_at: String,
    },
    /// Another record has one of its IDs.
    NotUnique,
    /// DynamoDB refused this record, whatever is tried.
    Rejected,
    /// It could not be stored, for a reason that is not the record's.
    Unstored(Failure),
}

/// A record's outcome, and who holds which of its IDs as far as that is known.
pub(super) type Written<'r> = (&'r NewRecord, Outcome, Holders);
