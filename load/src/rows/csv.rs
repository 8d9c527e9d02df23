//! CSV (RFC 4180) row by row. A row that is not a record costs its first line only: reading goes on with the line
//! after, because a stray quotation mark can make one row of many.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;

use super::cells::Cells;
use super::columns::Header;
use super::dialect::Dialect;
use super::fault::Fault;
use super::reading::Reading;
use super::record::{naming, record};
use super::row::{self, Item, MAX_ROW_BYTES, RecordRow, Row, Unsendable, broken};
use super::scan::{Broken, line_breaks, line_end, read};
use super::text::Text;
use super::window::Window;
use crate::rejection::PHONE_NUMBER_INVALID;

/// The part of the file that the columns are judged by, in bytes. It depends on nothing but the file, so that every run judges
/// alike.
const SAMPLE_BYTES: usize = 256 * 1024;

/// The table that a stream is said to be.
pub struct Source<R> {
    /// The text in UTF-8, without a byte order mark.
    pub stream: R,
    /// The encoding that it had.
    pub text: Text,
    /// Whether it comes from a workbook: a row of several lines counts as one line then.
    pub is_workbook: bool,
}

/// Reads rows.
pub struct Reader<R> {
    window: Window<R>,
    header: Arc<Header>,
    dialect: Dialect,
    line: u64,
    is_workbook: bool,
    /// Whether a row that is not UTF-8 is refused; else reading stops, for the encoding cannot be told.
    refuses_bytes: bool,
    cells: Cells,
}

impl<R: Read> Reader<R> {
    /// Reads the header row of `source`.
    ///
    /// # Errors
    ///
    /// The reason why the header cannot be read, or a mistake in it.
    pub fn new(source: Source<R>, reading: &Reading) -> Result<Self, String> {
        let Source { stream, text, is_workbook } = source;
        let mut window = Window::new(stream);
        let ahead = window.look(SAMPLE_BYTES).map_err(|error| error.to_string())?;
        if reading.encoding.is_none() {
            // Of a stream, this is all that can be checked before anything is sent.
            begins_with_utf_8(ahead)?;
        }
        let dialect = if is_workbook { Dialect::written() } else { Dialect::of(text, ahead, reading.delimiter) };
        let mut reader = Self {
            window,
            header: Arc::default(),
            dialect,
            line: 1,
            is_workbook,
            refuses_bytes: reading.encoding.is_some(),
            cells: Cells::default(),
        };
        reader.read_header(reading)?;
        Ok(reader)
    }

    fn read_header(&mut self, reading: &Reading) -> Result<(), String> {
        if !self.dialect.hint.is_empty() {
            self.skip_line().map_err(|error| error.to_string())?;
        }
        match self.row().map_err(|error| error.to_string())? {
            None => return Err("There is no header row.".to_owned()),
            Some(Err(broken)) => return Err(format!("The header row cannot be read. {}", broken.reason)),
            Some(Ok(_)) => {}
        }
        let mut header = Header::parse(self.cells.iter(), reading)?;
        header.leave_out_words(&self.sample()?);
        self.header = Arc::new(header);
        Ok(())
    }

