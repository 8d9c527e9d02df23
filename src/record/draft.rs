//! A record as it was sent: its members by JSON type, nothing else checked.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Members;
use super::errors::RecordErrors;
use super::member::{Integer, Member, Object, Text};

/// A record as it was sent: the members that the API has. Others are ignored.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft<'a> {
    #[serde(skip_serializing_if = "Member::has_none")]
    pub phone_number: Member<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "has_wrong_type")]
    pub phone_numbers: Member<Vec<Object<DraftNumber<'a>>>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub first_name: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub last_name: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub timezone: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub priority: Member<Integer<'a>>,
    #[serde(skip_serializing_if = "is_unreadable")]
    pub extra_data: Member<Object<&'a RawValue>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub external_provider: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub external_id: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub external_url: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub sync_external_id: Member<bool>,
}

/// An entry of `phone_numbers` as it was sent.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftNumber<'a> {
    #[serde(borrow, skip_serializing_if = "Member::has_none")]
    pub phone_number: Member<Text<'a>>,
    #[serde(skip_serializing_if = "Member::has_none")]
    pub phone_type: Member<Text<'a>>,
}

/// The reason why a record cannot be read as a draft.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not an object.
    NotAnObject,
    /// This member of the API occurs more than once: nobody can tell which value was meant (RFC 8259 section 4).
    Repeated(String),
    /// A member's name is not Unicode.
    NotUnicode,
}

impl<'a> Draft<'a> {
    /// Reads `record`, one element of `records`.
    ///
    /// # Errors
    ///
    /// [`Unreadable`].
    pub fn read(record: &'a RawValue) -> Result<Self, Unreadable> {
        if !record.get().starts_with('{') {
            return Err(Unreadable::NotAnObject);
        }
        serde_json::from_str(record.get()).map_err(|error| Unreadable::of(&error))
    }

    /// The same without the deprecated `phone_number`.
    pub fn without_phone_number(&self) -> Self {
        Self { phone_number: Member::Absent, ..self.clone() }
    }

    /// Adds the errors of each member to `errors`, without the rules that require members or join several.
    pub fn check(&self, errors: &mut RecordErrors) {
        Members::read(self, &[], errors);
    }

    /// The member `id` of the object `record`, if it has one.
    ///
    /// # Errors
    ///
    /// [`Unreadable::Repeated`] if it has two.
    pub fn id_of(record: &'a RawValue) -> Result<Option<&'a RawValue>, Unreadable> {
        #[derive(Deserialize)]
        struct Named<'a> {
            #[serde(borrow, default)]
            id: Option<&'a RawValue>,
        }
        serde_json::from_str(record.get()).map(|Named { id }| id).map_err(|error| Unreadable::of(&error))
    }

    /// The texts of the numbers in `phone_numbers`.
    pub fn number_texts(&self) -> Vec<&str> {
        let entries = self.phone_numbers.value().map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(|Object(entry)| entry.phone_number.value()).map(Text::as_str).collect()
    }

    /// Whether the member `name` is present, null included.
    pub fn is_sent(&self, name: &str) -> bool {
        match name {
            "phone_numbers" => self.phone_numbers != Member::Absent || self.phone_number != Member::Absent,
            "first_name" => self.first_name != Member::Absent,
            "last_name" => self.last_name != Member::Absent,
            "timezone" => self.timezone != Member::Absent,
            "priority" => self.priority != Member::Absent,
            "extra_data" => !matches!(self.extra_data, Member::Absent),
            "external_provider" => self.external_provider != Member::Absent,
            "external_id" => self.external_id != Member::Absent,
            "external_url" => self.external_url != Member::Absent,
            "sync_external_id" => self.sync_external_id != Member::Absent,
            _ => false,
        }
    }
}

impl Unreadable {
    /// The reason behind serde's error. Only two are possible: errors in a value make it a [`Member::WrongType`].
    fn of(error: &serde_json::Error) -> Self {
        let message = error.to_string();
        let repeated = message.strip_prefix("duplicate field `").and_then(|rest| rest.split('`').next());
        repeated.map_or(Self::NotUnicode, |name| Self::Repeated(name.to_owned()))
    }
}

/// Whether `numbers` is not an array of entries whose members are strings.
fn has_wrong_type(numbers: &Member<Vec<Object<DraftNumber<'_>>>>) -> bool {
    let is_wrong = |sent: &Member<Text<'_>>| *sent == Member::WrongType;
    numbers.value().is_none_or(|entries| {
        entries.iter().any(|Object(entry)| is_wrong(&entry.phone_number) || is_wrong(&entry.phone_type))
    })
}

/// The levels of a response above `extra_data`.
const LEVELS_ABOVE_EXTRA_DATA: usize = 4;

/// Whether a caller's JSON parser may fail to read `extra_data` in a response: text that is not Unicode, numbers beyond
/// the range of a double, or deeper nesting than this service's own parser accepts.
fn is_unreadable(extra_data: &Member<Object<&RawValue>>) -> bool {
    extra_data.value().is_none_or(|Object(raw)| {
        let (open, close) = ("[".repeat(LEVELS_ABOVE_EXTRA_DATA), "]".repeat(LEVELS_ABOVE_EXTRA_DATA));
        let text = format!("{open}{raw}{close}");
        // Into a sink, because the values of a large object would fill the memory.
        let mut sink = serde_json::Serializer::new(io::sink());
        serde_transcode::transcode(&mut serde_json::Deserializer::from_str(&text), &mut sink).is_err()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Draft<'_>, Unreadable> {
        Draft::read(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_record_of_the_wrong_shape_says_why() {
        for text in ["1", "null", "[{}]", "\"{}\""] {
            assert_eq!(read(text).err(), Some(Unreadable::NotAnObject), "{text}");
        }
        let repeated = Some(Unreadable::Repeated("priority".to_owned()));
        assert_eq!(read(r#"{"priority":1,"priority":2}"#).err(), repeated);
        assert_eq!(read(r#"{"\ud800":1}"#).err(), Some(Unreadable::NotUnicode));
        assert_eq!(read(r#"{"first_name":"\ud800"}"#).unwrap().first_name, Member::WrongType);
        assert_eq!(read(r#"{"x":1,"x":2}"#).unwrap().first_name, Member::Absent);
    }

    #[test]
    fn nesting_of_any_depth_is_read() {
        let nested = format!(r#"{{"extra_data":{}1{}}}"#, r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
        assert!(read(&nested).unwrap().extra_data.value().is_some());
    }

    #[test]
    fn what_a_parser_may_stumble_over_is_not_repeated() {
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        let table = [
            ("every type", r#"{"a":[null,true,-1,1.5e300,"\u00e9",{}]}"#.to_owned(), true),
            ("120 levels", nested(120), true),
            ("130 levels", nested(130), false),
            ("half a character", r#"{"a":"\ud83d"}"#.to_owned(), false),
            ("half a character in a name", r#"{"\ud83d":1}"#.to_owned(), false),
            ("beyond a double", r#"{"a":1e999}"#.to_owned(), false),
        ];
        for (name, text, expected) in table {
            let record = format!(r#"{{"extra_data":{text}}}"#);
            let echo = serde_json::to_string(&read(&record).unwrap()).unwrap();
            assert_eq!(echo == record, expected, "{name}: {echo}");
        }
    }
}
