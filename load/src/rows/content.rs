//! The content of a file: told by its name or the user, and checked against its first bytes.

use crate::input::Input;

use super::reading::{Empty, Format, Reading};

/// The content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Csv,
    Json {
        /// Whether the records are the elements of an array.
        array: bool,
    },
    Workbook,
}

/// The first bytes of the formats that workbooks have, whatever their names.
const WORKBOOKS: [&[u8]; 2] = [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"];

const HTML: &str = "This is a web page (HTML) or XML, not contacts. If an export or a download made it, the session may have \
                    expired: export again.";
const PDF: &str = "This is a PDF. Export the contacts as CSV or as a workbook.";
const JSON: &str = "This looks like JSON, not like a table. If it is, add --format json.";
const NO_JSON: &str = "This is not JSON. If it is a table, add --format csv.";
const NO_WORKBOOK: &str = "This is not a workbook. If it is a table of another kind, add --format csv.";

impl Content {
    /// Tells the content of `input`, which starts with `head`.
    ///
    /// # Errors
    ///
    /// The reason why it is not a file of contacts.
    pub fn of(head: &[u8], input: &Input, reading: &Reading) -> Result<Self, String> {
        let format = match (reading.format, input.path()) {
            (Some(format), _) => format,
            (None, Some(path)) => Format::of(path).ok_or(
                "The name does not say the format. Use .csv, .tsv, .txt, .ndjson, .jsonl, .json or .xlsx, or add --format.",
            )?,
            (None, None) => Format::Json,
        };
        if WORKBOOKS.iter().any(|start| head.starts_with(start)) {
            return Ok(Self::Workbook);
        }
        let start = first_character(head);
        match format {
            _ if head.starts_with(b"%PDF") => Err(PDF.to_owned()),
            _ if start == Some(b'<') => Err(HTML.to_owned()),
            _ if reading.encoding.is_none() && start.is_some() && zero(head).is_some() => Err(utf_16(head)),
            Format::Csv if reading.format.is_none() && matches!(start, Some(b'{' | b'[')) => Err(JSON.to_owned()),
            Format::Csv => Ok(Self::Csv),
            Format::Json => Self::json(head, start, reading),
            Format::Xlsx => Err(NO_WORKBOOK.to_owned()),
        }
    }

    fn json(head: &[u8], start: Option<u8>, reading: &Reading) -> Result<Self, String> {
        for (flag, given) in [
            ("--map", !reading.map.is_empty()),
            ("--ignore", !reading.ignore.is_empty()),
            ("--set", !reading.set.is_empty()),
            ("--null", !reading.null.is_empty()),
            ("--country", reading.country.is_some()),
            ("--delimiter", reading.delimiter.is_some()),
            ("--empty", reading.empty != Empty::default()),
        ] {
            if given {
                return Err(format!("{flag} is for tables, and this is JSON, whose members are the API's own."));
            }
        }
        // A line that is not a record is rejected alone, but if none looks like one, the whole is something else.
        let marked = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
        let is_json = marked || start.is_none() || head.contains(&b'{') || start == Some(b'[');
        if is_json { Ok(Self::Json { array: start == Some(b'[') }) } else { Err(NO_JSON.to_owned()) }
    }
}

/// The first byte that is not white space, after a byte order mark.
fn first_character(head: &[u8]) -> Option<u8> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // In UTF-16, an ASCII character has a zero byte on one side.
    let text = text.strip_prefix(b"\xff\xfe").or_else(|| text.strip_prefix(b"\xfe\xff")).unwrap_or(text);
    text.iter().copied().find(|byte| !byte.is_ascii_whitespace() && *byte != 0)
}

/// The place of a zero byte near the start of a file that has no byte order mark.
fn zero(head: &[u8]) -> Option<usize> {
    let marked = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    head.iter().take(64).position(|byte| *byte == 0).filter(|_| !marked)
}

fn utf_16(head: &[u8]) -> String {
    let first = zero(head).is_some_and(|place| place % 2 == 0);
    let encoding = if first { "utf-16be" } else { "utf-16le" };
    format!(
        "There are zero bytes in the text, as in UTF-16 without a byte order mark. Add --encoding {encoding}, or save the \
         file as UTF-8."
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A name, the first bytes, the user's say, and the outcome.
    type Row = (&'static str, &'static [u8], Option<Format>, Result<Content, &'static str>);

    fn of(name: &str, head: &[u8], format: Option<Format>) -> Result<Content, String> {
        Content::of(head, &Input::of(Path::new(name)), &Reading { format, ..Reading::default() })
    }

    #[test]
    fn the_name_and_the_first_bytes_say_what_a_file_is() {
        let array = Content::Json { array: true };
        let lines = Content::Json { array: false };
        let table: [Row; 17] = [
            ("a.csv", b"first_name,mobile", None, Ok(Content::Csv)),
            ("a.tsv", b"\xff\xfef\0", None, Ok(Content::Csv)),
            ("a.csv", b"PK\x03\x04", None, Ok(Content::Workbook)),
            ("a.csv", b"\xef\xbb\xbf <!DOCTYPE html>", None, Err(HTML)),
            ("a.csv", b"\xff\xfe<\0h\0", None, Err(HTML)),
            ("a.ndjson", b"<html>", None, Err(HTML)),
            ("a.csv", b"%PDF-1.7", None, Err(PDF)),
            ("a.xlsx", b"<html>", None, Err(HTML)),
            ("a.xlsx", b"first_name,mobile", None, Err(NO_WORKBOOK)),
            ("a.csv", b"{\"a\":1}", None, Err(JSON)),
            ("a.csv", b"[a],[b]", Some(Format::Csv), Ok(Content::Csv)),
            ("a.json", b" \n[{}", None, Ok(array)),
            ("-", b"{\"a\":1}", None, Ok(lines)),
            ("-", b"oops\n{\"a\":1}", None, Ok(lines)),
            ("-", b"first_name,mobile", None, Err(NO_JSON)),
            ("-", b"first_name,mobile", Some(Format::Csv), Ok(Content::Csv)),
            ("-", b"", None, Ok(lines)),
        ];
        for (name, head, format, content) in table {
            assert_eq!(of(name, head, format), content.map_err(str::to_owned), "{name}: {head:?}");
        }
        assert!(of("a.pdf", b"a", None).is_err());
        assert!(of("a.csv", b"a\0,\0b\0", None).unwrap_err().contains("--encoding utf-16le"));
        assert!(of("a.csv", b"\0a\0,\0b", None).unwrap_err().contains("--encoding utf-16be"));
    }

    #[test]
    fn flags_for_tables_are_refused_for_json() {
        let reading = Reading { null: vec!["-".to_owned()], ..Reading::default() };
        assert!(Content::of(b"{}", &Input::Stdin, &reading).unwrap_err().starts_with("--null is for tables"));
    }
}
