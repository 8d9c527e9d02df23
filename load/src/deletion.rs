//! The outcomes of a request that deletes records.

use serde::Deserialize;

use crate::response::NOT_THE_API;

/// The number of records with each outcome.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Deletion {
    pub deleted: u64,
    /// Records that another has changed since they were read.
    pub changed: u64,
    /// Records that do not exist.
    missing: u64,
}

impl Deletion {
    /// Reads `body`, of a request to delete as many records as `records`. What is missing was deleted by an earlier attempt
    /// whose response was lost, if the request is `repeated`, else by another.
    ///
    /// # Errors
    ///
    /// If `body` does not have all outcomes, or some records could not be deleted in time: the request is to be sent again.
    pub fn of(body: &str, records: usize, repeated: bool) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Body {
            total_deleted: u64,
            #[serde(rename = "_embedded")]
            embedded: Failed,
        }
        #[derive(Deserialize)]
        struct Failed {
            failed_records: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            errors: Vec<String>,
        }
        let Body { total_deleted: deleted, embedded } =
            serde_json::from_str(body).map_err(|_| NOT_THE_API.to_owned())?;
        let failed = embedded.failed_records;
        let count = |code: &str| failed.iter().filter(|entry| entry.errors == [code]).count() as u64;
        let (changed, missing) = (count("RECORD_CHANGED"), count("RECORD_NOT_FOUND"));
        match deleted + changed + missing {
            all if all != records as u64 => Err("records could not be deleted in time".to_owned()),
            _ if repeated => Ok(Self { deleted: deleted + missing, changed, missing: 0 }),
            _ => Ok(Self { deleted, changed, missing }),
        }
    }

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            deleted: self.deleted + other.deleted,
            changed: self.changed + other.changed,
            missing: self.missing + other.missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_entry_is_counted_or_the_request_is_sent_again() {
        let body = |deleted: u8, codes: &[&str]| {
            let failed: Vec<_> = codes.iter().map(|code| json!({"id": "x", "errors": [code]})).collect();
            json!({"total_deleted": deleted, "_embedded": {"failed_records": failed}}).to_string()
        };
        let all = body(1, &["RECORD_CHANGED", "RECORD_NOT_FOUND"]);
        assert_eq!(Deletion::of(&all, 3, false), Ok(Deletion { deleted: 1, changed: 1, missing: 1 }));
        assert_eq!(Deletion::of(&all, 3, true), Ok(Deletion { deleted: 2, changed: 1, missing: 0 }));
        for unfinished in [body(1, &["OTHER"]), body(1, &[]), "{}".to_owned()] {
            assert!(Deletion::of(&unfinished, 2, false).is_err(), "{unfinished}");
        }
    }
}
