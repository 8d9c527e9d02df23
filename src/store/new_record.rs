//! A record on its way into a list, and what became of it.

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::call::Failure;
use super::item::{self, Item};
use super::settle::{Holder, Holders};
use crate::extra_data::MAX_ITEM_BYTES;
use crate::list::RecordList;
use crate::record::Record;

/// A record on its way into a list.
#[derive(Debug)]
pub struct NewRecord<'a> {
    /// Its place in the request.
    pub index: usize,
    list: &'a RecordList,
    record: &'a Record<'a>,
    id: Uuid,
    pub(super) ids: Vec<Uuid>,
    pub(super) write_token: String,
    pub(super) created_at: &'a str,
    pub(super) size: usize,
}

impl<'a> NewRecord<'a> {
    /// Lays out `record`, which takes `ids` ([`identity::ids`](crate::identity::ids)) in `list`: `None` where it is too
    /// large for an item.
    #[must_use]
    pub fn new(
        index: usize,
        list: &'a RecordList,
        record: &'a Record<'a>,
        ids: Vec<Uuid>,
        write_token: String,
        created_at: &'a str,
    ) -> Option<Self> {
        let &id = ids.first()?;
        let new = Self { index, list, record, id, ids, write_token, created_at, size: 0 };
        let sizes: Vec<usize> = new.items().map(|item| item::size(&item)).collect();
        sizes.iter().all(|size| *size <= MAX_ITEM_BYTES).then(|| Self { size: sizes.iter().sum(), ..new })
    }

    /// The record's items, one for each of its IDs. They are made for each call anew: a call takes them away, and to
    /// keep a copy costs as much as to make one.
    fn items(&self) -> impl Iterator<Item = Item> {
        self.ids.iter().map(|id| {
            if *id == self.id {
                item::record_item(self.list, *id, self.record, &self.write_token, self.created_at)
            } else {
                item::alias_item(self.list, *id, self.id, &self.write_token, self.created_at)
            }
        })
    }

    pub(super) fn statements(&self, table: &str) -> impl Iterator<Item = (String, Vec<AttributeValue>)> {
        self.items().map(move |item| item::insert_statement(table, item))
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
pub(super) type Written<'r> = (&'r NewRecord<'r>, Outcome, Holders);
