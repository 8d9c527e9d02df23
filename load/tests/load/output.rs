//! Output that goes nowhere, and responses that a terminal should not see.

use std::fs::File;
use std::io::Write;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use local::lists::NOTHING;
use serde_json::json;

use crate::support::api::Api;
use crate::support::fault::Fault;
use crate::support::file::{file, folder, mixed, valid};
use crate::support::program::{interrupt, load, program, run, terminate, wait};
use crate::support::stand_in::{StandIn, respond};

#[test]
fn a_load_goes_on_without_a_standard_error() {
    let api = Api::with(|_| Some(Fault::Delay(Duration::from_millis(100))));
    let mut process = load(&api, NOTHING, &mixed(1_000).path, &[]).spawn().unwrap();
    drop(process.stderr.take());
    let ended = wait(process);
    let (status, sent, created, refused, _) = ended.numbers();
    assert_eq!((status, sent, api.stored().len() as u64), (3, created + refused, created), "{}", ended.errors);
}

#[test]
#[cfg(target_os = "linux")]
fn a_load_goes_on_if_standard_output_is_full() {
    let api = Api::start();
    let full = || File::create("/dev/full").unwrap();
    let ended = run_into(load(&api, NOTHING, &valid(250), &[]).stdout(full()));
    assert_eq!((ended.0, api.stored().len()), (Some(0), 250), "{}", ended.1);
    assert!(ended.1.contains("error: The summary cannot be printed: "), "{}", ended.1);
    let both = load(&api, NOTHING, &valid(250), &[]).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(both.code(), Some(0));
}

/// Runs `command`, and returns its status and errors.
#[cfg(target_os = "linux")]
fn run_into(command: &mut std::process::Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_terminal_gets_no_escapes_of_a_response() {
    let escapes = json!({"code": "NO\u{1b}[2J", "message": "\u{9b}31mRed\u{7}.", "fields": []});
    let api = StandIn::start(move |_| respond(400, &escapes));
    let mut command = program(&["--url", &api.url, "--list", "l"]);
    let ended = run(command.arg(valid(1)).env("RECORD_LISTS_TOKEN", "token"));
    assert!(ended.errors.contains("error: 400 NO [2J:  31mRed ."), "{}", ended.errors);
    assert!(!ended.errors.chars().any(|c| c.is_control() && c != '\n'), "{:?}", ended.errors);
}

#[test]
fn ctrl_c_ends_a_check_that_waits_for_its_input() {
    let mut command = program(&["--check", "-"]);
    let mut process = command.current_dir(folder()).stdin(Stdio::piped()).spawn().unwrap();
    let mut input = process.stdin.take().unwrap();
    let row = "{\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"phone_number\":\"+12025550143\"}\n";
    input.write_all(row.repeat(100).as_bytes()).unwrap();
    thread::sleep(Duration::from_millis(500));
    interrupt(&process);
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(wait(process)).ok());
    let ended = ended.recv_timeout(Duration::from_secs(20)).expect("it does not wait for more");
    assert_eq!(ended.numbers(), (1, 100, 100, 0, 0), "{}", ended.errors);
    assert!(ended.errors.contains("100 records: 100 valid, 0 refused"), "{}", ended.errors);
    assert!(!ended.errors.contains("Run the same command again"), "{}", ended.errors);
    drop(input);
}

#[test]
fn a_signal_ends_a_check_that_waits_for_its_first_row() {
    let mut command = program(&["--check", "-"]);
    let mut process = command.current_dir(folder()).stdin(Stdio::piped()).spawn().unwrap();
    let input = process.stdin.take().unwrap();
    thread::sleep(Duration::from_millis(500));
    terminate(&process);
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(wait(process)).ok());
    let ended = ended.recv_timeout(Duration::from_secs(20)).expect("it does not wait for more");
    assert!(ended.status != Some(0) && ended.summary.is_none(), "{ended:?}");
    drop(input);
}

#[test]
fn a_check_says_valid_and_not_created() {
    let rows = "first_name,last_name,mobile\nAnn,Lee,+12025550143\n,Ray,+12025550144\n";
    let output = program(&["--check"]).arg(file("contacts.csv", rows)).output().unwrap();
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(out.starts_with(r#"{"rows":2,"valid":1,"refused":1,"seconds":"#), "{out}");
    assert!(errors.contains("2 records: 1 valid, 1 refused"), "{errors}");
    assert!(!out.contains("created") && !errors.contains("created"), "{out}{errors}");
}
