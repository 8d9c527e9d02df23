//! Mistakes in the address, the certificate, the proxy or the token: a load ends at once, and says why.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use hyper::{Method, StatusCode};
use local::lists::NOTHING;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::support::api::Api;
use crate::support::file::{folder, valid};
use crate::support::program::{load, program, run};
use crate::support::stand_in::{StandIn, list, respond};

fn to(url: &str, arguments: &[&str]) -> Command {
    let mut command = program(&["--url", url, "--list", "l"]);
    command.args(arguments).arg(valid(250)).env("RECORD_LISTS_TOKEN", "token");
    command.env_remove("HTTP_PROXY").env_remove("ALL_PROXY");
    command
}

fn assert_ends_at_once(command: &mut Command, reason: &str) {
    let ended = run(command);
    assert_eq!(ended.numbers(), (1, 0, 0, 0, 0), "{}", ended.errors);
    assert!(ended.errors.contains(reason), "{reason}\n{}", ended.errors);
    assert!(!ended.errors.contains("Run the same command again"), "{}", ended.errors);
}

#[test]
fn a_host_that_does_not_exist() {
    assert_ends_at_once(&mut to("https://api.invalid/v1", &[]), "error: The host api.invalid cannot be found: ");
    let mut by_proxy = to("https://api.example", &[]);
    assert_ends_at_once(by_proxy.env("HTTPS_PROXY", "http://proxy.invalid"), "error: The host proxy.invalid cannot be");
}

#[test]
fn https_to_a_port_that_speaks_http() {
    let api = Api::start();
    assert_ends_at_once(
        &mut to(&api.url.replace("http:", "https:"), &[]),
        "error: There is no TLS on the API's port (",
    );
}

#[test]
fn a_certificate_that_nobody_trusts() {
    let url = format!("https://localhost:{}", serve_untrusted());
    assert_ends_at_once(&mut to(&url, &[]), "error: The API's certificate is not trusted (");
}

/// Serves TLS with a certificate of its own on the port that is returned.
fn serve_untrusted() -> u16 {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = own.signing_key.serialize_der().try_into().unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![own.cert.der().clone()], key).unwrap();
    let (config, listener) = (Arc::new(config), TcpListener::bind("localhost:0").unwrap());
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream));
        }
    });
    port
}

fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) {
    if stream.read(&mut [0; 1_000]).is_ok() {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
    }
}

#[test]
fn a_token_command_that_fails() {
    let (api, folder) = (Api::start(), folder());
    let mut command = load(&api, NOTHING, &valid(1_000), &["--token-command", "echo >>runs; exit 3"]);
    command.current_dir(&folder).env("RECORD_LISTS_TOKEN", api.expired_token());
    assert_ends_at_once(&mut command, "error: The token command failed: exit status: 3.");
    assert_eq!(fs::read_to_string(folder.join("runs")).unwrap(), "\n");
}

#[test]
fn a_token_command_that_fails_later_is_tried_again_but_not_by_every_thread() {
    let api = StandIn::start(|asked| match asked.method {
        Method::GET => list("NOTHING"),
        _ => respond(401, &json!({"code": "UNAUTHORIZED", "message": "Expired."})),
    });
    let folder = folder();
    let mut command = to(&api.url, &["--token-command", "echo >>runs; exit 3", "--give-up-after", "2s"]);
    let ended = run(command.current_dir(&folder));
    assert_eq!((ended.status, ended.numbers().4), (Some(1), 250), "{}", ended.errors);
    assert!(ended.errors.contains("The last one: The token command failed"), "{}", ended.errors);
    let runs = fs::read_to_string(folder.join("runs")).unwrap().len();
    assert!((1..=3).contains(&runs), "{runs} runs");
}

#[test]
fn a_token_is_sent_without_encryption_on_request_only() {
    let ended = run(&mut to("http://api.invalid", &[]));
    assert_eq!((ended.status, ended.summary), (Some(2), None), "{}", ended.errors);
    assert!(ended.errors.contains("http://api.invalid/ would get the access token without encryption: use https"));
    assert_ends_at_once(&mut to("http://api.invalid", &["--insecure"]), "The host api.invalid cannot be found");
}

#[test]
fn a_socks_proxy_is_not_bypassed() {
    let ended = run(to("https://api.example", &[]).env("ALL_PROXY", "socks5://127.0.0.1:1"));
    assert_eq!((ended.status, ended.summary), (Some(2), None), "{}", ended.errors);
    assert!(ended.errors.contains("ALL_PROXY names a SOCKS proxy, which is not supported"), "{}", ended.errors);
}

#[test]
fn a_request_that_cannot_succeed() {
    let (api, file) = (Api::start(), valid(1_000));
    let no_list = |file: &Path| load(&api, "no-such-list", file, &[]);
    assert_ends_at_once(&mut no_list(&file), "error: 404 RECORD_LIST_NOT_FOUND: ");
    let mut wrong = load(&api, NOTHING, &file, &[]);
    assert_ends_at_once(wrong.env("RECORD_LISTS_TOKEN", "x"), "error: 401 UNAUTHORIZED: ");
    let mut expired = load(&api, NOTHING, &file, &["--token-command", "echo other"]);
    assert_ends_at_once(expired.env("RECORD_LISTS_TOKEN", api.expired_token()), "error: 401 UNAUTHORIZED: ");
    assert_eq!(api.requests(), 0, "no row was sent");
    let firewall = StandIn::start(|_| respond(StatusCode::FORBIDDEN.as_u16(), &json!("\u{1b}[2JForbidden")));
    assert_ends_at_once(&mut to(&firewall.url, &[]), "error: 403 Forbidden: ");
}
