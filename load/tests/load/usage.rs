//! Wrong usage: exit status 2, one reason, and nothing on standard output.

use std::path::Path;

use crate::support::file::{file, folder, valid};
use crate::support::program::{program, run};

const TARGET: [&str; 4] = ["--url", "http://127.0.0.1:1/v1", "--list", "l"];

fn assert_wrong(arguments: &[&str], file: &Path, token: &str, reason: &str) {
    let ended = run(program(arguments).arg(file).env("RECORD_LISTS_TOKEN", token));
    assert_eq!((ended.status, &ended.summary), (Some(2), &None), "{reason}");
    assert!(ended.errors.contains(reason), "{}", ended.errors);
}

#[test]
fn a_command_that_cannot_work_says_why() {
    let folder = folder();
    assert_wrong(&[], &valid(1), "t", "--url <URL>");
    assert_wrong(&["--list", "l", "--url", "x"], &valid(1), "t", "invalid value 'x' for '--url <URL>'");
    assert_wrong(&TARGET, &valid(1), "", "RECORD_LISTS_TOKEN is not a token.");
    assert_wrong(&TARGET, &folder.join("none.csv"), "t", "none.csv: No such file");
    assert_wrong(&TARGET, &folder, "t", "Is a directory");
    assert_wrong(&TARGET, &file("contacts.doc", "a"), "t", "The name does not say the format. Use .csv,");
    assert_wrong(&TARGET, &file("empty.csv", ""), "t", "empty.csv: There is no header row.");
    assert_wrong(&TARGET, &file("twice.csv", "mobile,Mobile\n"), "t", "twice.csv: The column `Mobile` occurs twice.");
    assert_wrong(&["--check"], &file("named.csv", "extra_data\n"), "t", "cannot be named `extra_data`");
}

#[test]
fn help_is_complete() {
    let output = program(&["--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let options = [
        "--url",
        "--list",
        "--run",
        "--concurrency",
        "--give-up-after",
        "--token-command",
        "--check",
        "--unique",
        "--map",
        "--country",
        "--encoding",
        "--rejects",
        "--dry-run",
        "--update",
        "--mirror",
        "--max-delete",
        "--yes",
        "--empty",
        "--insecure",
    ];
    let others = ["RECORD_LISTS_TOKEN", ".rejected.csv", "Exit status"];
    for word in options.into_iter().chain(others) {
        assert!(help.contains(word), "{word}\n{help}");
    }
}
