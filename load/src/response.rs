//! The API's response bodies, as far as a load needs them.

use record_lists::UniqueIdentifierType;
use serde::Deserialize;
use ureq::http::StatusCode;
use uuid::Uuid;

use crate::console::plain;
use crate::fate::{Fate, Judged, Refusal, Times};

/// The most that is shown of a body, in characters: of the API's own, and of another.
const MAX_MESSAGE: usize = 2_000;
const MAX_FOREIGN: usize = 200;

#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "_embedded")]
    embedded: Embedded,
}

#[derive(Deserialize)]
struct Embedded {
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    id: Option<String>,
    status: Option<Status>,
    #[serde(default)]
    errors: Vec<String>,
    fields: Option<Vec<Field>>,
    created_at: Option<String>,
    updated_at: Option<String>,
    #[serde(rename = "_links", default)]
    links: Links,
}

/// The outcome of a patch; a record that is created by `POST` has none.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Created,
    Updated,
    Unchanged,
    Refused,
}

#[derive(Default, Deserialize)]
struct Links {
    #[serde(rename = "self")]
    own: Option<Link>,
    existing_record: Option<Link>,
}

/// A link of the API.
#[derive(Deserialize)]
pub struct Link {
    pub href: String,
}

impl Link {
    /// The record that it leads to.
    fn id(&self) -> Option<Uuid> {
        self.href.rsplit('/').next()?.parse().ok()
    }
}

/// A place that is at fault.
#[derive(Deserialize)]
struct Field {
    name: String,
    description: String,
}

/// The outcomes of a batch of as many records as `records`, in their order.
///
/// # Errors
///
/// If `body` does not have them all: the request is to be sent again.
pub fn judged(body: &str, records: usize) -> Result<Vec<Judged>, String> {
    let batch: Batch = serde_json::from_str(body).map_err(|_| NOT_THE_API.to_owned())?;
    match batch.embedded.records.len() {
        found if found != records => Err(format!("the response is about {found} records instead of {records}")),
        _ => Ok(batch.embedded.records.into_iter().map(Record::judged).collect()),
    }
}

/// The reason why a response is asked for again.
pub const NOT_THE_API: &str = "the response is not the API's";

#[derive(Deserialize)]
struct RecordList {
    unique_identifier_type: String,
}

/// The type of the list in `body`.
///
/// # Errors
///
/// If it is not a list.
pub fn list_type(body: &str) -> Result<UniqueIdentifierType, String> {
    let list: RecordList = serde_json::from_str(body).map_err(|_| NOT_THE_API.to_owned())?;
    list.unique_identifier_type.parse().map_err(|_| NOT_THE_API.to_owned())
}

impl Record {
    fn judged(mut self) -> Judged {
        let times = Times::new(self.created_at.take(), self.updated_at.take());
        let (id, own) = (self.id.as_ref().and_then(|id| id.parse().ok()), self.links.own.as_ref().and_then(Link::id));
        let existing = self.links.existing_record.as_ref().and_then(Link::id);
        Judged { id: id.or(own), existing, times, fate: self.fate(own.is_some()) }
    }

    /// Whether it could not be stored in time, which is no fault of the data.
    fn is_not_stored(&self) -> bool {
        self.errors == ["OTHER"] && self.fields.as_ref().is_some_and(Vec::is_empty)
    }

    fn fate(self, exists: bool) -> Fate {
        if self.is_not_stored() {
            return Fate::NotStored;
        }
        match self.status.unwrap_or(if self.errors.is_empty() { Status::Created } else { Status::Refused }) {
            Status::Created => Fate::Created,
            Status::Updated => Fate::Updated,
            Status::Unchanged => Fate::Unchanged,
            Status::Refused => {
                let fields = self.fields.unwrap_or_default();
                Fate::Refused(Refusal {
                    ends_identity: exists && self.errors == ["OTHER"] && fields.iter().any(Field::is_identity),
                    codes: self.errors.iter().map(|code| plain(code)).collect(),
                    reasons: fields.iter().map(Field::reason).collect(),
                })
            }
        }
    }
}

impl Field {
    /// Whether it is a member that the ID of a record can be made of.
    fn is_identity(&self) -> bool {
        matches!(&*self.name, "phone_number" | "phone_numbers" | "external_provider" | "external_id")
    }

    fn reason(&self) -> String {
        plain(&reason(&self.name, &self.description))
    }
}

/// A sentence about the member `name`.
pub fn reason(name: &str, description: &str) -> String {
    format!("{name}: {description}")
}

#[derive(Deserialize)]
struct Error {
    code: String,
    message: String,
    description: Option<String>,
    #[serde(default)]
    fields: Vec<Field>,
}

