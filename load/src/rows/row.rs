//! A row of a file.

use crate::rejection::OTHER;

/// The longest row, in bytes: DynamoDB's limit for an item, which no record of a longer row could keep.
pub const MAX_ROW_BYTES: usize = 400 * 1024;

/// A row as it is in the file, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its text in UTF-8, or its bytes if it has an encoding that cannot be told.
    pub text: Vec<u8>,
}

/// A row that is a record.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// The row.
    pub row: Row,
    /// The record, as JSON.
    pub record: String,
}

/// A row that is not sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Unsendable {
    /// The row, or the first line of one that cannot be read.
    pub row: Row,
    /// Whether the row cannot be read.
    pub broken: bool,
    /// The API's code for it.
    pub code: &'static str,
    /// The reason, in a sentence.
    pub reason: String,
    /// The members that name its record, as JSON, if they can be told.
    pub naming: Option<String>,
}

/// A row is a record, or is not sent.
pub type Item = Result<RecordRow, Unsendable>;

/// The error that bytes in an unknown encoding are, on this line.
pub fn not_utf_8(line: u64) -> String {
    format!(
        "Line {line} is not UTF-8. If a spreadsheet saved the file as plain CSV, add --encoding windows-1252. To have such rows \
         refused and the others loaded, add --encoding utf-8."
    )
}

/// A row that is not a record, with its bytes as they are.
pub fn broken(line: u64, text: &[u8], reason: String) -> Unsendable {
    Unsendable { row: Row { line, text: text.to_owned() }, broken: true, code: OTHER, reason, naming: None }
}
