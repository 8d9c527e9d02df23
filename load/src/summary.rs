//! The result of a run.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Serialize, Serializer};

use crate::rejects::Reject;

/// The number of codes in the table.
const MAX_CODES: usize = 3;

/// The most that the table has of a row's reasons, in characters.
const MAX_REASONS: usize = 200;

/// The kind of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Check,
    Create,
    Update,
    Mirror,
}

/// The rows that were sent and not refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Created, or in a check, valid.
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Sent without a response that says what became of them.
    pub failed: u64,
}

impl Counts {
    /// The rows whose record is as the row says.
    pub fn stored(self) -> u64 {
        self.created + self.updated + self.unchanged
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.failed += other.failed;
    }
}

/// The numbers of a run. Those of a dry run are what it would do.
#[derive(Debug)]
pub struct Summary {
    pub kind: Kind,
    pub dry_run: bool,
    pub counts: Counts,
    pub refused: u64,
    /// The rows that were read, and neither sent nor refused.
    pub not_sent: u64,
    /// The records that the file does not have.
    pub deleted: u64,
    pub seconds: f64,
    pub errors: BTreeMap<String, Rows>,
}

/// The rows with one code.
#[derive(Debug)]
pub struct Rows {
    count: u64,
    first_line: u64,
    /// The reasons on the first line.
    reasons: String,
}

impl Rows {
    fn starting_with(reject: &Reject) -> Self {
        let reasons = reject.reasons.join(" ").chars().take(MAX_REASONS).collect();
        Self { count: 0, first_line: reject.row.line, reasons }
    }
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

/// Any other run, as it is printed.
#[derive(Serialize)]
struct LoadLine<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    /// The sum of the next members, up to `failed`.
    sent: u64,
    created: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<u64>,
    refused: u64,
    failed: u64,
    not_sent: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<u64>,
    seconds: f64,
    errors: &'a BTreeMap<String, Rows>,
}

/// A number of rows or records, and what became of them.
struct Part {
    number: u64,
    words: String,
}

impl Summary {
    /// Of no rows yet.
    pub fn new(kind: Kind, dry_run: bool) -> Self {
        let (counts, errors) = (Counts::default(), BTreeMap::new());
        Self { kind, dry_run, counts, refused: 0, not_sent: 0, deleted: 0, seconds: 0.0, errors }
    }

    /// Counts a rejected row.
    pub fn refuse(&mut self, reject: &Reject) {
        self.refused += 1;
        for code in &reject.codes {
            let rows = self.errors.entry(code.clone()).or_insert_with(|| Rows::starting_with(reject));
            rows.count += 1;
            if reject.row.line < rows.first_line {
                *rows = Rows { count: rows.count, ..Rows::starting_with(reject) };
            }
        }
    }

    /// The number of rows that are done.
    pub fn done(&self) -> u64 {
        self.counts.stored() + self.refused
    }

    fn updates(&self) -> bool {
        matches!(self.kind, Kind::Update | Kind::Mirror)
    }

    /// The numbers that people are told: those that the kind of the run has, and others that are not 0.
    fn parts(&self) -> Vec<Part> {
        let would = if self.dry_run { "would be " } else { "" };
        let created = if self.kind == Kind::Check { "valid" } else { "created" };
        let part = |is_told: bool, number: u64, words: String| is_told.then_some(Part { number, words });
        let Counts { failed, .. } = self.counts;
        let parts = [
            part(true, self.counts.created, format!("{would}{created}")),
            part(self.updates(), self.counts.updated, format!("{would}updated")),
            part(self.updates(), self.counts.unchanged, "unchanged".to_owned()),
            part(true, self.refused, format!("{would}refused")),
            part(failed > 0, failed, "failed".to_owned()),
            part(self.not_sent > 0, self.not_sent, "not sent".to_owned()),
            part(self.kind == Kind::Mirror, self.deleted, format!("{would}deleted")),
        ];
        parts.into_iter().flatten().collect()
    }

    /// The counts, in words.
    pub fn words(&self) -> String {
        if self.done() + self.counts.failed == 0 && self.kind != Kind::Check {
            return "No record was sent".to_owned();
        }
        let parts = self.parts().into_iter().map(|Part { number, words }| format!("{} {words}", count(number)));
        format!("{}: {}", records(self.done()), parts.collect::<Vec<_>>().join(", "))
    }

    /// A line of JSON, for programs.
    #[expect(clippy::expect_used, reason = "numbers under names are always JSON")]
    pub fn json(&self) -> String {
        let &Self { refused, not_sent, deleted, seconds, ref errors, .. } = self;
        let Counts { created, updated, unchanged, failed } = self.counts;
        let line = match self.kind {
            Kind::Check => {
                serde_json::to_string(&CheckLine { rows: self.done(), valid: created, refused, seconds, errors })
            }
            Kind::Create | Kind::Update | Kind::Mirror => serde_json::to_string(&LoadLine {
                dry_run: self.dry_run.then_some(true),
                sent: self.done() + failed,
                created,
                updated: self.updates().then_some(updated),
                unchanged: self.updates().then_some(unchanged),
                refused,
                failed,
                not_sent,
                deleted: (self.kind == Kind::Mirror).then_some(deleted),
                seconds,
                errors,
            }),
        };
        line.expect("a summary is JSON")
    }

