//! A sheet of a workbook as CSV. The library reads a sheet at once, so a workbook is in memory as a whole, unlike other files.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use calamine::{Data, ExcelDateTime, Range, Reader, open_workbook_auto_from_rs};

/// A sheet that is read as CSV: a row of it is a row there, whatever is above the first one that is used.
pub struct Sheet {
    range: Range<Data>,
    /// The next row of the sheet, from 0.
    next: u32,
    csv: Vec<u8>,
    start: usize,
}

impl Sheet {
    /// Opens a sheet of the workbook in `stream`: the first, unless another was `asked` for.
    ///
    /// # Errors
    ///
    /// The reason why the sheet cannot be read.
    pub fn open(mut stream: impl Read, asked: Option<&str>) -> Result<Self, String> {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        let bytes: Arc<[u8]> = bytes.into();
        let mut workbook = open_workbook_auto_from_rs(Cursor::new(bytes))
            .map_err(|_| "This is not a workbook that can be read, or it is protected by a password.")?;
        let names = workbook.sheet_names();
        let name = match asked {
            Some(asked) => names.iter().find(|name| *name == asked),
            None => names.first(),
        };
        let Some(name) = name.cloned() else {
            return Err(format!("There is no such sheet. There are {}.", names.join(", ")));
        };
        let range = workbook.worksheet_range(&name).map_err(|error| format!("The sheet `{name}`: {error}"))?;
        Ok(Self { range, next: 0, csv: Vec::new(), start: 0 })
    }

    /// Makes CSV of the next row; none is left if there is no more.
    fn read_row(&mut self) -> io::Result<()> {
        self.start = 0;
        self.csv.clear();
        let (first, last) = match (self.range.start(), self.range.end()) {
            (Some(start), Some(end)) if self.next <= end.0 => (start, end),
            _ => return Ok(()),
        };
        let mut row = csv::WriterBuilder::new().buffer_capacity(512).from_writer(&mut self.csv);
        if self.next >= first.0 {
            for column in first.1..=last.1 {
                row.write_field(self.range.get_value((self.next, column)).map_or_else(String::new, text))?;
            }
        }
        row.write_record(None::<&[u8]>)?;
        row.flush()?;
        drop(row);
        self.next += 1;
        Ok(())
    }
}

impl Read for Sheet {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.csv.len() {
            self.read_row()?;
        }
        let read = (&self.csv[self.start..]).read(buffer)?;
        self.start += read;
        Ok(read)
    }
}

/// A cell's text. A number has no exponent, so that one that is a phone number stays one.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::DateTime(date) if date.is_datetime() => date_text(date),
        Data::DateTime(duration) => duration.as_f64().to_string(),
        Data::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// A date as ISO 8601 has it, with the time of day if it has one.
fn date_text(date: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
    }
}

#[cfg(test)]
mod tests {
    use calamine::{Cell, ExcelDateTimeType};

    use super::*;

    #[test]
    fn rows_become_csv_in_their_places() {
        let date = |value| Data::DateTime(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false));
        let cells = [
            Cell::new((1, 1), Data::String("Name, first".to_owned())),
            Cell::new((1, 2), Data::String("Mobile".to_owned())),
            Cell::new((3, 1), Data::String("two\nlines".to_owned())),
            Cell::new((3, 2), Data::Float(351_912_345_601.0)),
            Cell::new((4, 1), date(45_943.5)),
            Cell::new((4, 2), date(45_943.0)),
            Cell::new((5, 1), Data::Bool(true)),
            Cell::new((5, 2), Data::Float(0.5)),
        ];
        let mut sheet = Sheet { range: Range::from_sparse(cells.to_vec()), next: 0, csv: Vec::new(), start: 0 };
        let mut csv = String::new();
        sheet.read_to_string(&mut csv).unwrap();
        let expected =
            "\"\"\n\"Name, first\",Mobile\n,\n\"two\nlines\",351912345601\n2025-10-13T12:00:00,2025-10-13\ntrue,0.5\n";
        assert_eq!(csv, expected);
    }

    #[test]
    fn what_is_not_a_workbook_is_said_to_be_none() {
        let error = Sheet::open(&b"PK\x03\x04 and so on"[..], None).err().unwrap();
        assert!(error.starts_with("This is not a workbook"), "{error}");
    }
}
