//! The program as a newcomer meets it: a process of its own, seen in the terminal and over HTTP.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails that way")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};

use axum::http::{Response, StatusCode};
use local::lists::{self, PHONE_NUMBER};
use local::tokens::{Issuer, LIFETIME};
use serde_json::{Value, json};
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const EXAMPLE: &str = include_str!("../../events/201-all-created.json");

#[test]
fn it_shows_a_created_201_and_no_log() {
    let program = Program::start(&[]);
    assert!(
        program.shown.contains("\n201 Created\ncache-control: no-store\ncontent-type: application/hal+json\n"),
        "{}",
        program.shown
    );
    assert!(program.shown.contains("\"total_created\": 2,"), "{}", program.shown);
    assert!(!program.shown.contains("requestId"), "{}", program.shown);
}

#[test]
fn its_commands_can_be_pasted() {
    let program = Program::start(&[]);
    let commands: Vec<&str> = program.shown.split("\n\n").filter(|part| part.contains("\ncurl ")).collect();
    let expected = [
        "201 Created", // three batches
        "201 Created",
        "201 Created",
        "201 Created", // a list
        "200 OK",      // the lists
        "200 OK",      // a page
        "200 OK",      // a record
        "204 No Content",
    ];
    assert_eq!(commands.len(), expected.len(), "{}", program.shown);
    for (command, status) in commands.into_iter().zip(expected) {
        let output = Command::new("sh").args(["-c", command]).output().expect("there is a shell");
        let response = String::from_utf8(output.stdout).unwrap();
        assert!(response.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{command}\n{response}");
        assert!(!response.contains("\"has_error\":true"), "{command}\n{response}");
    }
}

#[test]
fn a_port_in_use_is_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for arguments in [["--port", &port, "--dynamodb-port", "0"], ["--dynamodb-port", &port, "--port", "0"]] {
        let output = run(&arguments);
        let line = format!("Port {port} is in use: name another with {}, or 0 for any.\n", arguments[0]);
        assert_eq!(outcome(&output), (Some(1), String::new(), line));
    }
}

#[test]
fn with_an_event_it_prints_the_response() {
    let (code, shown, errors) = outcome(&run(&["events/201-all-created.json"]));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let (head, body) = shown.split_once("\n\n").unwrap();
    let expected = "201 Created\ncache-control: no-store\ncontent-type: application/hal+json\n\
                    x-request-id: 1d33bc6d-96f0-4a84-ba2a-3b87b9c8b9ff";
    assert_eq!(head, expected);
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["total_created"], 2);
    assert!(body.starts_with("{\n  \"record_list_id\": "), "{body}");
}

#[test]
fn a_file_that_is_not_an_event_is_one_line() {
    for (file, reason) in [("events/none.json", "cannot be read"), ("LICENSE", "is not JSON")] {
        let (code, shown, errors) = outcome(&run(&[file]));
        assert_eq!((code, shown.as_str(), errors.lines().count()), (Some(1), "", 1), "{errors}");
        assert!(errors.starts_with(&format!("{file} {reason}: ")), "{errors}");
    }
}

#[test]
fn the_reference_needs_no_token_and_contains_one() {
    let program = Program::start(&[]);
    let page = program.get("/").into_body();
    let token = page.split("preauthorizeApiKey(\"bearerAuth\", \"").nth(1).and_then(|rest| rest.split('"').next());
    let response = program.post_example(token.expect("the page has a token"));
    assert_eq!(response.status(), StatusCode::CREATED);
    for asset in ["/swagger-ui/swagger-ui.css", "/swagger-ui/swagger-ui-bundle.js"] {
        assert!(page.contains(asset), "{page}");
        assert_eq!(program.get(asset).status(), StatusCode::OK, "{asset}");
    }
    assert_eq!(program.get("/openapi.yaml").into_body(), include_str!("../../openapi.yaml"));
}

