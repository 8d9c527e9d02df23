//! Records: the rules that turn a draft into one, and the errors of a draft that breaks them.

mod characters;

pub mod derived_uuid;
pub mod draft;
pub mod errors;
pub mod extra_data;
pub mod identity;
pub mod member;
mod numbering_plan;
pub mod patch;
pub mod phone_number;
pub mod rules;
pub mod token;

use std::ops::Deref;

use serde::Serialize;

pub use self::characters::is_blank;
use self::draft::{Draft, Unreadable};
use self::errors::{RecordError, RecordErrorCode, RecordErrors};
use self::extra_data::ExtraData;
use self::identity::Identity;
use self::phone_number::{PhoneNumber, PhoneType};
use crate::list::UniqueIdentifierType;

/// A record that obeys every rule: only [`Record::parse`] makes one.
#[derive(Debug)]
pub struct Record<'a> {
    members: Members<'a>,
    identity: Identity<'a>,
}

/// Members of a record: all of them, or those that a patch sets. Their names are the same in the API and in the table.
#[derive(Debug, Serialize)]
pub struct Members<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_numbers: Option<Vec<RecordNumber>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_data: Option<ExtraData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync_external_id: Option<bool>,
}

/// A number of a record, and its type, which no other number of the record has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordNumber {
    pub phone_number: PhoneNumber,
    pub phone_type: PhoneType,
}

impl<'a> Deref for Record<'a> {
    type Target = Members<'a>;

    fn deref(&self) -> &Members<'a> {
        &self.members
    }
}

impl<'a> Record<'a> {
    /// Checks `draft` against every rule, those of a list of type `unique` included.
    ///
    /// # Errors
    ///
    /// Every rule that it breaks.
    pub fn parse(draft: &'a Draft<'a>, unique: UniqueIdentifierType) -> Result<Self, RecordErrors> {
        let mut errors = RecordErrors::default();
        rules::require_members(draft, &mut errors);
        let members = Members::read(draft, &[], &mut errors);
        let identity = identity(draft, &members, unique, &mut errors);
        if errors.is_empty() { Ok(Self { members, identity }) } else { Err(errors) }
    }

    /// The numbers, of which there is at least one.
    pub fn numbers(&self) -> &[RecordNumber] {
        self.members.phone_numbers.as_deref().unwrap_or_default()
    }

    /// The part that no other record of the list may have.
    pub fn identity(&self) -> Identity<'a> {
        self.identity
    }
}

impl<'a> Members<'a> {
    /// Checks each member of `draft` by its own rule. A number that is written like one of `stored` is not checked
    /// again.
    fn read(draft: &'a Draft<'a>, stored: &[&str], errors: &mut RecordErrors) -> Self {
        Self {
            phone_numbers: rules::phone_numbers(draft, stored, errors),
            first_name: rules::first_name(&draft.first_name, errors),
            last_name: rules::last_name(&draft.last_name, errors),
            timezone: rules::timezone(&draft.timezone, errors),
            priority: rules::priority(&draft.priority, errors),
            extra_data: rules::extra_data(&draft.extra_data, errors),
            external_provider: rules::external_text(&draft.external_provider, "external_provider", errors),
            external_id: rules::external_text(&draft.external_id, "external_id", errors),
            external_url: rules::external_url(&draft.external_url, errors),
            sync_external_id: rules::sync_external_id(draft.sync_external_id, errors),
        }
    }
}

/// The identity that a list of type `unique` gives to a record. If the list or `sync_external_id` requires the
/// reference, half of one is an error.
fn identity<'a>(
    draft: &Draft<'_>,
    members: &Members<'a>,
    unique: UniqueIdentifierType,
    errors: &mut RecordErrors,
) -> Identity<'a> {
    let reference = (members.external_provider, members.external_id);
    let mut require = |description| {
        rules::require_reference(&draft.external_provider, &draft.external_id, description, errors);
    };
    match (unique, reference) {
        (UniqueIdentifierType::External, (Some(provider), Some(id))) => return Identity::External { provider, id },
        (UniqueIdentifierType::External, _) => require(rules::LIST_REQUIRES),
        _ if members.sync_external_id == Some(true) => require(rules::SYNC_REQUIRES),
        _ => {}
    }
    if unique == UniqueIdentifierType::PhoneNumber { Identity::PhoneNumbers } else { Identity::None }
}

