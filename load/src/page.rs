//! The pages of a list's records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use url::Url;
use uuid::Uuid;

use crate::response::{Link, NOT_THE_API};

/// The records in one page: the API's limit.
const MAX_PAGE: usize = 100;

/// A page of the records of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub records: Vec<Listed>,
    /// The ID that the next page starts after, if there is one.
    pub next: Option<Uuid>,
}

/// A record of a list, as far as it is compared with a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    pub id: Uuid,
    created_at: Option<String>,
    updated_at: Option<String>,
}

/// A record to delete, if it is still as it was read; it is written as an entry of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stale {
    id: Uuid,
    #[serde(serialize_with = "milliseconds")]
    updated_at: Timestamp,
}

impl Listed {
    /// Whether it was created before `time`.
    pub fn existed_at(&self, time: Timestamp) -> bool {
        self.created_at.as_deref().and_then(read).is_some_and(|created| created < time)
    }

    /// The record, if it has not changed since `time`. Nobody can tell that of one whose time cannot be read.
    pub fn unchanged_since(&self, time: Timestamp) -> Option<Stale> {
        let updated_at = self.updated_at.as_deref().and_then(read)?;
        (updated_at < time).then_some(Stale { id: self.id, updated_at })
    }
}

fn read(time: &str) -> Option<Timestamp> {
    time.parse().ok()
}

/// Writes `time` as the API does.
fn milliseconds<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}

/// The path of the page that starts after the record `after`, or of the first page.
pub fn path(after: Option<Uuid>) -> String {
    let cursor = after.map(|after| format!("&after={after}")).unwrap_or_default();
    format!("/records?per_page={MAX_PAGE}{cursor}")
}

/// The page in `body`.
///
/// # Errors
///
/// If it is not a page.
pub fn page(body: &str) -> Result<Page, String> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(rename = "_links")]
        links: Links,
        #[serde(rename = "_embedded")]
        embedded: Records,
    }
    #[derive(Deserialize)]
    struct Links {
        next: Option<Link>,
    }
    #[derive(Deserialize)]
    struct Records {
        records: Vec<Listed>,
    }
    let not_a_page = || NOT_THE_API.to_owned();
    let Body { links, embedded } = serde_json::from_str(body).map_err(|_| not_a_page())?;
    let next = links.next.map(|link| cursor(&link).ok_or_else(not_a_page)).transpose()?;
    Ok(Page { records: embedded.records, next })
}

/// The cursor in `link`. Nothing else of it is used: a token must not follow a link to another host.
fn cursor(link: &Link) -> Option<Uuid> {
    let url: Url = link.href.parse().ok()?;
    url.query_pairs().find(|(name, _)| name == "after").and_then(|(_, id)| id.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "36574a5a-9c47-50b2-a567-ed4a370d6db9";
    const OTHER_ID: &str = "886489b7-56b6-5c4f-b90c-5e0714481d26";
    const TIMES: &str = r#""created_at":"2026-11-26T01:02:03.400Z","updated_at":"2026-11-26T01:02:05.400Z""#;

    fn body(next: &str, times: &str) -> String {
        let record = format!(r#"{{"id":"{ID}","first_name":"A",{times}}}"#);
        format!(r#"{{"count":1,"_links":{{{next}}},"_embedded":{{"records":[{record}]}}}}"#)
    }

    #[test]
    fn a_page_has_records_and_a_cursor() {
        let next = format!(r#""next":{{"href":"https://elsewhere.example/records?per_page=100&after={OTHER_ID}"}}"#);
        let found = page(&body(&next, TIMES)).unwrap();
        assert_eq!(found.next, Some(OTHER_ID.parse().unwrap()));
        assert_eq!(path(found.next), format!("/records?per_page=100&after={OTHER_ID}"));
        let last = page(&body("", TIMES)).unwrap();
        assert_eq!((last.records.len(), last.next), (1, None));
        for broken in [r#""next":{"href":"https://api.example/records"}"#, r#""next":{"href":"x"}"#] {
            assert!(page(&body(broken, TIMES)).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_record_has_an_age() {
        let record = |times| page(&body("", times)).unwrap().records.remove(0);
        let at = |time: &str| {
            let (time, record) = (time.parse().unwrap(), record(TIMES));
            (record.existed_at(time), record.unchanged_since(time).is_some())
        };
        assert_eq!(at("2026-11-26T01:02:03.400Z"), (false, false));
        assert_eq!(at("2026-11-26T01:02:05.400Z"), (true, false));
        assert_eq!(at("2026-11-26T01:02:05.401Z"), (true, true));
        assert_eq!(record(r#""updated_at":null"#).unchanged_since(Timestamp::MAX), None);
    }

    #[test]
    fn a_record_is_deleted_as_it_was_read() {
        let stale = page(&body("", TIMES)).unwrap().records.remove(0).unchanged_since(Timestamp::MAX);
        let expected = format!(r#"{{"id":"{ID}","updated_at":"2026-11-26T01:02:05.400Z"}}"#);
        assert_eq!(serde_json::to_string(&stale.unwrap()).unwrap(), expected);
    }
}
