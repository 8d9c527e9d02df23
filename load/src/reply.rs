//! The meaning of a response for the request that was sent.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use ureq::http::{HeaderMap, Response, StatusCode, header};

use crate::response;

/// The longest time that `Retry-After` can ask for. An API that is in trouble for longer is asked once a minute.
const MAX_RETRY_AFTER: Duration = Duration::from_mins(1);

/// The meaning of a response.
#[derive(Debug)]
pub enum Reply {
    /// The request succeeded.
    Success(Response<String>),
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
    /// The meaning of `response` to a request whose success has the status `success`.
    pub fn of(response: Response<String>, success: StatusCode) -> Self {
        let (status, after) = (response.status(), retry_after(response.headers()));
        let message = || response::message(status, response.body());
        match status {
            _ if status == success => Reply::Success(response),
            // A body of success is full of personal data.
            _ if status.is_success() => {
                Reply::Refused(format!("The response has the status {status} instead of {success}."))
            }
            StatusCode::TOO_MANY_REQUESTS => Reply::TooMany(message(), after),
            StatusCode::UNAUTHORIZED => Reply::Unauthorized(message()),
            // The server did not get the whole request.
            StatusCode::REQUEST_TIMEOUT => Reply::Again(message(), after),
            _ if status.is_server_error() => Reply::Again(message(), after),
            _ => Reply::Refused(message()),
        }
    }
}

/// `Retry-After`, in seconds or as a date; a time that has passed says nothing.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        value.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        let date = DateTimeParser::new().parse_timestamp(value).ok()?;
        Duration::try_from(date.duration_since(Timestamp::now())).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use jiff::fmt::rfc2822::DateTimePrinter;

    use super::*;

    /// A reply in words, and the wait that it asks for.
    type Said = (&'static str, String, Option<Duration>);

    fn of(status: u16, retry_after: Option<&str>, body: &str) -> Said {
        let response = Response::builder().status(status);
        let response = retry_after.into_iter().fold(response, |response, value| response.header("retry-after", value));
        match Reply::of(response.body(body.to_owned()).unwrap(), StatusCode::CREATED) {
            Reply::Success(response) => ("success", response.into_body(), None),
            Reply::Again(message, after) => ("again", message, after),
            Reply::TooMany(message, after) => ("too many", message, after),
            Reply::Unauthorized(message) => ("unauthorized", message, None),
            Reply::Refused(message) => ("refused", message, None),
        }
    }

    #[test]
    fn a_status_says_what_to_do() {
        let unexpected = "The response has the status 200 OK instead of 201 Created.";
        let table = [
            (of(201, None, "{}"), "success", "{}", None),
            (of(503, Some("7"), ""), "again", "503 Service Unavailable", Some(7)),
            (of(500, Some("0"), "<html>"), "again", "500 Internal Server Error: <html>", None),
            (of(429, Some("1"), ""), "too many", "429 Too Many Requests", Some(1)),
            (of(408, None, ""), "again", "408 Request Timeout", None),
            (of(401, None, ""), "unauthorized", "401 Unauthorized", None),
            (of(404, None, ""), "refused", "404 Not Found", None),
            (of(302, None, ""), "refused", "302 Found", None),
            (of(200, None, "{\"first_name\":\"Ann\"}"), "refused", unexpected, None),
        ];
        for (found, reply, text, seconds) in table {
            assert_eq!(found, (reply, text.to_owned(), seconds.map(Duration::from_secs)));
        }
    }

    #[test]
    fn retry_after_can_be_a_date_and_is_a_minute_at_most() {
        let date = |seconds| {
            let date = Timestamp::now() + Duration::from_secs(seconds);
            DateTimePrinter::new().timestamp_to_rfc9110_string(&date).unwrap()
        };
        let wait = of(503, Some(&date(30)), "").2.expect("a date is read");
        assert!((20..=30).contains(&wait.as_secs()), "{wait:?}");
        for nothing in ["Wed, 21 Oct 2015 07:28:00 GMT", "soon", "", "-7"] {
            assert_eq!(of(503, Some(nothing), "").2, None, "{nothing}");
        }
        for long in ["61", "18446744073709551615", "99999999999999999999999", &date(90_000)] {
            assert_eq!(of(503, Some(long), "").2, Some(MAX_RETRY_AFTER), "{long}");
        }
    }
}