impl From<&Unreadable> for RecordErrors {
    fn from(unreadable: &Unreadable) -> Self {
        let other = |name, description| RecordError::new(RecordErrorCode::Other, name, description);
        Self::from(match unreadable {
            Unreadable::NotAnObject => other("record", "The record must be a JSON object."),
            Unreadable::NotUnicode => {
                other("record", "The record has a member whose name is not valid Unicode; send surrogates in pairs.")
            }
            Unreadable::Repeated(name) => {
                RecordError::at(RecordErrorCode::Other, name.clone(), "The member occurs more than once; send it once.")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The errors of a valid record whose members `change` replaces.
    fn errors(change: &Value, unique: UniqueIdentifierType) -> RecordErrors {
        let mut record = json!({"phone_number": "+12025550143", "first_name": "Jane", "last_name": "Doe"});
        for (name, value) in change.as_object().unwrap() {
            record[name] = value.clone();
        }
        let record = record.to_string();
        let draft = Draft::read(serde_json::from_str(&record).unwrap()).unwrap();
        Record::parse(&draft, unique).err().unwrap_or_default()
    }

    fn codes(change: &Value, unique: UniqueIdentifierType) -> Vec<&'static str> {
        let errors = errors(change, unique);
        if errors.is_empty() { vec![] } else { errors.codes().into_iter().map(Into::into).collect() }
    }

    /// The same, but the members that are named.
    fn names(change: &Value, unique: UniqueIdentifierType) -> Vec<String> {
        errors(change, unique).fields().into_iter().map(|field| field.name.into_owned()).collect()
    }

    #[test]
    fn every_rule_has_its_code() {
        let mobile = |number: Value| json!({"phone_number": number, "phone_type": "MOBILE"});
        let types = ["HOME", "OFFICE", "MOBILE", "EXTRA_1", "EXTRA_2", "EXTRA_3"];
        let six: Vec<Value> =
            types.iter().map(|kind| json!({"phone_number": "+12025550143", "phone_type": kind})).collect();
        let table: Vec<(&str, Value, &[&str])> = vec![
            ("valid", json!({}), &[]),
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
            ("name order", json!({"first_name": null, "last_name": 1}), &["FIRST_NAME_MISSING", "LAST_NAME_INVALID"]),
            (
                "a name nobody sees",
                json!({"first_name": "\u{0}", "last_name": "\u{200b}\u{ad}"}),
                &["FIRST_NAME_MISSING", "LAST_NAME_MISSING"],
            ),
            ("a name with controls", json!({"first_name": "\u{0}a"}), &[]),
            (
                "a blank reference and URL",
                json!({"external_provider": " ", "external_id": "\u{200b}", "external_url": ""}),
                &[],
            ),
            ("PHP's empty array", json!({"extra_data": []}), &["OTHER"]),
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
    fn a_field_says_which_member_is_at_fault() {
        let number = |number: Value, kind: Value| json!({"phone_number": number, "phone_type": kind});
        let numbers = json!([
            number(json!("+12025550143"), json!("HOME")),
            number(json!("5550143"), json!("HOME")),
            number(json!(" "), json!("home")),
            {},
        ]);
        let table: Vec<(&str, Value, &[&str])> = vec![
            (
                "entries",
                json!({ "phone_numbers": numbers }),
                &[
                    "phone_numbers[1].phone_type",
                    "phone_numbers[1].phone_number",
                    "phone_numbers[2].phone_type",
                    "phone_numbers[3].phone_type",
                    "phone_numbers[2].phone_number",
                    "phone_numbers[3].phone_number",
                ],
            ),
            ("the deprecated number", json!({"phone_number": "5550143"}), &["phone_number"]),
            ("no number", json!({"phone_number": null}), &["phone_numbers"]),
            ("extra_data", json!({"extra_data": {"a": {"": 1}}}), &["extra_data.a"]),
            ("half a reference", json!({"sync_external_id": true, "external_id": "1"}), &["external_provider"]),
            ("both halves", json!({"sync_external_id": true}), &["external_provider", "external_id"]),
            (
                "all else",
                json!({"external_url": "x", "priority": 0, "external_id": 5}),
                &["priority", "external_id", "external_url"],
            ),
        ];
        for (name, change, expected) in table {
            assert_eq!(names(&change, UniqueIdentifierType::Nothing), expected, "{name}");
        }
    }
}
