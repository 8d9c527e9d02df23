//! The rules that require members.

use super::names::{FIRST_NAME, LAST_NAME};
use crate::record::characters::is_blank;
use crate::record::draft::Draft;
use crate::record::errors::{RecordError, RecordErrorCode, RecordErrors};
use crate::record::member::{Member, Text};

/// The error of a record without a number.
const NUMBERS_ABSENT: RecordError = RecordError::new(
    RecordErrorCode::PhoneNumberMissing,
    "phone_numbers",
    "The record has no phone number; send at least one.",
);

/// Adds an error for each member that a new record must have and `draft` does not.
pub fn require_members(draft: &Draft<'_>, errors: &mut RecordErrors) {
    require_number(draft, errors);
    errors.add_if(draft.first_name.is_absent(), FIRST_NAME.absent());
    errors.add_if(draft.last_name.is_absent(), LAST_NAME.absent());
}

/// Adds an error if `draft` has no number.
pub fn require_number(draft: &Draft<'_>, errors: &mut RecordErrors) {
    errors.add_if(draft.phone_numbers.is_absent() && draft.phone_number.is_absent(), NUMBERS_ABSENT);
}

/// Adds an error for each member that a record must have and `changes` removes.
pub fn refuse_null(changes: &Draft<'_>, errors: &mut RecordErrors) {
    let removes_numbers = changes.phone_numbers == Member::Null && changes.phone_number.is_absent();
    errors.add_if(removes_numbers, NUMBERS_ABSENT);
    errors.add_if(changes.first_name == Member::Null, FIRST_NAME.absent());
    errors.add_if(changes.last_name == Member::Null, LAST_NAME.absent());
}

/// The descriptions of an incomplete reference: one for each rule that requires it.
pub const LIST_REQUIRES: &str =
    "The value is missing or blank; this record list requires `external_provider` and `external_id`.";
pub const SYNC_REQUIRES: &str =
    "The value is missing or blank; with `sync_external_id` true, send `external_provider` and `external_id`.";

/// Adds an error for each half of the reference that is absent or blank. A half of the wrong type has another error.
pub fn require_reference(
    provider: &Member<Text<'_>>,
    id: &Member<Text<'_>>,
    description: &'static str,
    errors: &mut RecordErrors,
) {
    for (half, name) in [(provider, "external_provider"), (id, "external_id")] {
        if half.is_absent() || half.value().is_some_and(|text| is_blank(text.as_str())) {
            errors.add(RecordError::new(RecordErrorCode::ExternalRefMissing, name, description));
        }
    }
}
