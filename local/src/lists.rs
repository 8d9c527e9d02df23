//! The record lists of `record-lists.json`: one of each type, all in one account.

use std::collections::HashMap;

const RECORD_LISTS: &str = include_str!("../record-lists.json");

/// The account of the lists.
pub const ACCOUNT: &str = "7d1f0c52";

/// The ID of the list in which external references are unique.
pub const EXTERNAL: &str = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f01";

/// The ID of the list in which phone numbers are unique.
pub const PHONE_NUMBER: &str = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02";

/// The ID of the list in which nothing is unique.
pub const NOTHING: &str = "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f03";

/// The lists as items, whose attributes are all strings.
#[must_use]
pub fn items() -> Vec<HashMap<String, String>> {
    serde_json::from_str(RECORD_LISTS).expect("record-lists.json is an array of items")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_those_of_the_file() {
        let lists: Vec<_> =
            items().into_iter().map(|list| (list["id"].clone(), list["unique_identifier_type"].clone())).collect();
        let expected = [(EXTERNAL, "EXTERNAL"), (PHONE_NUMBER, "PHONE_NUMBER"), (NOTHING, "NOTHING")];
        assert_eq!(lists, expected.map(|(id, unique)| (id.to_owned(), unique.to_owned())));
        for list in items() {
            assert_eq!((&list["pk"], &list["sk"]), (&format!("ACCOUNT#{ACCOUNT}"), &format!("LIST#{}", list["id"])));
        }
    }
}
