//! The identifiers of rows, which make one row a duplicate of another.

use std::collections::HashMap;

use record_lists::{Checked, UniqueIdentifierType};
use uuid::Uuid;

use crate::fate::Refusal;
use crate::rejection::OTHER;

/// The random half of an identifier's UUID. Two of some millions are alike in one file of a million, and half the memory is
/// saved: two million keys take 80 MB.
pub type Key = [u8; 8];

/// The keys of a record that the API would take; none if it would refuse it.
pub fn of_record(record: &str, unique: UniqueIdentifierType) -> Vec<Key> {
    if unique == UniqueIdentifierType::Nothing {
        return Vec::new();
    }
    record_lists::check(record, unique).map_or_else(|_| Vec::new(), |Checked { keys }| short(&keys))
}

/// `ids` as keys.
pub fn short(ids: &[Uuid]) -> Vec<Key> {
    ids.iter().copied().map(key).collect()
}

/// `id` as a key.
pub fn key(id: Uuid) -> Key {
    id.as_u64_pair().1.to_ne_bytes()
}

/// The identifiers of the rows so far.
pub struct Taken {
    unique: UniqueIdentifierType,
    /// The line that each is on, in parts: a map that grows is in memory twice, and so only a part of them is.
    lines: Vec<HashMap<Key, u32>>,
}

const PARTS: usize = 16;

impl Taken {
    /// Of no rows yet, for a list of type `unique`.
    pub fn new(unique: UniqueIdentifierType) -> Self {
        Self { unique, lines: vec![HashMap::new(); PARTS] }
    }

    /// Takes `keys` for the row on `line`: all of them, or none.
    ///
    /// # Errors
    ///
    /// The line of an earlier row that has one of them.
    pub fn take(&mut self, keys: &[Key], line: u64) -> Result<(), Earlier> {
        if let Some(earlier) = self.earlier(keys) {
            return Err(earlier);
        }
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        for key in keys {
            self.lines[part(*key)].insert(*key, line);
        }
        Ok(())
    }

    /// An earlier row that has one of `keys`.
    pub fn earlier(&self, keys: &[Key]) -> Option<Earlier> {
        let line = keys.iter().find_map(|key| self.lines[part(*key)].get(key))?;
        Some(Earlier { line: *line, unique: self.unique })
    }
}

fn part(key: Key) -> usize {
    usize::from(key[0]) % PARTS
}

/// An earlier row with the same identifier.
#[derive(Debug, PartialEq, Eq)]
pub struct Earlier {
    line: u32,
    unique: UniqueIdentifierType,
}

impl Earlier {
    /// The reason to refuse the later row, as the API would have it.
    pub fn refusal(&self) -> Refusal {
        let (code, what) = match self.unique {
            UniqueIdentifierType::External => {
                ("EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE", "the same external_provider and external_id")
            }
            UniqueIdentifierType::PhoneNumber => ("PHONE_NUMBER_NOT_UNIQUE", "one of the numbers too"),
            // Only an ID tells the records of such a list apart: the API's code for two patches of one record.
            UniqueIdentifierType::Nothing => (OTHER, "the same id"),
        };
        let reasons = vec![format!("The row on line {} has {what}.", self.line)];
        Refusal { codes: vec![code.to_owned()], reasons, ends_identity: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_takes_all_of_its_identifiers_or_none() {
        let mut taken = Taken::new(UniqueIdentifierType::PhoneNumber);
        let [a, b, c] = [[1; 8], [2; 8], [3; 8]];
        assert_eq!(taken.take(&[a, b], 2), Ok(()));
        let earlier = taken.take(&[c, b], 3).unwrap_err();
        assert_eq!(taken.take(&[c], 4), Ok(()));
        assert_eq!(earlier.refusal().reasons, ["The row on line 2 has one of the numbers too."]);
    }

    #[test]
    fn records_that_would_be_refused_have_no_keys() {
        let record = r#"{"first_name":"A","last_name":"B","phone_number":"+12025550143"}"#;
        let keys = |record: &str, unique| of_record(record, unique).len();
        assert_eq!(keys(record, UniqueIdentifierType::PhoneNumber), 1);
        assert_eq!(keys(record, UniqueIdentifierType::External), 0);
        assert_eq!(keys(record, UniqueIdentifierType::Nothing), 0);
        assert_eq!(keys("{}", UniqueIdentifierType::PhoneNumber), 0);
    }
}
