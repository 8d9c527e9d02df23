//! The cells of a CSV row (RFC 4180), without their quotation marks.

use memchr::{memchr, memchr3};

/// The cells of one row.
#[derive(Debug, Default)]
pub struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// The place at which the row ends that a text starts with.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Before the line break at this place, or with the text.
    At(usize),
    /// Nowhere: the text ends within quotation marks.
    Unclosed,
    /// Nowhere: text follows a closing quotation mark.
    Garbled,
}

impl Cells {
    /// Splits the row that `text` starts with at `delimiter`. A quotation mark within a cell that does not start with one is
    /// text.
    pub fn split(&mut self, text: &[u8], delimiter: u8) -> End {
        self.text.clear();
        self.ends.clear();
        let mut rest = text;
        loop {
            let after = match rest.strip_prefix(b"\"") {
                Some(quoted) => self.take_quoted(quoted),
                None => Some(self.take_bare(rest, delimiter)),
            };
            match after {
                Some([byte, next @ ..]) if *byte == delimiter => rest = next,
                Some([b'\r' | b'\n', ..] | []) | None => {
                    self.ends.push(self.text.len());
                    return after.map_or(End::Unclosed, |after| End::At(text.len() - after.len()));
                }
                Some(_) => return End::Garbled,
            }
            self.ends.push(self.text.len());
        }
    }

    /// Takes the text before the closing quotation mark. Returns the text after it, if there is one.
    fn take_quoted<'a>(&mut self, mut rest: &'a [u8]) -> Option<&'a [u8]> {
        loop {
            let end = memchr(b'"', rest);
            self.text.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
            rest = &rest[end? + 1..];
            match rest.strip_prefix(b"\"") {
                Some(next) => rest = next,
                None => return Some(rest),
            }
            self.text.push(b'"');
        }
    }

    /// Takes the text before the next delimiter or line break. Returns the text from there.
    fn take_bare<'a>(&mut self, rest: &'a [u8], delimiter: u8) -> &'a [u8] {
        let end = memchr3(delimiter, b'\r', b'\n', rest).unwrap_or(rest.len());
        self.text.extend_from_slice(&rest[..end]);
        &rest[end..]
    }

    /// The number of cells.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell at `place` of a row that is UTF-8; empty beyond the last one.
    #[expect(clippy::expect_used, reason = "a row that is UTF-8 is split at ASCII characters only")]
    pub fn get(&self, place: usize) -> &str {
        std::str::from_utf8(self.bytes(place)).expect("a cell is UTF-8")
    }

    /// The cell at `place` of any row; empty beyond the last one.
    pub fn bytes(&self, place: usize) -> &[u8] {
        let Some(end) = self.ends.get(place) else { return b"" };
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..*end]
    }

    /// The cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|place| self.get(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_split_as_rfc_4180_has_it() {
        let table: [(&str, &str, &[&str], End); 14] = [
            ("plain", "a,b,c\nd", &["a", "b", "c"], End::At(5)),
            ("CR LF", "a,b\r\n", &["a", "b"], End::At(3)),
            ("no line break", "a,b", &["a", "b"], End::At(3)),
            ("empty cells", ",,", &["", "", ""], End::At(2)),
            ("quoted", "\"a,b\",\"c\"\n", &["a,b", "c"], End::At(9)),
            ("a line break in a cell", "\"a\r\nb\",c\n", &["a\r\nb", "c"], End::At(8)),
            ("two quotation marks", "\"a\"\"b\"", &["a\"b"], End::At(6)),
            ("quoted nothing", "\"\",\"\"", &["", ""], End::At(5)),
            ("a quotation mark in text", "5\" pipe,b", &["5\" pipe", "b"], End::At(9)),
            ("spaces are text", " a , \"b\"", &[" a ", " \"b\""], End::At(8)),
            ("a quoted end", "\"a\"", &["a"], End::At(3)),
            ("unclosed", "\"a,b\n", &["a,b\n"], End::Unclosed),
            ("text after the quotation mark", "\"a\"b,c", &[], End::Garbled),
            ("a quotation mark unclosed before one", "\"a,b\n\"c\",d", &[], End::Garbled),
        ];
        for (name, text, expected, end) in table {
            let mut cells = Cells::default();
            assert_eq!(cells.split(text.as_bytes(), b','), end, "{name}");
            assert_eq!(cells.iter().collect::<Vec<_>>(), expected, "{name}");
        }
    }

    #[test]
    fn other_delimiters_leave_commas_in_the_text() {
        let mut cells = Cells::default();
        cells.split(b"Santos, Lda.;\"a;b\"\tc", b';');
        assert_eq!(cells.iter().collect::<Vec<_>>(), ["Santos, Lda."]);
        cells.split(b"Santos, Lda.\t\"a\tb\"", b'\t');
        assert_eq!((cells.get(0), cells.get(1), cells.get(2)), ("Santos, Lda.", "a\tb", ""));
    }
}
