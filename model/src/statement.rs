//! Statements that DynamoDB executes all or none, and their results.

use crate::content::{Change, Content, Patch, Revision, Trail};
use crate::identity::Id;
use crate::table::{Item, Owner, Table, Version};

/// The condition of an `UPDATE` or `DELETE`, besides the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The whole write token, `created_at` and the revision are those that were read.
    Version,
    /// By a bug: the same without the revision.
    AnyRevision,
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
    /// An `UPDATE`, which fails if the item is another, or missing.
    Update {
        /// The key.
        id: Id,
        /// The version that was read.
        found: Version,
        /// The revision that was read.
        base: Revision,
        /// The attributes to set.
        patch: Patch,
        /// The trail to set, made of what was read.
        trail: Trail,
        /// The token of the change.
        change: Change,
        /// The attributes that are compared.
        condition: Condition,
    },
    /// A `DELETE`, which fails if the item is another. A missing item is not a failure.
    Delete {
        /// The key.
        id: Id,
        /// The version that was read.
        found: Version,
        /// The revision that was read, of a record's own item.
        revision: Option<Revision>,
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
    /// Its condition does not hold: the item that its key has.
    ConditionFailed(Option<Item>),
    /// It was not at fault, but another statement of its transaction was.
    Cancelled,
    /// It was throttled, or its item is part of another transaction.
    Throttled,
}

impl Statement {
    /// The key of its item.
    #[must_use]
    pub fn id(&self) -> Id {
        match self {
            Self::Insert { id, .. } | Self::Update { id, .. } | Self::Delete { id, .. } => *id,
        }
    }

    /// Its failure with the `item` that its key has.
    fn failure(&self, item: Option<&Item>) -> Option<StatementResult> {
        let holds = match (self, item) {
            (Self::Insert { .. }, Some(_)) => return Some(StatementResult::DuplicateItem),
            (Self::Insert { .. } | Self::Delete { .. }, None) => true,
            (Self::Update { .. }, None) => false,
            (Self::Update { found, base, condition, .. }, Some(item)) => condition.holds(*found, Some(*base), item),
            (Self::Delete { found, revision, condition, .. }, Some(item)) => condition.holds(*found, *revision, item),
        };
        (!holds).then(|| StatementResult::ConditionFailed(item.copied()))
    }
}

impl Condition {
    fn holds(self, found: Version, revision: Option<Revision>, item: &Item) -> bool {
        let Owner::Record(version) = item.owner else { return self == Self::None };
        let is_same_record = found.write_token.is_same_record(version.write_token);
        let is_revision =
            revision.is_none_or(|revision| item.content.is_some_and(|content| content.revision == revision));
        match self {
            Self::Version => version == found && is_revision,
            Self::AnyRevision => version == found,
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
            Statement::Insert { id, item } => {
                self.items.insert(id, item);
            }
            Statement::Update { id, patch, trail, change, .. } => {
                if let Some(content) = self.items.get_mut(&id).and_then(|item| item.content.as_mut()) {
                    *content = Content { revision: Some(change), trail, ..content.with(patch) };
                }
            }
            Statement::Delete { id, .. } => {
                self.items.remove(&id);
            }
        }
    }
}
