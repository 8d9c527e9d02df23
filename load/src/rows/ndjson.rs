//! NDJSON line by line.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use super::row::{Item, MAX_ROW_BYTES, RecordRow, Row, broken, not_utf_8};
use crate::{json, rejection};

/// Reads rows.
pub struct Reader<R> {
    stream: BufReader<R>,
    line: u64,
    /// Whether a line that is not UTF-8 is refused; else reading stops, for the encoding cannot be told.
    refuses_bytes: bool,
}

impl<R: Read> Reader<R> {
    pub fn new(stream: R, refuses_bytes: bool) -> Self {
        Self { stream: BufReader::new(stream), line: 0, refuses_bytes }
    }

    /// The number of bytes that have been read and are not rows yet.
    pub fn ahead(&self) -> usize {
        self.stream.buffer().len()
    }

    /// The next row that is not blank; `None` at the end.
    fn row(&mut self) -> io::Result<Option<Item>> {
        loop {
            let mut bytes = Vec::new();
            let most = MAX_ROW_BYTES as u64 + 2; // with CR LF
            if self.stream.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.line += 1;
            let ended = bytes.ends_with(b"\n");
            let text = line(&bytes);
            if text.len() > MAX_ROW_BYTES {
                if !ended {
                    self.stream.skip_until(b'\n')?;
                }
                let reason = "The row is over 400 KB.".to_owned();
                return Ok(Some(Err(broken(self.line, &text[..MAX_ROW_BYTES], reason))));
            }
            if !self.refuses_bytes && std::str::from_utf8(text).is_err() {
                return Err(io::Error::new(ErrorKind::InvalidData, not_utf_8(self.line)));
            }
            if !text.trim_ascii().is_empty() {
                return Ok(Some(item(self.line, text)));
            }
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

/// The text of a line, without its line break.
fn line(bytes: &[u8]) -> &[u8] {
    let text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    text.strip_suffix(b"\r").unwrap_or(text)
}

/// The record that `text` is, if it is one.
pub fn item(line: u64, text: &[u8]) -> Item {
    let Ok(json) = std::str::from_utf8(text) else {
        return Err(broken(line, text, "The row is not UTF-8.".to_owned()));
    };
    match json::without(json, &rejection::NAMES) {
        Some(record) => Ok(RecordRow { row: Row { line, text: text.to_owned() }, record }),
        None => Err(broken(line, text, "The row is not a JSON object.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::Unsendable;
    use super::*;

    fn rows(file: &[u8]) -> Vec<Item> {
        Reader::new(file, true).map(Result::unwrap).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is compared with what is read")]
    fn record(line: u64, text: &str) -> Item {
        Ok(RecordRow { row: Row { line, text: text.into() }, record: text.trim().to_owned() })
    }

    #[test]
    fn each_line_is_a_record_or_rejected() {
        let file = b"{\"a\":1}\r\n\n \t\r\n[1]\n{\"a\":\n\xff\n {\"b\":2} \n1\n{}";
        let reason = "The row is not a JSON object.";
        let expected = [
            record(1, "{\"a\":1}"),
            Err(broken(4, b"[1]", reason.to_owned())),
            Err(broken(5, b"{\"a\":", reason.to_owned())),
            Err(broken(6, b"\xff", "The row is not UTF-8.".to_owned())),
            record(7, " {\"b\":2} "),
            Err(broken(8, b"1", reason.to_owned())),
            record(9, "{}"),
        ];
        assert_eq!(rows(file), expected);
    }

    #[test]
    fn a_line_can_be_400_kb_long_and_no_longer() {
        let line = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
        let (fits, over) = (line(MAX_ROW_BYTES), line(MAX_ROW_BYTES + 1));
        let file = format!("{fits}\r\n{over}\n{}\n{{}}\n", line(3 * MAX_ROW_BYTES));
        let rows = rows(file.as_bytes());
        assert_eq!(rows[0], record(1, &fits));
        for (row, line) in rows[1..3].iter().zip([2, 3]) {
            let Err(Unsendable { row, reason, .. }) = row else { panic!("{line} is refused") };
            assert_eq!((row.line, row.text.len(), reason.as_str()), (line, MAX_ROW_BYTES, "The row is over 400 KB."));
        }
        assert_eq!(rows[3..], [record(4, "{}")]);
    }
}
