//! The rule of a first or last name.

use crate::record::characters::is_blank;
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::member::{Member, Text};

/// The longest first or last name, in characters (Unicode scalar values).
const MAX_NAME_CHARACTERS: usize = 80;

/// The rule of a name: its member and its codes.
pub struct NameRule {
    member: &'static str,
    invalid: RecordErrorCode,
    missing: RecordErrorCode,
}

pub const FIRST_NAME: NameRule = NameRule {
    member: "first_name",
    invalid: RecordErrorCode::FirstNameInvalid,
    missing: RecordErrorCode::FirstNameMissing,
};
pub const LAST_NAME: NameRule = NameRule {
    member: "last_name",
    invalid: RecordErrorCode::LastNameInvalid,
    missing: RecordErrorCode::LastNameMissing,
};

impl NameRule {
    /// The error of a name that is not there.
    pub const fn absent(&self) -> RecordError {
        RecordError::new(self.missing, self.member, "The name is missing; send 1 to 80 characters.")
    }

    fn check<'a>(&self, sent: &'a Member<Text<'a>>, errors: &mut RecordErrors) -> Option<&'a str> {
        let (code, description) = match sent {
            Member::Absent | Member::Null => return None,
            Member::WrongType => (self.invalid, "The name must be a string of 1 to 80 characters."),
            Member::Value(name) if is_blank(name.as_str()) => {
                (self.missing, "The name is blank; send at least one visible character.")
            }
            Member::Value(name) if name.as_str().chars().count() > MAX_NAME_CHARACTERS => {
                (self.invalid, "The name has more than 80 characters; send 1 to 80.")
            }
            Member::Value(name) => return Some(name.as_str()),
        };
        errors.add(RecordError::new(code, self.member, description));
        None
    }
}

pub fn first_name<'a>(sent: &'a Member<Text<'a>>, errors: &mut RecordErrors) -> Option<&'a str> {
    FIRST_NAME.check(sent, errors)
}

pub fn last_name<'a>(sent: &'a Member<Text<'a>>, errors: &mut RecordErrors) -> Option<&'a str> {
    LAST_NAME.check(sent, errors)
}
