//! The rules for one record, without any I/O: for a client that checks a file before it sends it.

use serde_json::value::RawValue;
use uuid::Uuid;

use crate::field::Field;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::Record;
use crate::record::draft::{Draft, Unreadable};
use crate::record::errors::RecordErrors;
use crate::record::token::RequestToken;
use crate::store::insert::Insert;

/// A record that breaks no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its identities in one list: two records that share one of them are duplicates.
    pub keys: Vec<Uuid>,
}

/// The reasons for which a record would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The codes, in the order of a response's `errors`.
    pub errors: Vec<&'static str>,
    /// The places that are at fault, as in a response's `fields`.
    pub fields: Vec<Field>,
}

impl From<RecordErrors> for Refusal {
    fn from(errors: RecordErrors) -> Self {
        Self { errors: errors.codes().into_iter().map(Into::into).collect(), fields: errors.fields() }
    }
}

/// Checks `record`, a JSON text, by every rule of a list of type `unique`, its size included.
///
/// # Errors
///
/// Every rule that it breaks. Text that is not JSON is refused as a record that is not an object.
#[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "the list's ID is a constant")]
pub fn check(record: &str, unique: UniqueIdentifierType) -> Result<Checked, Refusal> {
    let list = RecordList {
        account: String::new(),
        id: "check".parse().expect("the ID is valid"),
        unique_identifier_type: unique,
        salt: None,
    };
    keys(record, &list).map(|keys| Checked { keys }).map_err(Into::into)
}

fn keys(record: &str, list: &RecordList) -> Result<Vec<Uuid>, RecordErrors> {
    let raw: &RawValue = serde_json::from_str(record).map_err(|_| RecordErrors::from(&Unreadable::NotAnObject))?;
    let draft = Draft::read(raw).map_err(|unreadable| RecordErrors::from(&unreadable))?;
    let record = Record::parse(&draft, list.unique_identifier_type)?;
    let write_token = RequestToken::new(list, None, b"").write_token(0);
    let insert = Insert::of_record("check", list, &record, write_token, "2000-01-01T00:00:00.000Z")?;
    Ok(if list.unique_identifier_type == UniqueIdentifierType::Nothing { Vec::new() } else { insert.ids().collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(number: &str, id: &str, unique: UniqueIdentifierType) -> Vec<Uuid> {
        let record = format!(
            r#"{{"first_name": "Ann", "last_name": "Lee", "phone_number": "{number}",
                 "external_provider": "crm", "external_id": "{id}"}}"#
        );
        check(&record, unique).expect("the record is valid").keys
    }

    #[test]
    fn records_share_a_key_if_the_list_takes_one_of_them_only() {
        let (one, other) = ("+351929312319", "+351929312318");
        let table = [
            (UniqueIdentifierType::External, 1, [false, true]),
            (UniqueIdentifierType::PhoneNumber, 1, [true, false]),
            (UniqueIdentifierType::Nothing, 0, [true, true]),
        ];
        for (unique, count, [by_number, by_reference]) in table {
            let first = keys_of(one, "1", unique);
            assert_eq!(first.len(), count, "{unique:?}");
            assert_eq!(first == keys_of(one, "2", unique), by_number, "{unique:?}");
            assert_eq!(first == keys_of(other, "1", unique), by_reference, "{unique:?}");
        }
    }
}
