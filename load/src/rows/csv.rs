//! CSV (RFC 4180) row by row. A row that is not a record costs its first line only: reading goes on with the line
//! after, because a stray quotation mark can make one row of many.

use std::io::{self, Read};
use std::sync::Arc;

use super::cells::{Cells, End};
use super::header::Header;
use super::record::record;
use super::window::Window;
use super::{Item, MAX_ROW_BYTES, RecordRow, Row, Unsendable, broken};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const TOO_LONG: &str = "The row is over 400 KB, or a quotation mark in it is not closed.";

/// Reads rows.
pub struct Reader<R> {
    window: Window<R>,
    header: Arc<Header>,
    line: u64,
    cells: Cells,
}

impl<R: Read> Reader<R> {
    /// Reads the header row of `stream`.
    ///
    /// # Errors
    ///
    /// What is wrong with the header.
    pub fn new(stream: R) -> Result<Self, String> {
        let mut window = Window::new(stream);
        if window.look(BYTE_ORDER_MARK.len()).map_err(|error| error.to_string())?.starts_with(BYTE_ORDER_MARK) {
            window.skip(BYTE_ORDER_MARK.len());
        }
        let mut reader = Self { window, header: Arc::default(), line: 1, cells: Cells::default() };
        match reader.row(|_| Ok(())).map_err(|error| error.to_string())? {
            None => Err("There is no header row.".to_owned()),
            Some(Err(broken)) => Err(format!("The header row cannot be read. {}", broken.reason)),
            Some(Ok(_)) => {
                reader.header = Arc::new(Header::parse(reader.cells.iter())?);
                Ok(reader)
            }
        }
    }

    /// The header.
    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// How many bytes have been read.
    pub fn position(&self) -> u64 {
        self.window.position()
    }

    fn record(&mut self) -> io::Result<Option<Item>> {
        let header = Arc::clone(&self.header);
        let row = self.row(|cells| header.fits(cells))?;
        Ok(row.map(|row| row.and_then(|row| self.record_of(row))))
    }

    fn record_of(&self, row: Row) -> Item {
        match record(&self.header, &self.cells) {
            Ok(record) => Ok(RecordRow { row, record }),
            Err(reason) => Err(Unsendable { row, broken: false, reason }),
        }
    }

    /// The next row that is not blank, its cells split; `None` at the end.
    fn row(&mut self, fits: impl Fn(&Cells) -> Result<(), String>) -> io::Result<Option<Result<Row, Unsendable>>> {
        loop {
            let ahead = self.window.look(MAX_ROW_BYTES + 1)?;
            if ahead.is_empty() {
                return Ok(None);
            }
            match read(ahead, &mut self.cells, &fits) {
                Err(reason) => return self.give_up(reason).map(|row| Some(Err(row))),
                Ok(text) => {
                    let row = Row { line: self.line, text: text.to_owned() };
                    self.go_on(row.text.len())?;
                    if !row.text.trim().is_empty() {
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
        self.line += line_breaks(&ahead[..passed]);
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

/// The row that `ahead` starts with, its cells split.
fn read<'a>(
    ahead: &'a [u8],
    cells: &mut Cells,
    fits: impl Fn(&Cells) -> Result<(), String>,
) -> Result<&'a str, String> {
    let ahead = &ahead[..ahead.len().min(MAX_ROW_BYTES + 1)];
    let end = match cells.split(ahead) {
        End::At(end) if end <= MAX_ROW_BYTES => end,
        End::At(_) | End::Unclosed if ahead.len() > MAX_ROW_BYTES => return Err(TOO_LONG.to_owned()),
        End::At(_) | End::Unclosed => return Err("A quotation mark is not closed.".to_owned()),
        End::Garbled => return Err("A quotation mark is not closed, or text follows a closing one.".to_owned()),
    };
    let text = std::str::from_utf8(&ahead[..end]).map_err(|_| "The row is not UTF-8.".to_owned())?;
    if !text.trim().is_empty() {
        fits(cells)?;
    }
    Ok(text)
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| is_line_break(*byte))
}

/// How many line breaks are in `bytes`: LF, CR LF, or CR alone.
fn line_breaks(bytes: &[u8]) -> u64 {
    let next = bytes.iter().skip(1).copied().chain([0]);
    bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\n' || (**byte == b'\r' && *next != b'\n')).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line and the text of a row, and why it is not sent, if so.
    type Found = (u64, String, Option<String>);

    fn rows(file: &[u8]) -> Vec<Found> {
        let rows = Reader::new(file).unwrap().map(Result::unwrap);
        rows.map(|item| match item {
            Ok(RecordRow { row, .. }) => (row.line, row.text, None),
            Err(Unsendable { row, reason, .. }) => (row.line, row.text, Some(reason)),
        })
        .collect()
    }

    fn row(line: u64, text: &str) -> Found {
        (line, text.to_owned(), None)
    }

    fn refused(line: u64, text: &str, reason: &str) -> Found {
        (line, text.to_owned(), Some(reason.to_owned()))
    }

    const UNCLOSED: &str = "A quotation mark is not closed.";
    const GARBLED: &str = "A quotation mark is not closed, or text follows a closing one.";

    #[test]
    fn rows_have_the_line_that_they_start_on() {
        let file = b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n\"3\r\n3\",4\n  \n5,6\r7,8";
        let expected = [row(2, "1,2"), row(4, "\"3\r\n3\",4"), row(7, "5,6"), row(8, "7,8")];
        assert_eq!(rows(file), expected);
    }

    #[test]
    fn a_broken_row_costs_its_first_line_only() {
        let file = b"a,b\n\"1,2\n3,4\n\"5\",6\n7\n8,9,10\n1\xff,2\n11,12,,\n\"13,14\n15,16";
        let expected = [
            refused(2, "\"1,2", GARBLED),
            row(3, "3,4"),
            row(4, "\"5\",6"),
            refused(5, "7", "The row has too few columns: 1 instead of 2."),
            refused(6, "8,9,10", "The row has too many columns: 3 instead of 2."),
            refused(7, "1\u{fffd},2", "The row is not UTF-8."),
            row(8, "11,12,,"),
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
        let error = |file: &[u8]| Reader::new(file).err().unwrap();
        assert_eq!(error(b"\n \r\n"), "There is no header row.");
        assert_eq!(error(b"\"a,b\n"), format!("The header row cannot be read. {UNCLOSED}"));
        assert_eq!(error(b"\xff\xfea\0,\0"), "The header row cannot be read. The row is not UTF-8.");
    }
}