    /// The cells of the rows that come next, without those that cannot be read.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn sample(&mut self) -> Result<Vec<Cells>, String> {
        let ahead = self.window.look(SAMPLE_BYTES).map_err(|error| error.to_string())?;
        let mut rows = Reader {
            window: Window::new(&ahead[..ahead.len().min(SAMPLE_BYTES)]),
            header: Arc::default(),
            dialect: self.dialect.clone(),
            line: 1,
            is_workbook: self.is_workbook,
            refuses_bytes: true,
            cells: Cells::default(),
        };
        let mut sample = Vec::new();
        while let Ok(Some(row)) = rows.row() {
            if row.is_ok() {
                sample.push(std::mem::take(&mut rows.cells));
            }
        }
        Ok(sample)
    }

    /// The header.
    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// The dialect.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }

    /// The number of bytes that have been read and are not rows yet.
    pub fn ahead(&self) -> usize {
        self.window.ahead()
    }

    fn record(&mut self) -> io::Result<Option<Item>> {
        let row = self.row()?;
        Ok(row.map(|row| row.and_then(|row| self.record_of(row))))
    }

    fn record_of(&self, row: Row) -> Item {
        match record(&self.header, &self.cells) {
            Ok(record) => Ok(RecordRow { row, record }),
            Err(Fault { code, reason }) => {
                // Any other fault can have moved the cells to other columns.
                let is_known = self.header.reading().patches && code == PHONE_NUMBER_INVALID;
                let naming = is_known.then(|| naming(&self.header, &self.cells));
                Err(Unsendable { row, broken: false, code, reason, naming })
            }
        }
    }

    /// The next row that is not empty, its cells split; `None` at the end.
    fn row(&mut self) -> io::Result<Option<Result<Row, Unsendable>>> {
        loop {
            let ahead = self.window.look(MAX_ROW_BYTES + 1)?;
            if ahead.is_empty() {
                return Ok(None);
            }
            match read(ahead, &mut self.cells, self.dialect.delimiter, &self.header) {
                Err(Broken::NotUtf8) if !self.refuses_bytes => return Err(not_utf_8(self.line)),
                Err(broken) => return self.give_up(broken.reason()).map(|row| Some(Err(row))),
                Ok(text) => {
                    let row = Row { line: self.line, text: text.to_owned() };
                    self.go_on(row.text.len())?;
                    if !self.header.is_empty(&self.cells) {
                        return Ok(Some(Ok(row)));
                    }
                }
            }
        }
    }

    /// Takes the first line of what comes next for a row that is broken.
    fn give_up(&mut self, reason: String) -> io::Result<Unsendable> {
        let ahead = self.window.look(MAX_ROW_BYTES + 1)?;
        let text = &ahead[..line_end(ahead).unwrap_or(ahead.len()).min(MAX_ROW_BYTES)];
        let row = broken(self.line, text, reason);
        self.skip_line()?;
        Ok(row)
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let ahead = self.window.look(1)?;
            let (end, bytes) = (line_end(ahead), ahead.len());
            match end {
                Some(end) => return self.go_on(end),
                None if bytes == 0 => return Ok(()),
                None => self.window.skip(bytes),
            }
        }
    }

    /// Goes on by `bytes`, and by the line break after them.
    fn go_on(&mut self, bytes: usize) -> io::Result<()> {
        let ahead = self.window.look(bytes + 2)?;
        let line_break = match &ahead[bytes..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
        let passed = bytes + line_break;
        self.line += if self.is_workbook { 1 } else { line_breaks(&ahead[..passed]) };
        self.window.skip(passed);
        Ok(())
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.record().transpose()
    }
}

fn begins_with_utf_8(ahead: &[u8]) -> Result<(), String> {
    match std::str::from_utf8(ahead) {
        Err(error) if error.error_len().is_some() => {
            Err(row::not_utf_8(1 + line_breaks(&ahead[..error.valid_up_to()])))
        }
        _ => Ok(()),
    }
}

fn not_utf_8(line: u64) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, row::not_utf_8(line))
}

#[cfg(test)]
mod tests {
    use encoding_rs::{Encoding, UTF_8};

    use super::super::scan::TOO_LONG;
    use super::*;

    /// The line and the text of a row, and the reason why it is not sent, if there is one.
    type Found = (u64, Vec<u8>, Option<String>);

