//! HTTP in a terminal: a response with its status, its headers and a readable body.

use std::fmt::Write;

use axum::http::Response;
use yaml_serde::Value;

/// The columns of a narrow terminal.
const WIDTH: usize = 100;

/// `response`, with a line for each member of its body.
#[must_use]
pub fn show(response: &Response<String>) -> String {
    format!("{}\n{}", head(response), indented(response.body()))
}

/// `response`, in as few lines as a terminal allows.
#[must_use]
pub fn show_closely(response: &Response<String>) -> String {
    format!("{}\n{}", head(response), wrapped(response.body()))
}

fn head(response: &Response<String>) -> String {
    let mut text = format!("{}\n", response.status());
    for (name, value) in response.headers() {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text
}

fn indented(body: &str) -> String {
    // This type keeps the order of members, which `serde_json`'s own value does not.
    let json: Option<Value> = serde_json::from_str(body).ok();
    json.and_then(|json| serde_json::to_string_pretty(&json).ok()).unwrap_or_else(|| body.to_owned())
}

/// `json` in lines of [`WIDTH`], if they can be broken there: after a comma that is not in a string.
fn wrapped(json: &str) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for piece in pieces(json) {
        if column > 0 && column + piece.len() > WIDTH {
            text.push_str("\n ");
            column = 1;
        }
        text.push_str(piece);
        column += piece.len();
    }
    text
}

/// `json` cut after each comma that is not in a string.
fn pieces(json: &str) -> impl Iterator<Item = &str> {
    let (mut in_string, mut escaped) = (false, false);
    json.split_inclusive(move |character| {
        in_string ^= character == '"' && !escaped;
        escaped = in_string && character == '\\' && !escaped;
        character == ',' && !in_string
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_json_may_have_white_space() {
        let member = |name: &str| format!(r#""{name}":"a, \" b, \\""#);
        let json = format!("{{{}}}", ["one", "two", "three"].map(|name| member(&name.repeat(8))).join(","));
        let lines: Vec<String> = wrapped(&json).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        let read = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(read(&wrapped(&json)), read(&json));
    }
}
