//! A dry run: the API judges each batch by what is stored, and nothing is stored of the batches before it. So the rows that
//! share an identifier with an earlier row of the file are found here.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use record_lists::UniqueIdentifierType;

use crate::batch::Known;
use crate::identifiers::{Key, Taken};
use crate::rejects::Reject;
use crate::response::Refusal;

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
    /// Judges the next row, which the API would create or refuse.
    ///
    /// # Errors
    ///
    /// If it would not be created: the reasons.
    pub fn judge(&mut self, Known { row, keys }: Known, refusal: Option<Refusal>) -> Result<(), Reject> {
        let stays = |refusal: &Refusal| !refusal.is_not_unique() || keys.iter().all(|key| !self.free.contains(key));
        if let Some(refusal) = refusal.filter(stays) {
            return Err(refusal.reject(row));
        }
        self.taken.take(&keys, row.line).map_err(|earlier| {
            self.free.extend(keys);
            earlier.reject(row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Row;

    fn judge(batch: &mut Batch, line: u64, keys: &[u8], code: Option<&str>) -> Option<String> {
        let known = Known { row: Row { line, text: Vec::new() }, keys: keys.iter().map(|key| [*key; 8]).collect() };
        let refusal = code.map(|code| Refusal { codes: vec![code.to_owned()], reasons: vec![] });
        batch.judge(known, refusal).err().map(|reject| reject.codes.join(" "))
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
