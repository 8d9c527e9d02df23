//! Files to load, of rows whose fate is known.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

/// A folder that no other test has.
pub fn folder() -> PathBuf {
    let folder = format!("{}/{:016x}", env!("CARGO_TARGET_TMPDIR"), fastrand::u64(..));
    fs::create_dir_all(&folder).expect("a folder can be made");
    folder.into()
}

/// A file of this name and content, in a folder of its own.
pub fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder().join(name);
    fs::write(&path, content).expect("a file can be written");
    path
}

/// As many valid rows as `rows`, no two alike.
pub fn valid(rows: u64) -> PathBuf {
    file("valid.csv", people(0..rows))
}

/// The header and a valid row for each of `rows`.
pub fn people(rows: impl Iterator<Item = u64>) -> String {
    let mut content = String::from("first_name,last_name,mobile,external_provider,external_id\n");
    for row in rows {
        writeln!(content, "Ann,Row {row:07},{},crm,{row}", number(row)).unwrap();
    }
    content
}

/// A number that no other row has.
pub fn number(row: u64) -> String {
    format!("+1 202 {:03} {:04}", 200 + row / 10_000, row % 10_000)
}

/// The fate of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Valid,
    Refused(&'static str),
    /// It is the same as an earlier row in everything but its name.
    Duplicate(u64),
}

/// A file, and the fates of its rows.
pub struct Mixed {
    pub path: PathBuf,
    /// The fates by line, in order of the rows.
    pub rows: BTreeMap<u64, (String, Fate)>,
}

/// As many rows as `rows` of every kind, with cells of several lines between them.
pub fn mixed(rows: u64) -> Mixed {
    let mut content = String::from("First Name,last_name,Mobile,external_provider,external_id,Note\n");
    let (mut line, mut fates) = (2, BTreeMap::new());
    for row in 0..rows {
        let (name, fate) = (format!("Row {row:07}"), fate(row));
        let same = if let Fate::Duplicate(earlier) = fate { earlier } else { row };
        let (number, id) = (number(same), same);
        let text = match fate {
            Fate::Refused("FIRST_NAME_MISSING") => format!(",{name},{number},crm,{id},\n"),
            Fate::Refused("PHONE_NUMBER_INVALID") => format!("Ann,{name},{},crm,{id},\n", &number[1..]),
            Fate::Refused(_) if row % 100 < 50 => format!("Ann,{name},{number},crm,{id},,beyond\n"),
            Fate::Refused(_) => format!("\"Ann,{name},{number},crm,{id},\n"),
            Fate::Valid if row % 50 == 3 => format!("Ann,{name},{number},crm,{id},\"two\nlines\"\n"),
            Fate::Valid | Fate::Duplicate(_) => format!("Ann,{name},{number},crm,{id},\"a \"\"note\"\"\"\n"),
        };
        fates.insert(line, (name, fate));
        line += text.lines().count() as u64;
        content += &text;
    }
    Mixed { path: file("mixed.csv", &content), rows: fates }
}

fn fate(row: u64) -> Fate {
    match row % 50 {
        7 => Fate::Refused("FIRST_NAME_MISSING"),
        17 => Fate::Refused("PHONE_NUMBER_INVALID"),
        27 => Fate::Refused("OTHER"),
        38 => Fate::Duplicate(row - 1),
        49 if row > 300 => Fate::Duplicate(row - 300 + 1),
        _ => Fate::Valid,
    }
}
