//! What a response means for the batch that was sent.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use ureq::http::{HeaderMap, Response, StatusCode, header};

use crate::response::{self, Fate};

/// What a response means.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// The batch was processed.
    Processed(Vec<Fate>),
    /// The same request is to be sent again, and not before this time has passed, if it says so.
    Again(String, Option<Duration>),
    /// The same, and requests are to be fewer.
    TooMany(String, Option<Duration>),
    /// The token is not accepted.
    Unauthorized(String),
    /// No such request can succeed.
    Refused(String),
}

impl Reply {
    /// What `response` means for a batch of as many records as `records`.
    pub fn of(response: &Response<String>, records: usize) -> Self {
        let (status, after) = (response.status(), retry_after(response.headers()));
        let message = || response::message(status, response.body());
        match status {
            StatusCode::CREATED => processed(response.body(), records),
            StatusCode::TOO_MANY_REQUESTS => Reply::TooMany(message(), after),
            StatusCode::UNAUTHORIZED => Reply::Unauthorized(message()),
            // The server did not get the whole request.
            StatusCode::REQUEST_TIMEOUT => Reply::Again(message(), after),
            _ if status.is_server_error() => Reply::Again(message(), after),
            _ => Reply::Refused(message()),
        }
    }
}

fn processed(body: &str, records: usize) -> Reply {
    match response::fates(body) {
        Some(fates) if fates.len() != records => {
            Reply::Again(format!("the response is about {} records instead of {records}", fates.len()), None)
        }
        Some(fates) if fates.contains(&Fate::NotStored) => {
            Reply::Again("records could not be stored in time".to_owned(), None)
        }
        Some(fates) => Reply::Processed(fates),
        None => Reply::Again("the response is not the API's".to_owned(), None),
    }
}

/// `Retry-After`, in seconds or as a date; a time that has passed says nothing.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = value.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = DateTimeParser::new().parse_timestamp(value).ok()?;
        Duration::try_from(date.duration_since(Timestamp::now())).ok()?
    };
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use jiff::fmt::rfc2822::DateTimePrinter;

    use super::*;

    fn of(status: u16, retry_after: Option<&str>, body: &str) -> Reply {
        let response = Response::builder().status(status);
        let response = retry_after.into_iter().fold(response, |response, value| response.header("retry-after", value));
        Reply::of(&response.body(body.to_owned()).unwrap(), 2)
    }

    #[test]
    fn a_status_says_what_to_do() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let table = [
            (of(503, Some("7"), ""), Reply::Again("503 Service Unavailable".to_owned(), seconds(7))),
            (of(500, Some("0"), "<html>"), Reply::Again("500 Internal Server Error: <html>".to_owned(), None)),
            (of(429, Some("1"), ""), Reply::TooMany("429 Too Many Requests".to_owned(), seconds(1))),
            (of(408, None, ""), Reply::Again("408 Request Timeout".to_owned(), None)),
            (of(401, None, ""), Reply::Unauthorized("401 Unauthorized".to_owned())),
            (of(404, None, ""), Reply::Refused("404 Not Found".to_owned())),
            (of(302, None, ""), Reply::Refused("302 Found".to_owned())),
            (of(200, None, ""), Reply::Refused("200 OK".to_owned())),
        ];
        for (found, expected) in table {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_batch_is_processed_if_the_response_says_so_of_each_record() {
        let body = |records: &str| format!(r#"{{"_embedded":{{"records":[{records}]}}}}"#);
        let other = r#"{"errors":["OTHER"],"fields":[]}"#;
        let created = Reply::Processed(vec![Fate::Created, Fate::Created]);
        assert_eq!(of(201, None, &body(r#"{"id":"a"},{"id":"b"}"#)), created);
        for unfinished in
            [body(r#"{"id":"a"}"#), body(&format!(r#"{{"id":"a"}},{other}"#)), "{\"_embedded\":".to_owned()]
        {
            assert!(matches!(of(201, None, &unfinished), Reply::Again(_, None)), "{unfinished}");
        }
    }

    #[test]
    fn retry_after_can_be_a_date() {
        let date = |seconds| {
            let date = Timestamp::now() + Duration::from_secs(seconds);
            DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap()
        };
        let Reply::Again(_, Some(wait)) = of(503, Some(&date(90)), "") else { panic!("a date is read") };
        assert!((80..=90).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(of(503, Some("Wed, 21 Oct 2015 07:28:00 GMT"), ""), of(503, None, ""));
        assert_eq!(of(503, Some("soon"), ""), of(503, None, ""));
    }
}
