//! What became of a record, by a response about it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::rejects::Reject;
use crate::rows::Row;

/// The outcome of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Created,
    Updated,
    Unchanged,
    Refused(Refusal),
    /// It could not be stored in time; the data is not at fault.
    NotStored,
}

/// The outcome of a record, and the records of the list that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub fate: Fate,
    /// The record that it is, if there is one.
    pub id: Option<Uuid>,
    /// The record that holds one of its identifiers.
    pub existing: Option<Uuid>,
    pub times: Times,
}

/// The times of a stored record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times {
    created_at: Option<String>,
    updated_at: Option<String>,
}

impl Times {
    /// Times as they are in a response.
    pub fn new(created_at: Option<String>, updated_at: Option<String>) -> Self {
        Self { created_at, updated_at }
    }

    /// The fate that explains why the record is as it is: what was created or changed after `began`.
    pub fn fate_since(&self, began: Timestamp) -> Fate {
        let is_later = |time: &Option<String>| {
            time.as_deref().and_then(|time| time.parse::<Timestamp>().ok()).is_some_and(|time| time >= began)
        };
        match (is_later(&self.created_at), is_later(&self.updated_at)) {
            (true, _) => Fate::Created,
            (false, true) => Fate::Updated,
            (false, false) => Fate::Unchanged,
        }
    }
}

/// The API's reasons for refusing a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    pub codes: Vec<String>,
    /// The reasons, in sentences.
    pub reasons: Vec<String>,
    /// Whether the stored record would lose the identifier that its ID is made of.
    pub ends_identity: bool,
}

impl Refusal {
    /// Rejects `row` for these reasons.
    pub fn reject(self, row: Row) -> Reject {
        Reject { row, broken: false, codes: self.codes, reasons: self.reasons }
    }

    /// Whether another record has an identifier of this one.
    pub fn is_not_unique(&self) -> bool {
        self.codes.iter().any(|code| code.ends_with("_NOT_UNIQUE"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_tell_what_was_done_since_a_run_began() {
        let times = |created: &str, updated: &str| {
            let time = |second: &str| Some(format!("2026-11-26T01:02:{second}Z"));
            Times { created_at: time(created), updated_at: time(updated) }
        };
        let fate = |times: Times| times.fate_since("2026-11-26T01:02:03Z".parse().unwrap());
        assert_eq!(fate(times("03.000", "03.000")), Fate::Created);
        assert_eq!(fate(times("02.999", "03.000")), Fate::Updated);
        assert_eq!(fate(times("02.998", "02.999")), Fate::Unchanged);
        assert_eq!(fate(Times::default()), Fate::Unchanged);
    }
}
