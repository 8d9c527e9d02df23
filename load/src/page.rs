//! The pages of a list's records.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
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

/// A record of a list, as far as it is compared with a file; written, it is an entry of a request to delete it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub id: Uuid,
    #[serde(skip_serializing)]
    created_at: Option<String>,
    updated_at: Option<String>,
}

impl Listed {
    /// Whether it was created before `time`.
    pub fn existed_at(&self, time: Timestamp) -> bool {
        is_before(self.created_at.as_ref(), time)
    }

    /// Whether it has not changed since `time`.
    pub fn is_unchanged_since(&self, time: Timestamp) -> bool {
        is_before(self.updated_at.as_ref(), time)
    }
}

/// Whether `text` is an earlier time than `time`. Nobody can tell that of one that cannot be read.
fn is_before(text: Option<&String>, time: Timestamp) -> bool {
    text.and_then(|text| text.parse::<Timestamp>().ok()).is_some_and(|found| found < time)
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
            (record.existed_at(time), record.is_unchanged_since(time))
        };
        assert_eq!(at("2026-11-26T01:02:03.400Z"), (false, false));
        assert_eq!(at("2026-11-26T01:02:05.400Z"), (true, false));
        assert_eq!(at("2026-11-26T01:02:05.401Z"), (true, true));
        assert!(!record(r#""updated_at":null"#).is_unchanged_since(Timestamp::MAX), "nobody can tell");
    }

    #[test]
    fn a_record_is_deleted_as_it_was_read() {
        let listed = page(&body("", TIMES)).unwrap().records.remove(0);
        let expected = format!(r#"{{"id":"{ID}","updated_at":"2026-11-26T01:02:05.400Z"}}"#);
        assert_eq!(serde_json::to_string(&listed).unwrap(), expected);
    }
}
