//! The dry run: every row by the API's own rules, and against the rows before it.

use std::collections::HashMap;

use record_lists::{Checked, Refusal, UniqueIdentifierType};
use uuid::Uuid;

use crate::rejects::Reject;
use crate::response::reason;
use crate::rows::{Item, RecordRow, Row};

/// The random half of a key. Two of some millions are alike in one file of a million, and half the memory is saved:
/// two million keys take 80 MB.
type Key = [u8; 8];

/// The rows so far.
pub struct Checker {
    unique: UniqueIdentifierType,
    /// The keys so far, each with the line that has it.
    taken: HashMap<Key, u32>,
}

impl Checker {
    pub fn new(unique: UniqueIdentifierType) -> Self {
        Self { unique, taken: HashMap::new() }
    }

    /// Checks the next row.
    ///
    /// # Errors
    ///
    /// The reasons why it would not be created.
    pub fn check(&mut self, item: Item) -> Result<(), Reject> {
        let RecordRow { row, record } = item?;
        match record_lists::check(&record, self.unique) {
            Ok(Checked { keys }) => self.take(&keys, row),
            Err(refusal) => Err(refused(row, &refusal)),
        }
    }

    /// Takes `keys` for `row`, all or none.
    fn take(&mut self, keys: &[Uuid], row: Row) -> Result<(), Reject> {
        let keys = keys.iter().map(|key| key.as_u64_pair().1.to_ne_bytes());
        if let Some(earlier) = keys.clone().find_map(|key| self.taken.get(&key)) {
            return Err(self.duplicate(row, *earlier));
        }
        let line = u32::try_from(row.line).unwrap_or(u32::MAX);
        self.taken.extend(keys.map(|key| (key, line)));
        Ok(())
    }

    fn duplicate(&self, row: Row, earlier: u32) -> Reject {
        let (code, what) = match self.unique {
            UniqueIdentifierType::External => {
                ("EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE", "the same external_provider and external_id")
            }
            _ => ("PHONE_NUMBER_NOT_UNIQUE", "one of the numbers too"),
        };
        let reasons = vec![format!("The row on line {earlier} has {what}.")];
        Reject { row, broken: false, codes: vec![code.to_owned()], reasons }
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
