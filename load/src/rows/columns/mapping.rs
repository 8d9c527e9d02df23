//! The mapping as a person reads it.

use std::fmt;

use super::column::{Column, Kind, Number};
use super::header::Header;

/// The widest name that is aligned, in characters.
const WIDEST: usize = 40;

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.columns.iter().map(|column| column.name.chars().count());
        let width = widths.max().unwrap_or_default().min(WIDEST);
        for column in &self.columns {
            writeln!(f, "  {:width$}  {}", shown(&column.name), meaning(column))?;
        }
        for constant in &self.constants {
            writeln!(f, "  {:width$}  {}", constant.column.name, meaning(&constant.column))?;
        }
        Ok(())
    }
}

/// Text from a file, fit for a terminal.
fn shown(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The meaning of `column`, in words.
fn meaning(column: &Column) -> String {
    match &column.kind {
        Kind::Id => "ID of the record".to_owned(),
        Kind::Text(member) => (*member).to_owned(),
        Kind::FullName => "first_name and last_name".to_owned(),
        Kind::Number(number) => numbers(number),
        Kind::PhoneCode => "calling code of the numbers".to_owned(),
        Kind::PhoneLabel => "type of the number".to_owned(),
        Kind::Priority => "priority".to_owned(),
        Kind::SyncExternalId => "sync_external_id".to_owned(),
        Kind::Extra { member, .. } if *member != column.name => format!("extra_data, as `{}`", shown(member)),
        Kind::Extra { known: true, .. } => "extra_data".to_owned(),
        Kind::Extra { known: false, .. } => "extra_data (unknown name)".to_owned(),
        Kind::LeftOut(reason) => format!("left out: {reason}"),
        Kind::Unnamed => "left out: it has no name".to_owned(),
        Kind::Rejected => "left out: an earlier run added it".to_owned(),
    }
}

/// The types that a column's numbers can have.
fn numbers(number: &Number) -> String {
    match (number.phone_type, number.label) {
        (Some(phone_type), None) => format!("{phone_type} number"),
        (_, Some(_)) => "number of the type that its label says".to_owned(),
        (None, None) => "number of the next free type".to_owned(),
    }
}
