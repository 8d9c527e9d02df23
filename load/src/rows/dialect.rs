//! The dialect of a CSV file, told by its first lines.

use std::cmp::Reverse;

use super::cells::Cells;
use super::lookup;
use super::text::Text;

/// The characters that separate columns, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The way in which a table is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    pub text: Text,
    pub delimiter: u8,
    /// The line before the header that tells a spreadsheet the delimiter, `sep=;`, or nothing.
    pub hint: String,
    /// Whether lines end in CR LF.
    pub crlf: bool,
}

impl Dialect {
    /// Tells the dialect of a file that starts with `ahead`, unless a delimiter was `asked` for.
    pub fn of(text: Text, ahead: &[u8], asked: Option<u8>) -> Self {
        let line = ahead.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
        let hint = hint(line);
        let delimiter = asked.or(hint).unwrap_or_else(|| suggested(ahead));
        let crlf = ahead.iter().position(|byte| *byte == b'\n').is_some_and(|end| ahead[..end].ends_with(b"\r"));
        let hint = if hint.is_some() { String::from_utf8_lossy(line).into_owned() } else { String::new() };
        Self { text, delimiter, hint, crlf }
    }

    /// The dialect of a file that is written, not read.
    pub fn written() -> Self {
        Self { text: Text::MARKED_UTF_8, delimiter: b',', hint: String::new(), crlf: true }
    }

    /// The dialect in words.
    pub fn describe(&self) -> String {
        let between = match self.delimiter {
            b',' => "commas".to_owned(),
            b';' => "semicolons".to_owned(),
            b'\t' => "tabs".to_owned(),
            b'|' => "pipes".to_owned(),
            other => format!("`{}`", char::from(other)),
        };
        format!("{between} between columns, {}", self.text.encoding.name())
    }
}

/// The delimiter that `line` tells a spreadsheet.
fn hint(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [s, e, p, b'=', delimiter] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && delimiter.is_ascii() => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// The delimiter that gives the header the most columns whose names are known, or else the most columns.
fn suggested(ahead: &[u8]) -> u8 {
    let header = ahead.trim_ascii_start();
    let mut cells = Cells::default();
    let mut score = |delimiter: u8| {
        cells.split(header, delimiter);
        let names = (0..cells.len()).map(|place| String::from_utf8_lossy(cells.bytes(place)));
        (names.filter(|name| lookup::known(name).is_some()).count(), cells.len())
    };
    DELIMITERS.into_iter().min_by_key(|delimiter| Reverse(score(*delimiter))).unwrap_or(DELIMITERS[0])
}

#[cfg(test)]
mod tests {
    use encoding_rs::UTF_8;

    use super::*;

    #[test]
    fn the_header_suggests_the_delimiter() {
        let table = [
            ("first_name,last_name\nA;B;C;D,E", b','),
            ("First name;Last name;Mobile\r\nRui;Santos, Lda.;+351", b';'),
            ("First name\tLast name\r\n", b'\t'),
            ("first_name|last_name|mobile", b'|'),
            ("\n\n\"Name, first\";Mobile", b';'),
            ("Name, in full;Mobile;Notes, if any, and more", b';'),
            ("Nome;Apelido;Telefone, se houver", b';'),
            ("mobile", b','),
            ("", b','),
        ];
        let text = Text { encoding: UTF_8, mark: false };
        for (file, delimiter) in table {
            assert_eq!(Dialect::of(text, file.as_bytes(), None).delimiter, delimiter, "{file}");
        }
    }

    #[test]
    fn a_hint_or_the_user_says_the_delimiter() {
        let text = Text { encoding: UTF_8, mark: false };
        let of = |file: &str, asked| {
            let Dialect { delimiter, hint, crlf, .. } = Dialect::of(text, file.as_bytes(), asked);
            (delimiter, hint, crlf)
        };
        assert_eq!(of("sep=;\r\na,b", None), (b';', "sep=;".to_owned(), true));
        assert_eq!(of("\"SEP=\t\"\na,b", None), (b'\t', "\"SEP=\t\"".to_owned(), false));
        assert_eq!(of("sep=;\na,b", Some(b'|')), (b'|', "sep=;".to_owned(), false));
        assert_eq!(of("sep=ab\na,b", None), (b',', String::new(), false));
    }
}
