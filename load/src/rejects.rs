//! The file of rejected rows: each as it was, with the reasons, so that it can be mended and loaded.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::json;
use crate::rows::{Cells, Format, Header, Row, Unsendable};

/// The columns, or members, that a rejected row has more than the row had. They are ignored as input.
pub const COLUMNS: [&str; 4] = ["rejected_line", "rejected_codes", "rejected_reasons", TEXT];

const TEXT: &str = "rejected_text";

/// The API's code for what has no code of its own: rows that are not records have it too.
const OTHER: &str = "OTHER";

/// A row that was not created, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Reject {
    /// The row, or the first line of one that is broken.
    pub row: Row,
    /// Whether the row cannot be read.
    pub broken: bool,
    /// The API's codes.
    pub codes: Vec<String>,
    /// What is wrong, in sentences.
    pub reasons: Vec<String>,
}

impl From<Unsendable> for Reject {
    fn from(Unsendable { row, broken, reason }: Unsendable) -> Self {
        Self { row, broken, codes: vec![OTHER.to_owned()], reasons: vec![reason] }
    }
}

/// Writes rejects in the format of the file that they come from.
pub enum Writer<W: Write> {
    /// As CSV.
    Csv { header: Arc<Header>, out: Box<csv::Writer<W>> },
    /// As NDJSON.
    Ndjson(BufWriter<W>),
}

impl Writer<File> {
    /// Rewrites the file at `path`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn create(path: &Path, format: &Format) -> io::Result<Self> {
        Self::new(File::create(path)?, format)
    }
}

impl<W: Write> Writer<W> {
    fn new(out: W, format: &Format) -> io::Result<Self> {
        Ok(match format {
            Format::Ndjson => Self::Ndjson(BufWriter::new(out)),
            Format::Csv(header) => {
                let mut out = csv::Writer::from_writer(out);
                out.write_record(header.names().chain(COLUMNS))?;
                Self::Csv { header: Arc::clone(header), out: Box::new(out) }
            }
        })
    }

    /// Adds `reject`.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn write(&mut self, reject: &Reject) -> io::Result<()> {
        match self {
            Self::Csv { header, out } => Ok(write_csv(out, header, reject)?),
            Self::Ndjson(out) => writeln!(out, "{}", ndjson(reject)),
        }
    }

    /// Makes sure that all of it is in the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Csv { out, .. } => out.flush(),
            Self::Ndjson(out) => out.flush(),
        }
    }
}

fn write_csv(out: &mut csv::Writer<impl Write>, header: &Header, reject: &Reject) -> csv::Result<()> {
    let mut cells = Cells::default();
    let mut text = reject.row.text.as_str();
    if reject.broken {
        header.names().try_for_each(|_| out.write_field(""))?;
    } else {
        cells.split(reject.row.text.as_bytes());
        header.values(&cells).try_for_each(|cell| out.write_field(cell))?;
        text = header.value(&cells, TEXT).unwrap_or_default();
    }
    out.write_field(reject.row.line.to_string())?;
    out.write_field(reject.codes.join(" "))?;
    out.write_field(reject.reasons.join(" "))?;
    out.write_field(text)?;
    out.write_record(None::<&[u8]>)
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
    let rejected_text = reject.broken.then_some(reject.row.text.as_str());
    let rejection = Rejection {
        rejected_line: reject.row.line,
        rejected_codes: &reject.codes,
        rejected_reasons: &reject.reasons,
        rejected_text,
    };
    let record = if reject.broken { "{}" } else { &reject.row.text };
    json::with(record, &rejection).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(line: u64, text: &str, broken: bool) -> Reject {
        let codes = vec!["FIRST_NAME_MISSING".to_owned(), "OTHER".to_owned()];
        let reasons = vec!["first_name: Send it.".to_owned(), "a, \"b\".".to_owned()];
        Reject { row: Row { line, text: text.to_owned() }, broken, codes, reasons }
    }

    fn written(format: &Format, rejects: &[Reject]) -> String {
        let mut out = Vec::new();
        let mut writer = Writer::new(&mut out, format).unwrap();
        rejects.iter().try_for_each(|reject| writer.write(reject)).unwrap();
        writer.flush().unwrap();
        drop(writer);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_rows_keep_their_cells() {
        let header = Header::parse(["Job", "rejected_text", "", "rejected_line"].into_iter()).unwrap();
        let rejects = [reject(2, "\"a,\nb\",earlier,,9", false), reject(4, "\"c,d", true)];
        let expected = "Job,,rejected_line,rejected_codes,rejected_reasons,rejected_text\n\
            \"a,\nb\",,2,FIRST_NAME_MISSING OTHER,\"first_name: Send it. a, \"\"b\"\".\",earlier\n\
            ,,4,FIRST_NAME_MISSING OTHER,\"first_name: Send it. a, \"\"b\"\".\",\"\"\"c,d\"\n";
        assert_eq!(written(&Format::Csv(Arc::new(header)), &rejects), expected);
    }

    #[test]
    fn ndjson_rows_keep_their_members() {
        let rejects = [reject(1, r#"{"a":1.0, "rejected_line":9}"#, false), reject(3, "{\"", true)];
        let rejection = r#""rejected_codes":["FIRST_NAME_MISSING","OTHER"],"rejected_reasons":["first_name: Send it.","a, \"b\"."]"#;
        let expected = format!(
            "{{\"a\":1.0,\"rejected_line\":1,{rejection}}}\n{{\"rejected_line\":3,{rejection},\"rejected_text\":\"{{\\\"\"}}\n"
        );
        assert_eq!(written(&Format::Ndjson, &rejects), expected);
    }
}
