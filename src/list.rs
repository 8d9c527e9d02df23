//! Record lists, and what makes a record a duplicate in one.

use std::str::FromStr;

use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

/// A record list of a caller's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordList {
    /// The account it belongs to.
    pub account: String,
    /// Its ID.
    pub id: RecordListId,
    /// What makes a record a duplicate in it. It never changes: records' keys are made of it.
    pub unique_identifier_type: UniqueIdentifierType,
    /// The random part that the IDs of its records are derived from too: without it, whoever sees an ID and knows the list
    /// could find the number behind it by trying them all. Lists that were created before there were salts have none.
    pub salt: Option<String>,
}

/// What makes a record a duplicate in a list.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum UniqueIdentifierType {
    /// The same external provider and ID.
    External,
    /// Any of its phone numbers.
    #[default]
    PhoneNumber,
    /// Nothing: a record is never a duplicate.
    Nothing,
}

/// A list to create.
#[derive(Debug, PartialEq, Eq)]
pub struct NewList {
    /// Its name, kept as sent.
    pub name: String,
    /// The identifier that makes a record a duplicate in it.
    pub unique: UniqueIdentifierType,
    /// Its salt, which is random.
    pub salt: String,
}

/// A record list's ID: 1 to [`MAX_ID_CHARACTERS`](RecordListId::MAX_ID_CHARACTERS) of RFC 3986's unreserved characters,
/// which mean the same in a path, in a link and in a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordListId(String);

impl RecordListId {
    /// The longest ID, in characters: the API's schema of `record_list_id`.
    const MAX_ID_CHARACTERS: usize = 36;

    /// The ID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for RecordListId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for RecordListId {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        let valid = (1..=Self::MAX_ID_CHARACTERS).contains(&id.len()) && id.chars().all(unreserved);
        valid.then(|| Self(id.to_owned())).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_unreserved_characters_only() {
        let long = "a".repeat(37);
        let table = [
            ("3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f01", true),
            ("List_1.v2~", true),
            ("", false),
            ("a#0", false),
            ("a%00", false),
            ("ä", false),
            (&long, false),
        ];
        for (id, expected) in table {
            assert_eq!(id.parse::<RecordListId>().is_ok(), expected, "{id}");
        }
    }
}
