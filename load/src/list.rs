//! The list that a run is about, as the API knows it.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use record_lists::UniqueIdentifierType;
use ureq::http::{HeaderMap, StatusCode, header};

use crate::client::{Content, Request};
use crate::exchange::{Exchange, Unprocessed};
use crate::response;

/// The precision of the header `Date`.
const DATE_PRECISION: Duration = Duration::from_secs(1);

/// A list.
#[derive(Debug)]
pub struct List {
    pub id: String,
    pub unique: UniqueIdentifierType,
    /// The API's clock when the list was read, in whole seconds.
    date: Option<Timestamp>,
    /// This machine's clock when the list was first asked for.
    asked: Timestamp,
}

impl List {
    /// Reads the list `id`.
    ///
    /// # Errors
    ///
    /// If the run stops before.
    pub fn read(id: &str, exchange: &Exchange) -> Result<Self, Unprocessed> {
        let asked = Timestamp::now();
        exchange.send(&Request { content: Content::Get, path: "" }, StatusCode::OK, |success| {
            let unique = response::list_type(success.response.body())?;
            Ok(Self { id: id.to_owned(), unique, date: date(success.response.headers()), asked })
        })
    }

    /// The beginning of the run by the API's clock, if that is known: what has a later time was changed during the run.
    pub fn began(&self) -> Option<Timestamp> {
        let date = self.date?;
        // This machine's clock has the milliseconds, as long as it agrees with the API's.
        let agrees = date - DATE_PRECISION <= self.asked && self.asked < date + DATE_PRECISION;
        let began = if agrees { self.asked } else { date };
        // Records have milliseconds, rounded down.
        Timestamp::from_millisecond(began.as_millisecond()).ok()
    }

    /// The beginning of a mirror of the list.
    ///
    /// # Errors
    ///
    /// If it cannot be mirrored: the reason.
    pub fn mirrored_from(&self) -> Result<Timestamp, &'static str> {
        if self.unique == UniqueIdentifierType::Nothing {
            return Err(
                "--mirror needs a list of type EXTERNAL or PHONE_NUMBER: in one of type NOTHING, rows do not name \
                 their records. Use --update with a column `id`.",
            );
        }
        self.began().ok_or("--mirror needs an API whose responses have a Date.")
    }
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(headers.get(header::DATE)?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_begins_when_it_asks_if_the_clocks_agree() {
        let mut headers = HeaderMap::new();
        assert_eq!(date(&headers), None);
        headers.insert(header::DATE, "Thu, 26 Nov 2026 01:02:03 GMT".parse().unwrap());
        let table = [
            ("2026-11-26T01:02:03.4567Z", "2026-11-26T01:02:03.456Z"),
            ("2026-11-26T01:02:02.9Z", "2026-11-26T01:02:02.9Z"),
            ("2026-11-26T01:02:04.1Z", "2026-11-26T01:02:03Z"),
            ("2026-11-25T01:02:03.4Z", "2026-11-26T01:02:03Z"),
        ];
        for (asked, expected) in table {
            let asked = asked.parse().unwrap();
            let list = |unique| List { id: String::new(), unique, date: date(&headers), asked };
            assert_eq!(list(UniqueIdentifierType::External).mirrored_from(), Ok(expected.parse().unwrap()), "{asked}");
            assert!(list(UniqueIdentifierType::Nothing).mirrored_from().is_err());
        }
    }
}