    fn reader<'a>(
        file: &'a [u8],
        encoding: Option<&'static Encoding>,
        is_workbook: bool,
    ) -> Result<Reader<&'a [u8]>, String> {
        let text = Text { encoding: UTF_8, mark: false };
        Reader::new(Source { stream: file, text, is_workbook }, &Reading { encoding, ..Reading::default() })
    }

    fn found(item: Item) -> Found {
        match item {
            Ok(RecordRow { row, .. }) => (row.line, row.text, None),
            Err(Unsendable { row, reason, .. }) => (row.line, row.text, Some(reason)),
        }
    }

    fn rows(file: &[u8]) -> Vec<Found> {
        reader(file, Some(UTF_8), false).unwrap().map(Result::unwrap).map(found).collect()
    }

    fn row(line: u64, text: &str) -> Found {
        (line, text.into(), None)
    }

    fn refused(line: u64, text: impl Into<Vec<u8>>, reason: &str) -> Found {
        (line, text.into(), Some(reason.to_owned()))
    }

    const UNCLOSED: &str = "A quotation mark is not closed.";
    const GARBLED: &str = "A quotation mark is not closed, or text follows a closing one.";

    #[test]
    fn rows_have_the_line_that_they_start_on() {
        let file = b"a,b\r\n1,2\r\n\r\n\"3\r\n3\",4\n , \n5,6\r7,8";
        let expected = [row(2, "1,2"), row(4, "\"3\r\n3\",4"), row(7, "5,6"), row(8, "7,8")];
        assert_eq!(rows(file), expected);
    }

    #[test]
    fn a_broken_row_costs_its_first_line_only() {
        let file = b"a,b\n\"1,2\n3,4\n\"5\",6\n7\n8,9,10\n1\xff,2\n11,12, ,\n\"13,14\n15,16";
        let expected = [
            refused(2, "\"1,2", GARBLED),
            row(3, "3,4"),
            row(4, "\"5\",6"),
            row(5, "7"),
            refused(6, "8,9,10", "The row has too many columns: 3 instead of 2."),
            refused(7, b"1\xff,2", "The row is not UTF-8."),
            row(8, "11,12, ,"),
            refused(9, "\"13,14", UNCLOSED),
            row(10, "15,16"),
        ];
        assert_eq!(rows(file), expected);
    }

    #[test]
    fn a_row_that_swallows_others_gives_them_back() {
        // The quotation mark that is not closed on line 2 is closed by the one on line 4, as a cell of three lines.
        let file = b"a,b,c\n1,\"2,3\n4,5,6\n7,8\",9,10\n11,12,13\n";
        let reason = "The row has too many columns: 4 instead of 3.";
        let expected =
            [refused(2, "1,\"2,3", reason), row(3, "4,5,6"), refused(4, "7,8\",9,10", reason), row(5, "11,12,13")];
        assert_eq!(rows(file), expected);
        // A short row is filled, but not one of several lines.
        let reason = "The row has too few columns: 2 instead of 3.";
        let expected = [refused(2, "1,\"2", reason), row(3, "3"), refused(4, "4\"", reason)];
        let found = rows(b"a,b,c\n1,\"2\n3\n4\"\n");
        assert_eq!((&found[..2], found.len()), (&expected[..2], 3));
    }

    #[test]
    fn a_row_can_be_400_kb_long_and_no_longer() {
        let (fits, over) = ("x".repeat(MAX_ROW_BYTES - 2), "x".repeat(MAX_ROW_BYTES - 1));
        let unclosed = format!("\"{}", "line\n".repeat(MAX_ROW_BYTES / 5));
        let lines = 2 + unclosed.lines().count() as u64;
        let found = rows(format!("a,b\n1,{fits}\n2,{over}\n3,4\n").as_bytes());
        assert_eq!(found[0], row(2, &format!("1,{fits}")));
        assert_eq!(found[1], refused(3, &format!("2,{over}")[..MAX_ROW_BYTES], TOO_LONG));
        assert_eq!(found[2..], [row(4, "3,4")]);
        let found = rows(format!("a\n{unclosed}x\n").as_bytes());
        assert_eq!(found[0], refused(2, "\"line", TOO_LONG));
        assert_eq!((&found[1], found.last()), (&row(3, "line"), Some(&row(lines, "x"))));
    }

    #[test]
    fn a_line_longer_than_memory_should_be_is_passed_over() {
        let file = format!("a,b\n{}\r\n1,2\n", "x".repeat(5 * MAX_ROW_BYTES));
        let found = rows(file.as_bytes());
        assert_eq!((found.len(), &found[1]), (2, &row(3, "1,2")));
    }

    #[test]
    fn a_file_needs_a_header_that_can_be_read() {
        let error = |file: &[u8]| reader(file, Some(UTF_8), false).err().unwrap();
        assert_eq!(error(b"\n \r\n"), "There is no header row.");
        assert_eq!(error(b"\"a,b\n"), format!("The header row cannot be read. {UNCLOSED}"));
        assert_eq!(error(b"\xff\xfea\0,\0"), "The header row cannot be read. The row is not UTF-8.");
    }

    #[test]
    fn reading_stops_at_bytes_whose_encoding_nobody_has_said() {
        let error = reader(b"a,b\n1,2\nJo\xe3o,4\n5,6", None, false).err().unwrap();
        assert!(error.starts_with("Line 3 is not UTF-8.") && error.contains("--encoding windows-1252"), "{error}");
        let far =
            [b"a,b\n", format!("1,{}\n", "2".repeat(1024)).repeat(SAMPLE_BYTES / 1024).as_bytes(), b"Jo\xe3o,4\n"]
                .concat();
        let error = reader(&far, None, false).unwrap().find_map(Result::err).unwrap();
        assert!(error.to_string().contains("--encoding windows-1252"), "{error}");
    }

    #[test]
    fn a_hint_is_a_line_and_not_the_header() {
        let found: Vec<_> =
            reader(b"sep=;\r\na;b\r\n1;2,3\r\n", None, false).unwrap().map(Result::unwrap).map(found).collect();
        assert_eq!(found, [row(3, "1;2,3")]);
    }

    #[test]
    fn rows_of_a_workbook_have_the_sheet_s_numbers() {
        let found: Vec<_> =
            reader(b"\na,b\n\"1\n1\",2\n\n3,4\n", None, true).unwrap().map(Result::unwrap).map(found).collect();
        assert_eq!(found, [row(3, "\"1\n1\",2"), row(5, "3,4")]);
    }
}
