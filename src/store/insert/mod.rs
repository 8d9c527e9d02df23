//! Inserts of records and lists: their statements, and the outcome of each. An identity is stored only once.

mod resolve;
mod rounds;

use uuid::Uuid;

pub use self::rounds::{insert, preview};
use super::item::{self, Value};
use super::key::{list_key, record_key};
use super::owner::{Owner, Relation};
use super::statement::{ItemStatement, insert_statement};
use super::stored_record::StoredRecord;
use crate::dynamodb::attribute::MAX_ITEM_BYTES;
use crate::dynamodb::statements::Statement;
use crate::dynamodb::{Failure, Item};
use crate::list::{NewList, RecordList};
use crate::record::Record;
use crate::record::errors::{RecordError, RecordErrorCode};
use crate::record::extra_data::TOO_LARGE;
use crate::record::identity;
use crate::record::token::{RequestToken, WriteToken};

/// The space that a new record leaves in its item for the versions that its changes add.
const CHANGE_BYTES: usize = 256;

/// A record or list to insert: an item for each of its IDs, all of them or none.
#[derive(Debug)]
pub struct Insert<'a> {
    /// The record's own item, then its aliases.
    items: Vec<ItemStatement>,
    write_token: WriteToken,
    created_at: &'a str,
    outcome: Option<Outcome>,
}

/// The outcome of an insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The record or list is stored, once.
    Created {
        /// The time at which it was stored, in RFC 3339, UTC, milliseconds: before this request if an earlier one with
        /// the same token stored it.
        created_at: String,
    },
    /// The record would be stored; nothing was written.
    Creatable,
    /// Other records have IDs of this one: at least one.
    NotUnique(Vec<Conflict>),
    /// DynamoDB will never accept it.
    Rejected,
    /// It was not stored, as far as is known, for a reason that is not its own.
    Unstored(Failure),
}

/// An ID that already has an owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub id: Uuid,
    pub owner: Owner,
    pub relation: Relation,
}

impl<'a> Insert<'a> {
    /// The insert of `record` into `list`, stored in `table`.
    ///
    /// # Errors
    ///
    /// [`RecordErrorCode::Other`] if it is too large for an item.
    pub fn of_record(
        table: &str,
        list: &RecordList,
        record: &Record<'_>,
        write_token: WriteToken,
        created_at: &'a str,
    ) -> Result<Self, RecordError> {
        let ids = identity::ids(list, record, write_token);
        let (own_id, token) = (ids[0].to_string(), write_token.to_string());
        let statement = |id: Uuid| {
            let key = record_key(list, id);
            let mut item = item::start(&key, &token, created_at);
            if id == ids[0] {
                item.extend(item::record(list, &own_id, record, created_at));
                if item::size(&item) > MAX_ITEM_BYTES - CHANGE_BYTES {
                    return Err(RecordError::new(RecordErrorCode::Other, item::largest(&item), TOO_LARGE));
                }
            } else {
                item.push(("record_id", Value::Text(&own_id)));
            }
            let statement = Statement::new(insert_statement(table, &item));
            Ok(ItemStatement { id, key, statement })
        };
        let items = ids.iter().copied().map(statement).collect::<Result<_, _>>()?;
        Ok(Self { items, write_token, created_at, outcome: None })
    }

    /// The insert of the list `new` of `account`, by the request of `token`.
    ///
    /// Of two requests with one key, the first to be stored decides the salt; only a stored salt is ever used.
    pub fn of_list(table: &str, account: &str, token: RequestToken, new: &NewList, created_at: &'a str) -> Self {
        let (id, write_token) = (token.list_id(), token.write_token(0));
        let (id_text, token) = (id.to_string(), write_token.to_string());
        let key = list_key(account, &id_text);
        let mut item = item::start(&key, &token, created_at);
        item.extend([
            ("id", Value::Text(&id_text)),
            ("name", Value::Text(&new.name)),
            ("unique_identifier_type", Value::Text(new.unique.into())),
            ("salt", Value::Text(&new.salt)),
            ("updated_at", Value::Text(created_at)),
        ]);
        let statement = Statement::new(insert_statement(table, &item));
        Self { items: vec![ItemStatement { id, key, statement }], write_token, created_at, outcome: None }
    }

    /// The ID of the record or list.
    pub fn id(&self) -> Uuid {
        self.items[0].id
    }

    /// The time of this attempt, in RFC 3339, UTC, milliseconds.
    pub fn created_at(&self) -> &str {
        self.created_at
    }

    /// Every ID that it would have, its own first.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.items.iter().map(|item| item.id)
    }

    /// The statements, that of its own item first.
    pub(super) fn items(&self) -> &[ItemStatement] {
        &self.items
    }

    pub(super) fn items_mut(&mut self) -> &mut [ItemStatement] {
        &mut self.items
    }

    /// The record as it will be stored.
    pub(super) fn stored(&self, list: &RecordList, record: &Record<'_>) -> StoredRecord {
        let (id, token) = (self.id(), self.write_token.to_string());
        let id_text = id.to_string();
        let mut attributes = item::start(&self.items[0].key, &token, self.created_at);
        attributes.extend(item::record(list, &id_text, record, self.created_at));
        let mut item = Item::default();
        for (name, value) in &attributes {
            item.set(name, value.json());
        }
        StoredRecord { id, item }
    }

    /// The outcome, if it is already known.
    pub(super) fn decided(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    #[expect(clippy::expect_used, reason = "`insert` sets every outcome")]
    pub fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().expect("the insert was carried out")
    }

    /// The reason why nothing is stored, if the record or list is not at fault.
    pub fn failure(&self) -> Option<Failure> {
        match self.outcome() {
            Outcome::Unstored(failure) => Some(*failure),
            Outcome::Created { .. } | Outcome::Creatable | Outcome::NotUnique(_) | Outcome::Rejected => None,
        }
    }
}
