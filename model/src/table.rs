//! The table: items by key, and statements that DynamoDB executes all or none.

use std::collections::BTreeMap;

use crate::identity::{FunctionIndex, Id, WriteToken};

/// The time at which a request began, which its records carry as `created_at`.
pub type Time = FunctionIndex;

/// A version of a record.
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
}

/// The condition of a `DELETE`, besides the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The whole write token and `created_at` are those that were read.
    Version,
    /// By a bug: nothing.
    None,
    /// By a bug: the write token without its suffix.
    Token,
    /// By a bug: the write token without its suffix, and `created_at`.
    TokenAndTime,
}

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Statement {
    /// An `INSERT`, which fails if the key exists.
    Insert {
        /// The key.
        id: Id,
        /// The item.
        item: Item,
    },
    /// A `DELETE`, which fails if the item is another. A missing item is no failure.
    Delete {
        /// The key.
        id: Id,
        /// The version that was read.
        found: Version,
        /// The attributes that are compared.
        condition: Condition,
    },
}

/// The result of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementResult {
    /// It is executed.
    Done,
    /// Its key exists.
    DuplicateItem,
    /// Its condition does not hold.
    ConditionFailed,
    /// It was not at fault, but another statement of its transaction was.
    Cancelled,
    /// It was throttled, or its item is part of another transaction.
    Throttled,
}

/// The items by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Table {
    /// The items that a consistent read returns.
    pub items: BTreeMap<Id, Item>,
    /// The items deleted last, which an eventually consistent read can still return. Kept only for the bug that reads so.
    pub deleted: BTreeMap<Id, Item>,
}

impl Statement {
    /// The key of its item.
    #[must_use]
    pub fn id(&self) -> Id {
        match self {
            Self::Insert { id, .. } | Self::Delete { id, .. } => *id,
        }
    }

    /// Its failure with the `item` that its key has.
    fn failure(&self, item: Option<&Item>) -> Option<StatementResult> {
        match (self, item) {
            (Self::Insert { .. }, Some(_)) => Some(StatementResult::DuplicateItem),
            (Self::Delete { found, condition, .. }, Some(item)) if !condition.holds(*found, item.owner) => {
                Some(StatementResult::ConditionFailed)
            }
            _ => None,
        }
    }
}

impl Condition {
    fn holds(self, found: Version, owner: Owner) -> bool {
        let Owner::Record(version) = owner else { return self == Self::None };
        let is_same_record = found.write_token.is_same_record(version.write_token);
        match self {
            Self::Version => version == found,
            Self::None => true,
            Self::Token => is_same_record,
            Self::TokenAndTime => is_same_record && version.created_at == found.created_at,
        }
    }
}

impl Table {
    /// The results of `statements` in one transaction, or of a single one.
    #[must_use]
    pub fn results(&self, statements: &[Statement]) -> Vec<StatementResult> {
        let failures: Vec<_> =
            statements.iter().map(|statement| statement.failure(self.items.get(&statement.id()))).collect();
        let otherwise =
            if failures.iter().all(Option::is_none) { StatementResult::Done } else { StatementResult::Cancelled };
        failures.into_iter().map(|failure| failure.unwrap_or(otherwise)).collect()
    }

    /// Executes a statement whose condition holds.
    pub fn execute(&mut self, statement: &Statement) {
        match *statement {
            Statement::Insert { id, item } => drop(self.items.insert(id, item)),
            Statement::Delete { id, .. } => drop(self.items.remove(&id)),
        }
    }

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
