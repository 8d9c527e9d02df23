//! A column of a table.

use crate::rejection;
use crate::rows::field::Field;
use crate::rows::lookup::{known, plain};

/// A column: its header as it is in the file, and what it is.
#[derive(Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// Whether the user said what it is.
    pub(super) asked: bool,
}

/// The meaning of a column in this file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The ID of the record that the row is about.
    Id,
    /// A member of the API that is text.
    Text(&'static str),
    FullName,
    Number(Number),
    PhoneCode,
    PhoneLabel,
    Priority,
    SyncExternalId,
    /// The member of `extra_data` of this name, and whether the column's name is known.
    Extra {
        member: String,
        known: bool,
    },
    /// Nothing, for this reason.
    LeftOut(&'static str),
    /// No name, and nothing in it.
    Unnamed,
    /// A remark of an earlier run about the row.
    Rejected,
}

/// A column of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The type, unless another of the row's numbers has it; `None` if any will do.
    pub phone_type: Option<&'static str>,
    /// Whether the column's name says no type.
    pub any_type: bool,
    /// The column that has the type.
    pub label: Option<usize>,
}

/// The user's say on a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Ignored,
    Mapped(Field),
    Nothing,
}

const IGNORED: &str = "as --ignore says";
const NO_ID: &str = "`id` names a record for --update and --mirror; a load creates records, whose IDs the API gives.";

impl Column {
    /// The column `name`, of which the user has said these things; `patches` says whether rows change records.
    ///
    /// # Errors
    ///
    /// If there can be no column of this name.
    pub fn of(name: &str, said: Said, patches: bool) -> Result<Self, String> {
        let kind = match said {
            Said::Ignored => Kind::LeftOut(IGNORED),
            Said::Mapped(Field::Id) if !patches => return Err(format!("--map: {NO_ID}")),
            Said::Mapped(Field::Extra) => Kind::Extra { member: name.to_owned(), known: true },
            Said::Mapped(field) => Kind::from(field),
            // Other spellings are those of other systems' IDs.
            Said::Nothing if patches && name == "id" => Kind::Id,
            Said::Nothing => Kind::of(name)?,
        };
        Ok(Self { name: name.to_owned(), kind, asked: said != Said::Nothing })
    }

    /// Whether a record cannot have both columns. Numbers of one type can differ in type, but not in columns of one name.
    pub fn clashes_with(&self, other: &Self) -> bool {
        let is_typed = matches!(self.kind, Kind::Number(Number { any_type: false, .. }));
        match (&self.kind, &other.kind) {
            (Kind::FullName, Kind::Text(member)) | (Kind::Text(member), Kind::FullName) => {
                matches!(*member, "first_name" | "last_name")
            }
            (one, another) if one != another => false,
            _ => self.kind.is_single() || (is_typed && plain(&self.name) == plain(&other.name)),
        }
    }
}

impl Kind {
    /// The kind of a column that the user says nothing about.
    fn of(name: &str) -> Result<Self, String> {
        Ok(match (plain(name).as_str(), known(name)) {
            ("phonenumbers", _) => {
                return Err(no_column(name, "use `mobile`, `home`, `office` or `extra_1` to `extra_3`"));
            }
            ("extradata", _) => {
                return Err(no_column(name, "every column that is not a member goes into `extra_data`"));
            }
            _ if name.is_empty() => Self::Unnamed,
            _ if rejection::NAMES.contains(&name) => Self::Rejected,
            (_, Some(Field::Extra)) => Self::Extra { member: name.to_owned(), known: true },
            (_, Some(field)) => Self::from(field),
            (_, None) => Self::Extra { member: name.to_owned(), known: false },
        })
    }

    /// Whether a record has it at most once.
    pub fn is_single(&self) -> bool {
        matches!(
            self,
            Self::Id | Self::Text(_) | Self::FullName | Self::PhoneCode | Self::Priority | Self::SyncExternalId
        )
    }
}

fn no_column(name: &str, instead: &str) -> String {
    format!("A column cannot be named `{name}`: {instead}, or leave it out with --ignore.")
}

impl From<Field> for Kind {
    fn from(field: Field) -> Self {
        match field {
            Field::Id => Self::Id,
            Field::Text(member) => Self::Text(member),
            Field::FullName => Self::FullName,
            Field::Number(phone_type) => {
                Self::Number(Number { phone_type: Some(phone_type), any_type: false, label: None })
            }
            Field::Phone => Self::Number(Number { phone_type: None, any_type: true, label: None }),
            Field::PhoneCode => Self::PhoneCode,
            Field::PhoneLabel => Self::PhoneLabel,
            Field::Priority => Self::Priority,
            Field::SyncExternalId => Self::SyncExternalId,
            Field::Extra => Self::Extra { member: String::new(), known: true },
        }
    }
}
