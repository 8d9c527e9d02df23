//! The records that a mirror keeps: those of the file's rows, refused ones included.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::fate::{Fate, Judged};
use crate::identifiers::{Key, key};
use crate::identity::Identity;

/// The records of a file, by the IDs in the API's responses.
#[derive(Default)]
pub struct Kept {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Halves of IDs: if two are alike, one record too many is kept, and none too many deleted.
    ids: HashSet<Key>,
    /// The first line of a row whose record cannot be known.
    unknown: Option<u64>,
}

impl Kept {
    /// Keeps the records that the API names for the row on `line`.
    pub fn keep(&self, line: u64, identity: &Identity, judged: &Judged) {
        self.add(judged);
        let is_known = match &judged.fate {
            // It has an `updated_at` of this run, if it exists.
            Fate::Created => true,
            Fate::Updated | Fate::Unchanged => judged.id.is_some(),
            Fate::Refused(refusal) if refusal.is_not_unique() => judged.existing.is_some(),
            Fate::Refused(_) | Fate::NotStored => judged.id.is_some() || identity.is_known(),
        };
        if !is_known {
            self.miss(line);
        }
    }

    /// Keeps the records that `judged` names.
    pub fn add(&self, judged: &Judged) {
        self.state().ids.extend([judged.id, judged.existing].into_iter().flatten().map(key));
    }

    /// Notes that the record of the row on `line` cannot be known.
    pub fn miss(&self, line: u64) {
        let mut state = self.state();
        state.unknown = Some(state.unknown.map_or(line, |first| first.min(line)));
    }

    /// The first line of a row whose record cannot be known.
    pub fn unknown(&self) -> Option<u64> {
        self.state().unknown
    }

    /// Whether a row of the file has the record `id`.
    pub fn has(&self, id: Uuid) -> bool {
        self.state().ids.contains(&key(id))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use record_lists::UniqueIdentifierType;

    use super::*;
    use crate::fate::{Refusal, Times};

    fn refused(code: &str) -> Fate {
        Fate::Refused(Refusal { codes: vec![code.to_owned()], ..Refusal::default() })
    }

    #[test]
    fn the_records_of_rows_are_kept_whatever_became_of_them() {
        const NOT_UNIQUE: &str = "PHONE_NUMBER_NOT_UNIQUE";
        let [own, existing, other] = [1, 2, 3].map(Uuid::from_u128);
        let number = Identity::of(r#"{"phone_number":"+12025550143"}"#, UniqueIdentifierType::PhoneNumber);
        let none = Identity::default();
        let (yes, no) = (true, false);
        let table = [
            ("created in a dry run", Fate::Created, None, None, &number, yes),
            ("updated", Fate::Updated, Some(own), None, &number, yes),
            ("unchanged without an ID", Fate::Unchanged, None, None, &number, no),
            ("of an existing record", refused("PRIORITY_INVALID"), Some(own), None, &none, yes),
            ("of no record", refused("PRIORITY_INVALID"), None, None, &number, yes),
            ("of a record that nobody knows", refused("OTHER"), None, None, &none, no),
            ("not unique", refused(NOT_UNIQUE), Some(own), Some(existing), &number, yes),
            ("not unique, nobody knows why", refused(NOT_UNIQUE), Some(own), None, &number, no),
        ];
        for (name, fate, id, named, identity, is_known) in table {
            let kept = Kept::default();
            let judged = Judged { fate, id, existing: named, times: Times::default() };
            kept.keep(7, identity, &judged);
            let found = [own, existing, other].map(|id| kept.has(id));
            assert_eq!(found, [id.is_some(), named.is_some(), false], "{name}");
            assert_eq!(kept.unknown(), (!is_known).then_some(7), "{name}");
        }
    }

    #[test]
    fn the_first_row_without_a_known_record_is_told() {
        let kept = Kept::default();
        for line in [9, 7, 8] {
            kept.miss(line);
        }
        assert_eq!(kept.unknown(), Some(7));
    }
}
