//! What is written, what became of it, and who holds an ID that is taken.

use std::collections::HashMap;

use uuid::Uuid;

use super::calls::Failure;
use super::item::{self, Key, Keyspace};
use crate::dynamodb::MAX_ITEM_BYTES;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::Record;
use crate::record::extra_data::TOO_LARGE;
use crate::record::faults::{ErrorCode, Fault};
use crate::record::identity;

/// A record or list on its way into the table, laid out: an item for each of its IDs, all of them or none.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "`write_token` is the attribute's name")]
pub struct Write<'a> {
    keyspace: Keyspace<'a>,
    pub(super) ids: Vec<Uuid>,
    pub(super) write_token: String,
    pub(super) created_at: &'a str,
    /// A statement for each ID, as DynamoDB's protocol writes it.
    pub(super) statements: Vec<Vec<u8>>,
}

impl<'a> Write<'a> {
    /// Lays out `record` for `list`, to be written by `write_token` into `table`.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::Other`] if it is too large for an item.
    pub fn of_record(
        table: &str,
        list: &'a RecordList,
        record: &Record<'_>,
        write_token: String,
        created_at: &'a str,
    ) -> Result<Self, Fault> {
        let ids = identity::ids(list, record, &write_token);
        let keyspace = Keyspace::Records(list);
        let id = ids[0].to_string();
        let key = keyspace.key(&id);
        let mut item = item::start(&key, &write_token, created_at);
        item.extend(item::record(list, &id, record, created_at));
        if item::size(&item) > MAX_ITEM_BYTES {
            return Err(Fault::new(ErrorCode::Other, item::largest(&item), TOO_LARGE));
        }
        let mut statements = vec![item::insert_statement(table, &item)];
        statements.extend(ids[1..].iter().map(|alias| {
            let key = keyspace.key(&alias.to_string());
            let mut item = item::start(&key, &write_token, created_at);
            item.push(("record_id", item::Value::Text(&id)));
            item::insert_statement(table, &item)
        }));
        Ok(Self { keyspace, ids, write_token, created_at, statements })
    }

    /// Lays out the list `id` of `account`.
    pub fn of_list(
        table: &str,
        account: &'a str,
        (id, write_token): (Uuid, String),
        (name, unique): (&str, UniqueIdentifierType),
        created_at: &'a str,
    ) -> Self {
        let keyspace = Keyspace::Lists { account };
        let id_text = id.to_string();
        let key = keyspace.key(&id_text);
        let mut item = item::start(&key, &write_token, created_at);
        item.extend([
            ("id", item::Value::Text(&id_text)),
            ("name", item::Value::Text(name)),
            ("unique_identifier_type", item::Value::Text(unique.into())),
            ("updated_at", item::Value::Text(created_at)),
        ]);
        let statements = vec![item::insert_statement(table, &item)];
        Self { keyspace, ids: vec![id], write_token, created_at, statements }
    }

    /// Its own ID, then those of its aliases.
    pub fn ids(&self) -> &[Uuid] {
        &self.ids
    }

    /// The key of the item that one of its IDs has.
    pub(super) fn key(&self, id: Uuid) -> Key {
        self.keyspace.key(&id.to_string())
    }

    /// The bytes of its statements.
    pub(super) fn bytes(&self) -> usize {
        self.statements.iter().map(Vec::len).sum()
    }

    /// It is stored, since `created_at`.
    pub(super) fn created(&self, created_at: &str) -> Outcome {
        Outcome::Created { id: self.ids[0], created_at: created_at.to_owned() }
    }

    /// Those of `ids` that another record is known to hold. A later record of the same request counts only if there is no
    /// other: it holds an ID only because this record could not have it.
    pub(super) fn taken(&self, ids: &[Uuid], holders: &Holders) -> Vec<Taken> {
        let (request, place) = parts(&self.write_token);
        let taken = |id: &Uuid| {
            let holder = holders.get(id).filter(|holder| holder.write_token != self.write_token)?;
            let (its_request, its_place) = parts(&holder.write_token);
            let is_later = request == its_request && place < its_place;
            let by_same_request = request == its_request && !is_later;
            Some((Taken { id: *id, holder: holder.clone(), by_same_request }, is_later))
        };
        let mut taken: Vec<(Taken, bool)> = ids.iter().filter_map(taken).collect();
        if taken.iter().any(|(_, is_later)| !is_later) {
            taken.retain(|(_, is_later)| !is_later);
        }
        taken.into_iter().map(|(taken, _)| taken).collect()
    }
}

/// The request in a write token, which all records of the request share, and the record's place in it.
fn parts(write_token: &str) -> (&str, usize) {
    let (request, place) = write_token.split_once('/').unwrap_or((write_token, ""));
    (request, place.parse().unwrap_or_default())
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, once.
    Created {
        /// Its ID.
        id: Uuid,
        /// Since when, in RFC 3339, UTC, milliseconds: before this request if an earlier one with the same token stored it.
        created_at: String,
    },
    /// Another record has these of its IDs.
    NotUnique(Vec<Taken>),
    /// DynamoDB refused it, whatever is tried.
    Rejected,
    /// It could not be stored, for a reason that is not its own.
    Unstored(Failure),
}

/// An ID that another record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The ID.
    pub id: Uuid,
    /// Who holds it.
    pub holder: Holder,
    /// Whether an earlier record of the same request holds it.
    pub by_same_request: bool,
}

/// Who holds an ID: the write token of the item, since when, and the record it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub(super) write_token: String,
    pub(super) created_at: String,
    /// The record, which holds the ID as itself or by an alias.
    pub record_id: Uuid,
}

/// Holders by ID, as far as they are known.
pub type Holders = HashMap<Uuid, Holder>;