#[test]
fn the_reference_is_about_this_server() {
    let program = Program::start(&[]);
    let openapi: Value = serde_json::from_str(program.get("/openapi.json").body()).unwrap();
    assert_eq!(openapi["servers"][0]["url"], "/");
    let lists = openapi["components"]["parameters"]["RecordListId"]["examples"].as_object().unwrap();
    let lists: Vec<&Value> = lists.values().map(|list| &list["value"]).collect();
    assert_eq!(lists.len(), 3);
    assert!(lists::items().iter().all(|list| lists.contains(&&json!(list["id"]))), "{lists:?}");
}

#[test]
fn everything_else_needs_a_token_of_this_process() {
    let program = Program::start(&[]);
    let token = Issuer::new().token(LIFETIME);
    assert_eq!(program.post_example(&token).status(), StatusCode::UNAUTHORIZED);
    assert_eq!(program.get("/records").status(), StatusCode::UNAUTHORIZED);
    let post = ureq::post(format!("{}/", program.api)).config().http_status_as_error(false).build();
    assert_eq!(post.send_empty().unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(program.post_example(&program.token()).status(), StatusCode::CREATED);
}

#[test]
fn a_file_keeps_the_records() {
    let file = format!("{}/{}.db", env!("CARGO_TARGET_TMPDIR"), Uuid::new_v4());
    let first = Program::start(&["--data", &file]);
    assert_eq!(body(&first.post_example(&first.token()))["total_created"], 2);
    let created_at = first.created_at().to_owned();
    first.stop();

    let second = Program::start(&["--data", &file]);
    assert_eq!(second.created_at(), created_at, "the example is the stored record");
    let response = body(&second.post_example(&second.token()));
    assert_eq!(response["_embedded"]["records"][0]["errors"], json!(["PHONE_NUMBER_NOT_UNIQUE"]));
}

/// The program, serving.
struct Program {
    process: Child,
    shown: String,
    api: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = command(&["--port", "0", "--dynamodb-port", "0"]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let shown: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with("Ctrl-C")).collect();
        let api = shown.iter().find_map(|line| line.strip_prefix("API "));
        let api = api.unwrap_or_else(|| panic!("the program serves: {shown:?}")).trim().to_owned();
        Self { process, shown: shown.join("\n"), api }
    }

    /// The token it shows.
    fn token(&self) -> String {
        let rest = self.shown.split("authorization: Bearer ").nth(1).expect("a token is shown");
        rest.lines().next().unwrap().to_owned()
    }

    /// The line with the time at which the records of its own example were created.
    fn created_at(&self) -> &str {
        self.shown.lines().find(|line| line.contains("\"created_at\"")).expect("a created record is shown")
    }

    fn get(&self, path: &str) -> Response<String> {
        text(ureq::get(format!("{}{path}", self.api)).config().http_status_as_error(false).build().call())
    }

    /// Posts the contract's example to the list that is unique by phone number.
    fn post_example(&self, token: &str) -> Response<String> {
        let event: Value = serde_json::from_str(EXAMPLE).unwrap();
        let post = ureq::post(format!("{}/record-lists/{PHONE_NUMBER}/records/bulks", self.api));
        let post = post.config().http_status_as_error(false).build();
        text(post.header("authorization", format!("Bearer {token}")).send(event["body"].as_str().unwrap()))
    }

    /// Stops it as an operator does.
    fn stop(mut self) {
        let stopped = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.process.id())]).status();
        assert!(stopped.expect("there is a shell").success());
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(response: Result<Response<ureq::Body>, ureq::Error>) -> Response<String> {
    response.expect("the program responds").map(|mut body| body.read_to_string().unwrap())
}

fn body(response: &Response<String>) -> Value {
    serde_json::from_str(response.body()).unwrap_or_else(|error| panic!("{error}: {response:?}"))
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

/// Exit code, standard output and standard error.
fn outcome(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(arguments).current_dir(ROOT).env_remove("RUST_LOG");
    command
}
