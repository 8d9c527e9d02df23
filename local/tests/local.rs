//! The program as a newcomer meets it: a process of its own, seen in the terminal and over HTTP. The gateway is tested in
//! this process too, with tokens that the program would not issue.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails that way")]

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use local::gateway::{self, Gateway};
use local::lists::{self, PHONE_NUMBER};
use local::tokens::{Issuer, LIFETIME};
use local::{function, integration, template};
use serde_json::{Value, json};
use uuid::Uuid;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const EXAMPLE: &str = include_str!("../../events/201-all-created.json");
const NO_CLAIMS: &str = include_str!("../../events/401-no-claims.json");
const POST_TO_PHONE_NUMBER: &str = "/record-lists/3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02/records/bulks";

#[test]
fn it_shows_a_created_201_and_no_log() {
    let program = Program::start(&[]);
    assert!(program.shown.contains("\n201 Created\ncontent-type: application/hal+json\n"), "{}", program.shown);
    assert!(program.shown.contains("\"total_created\": 2,"), "{}", program.shown);
    assert!(!program.shown.contains("requestId"), "{}", program.shown);
}

#[test]
fn its_commands_can_be_pasted() {
    let program = Program::start(&[]);
    let commands: Vec<&str> = program.shown.split("\n\n").filter(|part| part.contains("\ncurl ")).collect();
    assert_eq!(commands.len(), 3, "{}", program.shown);
    for command in commands {
        let output = Command::new("sh").args(["-c", command]).output().expect("there is a shell");
        let response = String::from_utf8(output.stdout).unwrap();
        assert!(response.starts_with("HTTP/1.1 201 Created\r\n"), "{command}\n{response}");
        assert!(response.contains("\"has_error\":false"), "{command}\n{response}");
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
    let expected =
        "201 Created\ncontent-type: application/hal+json\nx-request-id: 1d33bc6d-96f0-4a84-ba2a-3b87b9c8b9ff";
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

#[tokio::test]
async fn a_token_that_does_not_verify_is_refused_as_the_template_says() {
    let gateway = gateway();
    let (foreign, expired) = (Issuer::new().token(LIFETIME), gateway.issuer.token(-SignedDuration::from_secs(1)));
    let valid = gateway.issuer.token(LIFETIME);
    let unauthorized = unauthorized(&gateway).await;
    let table = [
        ("none", None),
        ("no bearer", Some(format!("Basic {valid}"))),
        ("no token", Some("Bearer nonsense".to_owned())),
        ("of another issuer", Some(format!("Bearer {foreign}"))),
        ("expired", Some(format!("Bearer {expired}"))),
        ("cut", Some(format!("Bearer {}", &valid[..valid.len() - 1]))),
    ];
    for (name, authorization) in table {
        let request = Request::post(POST_TO_PHONE_NUMBER);
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        let (parts, body) = send(&gateway, request.body(Body::empty()).unwrap()).await.into_parts();
        assert_eq!(parts.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(parts.headers["www-authenticate"], "Bearer", "{name}");
        assert_eq!(parts.headers["content-type"], "application/json", "{name}");
        assert!(Uuid::parse_str(parts.headers["x-request-id"].to_str().unwrap()).is_ok(), "{name}");
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), unauthorized, "{name}");
    }
}

#[tokio::test]
async fn the_function_receives_bodies_that_are_not_text_but_none_over_the_limit() {
    let gateway = gateway();
    let token = gateway.issuer.token(LIFETIME);
    let request = |body: Vec<u8>| {
        let request = Request::post(POST_TO_PHONE_NUMBER).header("authorization", format!("bearer {token}"));
        request.body(Body::from(body)).unwrap()
    };
    let not_text = send(&gateway, request(vec![0xff])).await;
    assert_eq!(body(&not_text)["fields"][0]["description"], "The body is not UTF-8.");
    let too_large = send(&gateway, request(vec![b' '; 10 * 1024 * 1024 + 1])).await;
    assert_eq!(
        (too_large.status(), &body(&too_large)["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("PAYLOAD_TOO_LARGE"))
    );
}

#[tokio::test]
async fn the_function_decides_on_paths_and_methods() {
    let gateway = gateway();
    let token = gateway.issuer.token(LIFETIME);
    for (method, path, status) in [("GET", "/nothing", 404), ("PATCH", POST_TO_PHONE_NUMBER, 405)] {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let response = send(&gateway, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{method} {path}");
    }
}

#[test]
fn an_event_has_the_members_that_api_gateway_gives_it() {
    let request = Request::post("/record-lists/a%20b/records/bulks?page=1&page=2").header("host", "127.0.0.1:3000");
    let (request, ()) = request.header("user-agent", "test").body(()).unwrap().into_parts();
    let event = integration::event(&request, b"{}", &serde_json::Map::new(), &Uuid::nil().to_string());
    let expected: Value = serde_json::from_str(EXAMPLE).unwrap();
    for place in ["", "/requestContext", "/requestContext/identity"] {
        let members =
            |event: &Value| event.pointer(place).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&event), members(&expected), "{place}");
    }
    assert_eq!(event["queryStringParameters"], json!({"page": "2"}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"page": ["1", "2"]}));
    assert_eq!(event["pathParameters"]["proxy"], "record-lists/a%20b/records/bulks");
    assert_eq!(event["multiValueHeaders"]["x-forwarded-port"], json!(["3000"]));
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

    /// When the records of its own example were created, as it shows them.
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

/// A gateway to a function whose DynamoDB cannot be reached.
fn gateway() -> Arc<Gateway> {
    Arc::new(Gateway { app: function::app("http://127.0.0.1:1", "records", &[]), issuer: Issuer::new() })
}

async fn send(gateway: &Arc<Gateway>, request: Request<Body>) -> Response<String> {
    let (parts, body) = gateway::respond(State(Arc::clone(gateway)), request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Response::from_parts(parts, String::from_utf8(body.to_vec()).unwrap())
}

/// The function's own response to an event without claims.
async fn unauthorized(gateway: &Gateway) -> Value {
    let response = function::invoke(&gateway.app, NO_CLAIMS, template::timeout()).await.unwrap();
    body(&integration::response(&response).unwrap())
}
