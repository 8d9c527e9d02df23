//! The results of a batch over all attempts at it.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::fate::{Fate, Judged};

/// Remembers what an attempt has done without finishing its batch: the next one finds it unchanged.
pub struct Results {
    /// The rows that were created or updated.
    done: Mutex<Vec<Option<Fate>>>,
}

impl Results {
    /// Of a batch of as many rows as `rows`.
    pub fn new(rows: usize) -> Self {
        Self { done: Mutex::new(vec![None; rows]) }
    }

    /// Adds the results of an attempt, and returns those of all of them. If the response to an earlier one was lost, what has
    /// changed since the run `began` is what that one did.
    ///
    /// # Errors
    ///
    /// If the batch is to be sent again.
    pub fn add(&self, mut judged: Vec<Judged>, began: Option<Timestamp>) -> Result<Vec<Judged>, String> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        for (row, done) in judged.iter_mut().zip(done.iter_mut()) {
            if let (Fate::Unchanged, Some(began)) = (&row.fate, began) {
                row.fate = row.times.fate_since(began);
            }
            match (&row.fate, &done) {
                (Fate::Created | Fate::Updated, None) => *done = Some(row.fate.clone()),
                (Fate::Unchanged, Some(fate)) => row.fate = fate.clone(),
                _ => {}
            }
        }
        if judged.iter().any(|row| row.fate == Fate::NotStored) {
            return Err("records could not be stored in time".to_owned());
        }
        Ok(judged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fate::Times;

    fn add(results: &Results, fates: &[Fate]) -> Result<Vec<Fate>, String> {
        let judged = |fate: &Fate| Judged { fate: fate.clone(), id: None, existing: None, times: Times::default() };
        results
            .add(fates.iter().map(judged).collect(), None)
            .map(|judged| judged.into_iter().map(|row| row.fate).collect())
    }

    #[test]
    fn a_batch_is_done_when_every_row_is_and_counts_what_the_first_attempts_did() {
        let results = Results::new(4);
        let first = [Fate::Created, Fate::Updated, Fate::NotStored, Fate::Unchanged];
        assert!(add(&results, &first).is_err());
        let second = [Fate::Unchanged, Fate::Unchanged, Fate::Created, Fate::Unchanged];
        assert_eq!(add(&results, &second), Ok(vec![Fate::Created, Fate::Updated, Fate::Created, Fate::Unchanged]));
    }
}