    /// A table for people: the counts, and the most frequent codes with the first line of each and the reasons there.
    pub fn table(&self) -> String {
        let counts = self.parts().into_iter().map(|Part { number, words }| format!("{:>12}  {words}", count(number)));
        let mut errors: Vec<_> = self.errors.iter().collect();
        errors.sort_by_key(|(_, rows)| Reverse(rows.count));
        let errors = errors.into_iter().take(MAX_CODES).map(|(code, Rows { count: rows, first_line, reasons })| {
            format!("{:>12}  {code}, first on line {first_line}: {reasons}", count(*rows))
        });
        let heading = (!self.errors.is_empty()).then(|| "\nMost frequent reasons:".to_owned());
        counts.chain(heading).chain(errors).collect::<Vec<_>>().join("\n")
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

    fn summary(kind: Kind, dry_run: bool) -> Summary {
        let mut summary = Summary::new(kind, dry_run);
        summary.counts += Counts { created: 12_300, ..Counts::default() };
        for (line, codes) in [(7, vec!["OTHER"]), (3, vec!["OTHER", "PRIORITY_INVALID"]), (9, vec!["OTHER"])] {
            let (codes, reasons) = (codes.into_iter().map(str::to_owned).collect(), vec![format!("Reason {line}.")]);
            summary.refuse(&Reject { row: Row { line, text: Vec::new() }, broken: false, codes, reasons });
        }
        summary
    }

    #[test]
    fn the_words_are_those_of_the_kind() {
        let table = [
            (Kind::Check, false, "12,300 valid, 3 refused"),
            (Kind::Create, false, "12,300 created, 3 refused"),
            (Kind::Create, true, "12,300 would be created, 3 would be refused"),
            (Kind::Update, false, "12,300 created, 0 updated, 0 unchanged, 3 refused"),
            (
                Kind::Mirror,
                true,
                "12,300 would be created, 0 would be updated, 0 unchanged, 3 would be refused, 0 would be deleted",
            ),
        ];
        for (kind, dry_run, words) in table {
            assert_eq!(summary(kind, dry_run).words(), format!("12,303 records: {words}"));
        }
        let counts = Counts { created: 1, failed: 100, ..Counts::default() };
        let failed = Summary { counts, not_sent: 1_234, ..Summary::new(Kind::Create, false) };
        assert_eq!(failed.words(), "1 record: 1 created, 0 refused, 100 failed, 1,234 not sent");
        let nothing = Summary { not_sent: 100, ..Summary::new(Kind::Create, false) };
        assert_eq!(nothing.words(), "No record was sent");
    }

    #[test]
    fn programs_get_a_line_of_json() {
        let errors = r#""seconds":0.0,"errors":{"OTHER":3,"PRIORITY_INVALID":1}}"#;
        let rest = r#""refused":3,"failed":0,"not_sent":0"#;
        let updates = r#""created":12300,"updated":0,"unchanged":0"#;
        let table = [
            (Kind::Check, false, format!(r#"{{"rows":12303,"valid":12300,"refused":3,{errors}"#)),
            (Kind::Create, false, format!(r#"{{"sent":12303,"created":12300,{rest},{errors}"#)),
            (Kind::Create, true, format!(r#"{{"dry_run":true,"sent":12303,"created":12300,{rest},{errors}"#)),
            (Kind::Update, false, format!(r#"{{"sent":12303,{updates},{rest},{errors}"#)),
            (Kind::Mirror, false, format!(r#"{{"sent":12303,{updates},{rest},"deleted":0,{errors}"#)),
        ];
        for (kind, dry_run, json) in table {
            assert_eq!(summary(kind, dry_run).json(), json);
        }
    }

    #[test]
    fn people_get_a_table_of_the_counts_and_the_most_frequent_codes() {
        let mut summary = summary(Kind::Create, false);
        let expected = [
            "      12,300  created",
            "           3  refused",
            "",
            "Most frequent reasons:",
            "           3  OTHER, first on line 3: Reason 3.",
            "           1  PRIORITY_INVALID, first on line 3: Reason 3.",
        ];
        assert_eq!(summary.table(), expected.join("\n"));
        for code in ["A", "B"] {
            let row = Row { line: 20, text: Vec::new() };
            let reasons = vec!["x".repeat(1_000)];
            summary.refuse(&Reject { row, broken: false, codes: vec![code.to_owned()], reasons });
        }
        let table = summary.table();
        assert!(table.contains("A, first on line 20: xxx") && !table.contains("PRIORITY_INVALID"), "{table}");
        assert!(table.len() < 1_000, "{table}");
    }
}
