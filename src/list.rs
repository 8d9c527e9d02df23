//! Record lists, and what makes a record a duplicate in one.

/// A record list of the caller's account: only [`Session::find_list`](crate::store::Session::find_list) makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordList {
    /// The account it belongs to.
    pub account: String,
    /// Its ID.
    pub id: RecordListId,
    /// What makes a record a duplicate in it.
    pub unique_identifier_type: UniqueIdentifierType,
}

/// What makes a record a duplicate in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueIdentifierType {
    /// The same external provider and ID.
    External,
    /// Any of its phone numbers.
    PhoneNumber,
    /// Nothing: a record is never a duplicate.
    Nothing,
}

impl UniqueIdentifierType {
    /// Reads the attribute `unique_identifier_type` of a list.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        match value {
            "EXTERNAL" => Some(Self::External),
            "PHONE_NUMBER" => Some(Self::PhoneNumber),
            "NOTHING" => Some(Self::Nothing),
            _ => None,
        }
    }
}

/// A record list's ID: 1 to [`MAX_ID_CHARACTERS`](RecordListId::MAX_ID_CHARACTERS) of RFC 3986's unreserved
/// characters, which mean the same in a path, in a link and in a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordListId(String);

impl RecordListId {
    /// The longest ID, in characters: the API's schema of `record_list_id`.
    pub const MAX_ID_CHARACTERS: usize = 36;

    /// Reads an ID as it stands in a path.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        ((1..=Self::MAX_ID_CHARACTERS).contains(&id.len()) && id.chars().all(unreserved)).then(|| Self(id.to_owned()))
    }

    /// The ID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_plain() {
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
            assert_eq!(RecordListId::parse(id).is_some(), expected, "{id}");
        }
    }
}
