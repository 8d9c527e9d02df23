//! Times as text.

use jiff::Timestamp;

/// `time` in RFC 3339, UTC, with milliseconds: the form of every time in a response, an item and a log line.
pub fn rfc3339(time: Timestamp) -> String {
    format!("{time:.3}")
}
