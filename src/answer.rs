//! The `201`: what became of each record, in HAL (draft-kelly-json-hal).

use std::collections::BTreeMap;
use std::fmt;

use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::http::{HeaderValue, Response, StatusCode};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::body::{Draft, DraftNumber, Sent, Text};
use crate::extra_data::ExtraData;
use crate::record::{Errors, Record, RecordNumber};

/// What an answer puts around a record: `extra_data` stands this many levels below the top.
const LEVELS_ABOVE_EXTRA_DATA: usize = 4;

/// An answer's body. The members are the contract's.
#[derive(Serialize)]
#[allow(missing_docs)]
pub struct Answer<'a> {
    pub record_list_id: &'a str,
    pub has_error: bool,
    pub total_errors: usize,
    pub total_created: usize,
    #[serde(rename = "_links")]
    links: Links,
    #[serde(rename = "_embedded")]
    embedded: Embedded<'a>,
}

#[derive(Serialize)]
struct Embedded<'a> {
    records: Vec<AnsweredRecord<'a>>,
}

/// A record of an answer.
#[derive(Serialize)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant)]
pub enum AnsweredRecord<'a> {
    /// It is stored.
    Created(CreatedRecord<'a>),
    /// It is not.
    Refused(RefusedRecord<'a>),
}

/// A record as it is stored.
#[derive(Serialize)]
pub struct CreatedRecord<'a> {
    id: Uuid,
    record_list_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    phone_numbers: &'a [RecordNumber],
    first_name: &'a str,
    last_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_external_id: Option<bool>,
    created_at: &'a str,
    updated_at: &'a str,
    #[serde(rename = "_links")]
    links: Links,
}

/// A record as it was sent, without the members whose JSON type is not the schema's.
#[derive(Serialize)]
pub struct RefusedRecord<'a> {
    errors: &'a Errors,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_numbers: Option<Vec<SentNumber<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_external_id: Option<bool>,
}

#[derive(Serialize)]
struct SentNumber<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_type: Option<&'a str>,
}

#[derive(Serialize)]
struct Links {
    #[serde(rename = "self")]
    itself: Link,
    record_list: Link,
}

#[derive(Serialize)]
struct Link {
    href: String,
}

/// Where a list is: what its links are made of.
#[derive(Debug)]
pub struct ListUrl<'a> {
    /// The list's ID.
    pub record_list_id: &'a str,
    /// What comes before the path: [`Route::base_url`](crate::route::Route::base_url).
    pub base_url: &'a str,
}

impl ListUrl<'_> {
    fn link(&self, below: &str) -> Link {
        Link { href: format!("{}/record-lists/{}{below}", self.base_url, self.record_list_id) }
    }

    fn links(&self, itself: &str) -> Links {
        Links { itself: self.link(itself), record_list: self.link("") }
    }
}

impl<'a> Answer<'a> {
    /// The answer for `records`, in the order they were sent.
    #[must_use]
    pub fn new(list: &ListUrl<'a>, records: Vec<AnsweredRecord<'a>>) -> Self {
        let created = records.iter().filter(|record| matches!(record, AnsweredRecord::Created(_))).count();
        Self {
            record_list_id: list.record_list_id,
            has_error: created < records.len(),
            total_errors: records.len() - created,
            total_created: created,
            links: list.links("/records/bulks"),
            embedded: Embedded { records },
        }
    }

    /// How many records each code refused.
    #[must_use]
    pub fn refused_by_code(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for record in &self.embedded.records {
            if let AnsweredRecord::Refused(refused) = record {
                refused.errors.iter().for_each(|code| *counts.entry(code.as_str()).or_default() += 1);
            }
        }
        counts
    }

    /// The whole answer.
    #[must_use]
    pub fn into_response(self) -> Response<String> {
        let mut response = Response::new(serde_json::to_string(&self).unwrap_or_default());
        *response.status_mut() = StatusCode::CREATED;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/hal+json"));
        response
    }
}

impl<'a> AnsweredRecord<'a> {
    /// `record`, stored as `id` since `created_at`.
    #[must_use]
    pub fn created(list: &ListUrl<'a>, id: Uuid, record: &'a Record<'_>, created_at: &'a str) -> Self {
        Self::Created(CreatedRecord {
            id,
            record_list_id: list.record_list_id,
            phone_number: record.phone_numbers().first().map(|first| first.phone_number.as_str()),
            phone_numbers: record.phone_numbers(),
            first_name: record.first_name(),
            last_name: record.last_name(),
            timezone: record.timezone(),
            priority: record.priority(),
            extra_data: record.extra_data().map(ExtraData::as_sent),
            external_provider: record.external_provider(),
            external_id: record.external_id(),
            external_url: record.external_url(),
            sync_external_id: record.sync_external_id(),
            created_at,
            updated_at: created_at,
            links: list.links(&format!("/records/{id}")),
        })
    }

    /// `draft`, refused for `errors`; `None` stands for one that could not be read.
    #[must_use]
    pub fn refused(draft: Option<&'a Draft<'a>>, errors: &'a Errors) -> Self {
        let numbers = |draft: &'a Draft<'a>| draft.phone_numbers.value()?.iter().map(sent_number).collect();
        let extra_data = |draft: &'a Draft<'a>| draft.extra_data.value().map(|object| object.0);
        Self::Refused(RefusedRecord {
            errors,
            phone_number: draft.and_then(|draft| text(&draft.phone_number)),
            phone_numbers: draft.and_then(numbers),
            first_name: draft.and_then(|draft| text(&draft.first_name)),
            last_name: draft.and_then(|draft| text(&draft.last_name)),
            timezone: draft.and_then(|draft| text(&draft.timezone)),
            priority: draft.and_then(|draft| draft.priority.value()).map(|number| number.raw),
            extra_data: draft.and_then(extra_data).filter(|raw| is_readable(raw)),
            external_provider: draft.and_then(|draft| text(&draft.external_provider)),
            external_id: draft.and_then(|draft| text(&draft.external_id)),
            external_url: draft.and_then(|draft| text(&draft.external_url)),
            sync_external_id: draft.and_then(|draft| draft.sync_external_id.value().copied()),
        })
    }
}

fn text<'a>(sent: &'a Sent<Text<'_>>) -> Option<&'a str> {
    sent.value().map(Text::as_str)
}

/// An entry of `phone_numbers`, `None` where a member is of another type than the schema's.
fn sent_number<'a>(entry: &'a DraftNumber<'_>) -> Option<SentNumber<'a>> {
    let right_types = ![&entry.phone_number, &entry.phone_type].into_iter().any(|sent| *sent == Sent::WrongType);
    right_types.then(|| SentNumber { phone_number: text(&entry.phone_number), phone_type: text(&entry.phone_type) })
}

/// Whether a caller's JSON parser can be expected to read `raw` where it stands in an answer: Unicode, numbers within a
/// double's range, and not nested deeper than this service's own parser follows.
fn is_readable(raw: &RawValue) -> bool {
    let (open, close) = ("[".repeat(LEVELS_ABOVE_EXTRA_DATA), "]".repeat(LEVELS_ABOVE_EXTRA_DATA));
    serde_json::from_str::<Readable>(&format!("{open}{raw}{close}")).is_ok()
}

/// Any JSON, read to the end and not kept: as values, a large object would fill the memory.
struct Readable;

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while members.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let raw: &RawValue = serde_json::from_str(&text).unwrap();
            assert_eq!(is_readable(raw), expected, "{name}");
        }
    }
}
