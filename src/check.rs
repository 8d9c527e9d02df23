//! The rules for one record, without any I/O: for a client that checks a file before it sends it.

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::field::Field;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::Record;
use crate::record::draft::{Draft, Unreadable};
use crate::record::faults::Faults;
use crate::store::Write;

/// A record that breaks no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What makes it a duplicate in one list: another record with one of these keys is.
    pub keys: Vec<Uuid>,
}

/// Why a record would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The codes, in the order of a response's `errors`.
    pub errors: Vec<&'static str>,
    /// The places that are at fault, as in a response's `fields`.
    pub fields: Vec<Field>,
}

impl From<Faults> for Refusal {
    fn from(faults: Faults) -> Self {
        Self { errors: faults.codes().into_iter().map(Into::into).collect(), fields: faults.fields() }
    }
}

/// Checks `record`, a JSON text, by every rule of a list of type `unique`, its size included.
///
/// # Errors
///
/// Every rule that it breaks. Text that is not JSON is not a record.
#[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "the list's ID is a constant")]
pub fn check(record: &str, unique: UniqueIdentifierType) -> Result<Checked, Refusal> {
    let list = RecordList {
        account: String::new(),
        id: "check".parse().expect("the ID is valid"),
        unique_identifier_type: unique,
    };
    keys(record, &list).map(|keys| Checked { keys }).map_err(Into::into)
}

fn keys(record: &str, list: &RecordList) -> Result<Vec<Uuid>, Faults> {
    let raw: &RawValue = serde_json::from_str(record).map_err(|_| Faults::from(&Unreadable::NotAnObject))?;
    let draft = Draft::read(raw).map_err(|unreadable| Faults::from(&unreadable))?;
    let record = Record::parse(&draft, list.unique_identifier_type)?;
    let write = Write::of_record("check", list, &record, String::new(), "2000-01-01T00:00:00.000Z")?;
    Ok(if list.unique_identifier_type == UniqueIdentifierType::Nothing { Vec::new() } else { write.ids().to_vec() })
}
