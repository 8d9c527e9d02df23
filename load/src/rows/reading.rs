//! The flags that say how a file is read.

use std::path::Path;

use clap::{Args, ValueEnum};
use encoding_rs::Encoding;
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};

use super::field::Field;
use super::lookup;

/// The user's say on how to read a file.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Reading the file")]
pub struct Reading {
    /// Format of a file whose name does not say it, or of standard input (JSON unless given)
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Character between columns, or comma, semicolon, tab or pipe, if it is not the one that the header suggests
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Encoding, such as windows-1252, if it is not UTF-8 and the file has no byte order mark
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<&'static Encoding>,
    /// Sheet of a workbook, if it is not the first
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Meaning of a column, such as 'Cell=mobile': a member of the API, a type of number, or `phone`, `phone_code`,
    /// `full_name` or `extra_data`
    #[arg(long, value_name = "COLUMN=MEMBER", value_parser = map)]
    pub map: Vec<Map>,
    /// Column to leave out
    #[arg(long, value_name = "COLUMN")]
    pub ignore: Vec<String>,
    /// Value for every row, such as `external_provider=crm`, of a member that no column has
    #[arg(long, value_name = "MEMBER=VALUE", value_parser = set)]
    pub set: Vec<Set>,
    /// Country of numbers without + and country code, such as PT
    #[arg(long, value_name = "CODE", value_parser = country)]
    pub country: Option<Region>,
    /// Cells that count as empty, such as 'N/A,-'
    #[arg(long, value_name = "WORDS", value_delimiter = ',', allow_hyphen_values = true)]
    pub null: Vec<String>,
    /// Meaning of an empty cell, with --update or --mirror
    #[arg(long, value_name = "WHAT", default_value = "keep", requires = "changes")]
    pub empty: Empty,
    /// Whether rows change records, instead of creating them.
    #[arg(skip)]
    pub patches: bool,
}

/// The meaning of an empty cell in a row that changes a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Empty {
    /// The record's value stays
    #[default]
    Keep,
    /// The record's value is removed
    Clear,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A header row, then a record in each row
    #[value(alias = "tsv", alias = "txt")]
    Csv,
    /// A record of the API on each line, or an array of them
    #[value(alias = "ndjson", alias = "jsonl")]
    Json,
    /// A workbook
    #[value(alias = "xls", alias = "ods")]
    Xlsx,
}

/// A column and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    pub column: String,
    pub field: Field,
}

/// A value that every row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub field: Field,
    pub value: String,
}

impl Format {
    /// The format that the end of a file's name stands for.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "gz" => Self::of(Path::new(path.file_stem()?)),
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" | "json" => Some(Self::Json),
            "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        "tab" | "\\t" => Ok(b'\t'),
        "pipe" => Ok(b'|'),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
            _ => Err("send one character, or comma, semicolon, tab or pipe".to_owned()),
        },
    }
}

fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes())
        .ok_or_else(|| "no such encoding; windows-1252 and utf-16le are examples".to_owned())
}

fn map(text: &str) -> Result<Map, String> {
    let (column, member) = text.rsplit_once('=').ok_or("write COLUMN=MEMBER")?;
    Ok(Map { column: column.to_owned(), field: lookup::named(member)? })
}

fn set(text: &str) -> Result<Set, String> {
    let (member, value) = text.split_once('=').ok_or("write MEMBER=VALUE")?;
    match lookup::named(member)? {
        Field::Extra | Field::Id => Err("a member of the API that rows can share is expected".to_owned()),
        field => Ok(Set { field, value: value.to_owned() }),
    }
}

fn country(text: &str) -> Result<Region, String> {
    let region = Region::from_code(&text.to_ascii_uppercase()).ok();
    region
        .filter(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(*region).is_some())
        .ok_or_else(|| "write the two letters of a country, such as PT".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_format() {
        let table = [
            ("a.csv", Some(Format::Csv)),
            ("dir/A.TSV", Some(Format::Csv)),
            ("a.txt", Some(Format::Csv)),
            ("a.csv.gz", Some(Format::Csv)),
            ("a.jsonl.GZ", Some(Format::Json)),
            ("a.json", Some(Format::Json)),
            ("a.xlsx", Some(Format::Xlsx)),
            ("a.gz", None),
            ("csv", None),
            ("a.pdf", None),
        ];
        for (name, format) in table {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn values_are_checked_before_the_file_is_read() {
        assert_eq!([delimiter(";"), delimiter("tab"), delimiter("|")], [Ok(b';'), Ok(b'\t'), Ok(b'|')]);
        assert!(delimiter("\"").is_err() && delimiter("ab").is_err() && delimiter("").is_err());
        assert_eq!(encoding("Windows-1252").map(Encoding::name), Ok("windows-1252"));
        assert!(encoding("ansi-thing").is_err());
        assert_eq!(
            [country("pt").map(|region| region.to_string()), country("US").map(|region| region.to_string())],
            [Ok("PT".to_owned()), Ok("US".to_owned())]
        );
        assert!(country("Portugal").is_err() && country("ZZ").is_err());
    }

    #[test]
    fn columns_can_have_equals_signs_and_so_can_values() {
        assert_eq!(map("a=b=mobile"), Ok(Map { column: "a=b".to_owned(), field: Field::Number("MOBILE") }));
        let value = "https://crm.example.com/?id=1".to_owned();
        assert_eq!(
            set("external_url=https://crm.example.com/?id=1"),
            Ok(Set { field: Field::Text("external_url"), value })
        );
        assert!(map("Cell").is_err() && map("Cell=celluloid").is_err() && set("extra_data=x").is_err());
    }
}
