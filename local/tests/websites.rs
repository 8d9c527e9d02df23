//! A website that is open in a browser reads nothing from the program.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails that way")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

#[test]
fn a_page_with_a_token_is_for_names_of_this_machine() {
    let program = Program::start();
    for host in ["127.0.0.1", "localhost:3000", "host.docker.internal", "[::1]:3000"] {
        let response = exchange(&program.api, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert!(response.starts_with("HTTP/1.1 200 "), "{host}: {response}");
        assert!(response.contains("preauthorizeApiKey"), "{host}: {response}");
    }
    for head in ["Host: rebound.example:3000\r\n", "Host: localhost\r\nHost: rebound.example\r\n", ""] {
        let response = exchange(&program.api, &format!("GET / HTTP/1.1\r\n{head}\r\n"));
        assert!(response.starts_with("HTTP/1.1 403 ") || response.starts_with("HTTP/1.1 400 "), "{head}: {response}");
        assert!(!response.contains("preauthorizeApiKey"), "{head}: {response}");
    }
    let other = exchange(&program.api, "POST /record-lists HTTP/1.1\r\nHost: rebound.example\r\n\r\n");
    assert!(other.starts_with("HTTP/1.1 403 "), "{other}");
}

#[test]
fn dynamodb_is_for_programs_and_not_for_pages() {
    let program = Program::start();
    let scan = |head: &str| {
        let body = r#"{"TableName": "record-lists"}"#;
        let request = format!(
            "POST / HTTP/1.1\r\n{head}X-Amz-Target: DynamoDB_20120810.Scan\r\nX-Amz-Date: 20261126T000000Z\r\n\
             Content-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=local/20261126/eu-west-1/dynamodb/aws4_request, \
             SignedHeaders=host, Signature=0\r\n\r\n{body}",
            body.len()
        );
        exchange(&program.dynamodb, &request)
    };
    for host in ["127.0.0.1", "localhost", "host.docker.internal:8000"] {
        let response = scan(&format!("Host: {host}\r\n"));
        assert!(response.starts_with("HTTP/1.1 200 ") && response.contains("\"Items\""), "{host}: {response}");
    }
    for head in [
        "Host: localhost\r\nOrigin: https://website.example\r\n",
        "Host: localhost\r\nOrigin: null\r\n",
        "Host: localhost\r\nOrigin: http://localhost\r\n",
        "Host: rebound.example\r\n",
        "Host: rebound.example\r\nOrigin: http://rebound.example\r\n",
    ] {
        let response = scan(head);
        assert!(response.starts_with("HTTP/1.1 403 "), "{head}: {response}");
        assert!(!response.contains("Items"), "{head}: {response}");
        assert!(!response.to_lowercase().contains("access-control-allow-origin"), "{head}: {response}");
    }
    let preflight = "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://website.example\r\n\
                     Access-Control-Request-Method: POST\r\n\r\n";
    let response = exchange(&program.dynamodb, preflight);
    assert!(response.starts_with("HTTP/1.1 403 "), "{response}");
    assert!(!response.to_lowercase().contains("access-control-allow-origin"), "{response}");
}

/// The program, and the addresses that it shows.
struct Program {
    process: Child,
    api: String,
    dynamodb: String,
}

impl Program {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        let command = command.args(["--port", "0", "--dynamodb-port", "0"]).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let shown: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with("Ctrl-C")).collect();
        let address = |name: &str| {
            let shown = shown.iter().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix("http://"));
            shown.expect("the program shows its addresses").to_owned()
        };
        Self { process, api: address("API "), dynamodb: address("DynamoDB ") }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The response to a request that is written byte by byte as it is: an HTTP client would choose its own `Host`.
fn exchange(address: &str, request: &str) -> String {
    let request = request.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    let mut stream = TcpStream::connect(address).expect("the program listens");
    stream.write_all(request.as_bytes()).expect("the request is sent");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("the response is text");
    response
}
