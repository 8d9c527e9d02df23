//! The result of a run.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::rejects::Reject;

/// The kind of a run, which says what "created" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Load,
    DryRun,
    Check,
}

/// The numbers of a run.
#[derive(Debug)]
pub struct Summary {
    pub kind: Kind,
    /// The rows that were created, would be, or are valid.
    pub created: u64,
    pub refused: u64,
    /// The rows that were sent without a response that says what became of them.
    pub failed: u64,
    /// The rows that were read, and neither sent nor refused.
    pub not_sent: u64,
    pub seconds: f64,
    pub errors: BTreeMap<String, Rows>,
}

/// The rows with one code.
#[derive(Debug)]
pub struct Rows {
    count: u64,
    first_line: u64,
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.count)
    }
}

/// A check, as it is printed.
#[derive(Serialize)]
struct CheckLine<'a> {
    rows: u64,
    valid: u64,
    refused: u64,
    seconds: f64,
    errors: &'a BTreeMap<String, Rows>,
}

/// A load, as it is printed.
#[derive(Serialize)]
struct LoadLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    /// The sum of the next three.
    sent: u64,
    created: u64,
    refused: u64,
    failed: u64,
    not_sent: u64,
    seconds: f64,
    errors: &'a BTreeMap<String, Rows>,
}

impl Summary {
    /// Of no rows yet.
    pub fn new(kind: Kind) -> Self {
        let errors = BTreeMap::new();
        Self { kind, created: 0, refused: 0, failed: 0, not_sent: 0, seconds: 0.0, errors }
    }

    /// Counts a rejected row.
    pub fn refuse(&mut self, reject: &Reject) {
        self.refused += 1;
        let line = reject.row.line;
        for code in &reject.codes {
            let rows = self.errors.entry(code.clone()).or_insert(Rows { count: 0, first_line: line });
            rows.count += 1;
            rows.first_line = rows.first_line.min(line);
        }
    }

    /// The number of rows that are done.
    pub fn done(&self) -> u64 {
        self.created + self.refused
    }

    /// The counts, in words.
    pub fn words(&self) -> String {
        if self.done() + self.failed == 0 && self.kind != Kind::Check {
            return "No record was sent".to_owned();
        }
        let (records, refused) = (records(self.done()), count(self.refused));
        let created = count(self.created);
        let words = match self.kind {
            Kind::Load => format!("{records}: {created} created, {refused} refused"),
            Kind::DryRun => format!("{records}: {created} would be created, {refused} would be refused"),
            Kind::Check => format!("{records}: {created} valid, {refused} refused"),
        };
        let others =
            [(self.failed, "failed"), (self.not_sent, "not sent")].into_iter().filter(|(number, _)| *number > 0);
        let others = others.map(|(number, word)| format!(", {} {word}", count(number)));
        [words].into_iter().chain(others).collect()
    }

    /// A line of JSON, for programs.
    #[expect(clippy::expect_used, reason = "numbers under names are always JSON")]
    pub fn json(&self) -> String {
        let &Self { kind, created, refused, failed, not_sent, seconds, ref errors } = self;
        let line = match kind {
            Kind::Check => {
                serde_json::to_string(&CheckLine { rows: self.done(), valid: created, refused, seconds, errors })
            }
            Kind::Load | Kind::DryRun => {
                let (dry_run, sent) = ((kind == Kind::DryRun).then_some(true), self.done() + failed);
                serde_json::to_string(&LoadLine { dry_run, sent, created, refused, failed, not_sent, seconds, errors })
            }
        };
        line.expect("a summary is JSON")
    }

    /// A table of the codes, for people, if there are any.
    pub fn table(&self) -> Option<String> {
        let mut errors: Vec<_> = self.errors.iter().collect();
        errors.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.count));
        let mut lines = vec![format!("{:>12}  {:>12}  code", "records", "first line")];
        lines.extend(
            errors.iter().map(|(code, rows)| format!("{:>12}  {:>12}  {code}", count(rows.count), rows.first_line)),
        );
        (!errors.is_empty()).then(|| lines.join("\n"))
    }
}

/// `n` as people write it.
pub fn count(n: u64) -> String {
    indicatif::HumanCount(n).to_string()
}

/// `n` records.
pub fn records(n: u64) -> String {
    format!("{} {}", count(n), if n == 1 { "record" } else { "records" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Row;

    fn summary(kind: Kind) -> Summary {
        let mut summary = Summary { created: 12_300, ..Summary::new(kind) };
        for (line, codes) in [(7, vec!["OTHER"]), (3, vec!["OTHER", "PRIORITY_INVALID"]), (9, vec!["OTHER"])] {
            let codes = codes.into_iter().map(str::to_owned).collect();
            summary.refuse(&Reject { row: Row { line, text: Vec::new() }, broken: false, codes, reasons: vec![] });
        }
        summary
    }

    #[test]
    fn the_words_are_those_of_the_kind() {
        let table = [
            (Kind::Load, "12,303 records: 12,300 created, 3 refused"),
            (Kind::DryRun, "12,303 records: 12,300 would be created, 3 would be refused"),
            (Kind::Check, "12,303 records: 12,300 valid, 3 refused"),
        ];
        for (kind, words) in table {
            assert_eq!(summary(kind).words(), words);
        }
        let failed = Summary { created: 1, failed: 100, not_sent: 1_234, ..Summary::new(Kind::Load) };
        assert_eq!(failed.words(), "1 record: 1 created, 0 refused, 100 failed, 1,234 not sent");
        let nothing = Summary { not_sent: 100, ..Summary::new(Kind::Load) };
        assert_eq!(nothing.words(), "No record was sent");
    }

    #[test]
    fn programs_get_a_line_of_json() {
        let errors = r#""seconds":0.0,"errors":{"OTHER":3,"PRIORITY_INVALID":1}}"#;
        let counts = r#""sent":12303,"created":12300,"refused":3,"failed":0,"not_sent":0"#;
        assert_eq!(summary(Kind::Load).json(), format!("{{{counts},{errors}"));
        assert_eq!(summary(Kind::DryRun).json(), format!("{{\"dry_run\":true,{counts},{errors}"));
        assert_eq!(summary(Kind::Check).json(), format!(r#"{{"rows":12303,"valid":12300,"refused":3,{errors}"#));
    }

    #[test]
    fn people_get_a_table_of_the_codes() {
        let expected = [
            "     records    first line  code",
            "           3             3  OTHER",
            "           1             3  PRIORITY_INVALID",
        ];
        assert_eq!(summary(Kind::Load).table(), Some(expected.join("\n")));
        assert_eq!(Summary::new(Kind::Load).table(), None);
    }
}
