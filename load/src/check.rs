//! The dry run: every row by the API's own rules, and against the rows before it.

use record_lists::{Checked, Refusal, UniqueIdentifierType};

use crate::identifiers::{self, Taken};
use crate::rejects::Reject;
use crate::response::reason;
use crate::rows::{Item, RecordRow, Row};

/// The rows so far.
pub struct Checker {
    unique: UniqueIdentifierType,
    taken: Taken,
}

impl Checker {
    pub fn new(unique: UniqueIdentifierType) -> Self {
        Self { unique, taken: Taken::new(unique) }
    }

    /// Checks the next row.
    ///
    /// # Errors
    ///
    /// If it would not be created: the reasons.
    pub fn check(&mut self, item: Item) -> Result<(), Reject> {
        let RecordRow { row, record } = item?;
        match record_lists::check(&record, self.unique) {
            Ok(Checked { keys }) => {
                self.taken.take(&identifiers::short(&keys), row.line).map_err(|earlier| earlier.refusal().reject(row))
            }
            Err(refusal) => Err(refused(row, &refusal)),
        }
    }
}

fn refused(row: Row, refusal: &Refusal) -> Reject {
    let codes = refusal.errors.iter().map(|code| (*code).to_owned()).collect();
    let reasons = refusal.fields.iter().map(|field| reason(&field.name, &field.description)).collect();
    Reject { row, broken: false, codes, reasons }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes of each record that is refused.
    fn check(unique: UniqueIdentifierType, records: &[&str]) -> Vec<Option<String>> {
        let mut checker = Checker::new(unique);
        let rows = records
            .iter()
            .zip(1..)
            .map(|(record, line)| Ok(RecordRow { row: Row { line, text: Vec::new() }, record: (*record).to_owned() }));
        rows.map(|row| checker.check(row).err().map(|reject| reject.codes.join(" "))).collect()
    }

    #[test]
    fn records_are_refused_for_what_the_api_refuses_them_for() {
        let records = [
            r#"{"first_name":"Ann","last_name":"Lee","phone_number":"+12025550143"}"#,
            r#"{"first_name":"Ann","phone_number":"2025550143","timezone":"Lisbon"}"#,
            r#"{"first_name":"Ann","first_name":"Bob","last_name":"Lee","phone_number":"+12025550143"}"#,
            r#"{"first_name":"Ann","last_name":"Lee","phone_number":"+12025550143"}"#,
        ];
        let refused = "PHONE_NUMBER_INVALID LAST_NAME_MISSING TIMEZONE_UNMATCHED".to_owned();
        let found = check(UniqueIdentifierType::Nothing, &records);
        assert_eq!(found, [None, Some(refused), Some("OTHER".to_owned()), None]);
    }

    #[test]
    fn a_number_is_a_duplicate_of_one_in_an_earlier_valid_row() {
        let records = [
            r#"{"last_name":"Lee","phone_number":"+12025550143"}"#,
            r#"{"first_name":"Ann","last_name":"Lee","phone_number":"+1 202 555 0143"}"#,
            r#"{"first_name":"Ann","last_name":"Lee","phone_numbers":[{"phone_number":"+1 (202) 555-0143","phone_type":"HOME"},{"phone_number":"+12025550144","phone_type":"MOBILE"}]}"#,
            r#"{"first_name":"Ann","last_name":"Lee","phone_number":"+12025550144"}"#,
        ];
        let found = check(UniqueIdentifierType::PhoneNumber, &records);
        let expected = [Some("FIRST_NAME_MISSING"), None, Some("PHONE_NUMBER_NOT_UNIQUE"), None];
        assert_eq!(found, expected.map(|code| code.map(str::to_owned)));
    }

    #[test]
    fn a_reference_is_a_duplicate_in_an_external_list() {
        let record = r#"{"first_name":"A","last_name":"B","phone_number":"+12025550143","external_provider":"crm","external_id":"1"}"#;
        let without = r#"{"first_name":"A","last_name":"B","phone_number":"+12025550143"}"#;
        let found = check(UniqueIdentifierType::External, &[record, without, record]);
        let expected = [None, Some("EXTERNAL_REF_MISSING"), Some("EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE")];
        assert_eq!(found, expected.map(|code| code.map(str::to_owned)));
    }
}
