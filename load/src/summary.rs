//! What a load has come to.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::rejects::Reject;

/// The numbers of a load, as they are printed at its end.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Every row that was read, those that could not be sent included: the sum of the next three.
    pub sent: u64,
    pub created: u64,
    pub refused: u64,
    /// Rows of which it is not known what became of them.
    pub failed: u64,
    pub seconds: f64,
    /// How many rows had each code.
    pub errors: BTreeMap<String, u64>,
}

impl Summary {
    /// Counts a rejected row.
    pub fn refuse(&mut self, reject: &Reject) {
        self.refused += 1;
        for code in &reject.codes {
            *self.errors.entry(code.clone()).or_default() += 1;
        }
    }

    /// How many rows are done.
    pub fn done(&self) -> u64 {
        self.created + self.refused
    }

    /// The line of JSON.
    #[expect(clippy::expect_used, reason = "numbers under names are always JSON")]
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("a summary is JSON")
    }
}
