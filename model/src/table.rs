//! The table: items by key, and statements that DynamoDB executes all or none.

use std::collections::BTreeMap;

use crate::content::Content;
use crate::identity::{FunctionIndex, Id, WriteToken};

/// The time at which a request began, which its records carry as `created_at`.
pub type Time = FunctionIndex;

/// A version of a record: the part that no change of the record changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The token of its items.
    pub write_token: WriteToken,
    /// The time at which the request that stored it began.
    pub created_at: Time,
}

/// The owner of an ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// A record.
    Record(Version),
    /// An operator, whose item has no write token.
    Operator,
}

/// Owners by ID, as far as they are known.
pub type Owners = BTreeMap<Id, Owner>;

/// A record's own item, or an alias of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// The owner.
    pub owner: Owner,
    /// The key of the record's own item.
    pub record_id: Id,
    /// The content, in the record's own item.
    pub content: Option<Content>,
}

/// The items by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Table {
    /// The items that a consistent read returns.
    pub items: BTreeMap<Id, Item>,
    /// The items deleted last, which an eventually consistent read can still return. Kept only for the bug that reads so.
    pub deleted: BTreeMap<Id, Item>,
}

impl Table {
    /// The owner of `id`.
    #[must_use]
    pub fn owner(&self, id: Id) -> Option<Owner> {
        self.items.get(&id).map(|item| item.owner)
    }

    /// The versions of the records.
    pub fn records(&self) -> impl Iterator<Item = Version> {
        self.items.iter().filter(|(id, item)| **id == item.record_id).filter_map(|(_, item)| item.owner.version())
    }

    /// Whether the record of `version` is in the table.
    #[must_use]
    pub fn has(&self, version: Version) -> bool {
        self.records().any(|record| record == version)
    }
}

impl Owner {
    /// The version of its record.
    #[must_use]
    pub fn version(self) -> Option<Version> {
        match self {
            Self::Record(version) => Some(version),
            Self::Operator => None,
        }
    }
}
