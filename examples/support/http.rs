//! HTTP on the screen: requests and answers as they are sent, bodies indented, and requests as commands.

use std::fmt::Write;

use axum::http::{HeaderMap, Request, Response};
use yaml_serde::Value;

/// `request`, for a person.
pub fn show_request(request: &Request<String>) -> String {
    show(&format!("{} {}", request.method(), request.uri()), request.headers(), request.body())
}

/// `response`, for a person.
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

/// A command that sends `request`; its body is JSON.
pub fn curl(request: &Request<String>) -> String {
    let mut command = format!("curl -i -X {} {}", request.method(), quoted(&request.uri().to_string()));
    for (name, value) in request.headers() {
        let header = format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()));
        let _ = write!(command, " \\\n  -H {}", quoted(&header));
    }
    let body = json(request.body()).and_then(|json| serde_json::to_string(&json).ok());
    let _ = write!(command, " \\\n  -d {}", quoted(&body.unwrap_or_default()));
    command
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn indented(body: &str) -> String {
    let indented = json(body).and_then(|json| serde_json::to_string_pretty(&json).ok());
    indented.unwrap_or_else(|| body.to_owned())
}

/// JSON as a value that keeps the order of members, as `serde_json`'s own does not.
fn json(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok()
}
