//! The header of a CSV file: what each column is to the API.

use std::collections::HashSet;

use super::cells::Cells;
use crate::rejects;

/// The columns of a file.
#[derive(Debug, Default)]
pub struct Header {
    columns: Vec<Column>,
}

/// A column: its header as it is in the file, and what it is.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A member of the API that is text.
    Text(&'static str),
    /// A number of this type.
    Number(&'static str),
    /// The deprecated member for a single number.
    PhoneNumber,
    Priority,
    SyncExternalId,
    /// A member of `extra_data`, named as the column.
    Extra,
    /// No name, and nothing in it.
    Unnamed,
    /// What an earlier run said about the row.
    Rejected,
}

impl Kind {
    /// What the API calls `name`, letter case, spaces and underscores aside.
    fn of(name: &str) -> Result<Self, String> {
        let plain: String = name.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
        Ok(match plain.to_lowercase().as_str() {
            "firstname" => Self::Text("first_name"),
            "lastname" => Self::Text("last_name"),
            "timezone" => Self::Text("timezone"),
            "externalprovider" => Self::Text("external_provider"),
            "externalid" => Self::Text("external_id"),
            "externalurl" => Self::Text("external_url"),
            "mobile" => Self::Number("MOBILE"),
            "home" => Self::Number("HOME"),
            "office" => Self::Number("OFFICE"),
            "extra1" => Self::Number("EXTRA_1"),
            "extra2" => Self::Number("EXTRA_2"),
            "extra3" => Self::Number("EXTRA_3"),
            "phonenumber" => Self::PhoneNumber,
            "priority" => Self::Priority,
            "syncexternalid" => Self::SyncExternalId,
            "phonenumbers" => return Err(no_column(name, "use `mobile`, `home`, `office` or `extra_1` to `extra_3`")),
            "extradata" => return Err(no_column(name, "every column that is not a member goes into `extra_data`")),
            "" => Self::Unnamed,
            _ if rejects::COLUMNS.contains(&name) => Self::Rejected,
            _ => Self::Extra,
        })
    }
}

fn no_column(name: &str, instead: &str) -> String {
    format!("A column cannot be named `{name}`: {instead}.")
}

impl Header {
    /// Reads the cells of a header row.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, String> {
        let mut seen = HashSet::new();
        let mut columns = Vec::new();
        for name in names {
            let kind = Kind::of(name)?;
            let identity = (kind, if kind == Kind::Extra { name } else { "" });
            if !matches!(kind, Kind::Unnamed | Kind::Rejected) && !seen.insert(identity) {
                return Err(format!("The column `{name}` occurs twice."));
            }
            columns.push(Column { name: name.to_owned(), kind });
        }
        match &columns[..] {
            [only] if only.name.contains([';', '\t']) => Err("Columns are separated by commas only.".to_owned()),
            _ => Ok(Self { columns }),
        }
    }

    /// Whether `cells` are a row of this file: one for each column, and beyond them nothing but empty ones.
    ///
    /// # Errors
    ///
    /// What is wrong with the row.
    pub fn fits(&self, cells: &Cells) -> Result<(), String> {
        let (columns, found) = (self.columns.len(), cells.len());
        if found < columns || cells.iter().skip(columns).any(|cell| !cell.is_empty()) {
            let many = if found < columns { "few" } else { "many" };
            return Err(format!("The row has too {many} columns: {found} instead of {columns}."));
        }
        Ok(())
    }

    /// The cells of a row, each with its column.
    pub fn cells<'a>(&'a self, cells: &'a Cells) -> impl Iterator<Item = (&'a Column, &'a str)> {
        self.columns.iter().zip(cells.iter())
    }

    /// The headers of the columns as the file has them, without those of an earlier run's rejects.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.kind != Kind::Rejected).map(|column| column.name.as_str())
    }

    /// The cells of these columns.
    pub fn values<'a>(&'a self, cells: &'a Cells) -> impl Iterator<Item = &'a str> {
        self.cells(cells).filter(|(column, _)| column.kind != Kind::Rejected).map(|(_, cell)| cell)
    }

    /// The cell of the column `name`.
    pub fn value<'a>(&'a self, cells: &'a Cells, name: &str) -> Option<&'a str> {
        self.cells(cells).find(|(column, _)| column.name == name).map(|(_, cell)| cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(row: &str) -> Result<Header, String> {
        Header::parse(row.split(','))
    }

    #[test]
    fn columns_are_known_by_the_api_s_names_however_they_are_written() {
        let header =
            header("First Name,LAST_NAME,timeZone,External Provider,externalid,External_URL,Mobile,home").unwrap();
        let kinds: Vec<Kind> = header.columns.iter().map(|column| column.kind).collect();
        let members = ["first_name", "last_name", "timezone", "external_provider", "external_id", "external_url"];
        assert_eq!(kinds[..6], members.map(Kind::Text));
        assert_eq!(kinds[6..], [Kind::Number("MOBILE"), Kind::Number("HOME")]);
    }

    #[test]
    fn other_columns_are_extra_data_or_of_no_use() {
        let header = header("Extra 1,EXTRA_2,Phone Number,priority,Sync External ID,Job, ,rejected_line,job,").unwrap();
        let kinds: Vec<Kind> = header.columns.iter().map(|column| column.kind).collect();
        let expected = [
            Kind::Number("EXTRA_1"),
            Kind::Number("EXTRA_2"),
            Kind::PhoneNumber,
            Kind::Priority,
            Kind::SyncExternalId,
            Kind::Extra,
            Kind::Unnamed,
            Kind::Rejected,
            Kind::Extra,
            Kind::Unnamed,
        ];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn a_header_that_would_lose_data_is_refused() {
        let table = [
            ("mobile,Mobile", "The column `Mobile` occurs twice."),
            ("first_name,firstName", "The column `firstName` occurs twice."),
            ("Job,Job", "The column `Job` occurs twice."),
            (
                "phone_numbers",
                "A column cannot be named `phone_numbers`: use `mobile`, `home`, `office` or `extra_1` to `extra_3`.",
            ),
            (
                "Extra Data",
                "A column cannot be named `Extra Data`: every column that is not a member goes into `extra_data`.",
            ),
            ("first_name;last_name", "Columns are separated by commas only."),
        ];
        for (row, reason) in table {
            assert_eq!(header(row).unwrap_err(), reason, "{row}");
        }
    }
}
