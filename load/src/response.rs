//! The API's response bodies, as far as a load needs them.

use record_lists::UniqueIdentifierType;
use serde::Deserialize;
use ureq::http::StatusCode;

use crate::console::plain;
use crate::rejects::Reject;
use crate::rows::Row;

/// The most that is shown of a body, in characters: of the API's own, and of another.
const MAX_MESSAGE: usize = 2_000;
const MAX_FOREIGN: usize = 200;

/// The outcome of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was created.
    Created,
    /// It was refused.
    Refused(Refusal),
    /// It could not be stored in time; the data is not at fault.
    NotStored,
}

/// The API's reasons for refusing a record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    pub codes: Vec<String>,
    /// The reasons, in sentences.
    pub reasons: Vec<String>,
}

impl Refusal {
    /// Rejects `row` for these reasons.
    pub fn reject(self, row: Row) -> Reject {
        Reject { row, broken: false, codes: self.codes, reasons: self.reasons }
    }

    /// Whether another record has an identifier of this one, and nothing else is wrong.
    pub fn is_not_unique(&self) -> bool {
        matches!(&self.codes[..], [code] if code.ends_with("_NOT_UNIQUE"))
    }
}

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
    #[serde(default)]
    errors: Vec<String>,
    fields: Option<Vec<Field>>,
}

/// A place that is at fault.
#[derive(Deserialize)]
struct Field {
    name: String,
    description: String,
}

/// The fates of a batch of as many records as `records`, in their order.
///
/// # Errors
///
/// If `body` does not have them all, or some records could not be stored in time: the request is to be sent again.
pub fn fates(body: &str, records: usize) -> Result<Vec<Fate>, String> {
    let batch: Batch = serde_json::from_str(body).map_err(|_| NOT_THE_API.to_owned())?;
    let fates: Vec<Fate> = batch.embedded.records.into_iter().map(Record::fate).collect();
    match fates.len() {
        _ if fates.contains(&Fate::NotStored) => Err("records could not be stored in time".to_owned()),
        found if found != records => Err(format!("the response is about {found} records instead of {records}")),
        _ => Ok(fates),
    }
}

const NOT_THE_API: &str = "the response is not the API's";

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
    fn fate(self) -> Fate {
        let not_stored = self.errors == ["OTHER"] && self.fields.as_ref().is_some_and(Vec::is_empty);
        match self.errors.is_empty() {
            true => Fate::Created,
            false if not_stored => Fate::NotStored,
            false => Fate::Refused(Refusal {
                codes: self.errors.iter().map(|code| plain(code)).collect(),
                reasons: self.fields.unwrap_or_default().iter().map(Field::reason).collect(),
            }),
        }
    }
}

impl Field {
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

    #[test]
    fn a_record_is_created_or_refused() {
        let refused = |codes: &[&str], reasons: &[&str]| {
            let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
            Fate::Refused(Refusal { codes: text(codes), reasons: text(reasons) })
        };
        let table = [
            (r#"{"id":"a","errors":[]}"#, Fate::Created),
            (r#"{"id":"a"}"#, Fate::Created),
            (r#"{"errors":["OTHER"]}"#, refused(&["OTHER"], &[])),
            (
                r#"{"errors":["OTHER"],"fields":[{"name":"external_url","description":"Send\u001b[2J a URL."}]}"#,
                refused(&["OTHER"], &["external_url: Send [2J a URL."]),
            ),
        ];
        for (record, expected) in table {
            assert_eq!(fates(&batch(record), 1), Ok(vec![expected]), "{record}");
        }
    }

    #[test]
    fn a_batch_is_processed_if_the_response_says_so_of_each_record() {
        let two = batch(r#"{"id":"a"},{"id":"b"}"#);
        assert_eq!(fates(&two, 2), Ok(vec![Fate::Created, Fate::Created]));
        let not_stored = batch(r#"{"id":"a"},{"errors":["OTHER"],"fields":[]}"#);
        for unfinished in [&batch(r#"{"id":"a"}"#), &not_stored, "{\"_embedded\":", r#"{"records":[]}"#] {
            assert!(fates(unfinished, 2).is_err(), "{unfinished}");
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
