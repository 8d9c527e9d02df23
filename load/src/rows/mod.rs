//! The rows of a file, one after another, each with the line it starts on.

mod cells;
mod csv;
mod header;
mod ndjson;
mod record;
mod window;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

pub use self::cells::Cells;
pub use self::header::Header;
use crate::options::Input;

/// The longest row, in bytes: DynamoDB's limit for an item, which no record of a longer row could keep.
pub const MAX_ROW_BYTES: usize = 400 * 1024;

/// A row as it is in the file, without its line break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The line it starts on, from 1.
    pub line: u64,
    /// Its text.
    pub text: String,
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
    /// What is wrong with it.
    pub reason: String,
}

/// A row is a record, or is not sent.
pub type Item = Result<RecordRow, Unsendable>;

/// What the rows of a file look like.
#[derive(Debug, Clone)]
pub enum Format {
    /// CSV, with this header.
    Csv(Arc<Header>),
    /// A JSON object on each line.
    Ndjson,
}

/// The rows of a file.
pub enum Rows {
    /// Of a CSV file.
    Csv(csv::Reader<Box<dyn Read + Send>>),
    /// Of an NDJSON file.
    Ndjson(ndjson::Reader<Box<dyn Read + Send>>),
}

impl Rows {
    /// Opens `input`, and reads the header of a CSV file.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, or with its header.
    pub fn open(input: &Input) -> Result<Self, String> {
        Ok(match input {
            Input::Csv(path) => Self::Csv(csv::Reader::new(open(path)?).map_err(|error| named(path, &error))?),
            Input::Ndjson(path) => Self::Ndjson(ndjson::Reader::new(open(path)?)),
            Input::Stdin => Self::Ndjson(ndjson::Reader::new(Box::new(io::stdin()))),
        })
    }

    /// What the rows look like.
    pub fn format(&self) -> Format {
        match self {
            Self::Csv(reader) => Format::Csv(Arc::clone(reader.header())),
            Self::Ndjson(_) => Format::Ndjson,
        }
    }

    /// How many bytes of the file the rows so far are.
    pub fn position(&self) -> u64 {
        match self {
            Self::Csv(reader) => reader.position(),
            Self::Ndjson(reader) => reader.position(),
        }
    }
}

impl Iterator for Rows {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(reader) => reader.next(),
            Self::Ndjson(reader) => reader.next(),
        }
    }
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>, String> {
    let file = File::open(path).map_err(|error| named(path, &error.to_string()))?;
    Ok(Box::new(file))
}

fn named(path: &Path, error: &str) -> String {
    format!("{}: {error}", path.display())
}

/// The text of a row that is not a record: U+FFFD stands for what is not UTF-8.
fn broken(line: u64, text: &[u8], reason: String) -> Unsendable {
    let text = String::from_utf8_lossy(text).into_owned();
    Unsendable { row: Row { line, text }, broken: true, reason }
}
