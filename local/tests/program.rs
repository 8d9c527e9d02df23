//! The program as a newcomer meets it: a process of its own, seen in the terminal and over HTTP.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails that way")]

use std::io::{BufRead, BufReader, Lines};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use axum::http::{Response, StatusCode};
use local::lists::{self, NOTHING, PHONE_NUMBER};
use local::tokens::{Issuer, LIFETIME};
use serde_json::{Value, json};
use ureq::RequestBuilder;
use ureq::typestate::WithoutBody;
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const EXAMPLE: &str = include_str!("../../events/201-all-created.json");

/// The path at which records of the list that is unique by phone number are created.
const BULKS: &str = "/record-lists/3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02/records/bulks";

#[test]
fn it_shows_a_created_201_and_no_log() {
    let program = Program::start(&[]);
    assert!(
        program.shown.contains("\n201 Created\ncache-control: no-store\ncontent-type: application/hal+json\n"),
        "{}",
        program.shown
    );
    assert!(program.shown.contains("\"total_created\":1,"), "{}", program.shown);
    assert!(!program.shown.contains("requestId"), "{}", program.shown);
}

#[test]
fn it_shows_no_more_than_a_screen_with_the_token_once() {
    let program = Program::start(&[]);
    // The line at which `Program` stops reading is one more.
    assert!(program.shown.lines().count() < 40, "{}", program.shown);
    assert_eq!(program.shown.matches(program.token()).count(), 1, "{}", program.shown);
    let last: Vec<&str> = program.shown.lines().rev().take(3).collect();
    let names = ["Reference  http://", "API        http://", "DynamoDB   http://"];
    assert!(last.iter().zip(names).all(|(line, name)| line.starts_with(name)), "{last:?}");
}

#[test]
fn its_commands_can_be_pasted() {
    let program = Program::start(&[]);
    let expected = [
        "201 Created", // the record that is shown
        "200 OK",      // the lists
        "201 Created", // a list
        "200 OK",      // a page
        "200 OK",      // a record
        "204 No Content",
    ];
    let script: Vec<&str> = program.shown.lines().filter(|line| !line.starts_with("RECORD_LISTS_TOKEN=")).collect();
    let script = script.join("\n");
    let (commands, _) = script.split_once("AWS_ACCESS_KEY_ID").expect("the last one is not for curl");
    let (first, response) = commands.split_once("\n201 Created").expect("a response is shown");
    let (_, more) = response.split_once("\n#").expect("more is shown");
    let output = Command::new("sh").args(["-c", &format!("{first}\n#{more}")]).output().expect("there is a shell");
    let output = String::from_utf8(output.stdout).unwrap();
    let statuses = output.split("HTTP/1.1 ").skip(1).map(|response| response.lines().next().unwrap());
    assert_eq!(statuses.collect::<Vec<_>>(), expected, "{output}");
    assert!(!output.contains("\"has_error\":true"), "{output}");
    assert!(program.shown.contains(&format!("\"id\":\"{}\"", created_id(&output))), "the key repeats the request");
}

/// The ID of the record in the first of these responses.
fn created_id(responses: &str) -> &str {
    responses.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a record was created")
}

