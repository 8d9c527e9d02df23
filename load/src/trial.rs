//! A dry run: the API judges each batch by what is stored, and nothing is stored of the batches before it. So the rows that
//! share an identifier with an earlier row of the file are found here.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use record_lists::UniqueIdentifierType;

use crate::fate::{Fate, Refusal};
use crate::identifiers::{Key, Taken};
use crate::meaning::Known;

/// The identifiers of the rows that would be created.
pub struct Trial {
    taken: Mutex<Taken>,
}

/// The rows of one batch, in order.
pub struct Batch<'a> {
    taken: MutexGuard<'a, Taken>,
    /// The identifiers of rows that the API would create, but that have an earlier row in another batch.
    free: HashSet<Key>,
}

impl Trial {
    /// Of no rows yet, for a list of type `unique`.
    pub fn new(unique: UniqueIdentifierType) -> Self {
        Self { taken: Mutex::new(Taken::new(unique)) }
    }

    /// Starts with the next batch. Batches that share an identifier must come in the file's order.
    pub fn batch(&self) -> Batch<'_> {
        Batch { taken: self.taken.lock().unwrap_or_else(PoisonError::into_inner), free: HashSet::new() }
    }
}

impl Batch<'_> {
    /// The fate that the next row would have, of which the API says `fate`.
    pub fn judge(&mut self, known: &Known, fate: Fate) -> Fate {
        match fate {
            Fate::Refused(refusal) if !self.is_freed(&known.keys, &refusal) => Fate::Refused(refusal),
            _ => match self.taken.take(&known.keys, known.row.line) {
                Ok(()) => Fate::Created,
                Err(earlier) => {
                    self.free.extend(&known.keys);
                    Fate::Refused(earlier.refusal())
                }
            },
        }
    }

    /// Whether only a row that would not be created is in the way of one with these `keys`.
    fn is_freed(&self, keys: &[Key], refusal: &Refusal) -> bool {
        refusal.codes.len() == 1 && refusal.is_not_unique() && keys.iter().any(|key| self.free.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::rows::Row;

    fn judge(batch: &mut Batch, line: u64, keys: &[u8], code: Option<&str>) -> Option<String> {
        let keys = keys.iter().map(|key| [*key; 8]).collect();
        let known = Known { row: Row { line, text: Vec::new() }, keys, identity: Identity::default() };
        let refusal = code.map(|code| Refusal { codes: vec![code.to_owned()], ..Refusal::default() });
        match batch.judge(&known, refusal.map_or(Fate::Created, Fate::Refused)) {
            Fate::Refused(refusal) => Some(refusal.codes.join(" ")),
            _ => None,
        }
    }

    #[test]
    fn a_row_is_refused_if_an_earlier_one_would_be_created_with_its_identifier() {
        const NOT_UNIQUE: &str = "PHONE_NUMBER_NOT_UNIQUE";
        let trial = Trial::new(UniqueIdentifierType::PhoneNumber);
        let mut batch = trial.batch();
        assert_eq!(judge(&mut batch, 2, &[1], None), None);
        assert_eq!(judge(&mut batch, 3, &[2], Some(NOT_UNIQUE)), Some(NOT_UNIQUE.to_owned()));
        drop(batch);
        let mut batch = trial.batch();
        assert_eq!(judge(&mut batch, 4, &[2], None), None, "the row before was not created");
        assert_eq!(judge(&mut batch, 5, &[3, 1], None), Some(NOT_UNIQUE.to_owned()));
        assert_eq!(judge(&mut batch, 6, &[3], Some(NOT_UNIQUE)), None, "only the row before was in its way");
        assert_eq!(judge(&mut batch, 7, &[3], Some("OTHER")), Some("OTHER".to_owned()));
    }
}
