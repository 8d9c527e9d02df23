//! HTTP in a terminal: requests and responses as they are sent, with indented bodies, and requests as commands.

use std::fmt::Write;

use axum::http::{HeaderMap, Request, Response};
use yaml_serde::Value;

/// `request`, for a person to read.
#[must_use]
pub fn show_request(request: &Request<String>) -> String {
    show(&format!("{} {}", request.method(), request.uri()), request.headers(), request.body())
}

/// `response`, for a person to read.
#[must_use]
pub fn show_response(response: &Response<String>) -> String {
    show(&response.status().to_string(), response.headers(), response.body())
}

fn show(first: &str, headers: &HeaderMap, body: &str) -> String {
    let mut text = format!("{first}\n");
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    let _ = write!(text, "\n{}", indented(body));
    text
}

/// A command that sends `request`, whose body is JSON or empty.
#[must_use]
pub fn curl(request: &Request<String>) -> String {
    let mut command = format!("curl -i -X {} {}", request.method(), quoted(&request.uri().to_string()));
    for (name, value) in request.headers() {
        let header = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        let _ = write!(command, " \\\n  -H {}", quoted(&header));
    }
    if let Some(body) = json(request.body()).and_then(|json| serde_json::to_string(&json).ok()) {
        let _ = write!(command, " \\\n  -d {}", quoted(&body));
    }
    command
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn indented(body: &str) -> String {
    let indented = json(body).and_then(|json| serde_json::to_string_pretty(&json).ok());
    indented.unwrap_or_else(|| body.to_owned())
}

/// JSON as a value that keeps the order of members, which `serde_json`'s own value does not.
fn json(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok()
}
