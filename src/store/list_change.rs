//! Changes of a list: renaming and deleting it.

use jiff::Timestamp;

use super::item::{Value, insert_statement, update_statement};
use super::key::{deletion_key, list_key};
use super::lists::{DELETION, StoredList, is_there};
use super::update::later;
use crate::dynamodb::read::get_item;
use crate::dynamodb::statements::{Statement, StatementResult};
use crate::dynamodb::writes::{self, Write};
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::record::token::change_token;

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
    /// The attribute that shows the change, and its value.
    mark: (&'static str, String),
    /// The attribute that the change names in its condition, and its value.
    base: (&'static str, Option<String>),
    statements: Vec<Statement>,
    outcome: Option<ListOutcome>,
}

/// Gives `stored` another name, and the time `now`, or a later one if the last change was not before.
pub async fn rename(session: &Session<'_>, stored: &StoredList, name: &str, now: Timestamp) -> (ListOutcome, String) {
    let updated_at = later(Some(&stored.updated_at), now);
    let key = list_key(&stored.list.account, stored.list.id.as_str());
    let set = vec![("name", Value::Text(name)), ("updated_at", Value::Text(&updated_at))];
    let condition = [(DELETION, None), ("updated_at", stored.stored_updated_at.as_deref())];
    let statement = update_statement(session.table(), &key, &set, &[], &condition);
    let change = ListChange {
        key,
        mark: ("updated_at", updated_at.clone()),
        base: ("updated_at", stored.stored_updated_at.clone()),
        statements: vec![Statement::new(statement)],
        outcome: None,
    };
    (change.make(session).await, updated_at)
}

/// Marks `stored` as deleted, removes its name and type, and adds to the outbox that its records are to be removed, all
/// in one transaction.
pub async fn delete_list(session: &Session<'_>, stored: &StoredList, now: Timestamp) -> ListOutcome {
    let (token, deleted_at) = (change_token(), format!("{now:.3}"));
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
    let base = (DELETION, None);
    ListChange { key, mark: (DELETION, token.clone()), base, statements, outcome: None }.make(session).await
}

impl ListChange {
    #[expect(clippy::expect_used, reason = "writes are sent until they have an outcome")]
    async fn make(mut self, session: &Session<'_>) -> ListOutcome {
        session.time(writes::send(session, vec![&mut self])).await;
        self.outcome.expect("the change was sent")
    }

    /// Sets the outcome that follows from `item`, the list as it is now.
    fn judge(&mut self, item: Option<&Item>) {
        let (mark, base) = (&self.mark, &self.base);
        self.outcome = match item {
            Some(item) if item.text(mark.0).as_ref() == Some(&mark.1) => Some(ListOutcome::Done),
            Some(item) if is_there(item) && item.text(base.0) == base.1 => None,
            Some(item) if is_there(item) => Some(ListOutcome::Stale),
            _ => Some(ListOutcome::Gone),
        };
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

    async fn resolve(session: &Session<'_>, changes: &mut [&mut Self]) {
        for change in changes {
            let results = || change.statements.iter().map(|statement| statement.result.as_ref());
            if results().all(|result| matches!(result, Some(StatementResult::Done))) {
                change.outcome = Some(ListOutcome::Done);
            } else if results().any(|result| matches!(result, Some(StatementResult::Conflict(_)))) {
                match get_item(session, &change.key).await {
                    Ok(item) => change.judge(item.as_ref()),
                    Err(Failure::Unavailable) => {}
                    Err(failure) => change.give_up(failure),
                }
            } else if let Some(failure) = results().find_map(refusal) {
                change.give_up(failure);
            }
        }
    }
}

fn refusal(result: Option<&StatementResult>) -> Option<Failure> {
    match result {
        Some(StatementResult::Failed(failure @ (Failure::Rejected | Failure::Fault))) => Some(*failure),
        _ => None,
    }
}