#[test]
fn each_request_is_a_line_without_its_query() {
    let mut program = Program::start(&[]);
    program.get("/record-lists?per_page=1");
    program.post_example(program.token());
    for (start, status) in [("GET /record-lists", "401"), (&*format!("POST {BULKS}"), "201")] {
        let line = program.line();
        let (request, milliseconds) = line.strip_suffix(" ms").and_then(|line| line.rsplit_once(' ')).unwrap();
        assert_eq!(request, format!("{start} {status}"));
        assert!(milliseconds.parse::<f64>().is_ok(), "{line}");
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
fn a_reader_that_has_seen_enough_is_not_an_error() {
    let mut event = command(&["events/400-too-many-records.json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(event.stdout.take());
    assert!(event.wait().unwrap().success());
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
    let lists = examples(&openapi, "RecordListId");
    assert_eq!(lists.len(), 3);
    assert!(lists::items().iter().all(|list| lists.contains(&list["id"].as_str())), "{lists:?}");
}

#[test]
fn the_examples_of_the_reference_exist() {
    let program = Program::start(&[]);
    let openapi: Value = serde_json::from_str(program.get("/openapi.json").body()).unwrap();
    let (lists, records) = (examples(&openapi, "RecordListId"), examples(&openapi, "RecordId"));
    assert_eq!(lists.len(), records.len());
    for (list, record) in lists.iter().zip(&records) {
        assert_eq!(program.read(&format!("/record-lists/{list}/records/{record}")).status(), StatusCode::OK);
    }
    let bulks = &openapi["paths"]["/record-lists/{record_list_id}/records/bulks"];
    let ids = &bulks["delete"]["requestBody"]["content"]["application/json"]["examples"]["ids"]["value"];
    for entry in ids.as_array().unwrap() {
        let path = format!("/record-lists/{NOTHING}/records/{}", entry["id"].as_str().unwrap());
        assert_eq!(program.read(&path).status(), StatusCode::OK, "{ids}");
    }
}

/// The examples of the parameter.
fn examples<'a>(openapi: &'a Value, parameter: &str) -> Vec<&'a str> {
    let examples = openapi["components"]["parameters"][parameter]["examples"].as_object().unwrap();
    examples.values().map(|example| example["value"].as_str().unwrap()).collect()
}

#[test]
fn everything_else_needs_a_token_of_this_process() {
    let program = Program::start(&[]);
    let token = Issuer::new().token(LIFETIME);
    assert_eq!(program.post_example(&token).status(), StatusCode::UNAUTHORIZED);
    assert_eq!(program.get("/records").status(), StatusCode::UNAUTHORIZED);
    let post = ureq::post(format!("{}/", program.api)).config().http_status_as_error(false).build();
    assert_eq!(post.send_empty().unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(program.post_example(program.token()).status(), StatusCode::CREATED);
}

#[test]
fn a_file_keeps_the_records_and_the_tokens() {
    let file = format!("{}/{}.db", env!("CARGO_TARGET_TMPDIR"), Uuid::new_v4());
    let first = Program::start(&["--data", &file]);
    assert_eq!(body(&first.post_example(first.token()))["total_created"], 2);
    let (created_at, token) = (first.created_at().to_owned(), first.token().to_owned());
    first.stop();

    let second = Program::start(&["--data", &file]);
    assert_eq!(second.created_at(), created_at, "the example is the stored record");
    let response = body(&second.post_example(&token));
    assert_eq!(response["_embedded"]["records"][0]["errors"], json!(["PHONE_NUMBER_NOT_UNIQUE"]));
}

#[test]
fn what_was_deleted_from_a_file_stays_deleted() {
    let file = format!("{}/{}.db", env!("CARGO_TARGET_TMPDIR"), Uuid::new_v4());
    let first = Program::start(&["--data", &file]);
    let openapi: Value = serde_json::from_str(first.get("/openapi.json").body()).unwrap();
    let record = examples(&openapi, "RecordId").pop().unwrap().to_owned();
    let path = format!("/record-lists/{PHONE_NUMBER}/records/{record}");
    assert_eq!(first.send(ureq::delete(format!("{}{path}", first.api))).status(), StatusCode::NO_CONTENT);
    first.stop();
    assert_eq!(Program::start(&["--data", &file]).read(&path).status(), StatusCode::NOT_FOUND);
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_key() {
    use std::os::unix::fs::PermissionsExt;
    let file = format!("{}/{}.db", env!("CARGO_TARGET_TMPDIR"), Uuid::new_v4());
    Program::start(&["--data", &file]).stop();
    let mode = std::fs::metadata(format!("{file}.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_is_not_a_key_is_one_line() {
    let file = format!("{}/{}.db", env!("CARGO_TARGET_TMPDIR"), Uuid::new_v4());
    std::fs::write(format!("{file}.key"), "short").unwrap();
    let (code, _, errors) = outcome(&run(&["--port", "0", "--dynamodb-port", "0", "--data", &file]));
    assert_eq!((code, errors.lines().count()), (Some(1), 1), "{errors}");
    assert!(errors.starts_with(&format!("{file}.key cannot keep the key: ")), "{errors}");
}

/// The program, serving.
struct Program {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    shown: String,
    api: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = command(&["--port", "0", "--dynamodb-port", "0"]);
        let mut process = command.args(arguments).stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let shown = lines.by_ref().map(Result::unwrap).take_while(|line| !line.starts_with("Ctrl-C"));
        let shown: Vec<String> = shown.collect();
        let api = shown.iter().find_map(|line| line.strip_prefix("API "));
        let api = api.unwrap_or_else(|| panic!("the program serves: {shown:?}")).trim().to_owned();
        Self { process, lines, shown: shown.join("\n"), api }
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        self.lines.next().expect("the program runs").unwrap()
    }

    /// The token it shows.
    fn token(&self) -> &str {
        let rest = self.shown.split(" TOKEN=").nth(1).expect("a token is shown");
        rest.split_whitespace().next().unwrap()
    }

    /// The time at which the record of its own example was created, as it shows it.
    fn created_at(&self) -> &str {
        let rest = self.shown.split("\"created_at\":\"").nth(1).expect("a created record is shown");
        rest.split('"').next().unwrap()
    }

    /// Sends a request with its token.
    fn send(&self, request: RequestBuilder<WithoutBody>) -> Response<String> {
        let request = request.config().http_status_as_error(false).build();
        text(request.header("authorization", format!("Bearer {}", self.token())).call())
    }

    fn read(&self, path: &str) -> Response<String> {
        self.send(ureq::get(format!("{}{path}", self.api)))
    }

    fn get(&self, path: &str) -> Response<String> {
        text(ureq::get(format!("{}{path}", self.api)).config().http_status_as_error(false).build().call())
    }

    /// Posts the contract's example to the list that is unique by phone number.
    fn post_example(&self, token: &str) -> Response<String> {
        let event: Value = serde_json::from_str(EXAMPLE).unwrap();
        let post = ureq::post(format!("{}{BULKS}", self.api));
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
