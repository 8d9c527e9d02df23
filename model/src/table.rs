//! The table, as far as inserts, conditional deletes and consistent reads see it.

use std::collections::BTreeMap;

use crate::identity::{FunctionIndex, Id, WriteToken};

/// Who holds an ID: the write token of the item, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Holder {
    /// The item's write token.
    pub write_token: WriteToken,
    /// When the request that stored it began.
    pub created_at: FunctionIndex,
}

/// Holders by ID, as far as they are known.
pub type Holders = BTreeMap<Id, Holder>;

/// A record's own item, or an alias of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Item {
    /// Whose item it is.
    pub holder: Holder,
    /// The key of the record's own item.
    pub record_id: Id,
}

/// An `INSERT`, which fails if the key exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Statement {
    /// The item's key.
    pub id: Id,
    /// The item.
    pub item: Item,
}

/// What DynamoDB says of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
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
    /// What a consistent read sees.
    pub items: BTreeMap<Id, Item>,
    /// What an eventually consistent read can still see: the item deleted last. Kept only for the bug that reads so.
    pub deleted: BTreeMap<Id, Item>,
}

impl Table {
    /// Executes `statements` as a transaction: all of them or none. A single one is a statement of a batch.
    pub fn execute(&mut self, statements: &[Statement]) -> Vec<Code> {
        let taken = |statement: &Statement| self.items.contains_key(&statement.id);
        if statements.iter().any(taken) {
            let code = |taken| if taken { Code::DuplicateItem } else { Code::NoError };
            return statements.iter().map(|statement| code(taken(statement))).collect();
        }
        self.items.extend(statements.iter().map(|statement| (statement.id, statement.item)));
        vec![Code::Stored; statements.len()]
    }

    /// Executes a transaction that deletes `ids`: all of them, or none if an item is not what is `expected`. A missing
    /// item stops nothing.
    pub fn delete(&mut self, ids: &[Id], expected: impl Fn(&Holder) -> bool, keep_deleted: bool) {
        let items = || ids.iter().filter_map(|id| Some((*id, *self.items.get(id)?)));
        if !items().all(|(_, item)| expected(&item.holder)) {
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

    /// Who holds `id`.
    #[must_use]
    pub fn holder(&self, id: Id) -> Option<Holder> {
        self.items.get(&id).map(|item| item.holder)
    }

    /// The records' own items.
    pub fn records(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|(id, item)| **id == item.record_id).map(|(_, item)| item)
    }

    /// Whether any item is of `holder`.
    #[must_use]
    pub fn has(&self, holder: Holder) -> bool {
        self.items.values().any(|item| item.holder == holder)
    }
}
