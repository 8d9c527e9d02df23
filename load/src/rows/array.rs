//! A JSON array element by element. It can be on one line or on many.

use std::io::{self, ErrorKind, Read};

use memchr::memchr_iter;

use super::ndjson;
use super::row::{Item, MAX_ROW_BYTES};
use super::window::Window;

/// The part of the file in which the next element is looked for, in bytes.
const GAP_BYTES: usize = 4096;

/// Reads rows.
pub struct Reader<R> {
    window: Window<R>,
    line: u64,
    /// Whether the array's bracket has been passed.
    opened: bool,
}

/// The place in an array.
enum Place {
    /// Before an element.
    Element,
    /// At the end.
    End,
}

impl<R: Read> Reader<R> {
    pub fn new(stream: R) -> Self {
        Self { window: Window::new(stream), line: 1, opened: false }
    }

    /// The number of bytes that have been read and are not rows yet.
    pub fn ahead(&self) -> usize {
        self.window.ahead()
    }

    fn row(&mut self) -> io::Result<Option<Item>> {
        if let Place::End = self.go_to_element()? {
            return Ok(None);
        }
        let ahead = self.window.look(MAX_ROW_BYTES + 1)?;
        let ahead = &ahead[..ahead.len().min(MAX_ROW_BYTES + 1)];
        let Some(bytes) = element(ahead) else {
            let reason = if ahead.len() > MAX_ROW_BYTES { "is over 400 KB" } else { "is cut off" };
            return Err(invalid(self.line, reason));
        };
        // A line break between the members of an object is a space like any other, and a rejected row has one line.
        let text: Vec<u8> = ahead[..bytes].iter().map(|byte| if is_line_break(*byte) { b' ' } else { *byte }).collect();
        let row = ndjson::item(self.line, text.trim_ascii_end());
        self.skip(bytes);
        Ok(Some(row))
    }

    /// Goes past what is before the next element.
    fn go_to_element(&mut self) -> io::Result<Place> {
        loop {
            let ahead = self.window.look(GAP_BYTES)?;
            let gap = ahead.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b',').count();
            match ahead.get(gap) {
                None if gap == 0 => return Err(invalid(self.line, "is missing: the array is cut off")),
                None => self.skip(gap),
                Some(b'[') if !self.opened => {
                    self.opened = true;
                    self.skip(gap + 1);
                }
                Some(b']') => return Ok(Place::End),
                Some(_) => {
                    self.skip(gap);
                    return Ok(Place::Element);
                }
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.line += memchr_iter(b'\n', self.window.passed(bytes)).count() as u64;
        self.window.skip(bytes);
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = io::Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.row().transpose()
    }
}

fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The length of the element that `text` starts with; `None` if it does not end there.
fn element(text: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for (place, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b',' | b']' if depth == 0 => return Some(place),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(place + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn invalid(line: u64, reason: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("The element on line {line} {reason}. Nothing after it was read."))
}

#[cfg(test)]
mod tests {
    use super::super::row::{RecordRow, Unsendable};
    use super::*;

    /// The line and the record of each element; an error is a text too.
    fn rows(file: &str) -> Vec<(u64, String)> {
        let rows = Reader::new(file.as_bytes()).map(|item| match item {
            Ok(Ok(RecordRow { row, record })) => (row.line, record),
            Ok(Err(Unsendable { row, reason, .. })) => (row.line, reason),
            Err(error) => (0, error.to_string()),
        });
        rows.take(10).collect()
    }

    fn row(line: u64, record: &str) -> (u64, String) {
        (line, record.to_owned())
    }

    #[test]
    fn elements_are_rows_however_they_are_laid_out() {
        assert_eq!(rows(r#"[{"a":"],[\"}"},{"b":[1,{}]}]"#), [row(1, r#"{"a":"],[\"}"}"#), row(1, r#"{"b":[1,{}]}"#)]);
        let pretty = "\n[\n  {\n    \"a\": 1\n  },\r\n  {\"b\": 2}\n]\n";
        assert_eq!(rows(pretty), [row(3, r#"{     "a": 1   }"#), row(6, r#"{"b": 2}"#)]);
        assert_eq!(rows("[]"), []);
    }

    #[test]
    fn an_element_that_is_not_an_object_is_refused_alone() {
        let reason = "The row is not a JSON object.";
        assert_eq!(rows("[1, \"a\", {\"a\":}, {}]"), [row(1, reason), row(1, reason), row(1, reason), row(1, "{}")]);
    }

    #[test]
    fn an_array_that_is_cut_off_is_an_error() {
        for file in ["[{\"a\":1}", "[{\"a\":1},", "[{\"a\":1},{\"b\"", "["] {
            let found = rows(file);
            assert!(found.iter().any(|(_, text)| text.contains("cut off")), "{file}: {found:?}");
        }
    }
}
