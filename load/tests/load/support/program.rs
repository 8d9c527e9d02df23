//! The program, as a process of its own.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde::Deserialize;

use super::api::Api;

/// The line that it prints at its end.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    #[serde(default)]
    pub dry_run: bool,
    #[serde(alias = "rows")]
    pub sent: u64,
    #[serde(alias = "valid")]
    pub created: u64,
    #[serde(default)]
    pub updated: u64,
    #[serde(default)]
    pub unchanged: u64,
    pub refused: u64,
    #[serde(default)]
    pub failed: u64,
    #[serde(default)]
    pub not_sent: u64,
    #[serde(default)]
    pub deleted: u64,
    pub seconds: f64,
    pub errors: BTreeMap<String, u64>,
}

/// The numbers of an update or a mirror.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    pub status: i32,
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub refused: u64,
    pub deleted: u64,
}

/// The end of the program.
#[derive(Debug)]
pub struct Ended {
    pub status: Option<i32>,
    pub summary: Option<Summary>,
    pub errors: String,
}

impl Ended {
    /// Exit status, rows, created, refused, failed.
    pub fn numbers(&self) -> (i32, u64, u64, u64, u64) {
        let Some(Summary { sent, created, refused, failed, .. }) = self.summary else { panic!("{self:?}") };
        (self.status.unwrap(), sent, created, refused, failed)
    }

    /// What became of the rows of an update, or of a mirror, and of the list's other records.
    pub fn changes(&self) -> Changes {
        let Some(summary) = &self.summary else { panic!("{self:?}") };
        let &Summary { created, updated, unchanged, refused, deleted, .. } = summary;
        assert_eq!((created + updated + unchanged + refused, 0), (summary.sent, summary.failed), "{}", self.errors);
        Changes { status: self.status.unwrap(), created, updated, unchanged, refused, deleted }
    }
}

/// The program; a proxy that it must not use is set.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_load"));
    command.args(arguments).env("HTTP_PROXY", "http://127.0.0.1:1").env("ALL_PROXY", "http://127.0.0.1:1");
    command.env_remove("RECORD_LISTS_TOKEN").env_remove("NO_PROXY").env_remove("no_proxy");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The program, with `file` for `list` of `api`.
pub fn load(api: &Api, list: &str, file: &Path, arguments: &[&str]) -> Command {
    let mut command = program(&["--url", &api.url, "--list", list]);
    command.args(arguments).arg(file).env("RECORD_LISTS_TOKEN", api.token());
    command
}

/// Runs `command` to its end.
pub fn run(command: &mut Command) -> Ended {
    ended(command.output().expect("the program starts"))
}

/// Runs `command` to its end, with `input` on standard input.
pub fn run_with_input(command: &mut Command, input: &str) -> Ended {
    let mut process = command.stdin(Stdio::piped()).spawn().expect("the program starts");
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    wait(process)
}

/// Waits for the end of `process`.
pub fn wait(process: Child) -> Ended {
    ended(process.wait_with_output().expect("the program ends"))
}

fn ended(output: Output) -> Ended {
    let text = |bytes| String::from_utf8(bytes).expect("the program prints text");
    let shown = text(output.stdout);
    let summary =
        (!shown.is_empty()).then(|| serde_json::from_str(&shown).unwrap_or_else(|error| panic!("{error}: {shown}")));
    Ended { status: output.status.code(), summary, errors: text(output.stderr) }
}

/// Asks `process` to end, as Ctrl-C does.
pub fn interrupt(process: &Child) {
    signal(process, "INT");
}

/// Ends `process` as a service manager does. A shell that starts a job in the background has it ignore Ctrl-C.
pub fn terminate(process: &Child) {
    signal(process, "TERM");
}

fn signal(process: &Child, name: &str) {
    let kill = Command::new("sh").args(["-c", &format!("kill -{name} {}", process.id())]).status();
    assert!(kill.expect("there is a shell").success());
}

/// A rejected row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    pub line: u64,
    pub codes: String,
    pub reasons: String,
    pub text: String,
    /// The cells, or the record.
    pub row: String,
}

/// The rejects of a load of a CSV file.
pub fn csv_rejects(file: &Path) -> Vec<Rejected> {
    rejects_in(&beside(file, ".rejected.csv"))
}

/// The rejects of a check of a CSV file.
pub fn check_rejects(file: &Path) -> Vec<Rejected> {
    rejects_in(&beside(file, ".check.rejected.csv"))
}

/// The rejects in a file with commas; none if there is no file.
fn rejects_in(path: &Path) -> Vec<Rejected> {
    let Ok(mut reader) = csv::Reader::from_path(path) else { return Vec::new() };
    let header = reader.headers().unwrap().clone();
    let own = header.len() - 4;
    assert_eq!(
        header.iter().skip(own).collect::<Vec<_>>(),
        ["rejected_line", "rejected_codes", "rejected_reasons", "rejected_text"]
    );
    let row = |row: csv::StringRecord| Rejected {
        line: row[own].parse().unwrap(),
        codes: row[own + 1].to_owned(),
        reasons: row[own + 2].to_owned(),
        text: row[own + 3].to_owned(),
        row: row.iter().take(own).collect::<Vec<_>>().join(","),
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// `file` with `end` after its name.
pub fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}
