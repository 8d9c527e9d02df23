//! Why a record is refused: codes for programs, and fields for people.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use strum::{IntoStaticStr, VariantArray};

use crate::field::Field;

/// Why a record was refused, in the order a response lists them: that of the API's own documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
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
    /// Anything else.
    Other,
}

/// Every code, in order.
pub const ERROR_CODES: &[ErrorCode] = ErrorCode::VARIANTS;

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.into())
    }
}

/// One rule that a record breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its code.
    pub code: ErrorCode,
    /// The member's path.
    pub name: Cow<'static, str>,
    /// What is wrong and what is accepted.
    pub description: &'static str,
}

impl Fault {
    /// A fault of the member `name`.
    pub const fn new(code: ErrorCode, name: &'static str, description: &'static str) -> Self {
        Self { code, name: Cow::Borrowed(name), description }
    }

    /// A fault of the member whose path was made up for this record.
    pub fn at(code: ErrorCode, name: String, description: &'static str) -> Self {
        Self { code, name: Cow::Owned(name), description }
    }
}

/// Every rule that a record breaks; none, if it could not be stored for a reason that is not the record's.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The most `fields` of a record.
    const MAX_FIELDS: usize = 20;

    /// The longest name of a field, in bytes.
    const MAX_NAME_BYTES: usize = 200;

    /// Adds one.
    pub fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes, each once, in order. A record that is refused for no fault of its own has [`ErrorCode::Other`].
    pub fn codes(&self) -> Vec<ErrorCode> {
        let mut codes: Vec<ErrorCode> = self.0.iter().map(|fault| fault.code).collect();
        codes.sort_unstable();
        codes.dedup();
        if codes.is_empty() { vec![ErrorCode::Other] } else { codes }
    }

    /// The fields, in the order of the codes: at most twenty, at least one for each code.
    pub fn fields(&self) -> Vec<Field> {
        let mut faults: Vec<&Fault> = self.0.iter().collect();
        faults.sort_by_key(|fault| fault.code);
        let mut spare = Self::MAX_FIELDS - if self.is_empty() { 0 } else { self.codes().len() };
        let mut last = None;
        faults.retain(|fault| {
            let first_of_code = last.replace(fault.code) != Some(fault.code);
            let kept = first_of_code || spare > 0;
            spare -= usize::from(kept && !first_of_code);
            kept
        });
        faults.into_iter().map(field).collect()
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

fn field(fault: &Fault) -> Field {
    let end = fault.name.floor_char_boundary(Faults::MAX_NAME_BYTES);
    let name = match &fault.name {
        Cow::Borrowed(name) => Cow::Borrowed(*name),
        Cow::Owned(name) => Cow::Owned(name[..end].to_owned()),
    };
    Field { name, description: fault.description.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_occur_once_and_in_order() {
        let mut faults = Faults::default();
        assert_eq!((faults.codes(), faults.fields()), (vec![ErrorCode::Other], vec![]));
        for code in [ErrorCode::LastNameMissing, ErrorCode::FirstNameInvalid, ErrorCode::LastNameMissing] {
            faults.add(Fault::new(code, "a", "b"));
        }
        assert_eq!(serde_json::to_string(&faults.codes()).unwrap(), r#"["FIRST_NAME_INVALID","LAST_NAME_MISSING"]"#);
        assert_eq!(faults.fields().len(), 3);
    }

    #[test]
    fn there_are_at_most_20_fields_and_each_code_has_one() {
        let mut faults = Faults::default();
        for index in 0..100 {
            faults.add(Fault::at(ErrorCode::PhoneNumberInvalid, format!("phone_numbers[{index}]"), "b"));
        }
        faults.add(Fault::new(ErrorCode::PriorityInvalid, "priority", "b"));
        faults.add(Fault::at(ErrorCode::Other, "é".repeat(150), "b"));
        let fields = faults.fields();
        assert_eq!(fields.len(), 20);
        assert_eq!((&*fields[17].name, &*fields[18].name), ("phone_numbers[17]", "priority"));
        assert_eq!(fields[19].name, "é".repeat(100));
    }
}
