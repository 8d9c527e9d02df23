//! Changes of a list: renaming and deleting it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::item::Value;
use super::key::{deletion_key, list_key};
use super::lists::{DELETION, StoredList, is_there};
use super::statement::{insert_statement, update_statement};
use super::update::later;
use crate::dynamodb::statements::Statement;
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::record::token::change_token;
use crate::time::rfc3339;

/// The outcome of a change of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListOutcome {
    /// The change was made.
    Done,
    /// The list no longer exists.
    Gone,
    /// The list has changed since it was read.
    Stale,
    /// Nobody can tell whether the change was made.
    Failed(Failure),
}

/// A change of a list's item.
struct ListChange {
    key: Key,
    /// The attribute that every such change sets to another value.
    attribute: &'static str,
    /// The value of the attribute that the change requires, `None` if the attribute must be missing.
    before: Option<String>,
    /// The value that only this change sets.
    after: String,
    statements: Vec<Statement>,
    outcome: Option<ListOutcome>,
}

/// Gives `stored` another name, and the time `now`, or a later one if the last change was not before.
pub async fn rename(session: &Session<'_>, stored: &mut StoredList, name: &str, now: Timestamp) -> ListOutcome {
    let updated_at = later(Some(&stored.updated_at), now);
    let key = list_key(&stored.list.account, stored.list.id.as_str());
    let set = vec![("name", Value::Text(name)), ("updated_at", Value::Text(&updated_at))];
    let condition = [(DELETION, None), ("updated_at", stored.stored_updated_at.as_deref())];
    let statement = update_statement(session.table(), &key, &set, &[], &condition);
    let change = ListChange {
        key,
        attribute: "updated_at",
        before: stored.stored_updated_at.clone(),
        after: updated_at.clone(),
        statements: vec![Statement::new(statement)],
        outcome: None,
    };
    let outcome = change.make(session).await;
    if outcome == ListOutcome::Done {
        name.clone_into(&mut stored.name);
        stored.stored_updated_at = Some(updated_at.clone());
        stored.updated_at = updated_at;
    }
    outcome
}

/// Marks `stored` as deleted, removes its name and type, and adds to the outbox that its records are to be removed, all
/// in one transaction.
pub async fn delete_list(session: &Session<'_>, stored: &StoredList, now: Timestamp) -> ListOutcome {
    let (token, deleted_at) = (change_token(), rfc3339(now));
    let (account, id) = (&stored.list.account, stored.list.id.as_str());
    let (key, outbox) = (list_key(account, id), deletion_key(account, id));
    let set = vec![(DELETION, Value::Text(&token)), ("deleted_at", Value::Text(&deleted_at))];
    let removed = ["name", "unique_identifier_type", "salt", "updated_at"];
    let unique: &str = stored.list.unique_identifier_type.into();
    let condition = [(DELETION, None), ("unique_identifier_type", Some(unique))];
    let row = vec![
        ("pk", Value::Text(&outbox.pk)),
        ("sk", Value::Text(&outbox.sk)),
        ("account", Value::Text(account)),
        ("record_list_id", Value::Text(id)),
        ("deleted_at", Value::Text(&deleted_at)),
    ];
    let statements = vec![
        Statement::new(update_statement(session.table(), &key, &set, &removed, &condition)),
        Statement::new(insert_statement(session.table(), &row)),
    ];
    let change = ListChange { key, attribute: DELETION, before: None, after: token, statements, outcome: None };
    change.make(session).await
}

impl ListChange {
    #[expect(clippy::expect_used, reason = "writes are sent until they have an outcome")]
    async fn make(mut self, session: &Session<'_>) -> ListOutcome {
        session.time(writes::send(session, vec![&mut self])).await;
        self.outcome.expect("the change was sent")
    }

    fn is_in_conflict(&self) -> bool {
        self.statements.iter().any(Statement::is_in_conflict)
    }
}

impl Write for ListChange {
    fn statements(&mut self) -> impl Iterator<Item = &mut Statement> {
        self.statements.iter_mut()
    }

    fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    fn give_up(&mut self, failure: Failure) {
        self.outcome = Some(ListOutcome::Failed(failure));
    }

    fn note_results(&mut self) {
        let mut failures = self.statements.iter().filter_map(Statement::failure);
        if self.statements.iter().all(Statement::is_done) {
            self.outcome = Some(ListOutcome::Done);
        } else if !self.is_in_conflict()
            && let Some(failure) = failures.find(|failure| *failure != Failure::Unavailable)
        {
            self.give_up(failure);
        }
    }

    fn unclear_keys(&self) -> impl Iterator<Item = &Key> {
        self.is_in_conflict().then_some(&self.key).into_iter()
    }

    /// Sets the outcome that follows from the list as it is now.
    fn judge(&mut self, items: &HashMap<Key, &Item>) {
        let item = items.get(&self.key);
        let value = item.and_then(|item| item.owned_text(self.attribute));
        self.outcome = match item {
            Some(_) if value.as_ref() == Some(&self.after) => Some(ListOutcome::Done),
            Some(item) if is_there(item) && value == self.before => None,
            Some(item) if is_there(item) => Some(ListOutcome::Stale),
            _ => Some(ListOutcome::Gone),
        };
    }
}
