//! The exports of products, ten rows each, with the command that the README gives for each.

use std::fs;
use std::path::Path;

use local::lists::PHONE_NUMBER;
use serde_json::Value;

use crate::support::api::Api;
use crate::support::file::file;
use crate::support::program::{beside, load, run};

/// An export and its outcome.
struct Export {
    name: &'static str,
    arguments: &'static [&'static str],
    /// The line of each row that is refused, with its code.
    refused: &'static [(u64, &'static str)],
    /// The numbers of the first row, with their types.
    numbers: &'static [(&'static str, &'static str)],
}

const INVALID: &str = "PHONE_NUMBER_INVALID";

const EXPORTS: [Export; 11] = [
    Export {
        name: "google.csv",
        arguments: &[],
        refused: &[(3, INVALID), (6, "LAST_NAME_MISSING")],
        numbers: &[("MOBILE", "+351912345600"), ("OFFICE", "+351213456700")],
    },
    Export {
        name: "google-old.csv",
        arguments: &["--country", "PT"],
        refused: &[],
        numbers: &[("MOBILE", "+351912345600"), ("OFFICE", "+351213456700")],
    },
    Export {
        name: "outlook.csv",
        arguments: &["--country", "PT"],
        refused: &[],
        numbers: &[
            ("OFFICE", "+351213456700"),
            ("EXTRA_1", "+351213456750"),
            ("HOME", "+351223456700"),
            ("MOBILE", "+351912345600"),
        ],
    },
    Export {
        name: "salesforce.csv",
        arguments: &[],
        refused: &[(4, "FIRST_NAME_MISSING")],
        numbers: &[
            ("OFFICE", "+351213456700"),
            ("MOBILE", "+351912345600"),
            ("HOME", "+351223456700"),
            ("EXTRA_1", "+351223456750"),
        ],
    },
    Export {
        name: "hubspot.csv",
        arguments: &[],
        refused: &[(4, "PHONE_NUMBER_MISSING")],
        numbers: &[("MOBILE", "+351912345600")],
    },
    Export {
        name: "genesys.csv",
        arguments: &[],
        refused: &[(3, INVALID)],
        numbers: &[("MOBILE", "+351912345600"), ("HOME", "+351223456700"), ("OFFICE", "+351213456700")],
    },
    Export {
        name: "five9.csv",
        arguments: &["--country", "US"],
        refused: &[(3, INVALID)],
        numbers: &[("MOBILE", "+12025550140"), ("OFFICE", "+12025550187"), ("HOME", "+12025550188")],
    },
    Export {
        name: "vicidial.txt",
        arguments: &[],
        refused: &[(4, INVALID)],
        numbers: &[("MOBILE", "+351912345600"), ("OFFICE", "+351213456700")],
    },
    Export {
        name: "talkdesk.csv",
        arguments: &[],
        refused: &[(3, "PRIORITY_INVALID"), (4, "TIMEZONE_UNMATCHED")],
        numbers: &[("MOBILE", "+351912345600"), ("OFFICE", "+351213456700"), ("EXTRA_1", "+351223456700")],
    },
    Export { name: "talkdesk-old.csv", arguments: &[], refused: &[(2, "PHONE_NUMBER_MISSING")], numbers: &[] },
    Export {
        name: "excel-pt.csv",
        arguments: &["--country", "PT", "--encoding", "windows-1252"],
        refused: &[(3, INVALID)],
        numbers: &[("MOBILE", "+351912345600"), ("OFFICE", "+351213456700")],
    },
];

#[test]
fn each_export_loads_with_one_command() {
    let readme = include_str!("../../README.md");
    for export in EXPORTS {
        let Export { name, arguments, .. } = export;
        let api = Api::start();
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports").join(name);
        let path = file(name, fs::read(content).unwrap());
        let ended = run(&mut load(&api, PHONE_NUMBER, &path, arguments));
        let refused = export.refused.len() as u64;
        let status = if refused == 0 { 0 } else { 3 };
        assert_eq!(ended.numbers(), (status, 10, 10 - refused, refused, 0), "{name}: {}", ended.errors);
        assert_eq!(rejects(&path), export.refused, "{name}");
        let numbers: Vec<_> =
            export.numbers.iter().map(|(of, number)| [(*of).to_owned(), (*number).to_owned()]).collect();
        assert_eq!(numbers_of_the_first_record(&api), numbers, "{name}");
        let command = [&["load"], arguments, &[name]].concat().join(" ");
        assert!(readme.contains(&format!("`{command}`")), "the README has `{command}`");
    }
}

/// The lines and codes of the rejects, whatever their delimiter and encoding.
fn rejects(path: &Path) -> Vec<(u64, &'static str)> {
    const CODES: [&str; 6] = [
        INVALID,
        "LAST_NAME_MISSING",
        "FIRST_NAME_MISSING",
        "PHONE_NUMBER_MISSING",
        "PRIORITY_INVALID",
        "TIMEZONE_UNMATCHED",
    ];
    let extension = path.extension().unwrap().to_str().unwrap();
    let Ok(rejects) = fs::read(beside(path, &format!(".rejected.{extension}"))) else { return Vec::new() };
    let rejects = String::from_utf8_lossy(&rejects).replace([';', '\t'], ",");
    let found = rejects.lines().flat_map(|line| {
        let codes = CODES.iter().filter_map(move |code| {
            let (before, _) = line.split_once(&format!(",{code},"))?;
            Some((before.rsplit(',').next()?.parse().ok()?, *code))
        });
        codes.collect::<Vec<_>>()
    });
    found.collect()
}

/// The types and the numbers of the first record that was sent.
fn numbers_of_the_first_record(api: &Api) -> Vec<[String; 2]> {
    let body: Value = serde_json::from_str(&api.seen()[0].body).unwrap();
    let record = &body["records"][0];
    let numbers = record["phone_numbers"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    numbers.map(|number| [text(&number["phone_type"]), text(&number["phone_number"])]).collect()
}