/// The message in `body`, of a request that failed as a whole.
pub fn message(status: StatusCode, body: &str) -> String {
    let Ok(error) = serde_json::from_str::<Error>(body) else {
        let shown: String = plain(body.trim()).chars().take(MAX_FOREIGN).collect();
        return if shown.is_empty() { status.to_string() } else { format!("{status}: {shown}") };
    };
    let fields = error.fields.iter().map(Field::reason);
    let sentences = [error.message].into_iter().chain(error.description).chain(fields);
    let message = format!("{} {}: {}", status.as_u16(), error.code, sentences.collect::<Vec<_>>().join(" "));
    plain(&message).chars().take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(records: &str) -> String {
        format!(r#"{{"total_created":1,"_embedded":{{"records":[{records}]}}}}"#)
    }

    const ID: &str = "36574a5a-9c47-50b2-a567-ed4a370d6db9";
    const OTHER_ID: &str = "886489b7-56b6-5c4f-b90c-5e0714481d26";

    fn refused(codes: &[&str], reasons: &[&str]) -> Fate {
        let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Fate::Refused(Refusal { codes: text(codes), reasons: text(reasons), ends_identity: false })
    }

    fn unnamed(fate: Fate) -> Judged {
        Judged { fate, id: None, existing: None, times: Times::default() }
    }

    #[test]
    fn a_record_is_created_or_refused() {
        let table = [
            (r#"{"id":"a","errors":[]}"#, Fate::Created),
            (r#"{"id":"a"}"#, Fate::Created),
            (r#"{"errors":["OTHER"]}"#, refused(&["OTHER"], &[])),
            (
                r#"{"errors":["OTHER"],"fields":[{"name":"external_url","description":"Send\u001b[2J a URL."}]}"#,
                refused(&["OTHER"], &["external_url: Send [2J a URL."]),
            ),
        ];
        for (record, fate) in table {
            assert_eq!(judged(&batch(record), 1), Ok(vec![unnamed(fate)]), "{record}");
        }
    }

    #[test]
    fn a_patch_has_a_status_and_names_records() {
        let link = |id: &str| format!(r#"{{"href":"https://api.example/v1/record-lists/l/records/{id}"}}"#);
        let links = format!(r#""_links":{{"self":{},"existing_record":{}}}"#, link(ID), link(OTHER_ID));
        let own = |fate| Judged { id: Some(ID.parse().unwrap()), ..unnamed(fate) };
        let times = Times::new(None, Some("2026-11-26T01:02:03.456Z".to_owned()));
        let table = [
            (format!(r#"{{"status":"created","id":"{ID}"}}"#), own(Fate::Created)),
            (
                format!(r#"{{"status":"updated","id":"{ID}","updated_at":"2026-11-26T01:02:03.456Z"}}"#),
                Judged { times, ..own(Fate::Updated) },
            ),
            (format!(r#"{{"status":"unchanged","_links":{{"self":{}}}}}"#, link(ID)), own(Fate::Unchanged)),
            (r#"{"status":"created"}"#.to_owned(), unnamed(Fate::Created)),
            (
                format!(r#"{{"status":"refused","errors":["PHONE_NUMBER_NOT_UNIQUE"],"fields":[],{links}}}"#),
                Judged { existing: Some(OTHER_ID.parse().unwrap()), ..own(refused(&["PHONE_NUMBER_NOT_UNIQUE"], &[])) },
            ),
        ];
        for (record, expected) in table {
            assert_eq!(judged(&batch(&record), 1), Ok(vec![expected]), "{record}");
        }
    }

    #[test]
    fn a_record_that_would_lose_its_identity_is_told_apart() {
        let field = |name: &str| format!(r#""errors":["OTHER"],"fields":[{{"name":"{name}","description":"No."}}]"#);
        let link = format!(r#""_links":{{"self":{{"href":"/records/{ID}"}}}}"#);
        let table = [
            (format!(r#"{{"status":"refused",{},{link}}}"#, field("phone_numbers")), true),
            (format!(r#"{{"status":"refused",{},{link}}}"#, field("external_id")), true),
            (format!(r#"{{"status":"refused",{},{link}}}"#, field("external_url")), false),
            (format!(r#"{{"status":"refused",{}}}"#, field("phone_numbers")), false),
        ];
        for (record, expected) in table {
            let judged = judged(&batch(&record), 1).unwrap().remove(0);
            assert!(matches!(judged.fate, Fate::Refused(refusal) if refusal.ends_identity == expected), "{record}");
        }
    }

    #[test]
    fn a_batch_is_processed_if_the_response_says_so_of_each_record() {
        let two = batch(r#"{"id":"a"},{"id":"b"}"#);
        assert_eq!(judged(&two, 2).unwrap().len(), 2);
        for unfinished in [&batch(r#"{"id":"a"}"#), "{\"_embedded\":", r#"{"records":[]}"#] {
            assert!(judged(unfinished, 2).is_err(), "{unfinished}");
        }
        for status in ["", r#""status":"refused","#] {
            let not_stored = batch(&format!(r#"{{{status}"errors":["OTHER"],"fields":[]}}"#));
            assert_eq!(judged(&not_stored, 1).unwrap()[0].fate, Fate::NotStored);
        }
    }

    #[test]
    fn a_list_has_a_type() {
        let list = r#"{"id":"l","name":"L","unique_identifier_type":"PHONE_NUMBER","_links":{}}"#;
        assert_eq!(list_type(list), Ok(UniqueIdentifierType::PhoneNumber));
        assert!(list_type("{}").is_err());
    }

    #[test]
    fn a_message_is_the_api_s_own_if_there_is_one() {
        let body = r#"{"code":"FORBIDDEN","message":"The token does not allow this.","description":"Ask \u001bfor another.","fields":[]}"#;
        let expected = "403 FORBIDDEN: The token does not allow this. Ask  for another.";
        assert_eq!(message(StatusCode::FORBIDDEN, body), expected);
        assert_eq!(message(StatusCode::BAD_GATEWAY, "<html>\n</html>\n"), "502 Bad Gateway: <html> </html>");
        assert_eq!(message(StatusCode::BAD_GATEWAY, &"x".repeat(300)).len(), "502 Bad Gateway: ".len() + MAX_FOREIGN);
    }
}
