//! Record lists, and the identifier that is unique in each.

use std::str::FromStr;

use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

/// A record list of a caller's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordList {
    /// The account it belongs to.
    pub account: String,
    pub id: RecordListId,
    /// The identifier that makes a record a duplicate. It never changes, because the keys of records depend on it.
    pub unique_identifier_type: UniqueIdentifierType,
    /// A random part of what the IDs of its records are derived from. Without it, anyone who knows the list and a
    /// record's ID could find the record's number by trying them all. Lists created before salts were introduced have
    /// none.
    pub salt: Option<String>,
}

#[cfg(test)]
impl RecordList {
    /// A list of type `EXTERNAL` without a salt.
    pub fn external(account: &str, id: &str) -> Self {
        Self {
            account: account.to_owned(),
            id: id.parse().unwrap(),
            unique_identifier_type: UniqueIdentifierType::External,
            salt: None,
        }
    }
}

/// The identifier that makes a record a duplicate of another in its list.
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
    /// The name as it was sent, not trimmed.
    pub name: String,
    pub unique: UniqueIdentifierType,
    /// A new random value.
    pub salt: String,
}

/// A record list's ID: 1 to [`MAX_ID_CHARACTERS`](RecordListId::MAX_ID_CHARACTERS) of RFC 3986's unreserved characters,
/// which mean the same in a path, in a link and in a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordListId(String);

impl RecordListId {
    /// The longest ID, in characters: the API's schema of `record_list_id`.
    const MAX_ID_CHARACTERS: usize = 36;

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
