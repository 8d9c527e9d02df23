//! The errors of a refused record: codes for programs, and fields for people.

use std::borrow::Cow;

use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::field::Field;

/// The code of a record's error. Responses list codes in this order, which is that of the API's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray, Serialize)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[serde(into = "&'static str")]
pub enum RecordErrorCode {
    /// A number or its type breaks its rule, or a type occurs twice.
    PhoneNumberInvalid,
    /// No number at all, or an entry without one.
    PhoneNumberMissing,
    /// One of the numbers is already in the list.
    PhoneNumberNotUnique,
    /// Not a string, or too long.
    FirstNameInvalid,
    /// Absent or blank.
    FirstNameMissing,
    /// Not a string, or too long.
    LastNameInvalid,
    /// Absent or blank.
    LastNameMissing,
    /// Not a string, or too long.
    TimezoneInvalid,
    /// Present, but blank.
    TimezoneMissing,
    /// No time zone of that name.
    TimezoneUnmatched,
    /// Not an integer from 1 to 10.
    PriorityInvalid,
    /// The reference is required, and half of it is absent or blank.
    ExternalRefMissing,
    /// The reference is already in the list.
    ExternalIdAndProviderNotUnique,
    /// A patch names no record of the list: creating does not have this code.
    RecordNotFound,
    /// Anything else.
    Other,
}

/// Every code, in the order of a response's `errors`.
pub const RECORD_ERROR_CODES: &[RecordErrorCode] = RecordErrorCode::VARIANTS;

/// One rule that a record breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    pub code: RecordErrorCode,
    /// The path of the member at fault.
    pub name: Cow<'static, str>,
    /// One sentence that says what is wrong and what is accepted.
    pub description: &'static str,
}

impl RecordError {
    /// An error of the member `name`.
    pub const fn new(code: RecordErrorCode, name: &'static str, description: &'static str) -> Self {
        Self { code, name: Cow::Borrowed(name), description }
    }

    /// An error of the member `name`, whose path has an index or a caller's own name in it.
    pub fn at(code: RecordErrorCode, name: String, description: &'static str) -> Self {
        Self { code, name: Cow::Owned(name), description }
    }
}

/// Every rule that a record breaks. Empty if the record is not at fault, and could not be stored in time.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RecordErrors(Vec<RecordError>);

impl RecordErrors {
    /// The most `fields` of a record.
    const MAX_FIELDS: usize = 20;

    /// The longest name of a field, in bytes.
    const MAX_NAME_BYTES: usize = 200;

    pub fn add(&mut self, error: RecordError) {
        self.0.push(error);
    }

    /// Adds `error` if `applies` is true.
    pub fn add_if(&mut self, applies: bool, error: RecordError) {
        if applies {
            self.add(error);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes, each once, in order: [`RecordErrorCode::Other`] if there are no errors.
    pub fn codes(&self) -> Vec<RecordErrorCode> {
        let mut codes: Vec<RecordErrorCode> = self.0.iter().map(|error| error.code).collect();
        codes.sort_unstable();
        codes.dedup();
        if codes.is_empty() { vec![RecordErrorCode::Other] } else { codes }
    }

    /// The fields, in the order of the codes: at most twenty, at least one for each code.
    pub fn fields(&self) -> Vec<Field> {
        let mut errors: Vec<&RecordError> = self.0.iter().collect();
        errors.sort_by_key(|error| error.code);
        let mut spare = Self::MAX_FIELDS - if self.is_empty() { 0 } else { self.codes().len() };
        let mut last = None;
        errors.retain(|error| {
            let first_of_code = last.replace(error.code) != Some(error.code);
            let kept = first_of_code || spare > 0;
            spare -= usize::from(kept && !first_of_code);
            kept
        });
        errors.into_iter().map(field).collect()
    }
}

impl From<RecordError> for RecordErrors {
    fn from(error: RecordError) -> Self {
        Self(vec![error])
    }
}

fn field(error: &RecordError) -> Field {
    let end = error.name.floor_char_boundary(RecordErrors::MAX_NAME_BYTES);
    let name = match &error.name {
        Cow::Borrowed(name) => Cow::Borrowed(*name),
        Cow::Owned(name) => Cow::Owned(name[..end].to_owned()),
    };
    Field { name, description: error.description.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_occur_once_and_in_order() {
        let mut errors = RecordErrors::default();
        assert_eq!((errors.codes(), errors.fields()), (vec![RecordErrorCode::Other], vec![]));
        for code in
            [RecordErrorCode::LastNameMissing, RecordErrorCode::FirstNameInvalid, RecordErrorCode::LastNameMissing]
        {
            errors.add(RecordError::new(code, "a", "b"));
        }
        assert_eq!(serde_json::to_string(&errors.codes()).unwrap(), r#"["FIRST_NAME_INVALID","LAST_NAME_MISSING"]"#);
        assert_eq!(errors.fields().len(), 3);
    }

    #[test]
    fn there_are_at_most_20_fields_and_each_code_has_one() {
        let mut errors = RecordErrors::default();
        for index in 0..100 {
            errors.add(RecordError::at(RecordErrorCode::PhoneNumberInvalid, format!("phone_numbers[{index}]"), "b"));
        }
        errors.add(RecordError::new(RecordErrorCode::PriorityInvalid, "priority", "b"));
        errors.add(RecordError::at(RecordErrorCode::Other, "é".repeat(150), "b"));
        let fields = errors.fields();
        assert_eq!(fields.len(), 20);
        assert_eq!((&*fields[17].name, &*fields[18].name), ("phone_numbers[17]", "priority"));
        assert_eq!(fields[19].name, "é".repeat(100));
    }
}
