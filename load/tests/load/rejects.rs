//! The files of rejected rows: nothing is ever lost.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use local::lists::{NOTHING, PHONE_NUMBER};

use crate::support::api::Api;
use crate::support::file::{file, folder, number, valid};
use crate::support::program::{beside, csv_rejects, load, program, run, run_with_input, wait};

/// A file of one valid row and one without a first name.
fn one_of_two() -> std::path::PathBuf {
    file("contacts.csv", format!("first_name,last_name,mobile\nAnn,Lee,{}\n,Ray,{}\n", number(1), number(2)))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn rejects_replace_those_of_the_run_before_and_keep_them() {
    let (api, path) = (Api::start(), one_of_two());
    let (rejects, backup) = (beside(&path, ".rejected.csv"), beside(&path, ".rejected.csv.bak"));
    fs::write(&rejects, "old").unwrap();
    assert_eq!(run(&mut load(&api, NOTHING, &path, &[])).numbers(), (3, 2, 1, 1, 0));
    assert_eq!((csv_rejects(&path).len(), fs::read_to_string(backup).unwrap()), (1, "old".to_owned()));
    assert_eq!(
        names(path.parent().unwrap()),
        ["contacts.csv", "contacts.csv.rejected.csv", "contacts.csv.rejected.csv.bak"]
    );
}

#[test]
fn a_run_without_rejects_or_that_fails_at_once_leaves_those_of_the_run_before() {
    let api = Api::start();
    for (list, path, status) in [(NOTHING, valid(1), 0), ("no-such-list", one_of_two(), 1)] {
        let rejects = beside(&path, ".rejected.csv");
        fs::write(&rejects, "old").unwrap();
        assert_eq!(run(&mut load(&api, list, &path, &[])).status, Some(status));
        assert_eq!(fs::read_to_string(&rejects).unwrap(), "old", "{list}");
        assert_eq!(names(path.parent().unwrap()).len(), 2, "{list}");
    }
    let ended = run(load(&api, NOTHING, &one_of_two(), &[]).env_remove("RECORD_LISTS_TOKEN"));
    assert_eq!(ended.status, Some(2), "{}", ended.errors);
}

#[test]
fn a_check_has_a_file_of_its_own() {
    let path = one_of_two();
    fs::write(beside(&path, ".rejected.csv"), "old").unwrap();
    assert_eq!(run(program(&["--check"]).arg(&path)).numbers(), (3, 2, 1, 1, 0));
    assert_eq!(fs::read_to_string(beside(&path, ".rejected.csv")).unwrap(), "old");
    assert!(beside(&path, ".check.rejected.csv").exists());
}

#[test]
fn rejects_that_are_loaded_are_never_emptied() {
    let (api, folder) = (Api::start(), folder());
    let rows = format!("{{\"first_name\":\"Ann\",\"last_name\":\"Lee\",\"phone_number\":\"{}\"}}\n{{}}\n", number(1));
    let rejects = folder.join("stdin.rejected.ndjson");

    fs::write(&rejects, &rows).unwrap();
    let mut command = load(&api, PHONE_NUMBER, "-".as_ref(), &[]);
    let process = command.current_dir(&folder).stdin(fs::File::open(&rejects).unwrap()).spawn().unwrap();
    assert_eq!(wait(process).numbers(), (3, 2, 1, 1, 0));
    assert_eq!(fs::read_to_string(&rejects).unwrap(), rows, "the input is left alone");
    assert!(folder.join("stdin.rejected.ndjson.rejected.ndjson").exists());

    // Nobody can tell that a pipe has the same content.
    let ended = run_with_input(load(&api, PHONE_NUMBER, "-".as_ref(), &[]).current_dir(&folder), &rows);
    assert_eq!(ended.numbers(), (3, 2, 1, 1, 0), "{}", ended.errors);
    assert_eq!(fs::read_to_string(beside(&rejects, ".bak")).unwrap(), rows);
}

#[test]
fn a_link_to_its_own_rejects_is_read_and_not_replaced() {
    let (api, folder) = (Api::start(), folder());
    let (path, rejects) = (folder.join("contacts.csv"), folder.join("contacts.csv.rejected.csv"));
    fs::write(&rejects, format!("first_name,last_name,mobile\nAnn,Lee,{}\n,Ray,{}\n", number(1), number(2))).unwrap();
    symlink(&rejects, &path).unwrap();
    let before = fs::read(&rejects).unwrap();
    assert_eq!(run(&mut load(&api, NOTHING, &path, &[])).numbers(), (3, 2, 1, 1, 0));
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(csv_rejects(&rejects).len(), 1);
}

#[test]
fn rejects_keep_the_bytes_of_the_input() {
    let rows = b"First name;Last name;Mobile\r\nJo\xe3o;;+351912345601\r\nAna;Lee;+351912345602\r\n";
    let path = file("ansi.csv", rows);
    let ended = run(program(&["--check", "--encoding", "windows-1252"]).arg(&path));
    assert_eq!(ended.numbers(), (3, 2, 1, 1, 0), "{}", ended.errors);
    let rejects = fs::read(beside(&path, ".check.rejected.csv")).unwrap();
    let start = b"First name;Last name;Mobile;rejected_line;rejected_codes;rejected_reasons;rejected_text\r\n\
                  Jo\xe3o;;+351912345601;2;LAST_NAME_MISSING;";
    assert!(rejects.starts_with(start), "{}", rejects.escape_ascii());
}

#[test]
fn rejects_can_be_put_elsewhere() {
    let (path, folder) = (one_of_two(), folder());
    let elsewhere = folder.join("rejects.csv");
    let ended = run(program(&["--check", "--rejects"]).arg(&elsewhere).arg(&path));
    assert_eq!(ended.numbers(), (3, 2, 1, 1, 0), "{}", ended.errors);
    assert_eq!(fs::read_to_string(&elsewhere).unwrap().lines().count(), 2);
    let ended = run(program(&["--check", "--rejects"]).arg(&path).arg(&path));
    assert_eq!(ended.status, Some(2), "{}", ended.errors);
    assert!(ended.errors.contains("--rejects names the input itself"), "{}", ended.errors);
    let ended = run(program(&["--check", "--rejects", "/no/such/folder/rejects.csv"]).arg(&path));
    assert_eq!(ended.status, Some(2), "{}", ended.errors);
}

#[test]
fn a_check_needs_no_folder_to_write_to() {
    // Nobody can write there, not even root.
    let input = Path::new("/proc/self/fd/0");
    let stdin = || fs::File::open(one_of_two()).unwrap();
    let ended = run(program(&["--check", "--format", "csv"]).arg(input).stdin(stdin()));
    assert_eq!(ended.numbers(), (3, 2, 1, 1, 0), "{}", ended.errors);
    assert!(ended.errors.contains("Rejected rows are only counted"), "{}", ended.errors);
    let api = Api::start();
    let ended = run(load(&api, NOTHING, input, &["--format", "csv"]).stdin(stdin()));
    assert_eq!((ended.status, api.seen().len()), (Some(2), 0), "{}", ended.errors);
    assert!(ended.errors.contains("--rejects"), "{}", ended.errors);
}
