//! Rejects in the layout of the file that they come from.

use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::reject::Reject;
use crate::rows::{Cells, Dialect, Header, Layout};
use crate::{json, rejection};

/// Writes rejects: each row as it was, and what is wrong with it.
pub struct Writer<W: Write> {
    out: BufWriter<W>,
    layout: Layout,
}

impl<W: Write> Writer<W> {
    /// Writes what comes before the rows: byte order mark, delimiter hint, header.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn new(out: W, layout: Layout) -> io::Result<Self> {
        let mut writer = Self { out: BufWriter::new(out), layout };
        match &writer.layout {
            Layout::Ndjson(text) => writer.out.write_all(text.mark())?,
            Layout::Csv(dialect, header) => {
                writer.out.write_all(dialect.text.mark())?;
                writer.out.write_all(&dialect.text.encode(&hint(dialect)))?;
                let names = header.names().chain(rejection::NAMES).map(str::as_bytes);
                writer.out.write_all(&dialect.text.encode(&line(dialect, names)?))?;
            }
        }
        Ok(writer)
    }

    /// Adds `reject`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&mut self, reject: &Reject) -> io::Result<()> {
        let (text, row) = match &self.layout {
            Layout::Csv(dialect, header) => (dialect.text, csv(dialect, header, reject)?),
            Layout::Ndjson(text) => (*text, format!("{}\n", ndjson(reject)).into_bytes()),
        };
        self.out.write_all(&text.encode(&row))
    }

    /// Makes sure that all of it is written.
    ///
    /// # Errors
    ///
    /// If it cannot be.
    pub fn finish(self) -> io::Result<W> {
        self.out.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

/// The line that tells a spreadsheet the delimiter, if the input has it.
fn hint(dialect: &Dialect) -> Vec<u8> {
    match dialect.hint.as_str() {
        "" => Vec::new(),
        hint => format!("{hint}{}", if dialect.crlf { "\r\n" } else { "\n" }).into_bytes(),
    }
}

fn csv(dialect: &Dialect, header: &Header, reject: &Reject) -> io::Result<Vec<u8>> {
    let mut cells = Cells::default();
    let (line_number, codes, reasons) = (reject.row.line.to_string(), reject.codes.join(" "), reject.reasons.join(" "));
    let reason = [line_number.as_bytes(), codes.as_bytes(), reasons.as_bytes()];
    if reject.broken {
        let empty = header.names().map(|_| &b""[..]);
        return line(dialect, empty.chain(reason).chain([&reject.row.text[..]]));
    }
    cells.split(&reject.row.text, dialect.delimiter);
    let text = header.cell(&cells, rejection::TEXT);
    line(dialect, header.cells(&cells).map(str::as_bytes).chain(reason).chain([text.as_bytes()]))
}

/// A row of CSV, in UTF-8.
fn line<'a>(dialect: &Dialect, cells: impl Iterator<Item = &'a [u8]>) -> io::Result<Vec<u8>> {
    let terminator = if dialect.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut row = csv::WriterBuilder::new();
    let mut row = row.delimiter(dialect.delimiter).terminator(terminator).buffer_capacity(1024).from_writer(Vec::new());
    cells.into_iter().try_for_each(|cell| row.write_field(cell))?;
    row.write_record(None::<&[u8]>)?;
    row.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn ndjson(reject: &Reject) -> String {
    #[derive(Serialize)]
    #[expect(clippy::struct_field_names, reason = "they are the members' names")]
    struct Rejection<'a> {
        rejected_line: u64,
        rejected_codes: &'a [String],
        rejected_reasons: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        rejected_text: Option<&'a str>,
    }
    let text = String::from_utf8_lossy(&reject.row.text);
    let rejection = Rejection {
        rejected_line: reject.row.line,
        rejected_codes: &reject.codes,
        rejected_reasons: &reject.reasons,
        rejected_text: reject.broken.then_some(&text),
    };
    let record = if reject.broken { "{}" } else { &text };
    json::with(record, &rejection).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};

    use super::*;
    use crate::rows::{Reading, Row, Text};

    const UTF_8_TEXT: Text = Text { encoding: UTF_8, mark: false };

    fn reject(line: u64, text: &[u8], broken: bool) -> Reject {
        let codes = vec!["FIRST_NAME_MISSING".to_owned(), "OTHER".to_owned()];
        let reasons = vec!["first_name: Send it.".to_owned(), "a, \"b\".".to_owned()];
        Reject { row: Row { line, text: text.to_owned() }, broken, codes, reasons }
    }

    fn written(layout: Layout, rejects: &[Reject]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), layout).unwrap();
        rejects.iter().try_for_each(|reject| writer.write(reject)).unwrap();
        writer.finish().unwrap()
    }

    fn csv(dialect: Dialect, names: &str) -> Layout {
        let header = Header::parse(names.split(char::from(dialect.delimiter)), &Reading::default()).unwrap();
        Layout::Csv(dialect, Arc::new(header))
    }

    #[test]
    fn csv_rows_keep_their_cells() {
        let rejects =
            [reject(2, b"\"a,\nb\",earlier,,9", false), reject(4, b"\"c\xff,d", true), reject(5, b"short", false)];
        let expected = b"Job,,rejected_line,rejected_codes,rejected_reasons,rejected_text\n\
            \"a,\nb\",,2,FIRST_NAME_MISSING OTHER,\"first_name: Send it. a, \"\"b\"\".\",earlier\n\
            ,,4,FIRST_NAME_MISSING OTHER,\"first_name: Send it. a, \"\"b\"\".\",\"\"\"c\xff,d\"\n\
            short,,5,FIRST_NAME_MISSING OTHER,\"first_name: Send it. a, \"\"b\"\".\",\n";
        let dialect = Dialect::of(UTF_8_TEXT, b"a,b\n", None);
        let found = written(csv(dialect, "Job,rejected_text,,rejected_line"), &rejects);
        assert_eq!(found.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    #[test]
    fn a_spreadsheet_opens_them_as_it_opened_the_input() {
        let table: [(&'static Encoding, bool, &str, &[u8]); 3] = [
            (WINDOWS_1252, false, "sep=;\r\nNome;x\r\nJo\u{e3}o;y\r\n", b"sep=;\r\nNome;x;rejected_line"),
            (UTF_8, true, "Nome|x\nJo\u{e3}o|y\n", b"\xef\xbb\xbfNome|x|rejected_line"),
            (UTF_16LE, true, "Nome\tx\r\nJo\u{e3}o\ty\r\n", b"\xff\xfeN\0o\0m\0e\0\t\0x\0\t\0r\0"),
        ];
        for (encoding, mark, file, start) in table {
            let text = Text { encoding, mark };
            let dialect = Dialect::of(text, file.as_bytes(), None);
            let delimiter = dialect.delimiter;
            let names = format!("Nome{0}x", char::from(delimiter));
            let row = format!("João{0}y", char::from(delimiter));
            let found = written(csv(dialect, &names), &[reject(3, row.as_bytes(), false)]);
            assert!(found.starts_with(start), "{}", found.escape_ascii());
            let row = text.encode(row.as_bytes()).into_owned();
            assert!(found.windows(row.len()).any(|part| part == row), "{}", found.escape_ascii());
        }
    }

    #[test]
    fn ndjson_rows_keep_their_members() {
        let rejects = [reject(1, br#"{"a":1.0, "rejected_line":9}"#, false), reject(3, b"{\"", true)];
        let rejection = r#""rejected_codes":["FIRST_NAME_MISSING","OTHER"],"rejected_reasons":["first_name: Send it.","a, \"b\"."]"#;
        let expected = format!(
            "{{\"a\":1.0,\"rejected_line\":1,{rejection}}}\n{{\"rejected_line\":3,{rejection},\"rejected_text\":\"{{\\\"\"}}\n"
        );
        assert_eq!(String::from_utf8(written(Layout::Ndjson(UTF_8_TEXT), &rejects)).unwrap(), expected);
    }
}
