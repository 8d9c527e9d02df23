//! Owners: the record that has an ID, and the version of the item that says so.

use std::collections::HashMap;

use uuid::Uuid;

use super::key::id_of;
use crate::dynamodb::batch_get::batch_get;
use crate::dynamodb::{Failure, Item, Key, Session};
use crate::record::derived_uuid;
use crate::record::token::WriteToken;

/// The attributes that identify an item's owner.
pub const OWNER_ATTRIBUTES: &str = "pk, sk, write_token, created_at, version, record_id";

/// The attributes that distinguish an item from earlier and later ones with the same key, as they are stored. An
/// operator's own item can lack them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The token of the write that created the item.
    pub write_token: Option<String>,
    /// The time of that write, in RFC 3339, UTC, milliseconds.
    pub created_at: Option<String>,
    /// The token of the last change of a record; `None` if it was never changed, and for aliases.
    pub change: Option<String>,
}

impl Version {
    /// The version of `item`.
    pub fn of(item: &Item) -> Self {
        let [write_token, created_at, change] =
            ["write_token", "created_at", "version"].map(|name| item.owned_text(name));
        Self { write_token, created_at, change }
    }

    /// The version of an alias of the record.
    pub fn of_alias(&self) -> Self {
        Self { change: None, ..self.clone() }
    }

    /// Whether both are versions of one record, which can have been changed, but not deleted and created again.
    pub fn is_same_record(&self, other: &Self) -> bool {
        self.write_token == other.write_token && self.created_at == other.created_at
    }

    /// The strong entity tag (RFC 9110 section 8.8.3) of a record of this version, quotes included.
    #[expect(clippy::expect_used, reason = "writing strings to memory cannot fail")]
    pub fn etag(&self) -> String {
        let parts = serde_json::to_vec(&self.attributes().map(|(_, value)| value)).expect("strings can be written");
        format!("\"{}\"", derived_uuid::digest(&parts))
    }

    /// The names and values of the attributes.
    pub fn attributes(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("write_token", self.write_token.as_deref()),
            ("created_at", self.created_at.as_deref()),
            ("version", self.change.as_deref()),
        ]
    }

    /// The token, if it is one of this service's.
    fn token(&self) -> Option<WriteToken> {
        self.write_token.as_deref()?.parse().ok()
    }
}

/// The owner of an ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The version of the item with the ID.
    pub version: Version,
    /// The record, which has the ID as its own or by an alias.
    pub record_id: Uuid,
}

/// Owners by ID, as far as they are known.
pub type Owners = HashMap<Uuid, Owner>;

impl Owner {
    /// The time at which `token` stored the record, if the item is that record's.
    pub fn created_at_by(&self, token: WriteToken) -> Option<&str> {
        let is_own = self.version.token().is_some_and(|own| own.is_same_write(token));
        self.version.created_at.as_deref().filter(|_| is_own)
    }

    /// The relation of the owner to the record that `token` writes.
    pub fn relation_to(&self, token: WriteToken) -> Relation {
        match self.version.token() {
            Some(other) if token.is_before(other) => Relation::LaterRecord,
            Some(other) if token.is_same_request(other) => Relation::EarlierRecord,
            _ => Relation::Stranger,
        }
    }
}

/// The relation of an ID's owner to a record that would have the ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// A record of another request.
    Stranger,
    /// An earlier record of the same request.
    EarlierRecord,
    /// A later record of the same request: it has the ID only because this record was refused for another ID before.
    LaterRecord,
}

/// Reads the owners of the items `keys`.
///
/// # Errors
///
/// [`Failure`], if not every key could be read in time.
pub async fn read_owners(session: &Session<'_>, keys: &[Key]) -> Result<Owners, Failure> {
    Ok(batch_get(session, keys, Some(OWNER_ATTRIBUTES)).await?.iter().filter_map(owner).collect())
}

/// The owners of those of `items` that have one of `keys`.
pub fn owners_of<'k>(keys: impl Iterator<Item = &'k Key>, items: &HashMap<Key, &Item>) -> Owners {
    keys.filter_map(|key| owner(items.get(key)?)).collect()
}

/// The owner of the ID of `item`. An alias names its record; if it names none, its own ID stands in.
fn owner(item: &Item) -> Option<(Uuid, Owner)> {
    let id = id_of(item)?;
    let record_id = item.text("record_id").and_then(|id| id.parse().ok()).unwrap_or(id);
    Some((id, Owner { version: Version::of(item), record_id }))
}
