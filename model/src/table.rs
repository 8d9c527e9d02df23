//! The table, as far as inserts, conditional deletes and consistent reads see it.

use std::collections::BTreeMap;

use crate::identity::{FunctionIndex, Id, WriteToken};

/// A version of a record: its write token and its `created_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The token that its items carry.
    pub write_token: WriteToken,
    /// The time at which the request that stored it began.
    pub created_at: FunctionIndex,
}

/// Owners by ID, as far as they are known.
pub type Owners = BTreeMap<Id, Version>;

/// The owner of an ID: the version of a record that has it as its own or by an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The version.
    pub version: Version,
    /// The key of the record's own item.
    pub record_id: Id,
}

/// An `INSERT`, which fails if the key exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Statement {
    /// The item's key.
    pub id: Id,
    /// The owner that the item names.
    pub owner: Owner,
}

/// The result of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementResult {
    /// It inserted its item.
    Stored,
    /// Its key exists.
    DuplicateItem,
    /// It inserted nothing because another statement of its transaction failed.
    NoError,
    /// It was throttled, and inserted nothing.
    Throttled,
}

/// The items by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Table {
    /// The items that a consistent read returns.
    pub items: BTreeMap<Id, Owner>,
    /// The items deleted last, which an eventually consistent read can still return. Kept only for the bug that reads so.
    pub deleted: BTreeMap<Id, Owner>,
}

impl Table {
    /// Executes `statements` as a transaction: all of them or none. A single one is a statement of a batch.
    pub fn execute(&mut self, statements: &[Statement]) -> Vec<StatementResult> {
        let exists = |statement: &Statement| self.items.contains_key(&statement.id);
        if statements.iter().any(exists) {
            let result = |exists| if exists { StatementResult::DuplicateItem } else { StatementResult::NoError };
            return statements.iter().map(|statement| result(exists(statement))).collect();
        }
        self.items.extend(statements.iter().map(|statement| (statement.id, statement.owner)));
        vec![StatementResult::Stored; statements.len()]
    }

    /// Executes a transaction that deletes `ids`: all of them, or none if an item is not what is `expected`. A missing
    /// item stops nothing.
    pub fn delete(&mut self, ids: &[Id], expected: impl Fn(&Version) -> bool, keep_deleted: bool) {
        let items = || ids.iter().filter_map(|id| Some((*id, *self.items.get(id)?)));
        if !items().all(|(_, owner)| expected(&owner.version)) {
            return;
        }
        if keep_deleted {
            let deleted: Vec<_> = items().collect();
            self.deleted.extend(deleted);
        }
        for id in ids {
            self.items.remove(id);
        }
    }

    /// The version that has `id`.
    #[must_use]
    pub fn version(&self, id: Id) -> Option<Version> {
        self.items.get(&id).map(|owner| owner.version)
    }

    /// The records' own items.
    pub fn records(&self) -> impl Iterator<Item = &Owner> {
        self.items.iter().filter(|(id, owner)| **id == owner.record_id).map(|(_, owner)| owner)
    }

    /// Whether any item is of `version`.
    #[must_use]
    pub fn has(&self, version: Version) -> bool {
        self.items.values().any(|owner| owner.version == version)
    }
}
