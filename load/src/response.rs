//! The API's response bodies, as far as a load needs them.

use serde::Deserialize;
use ureq::http::StatusCode;

/// The most of a body that is not the API's that is shown, in characters.
const MAX_SHOWN: usize = 200;

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was created.
    Created,
    /// It was refused, with these codes and for these reasons.
    Refused(Vec<String>, Vec<String>),
    /// It could not be stored in time; the data is not at fault.
    NotStored,
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

/// What became of each record of a batch; `None` if `body` does not say.
pub fn fates(body: &str) -> Option<Vec<Fate>> {
    let batch: Batch = serde_json::from_str(body).ok()?;
    Some(batch.embedded.records.into_iter().map(Record::fate).collect())
}

impl Record {
    fn fate(self) -> Fate {
        let not_stored = self.errors == ["OTHER"] && self.fields.as_ref().is_some_and(Vec::is_empty);
        match self.errors.is_empty() {
            true => Fate::Created,
            false if not_stored => Fate::NotStored,
            false => Fate::Refused(self.errors, self.fields.unwrap_or_default().iter().map(Field::reason).collect()),
        }
    }
}

impl Field {
    fn reason(&self) -> String {
        reason(&self.name, &self.description)
    }
}

/// What is wrong with the member `name`, in a sentence.
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

/// What `body` says of a request that failed as a whole.
pub fn message(status: StatusCode, body: &str) -> String {
    let Ok(error) = serde_json::from_str::<Error>(body) else {
        let shown: String = body.trim().chars().take(MAX_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
        return if shown.is_empty() { status.to_string() } else { format!("{status}: {shown}") };
    };
    let fields = error.fields.iter().map(Field::reason);
    let sentences = [error.message].into_iter().chain(error.description).chain(fields);
    format!("{} {}: {}", status.as_u16(), error.code, sentences.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_created_refused_or_not_stored() {
        let table = [
            (r#"{"id":"a","errors":[]}"#, Fate::Created),
            (r#"{"id":"a"}"#, Fate::Created),
            (r#"{"errors":["OTHER"],"fields":[]}"#, Fate::NotStored),
            (r#"{"errors":["OTHER"]}"#, Fate::Refused(vec!["OTHER".to_owned()], vec![])),
            (
                r#"{"errors":["OTHER"],"fields":[{"name":"external_url","description":"Send a URL."}]}"#,
                Fate::Refused(vec!["OTHER".to_owned()], vec!["external_url: Send a URL.".to_owned()]),
            ),
        ];
        for (record, expected) in table {
            let body = format!(r#"{{"total_created":1,"_embedded":{{"records":[{record}]}}}}"#);
            assert_eq!(fates(&body), Some(vec![expected]), "{record}");
        }
        assert_eq!(fates(r#"{"records":[]}"#), None);
    }

    #[test]
    fn a_message_is_the_api_s_own_if_there_is_one() {
        let body = r#"{"code":"FORBIDDEN","message":"The token does not allow this.","description":"Ask for another.","fields":[]}"#;
        let expected = "403 FORBIDDEN: The token does not allow this. Ask for another.";
        assert_eq!(message(StatusCode::FORBIDDEN, body), expected);
        assert_eq!(message(StatusCode::BAD_GATEWAY, "<html>\n</html>\n"), "502 Bad Gateway: <html> </html>");
        assert_eq!(message(StatusCode::BAD_GATEWAY, &"x".repeat(300)).len(), "502 Bad Gateway: ".len() + MAX_SHOWN);
    }
}
