//! The rows of a file, one after another, each with the line it starts on.

mod array;
mod cells;
mod columns;
mod content;
mod csv;
mod dialect;
mod fault;
mod field;
mod lookup;
mod names;
mod ndjson;
mod number;
mod numbers;
mod reading;
mod record;
mod row;
mod scan;
mod text;
mod window;
mod workbook;

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::UTF_8;

pub use self::cells::Cells;
pub use self::columns::Header;
use self::content::Content;
use self::csv::Source;
pub use self::dialect::Dialect;
pub use self::reading::Reading;
use self::row::not_utf_8;
pub use self::row::{Item, RecordRow, Row, Unsendable};
pub use self::text::Text;
use self::text::{Decoded, first_line_that_is_not_utf_8};
use self::workbook::Sheet;
use crate::input::{Bytes, Input, Opened};

const NEEDS_COUNTRY: &str =
    "Most numbers have no + and country code. If they are of one country, add it, such as --country PT.\n";

/// The way in which rows are written.
#[derive(Debug, Clone)]
pub enum Layout {
    /// CSV in this dialect, with this header.
    Csv(Dialect, Arc<Header>),
    /// A JSON object on each line.
    Ndjson(Text),
}

/// The rows of a file.
pub struct Rows {
    reader: Reader,
    /// The first row, read ahead: a file without rows is a mistake that is told before anything is sent.
    first: Option<io::Result<Item>>,
    layout: Layout,
    understood: String,
    /// The number of bytes of the file that have been read.
    read: Arc<AtomicU64>,
}

enum Reader {
    Csv(csv::Reader<Bytes>),
    Ndjson(ndjson::Reader<Bytes>),
    Array(array::Reader<Bytes>),
}

impl Rows {
    /// Opens `input`, and reads the header of a table.
    ///
    /// # Errors
    ///
    /// The reason why the file cannot be loaded.
    pub fn open(input: &Input, reading: &Reading) -> Result<Self, String> {
        Self::of(input, reading).map_err(|error| format!("{}: {error}", input.name()))
    }

    fn of(input: &Input, reading: &Reading) -> Result<Self, String> {
        let Opened { stream, head, gzip, read } = input.open().map_err(|error| error.to_string())?;
        let content = Content::of(&head, input, reading)?;
        let text = Text::of(&head, reading.encoding);
        if content != Content::Workbook && text.encoding == UTF_8 && reading.encoding.is_none() {
            is_utf_8(input)?;
        }
        let mut rows = match content {
            Content::Workbook => {
                let stream: Bytes = Box::new(Sheet::open(stream, reading.sheet.as_deref())?);
                Self::table(Source { stream, text: Text::MARKED_UTF_8, is_workbook: true }, reading, read)?
            }
            Content::Csv => {
                Self::table(Source { stream: in_utf_8(stream, text)?, text, is_workbook: false }, reading, read)?
            }
            Content::Json { array } => Self::json(in_utf_8(stream, text)?, text, array, reading, read),
        };
        if gzip {
            rows.layout.unpack();
        }
        rows.first = rows.reader.next();
        match rows.first {
            Some(Ok(_)) => Ok(rows),
            Some(Err(error)) => Err(error.to_string()),
            None => Err("There are no records in it. Nothing was done.".to_owned()),
        }
    }

    fn table(source: Source<Bytes>, reading: &Reading, read: Arc<AtomicU64>) -> Result<Self, String> {
        let is_workbook = source.is_workbook;
        let mut reader = csv::Reader::new(source, reading)?;
        let (dialect, header, sample) = (reader.dialect().clone(), Arc::clone(reader.header()), reader.sample()?);
        let kind = if is_workbook { "a sheet".to_owned() } else { format!("CSV, {}", dialect.describe()) };
        let mut understood = format!("{kind}:\n{header}");
        header.suffices(&sample).map_err(|error| format!("{error}\n\nRead as {understood}"))?;
        if header.needs_country(&sample) {
            understood += NEEDS_COUNTRY;
        }
        Ok(Self { reader: Reader::Csv(reader), first: None, layout: Layout::Csv(dialect, header), understood, read })
    }

    fn json(stream: Bytes, text: Text, array: bool, reading: &Reading, read: Arc<AtomicU64>) -> Self {
        let (reader, kind) = if array {
            (Reader::Array(array::Reader::new(stream)), "a JSON array")
        } else {
            let reader = ndjson::Reader::new(stream, reading.encoding.is_some());
            (Reader::Ndjson(reader), "JSON, a record on each line")
        };
        let understood = format!("{kind}, {}; its members are the API's own.\n", text.encoding.name());
        Self { reader, first: None, layout: Layout::Ndjson(text), understood, read }
    }

    /// The way in which the rows are written.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The format as it was understood, and the meaning of each column, for a person.
    pub fn understood(&self) -> &str {
        &self.understood
    }

    /// The number of bytes of the file that the rows so far are, as far as can be told: unpacked bytes count like packed ones.
    pub fn position(&self) -> u64 {
        let ahead = match &self.reader {
            Reader::Csv(reader) => reader.ahead(),
            Reader::Ndjson(reader) => reader.ahead(),
            Reader::Array(reader) => reader.ahead(),
        };
        self.read.load(Ordering::Relaxed).saturating_sub(ahead as u64)
    }
}

impl Iterator for Rows {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.first.take().or_else(|| self.reader.next())
    }
}

impl Iterator for Reader {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Csv(reader) => reader.next(),
            Self::Ndjson(reader) => reader.next(),
            Self::Array(reader) => reader.next(),
        }
    }
}

impl Layout {
    /// The layout of the same rows in a file that is not packed: UTF-8, with a mark if they were in another encoding.
    fn unpack(&mut self) {
        let text = match self {
            Self::Csv(dialect, _) => &mut dialect.text,
            Self::Ndjson(text) => text,
        };
        if text.encoding != UTF_8 {
            *text = Text::MARKED_UTF_8;
        }
    }
}

/// The text of `stream` in UTF-8, without a byte order mark.
fn in_utf_8(mut stream: Bytes, text: Text) -> Result<Bytes, String> {
    let mut mark = vec![0; text.mark().len()];
    stream.read_exact(&mut mark).map_err(|error| error.to_string())?;
    Ok(if text.encoding == UTF_8 { stream } else { Box::new(Decoded::new(stream, text.encoding)) })
}

/// Checks that all of a file is UTF-8, before anything is sent: rows in another encoding would be refused one by one, and the
/// same file in the right encoding would be another one. A stream cannot be read twice, and stops at the first such row.
fn is_utf_8(input: &Input) -> Result<(), String> {
    if input.size().is_none() {
        return Ok(());
    }
    let Opened { stream, .. } = input.open().map_err(|error| error.to_string())?;
    match first_line_that_is_not_utf_8(stream).map_err(|error| error.to_string())? {
        None => Ok(()),
        Some(line) => Err(not_utf_8(line)),
    }
}
