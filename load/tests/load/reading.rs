//! Files as people have them: encodings, delimiters, packed files, workbooks, names of columns, spellings of numbers.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use local::lists::{NOTHING, PHONE_NUMBER};
use serde_json::{Value, json};

use crate::support::api::Api;
use crate::support::file::file;
use crate::support::program::{Ended, beside, check_rejects, csv_rejects, load, program, run, run_with_input};

const ROWS: &str =
    "First name;Last name;Mobile;Priority\r\nAna;Conceição;+351912345601;7\r\nRui;Santos, Lda.;+351912345602;\r\n";

fn utf_16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}

/// The records that were sent.
fn sent(api: &Api) -> Vec<Value> {
    let bodies = api.seen().into_iter().map(|seen| serde_json::from_str::<Value>(&seen.body).unwrap());
    bodies.flat_map(|body| body["records"].as_array().unwrap().clone()).collect()
}

fn check(path: &Path, arguments: &[&str]) -> Ended {
    run(program(&["--check"]).args(arguments).arg(path))
}

/// Asserts that `path` stops with status 2 before anything is done, and that the message has these `words`.
fn assert_stops(path: &Path, arguments: &[&str], words: &[&str]) {
    let ended = check(path, arguments);
    assert_eq!((ended.status, &ended.summary), (Some(2), &None), "{}", ended.errors);
    for word in words {
        assert!(ended.errors.contains(word), "{word}: {}", ended.errors);
    }
}

#[test]
fn delimiters_and_encodings_are_told_by_the_file() {
    let ansi = "First name,Last name,Mobile\r\nAna,Concei\u{e7}\u{e3}o,+351912345601\r\nRui,\"Santos, Lda.\",+351912345602\r\n";
    let ansi: Vec<u8> = ansi.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let table: [(&str, Vec<u8>, &[&str]); 8] = [
        ("semicolons.csv", format!("\u{feff}{ROWS}").into(), &[]),
        ("hint.csv", format!("sep=;\r\n{ROWS}").into(), &[]),
        ("unicode-text.txt", utf_16(&ROWS.replace(';', "\t")), &[]),
        ("pipes.txt", ROWS.replace(';', "|").into(), &[]),
        ("colons.csv", ROWS.replace(';', ":").into(), &["--delimiter", ":"]),
        ("tabs.tsv", ROWS.replace(';', "\t").into(), &[]),
        ("ansi.csv", ansi, &["--encoding", "windows-1252"]),
        ("semicolons.csv.gz", gzip(ROWS.as_bytes()), &[]),
    ];
    for (name, content, arguments) in table {
        let api = Api::start();
        let ended = run(&mut load(&api, PHONE_NUMBER, &file(name, content), arguments));
        assert_eq!(ended.numbers(), (0, 2, 2, 0, 0), "{name}: {}", ended.errors);
        assert_eq!(api.stored(), ["Conceição", "Santos, Lda."], "{name}");
    }
}

#[test]
fn a_workbook_s_sheet_is_read() {
    let content = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exports/contacts.xlsx")).unwrap();
    let path = file("contacts.xlsx", content);
    let api = Api::start();
    let ended = run(&mut load(&api, PHONE_NUMBER, &path, &["--country", "PT"]));
    assert_eq!(ended.numbers(), (3, 4, 3, 1, 0), "{}", ended.errors);
    assert_eq!(api.stored(), ["Conceição", "Lee", "Nunes"]);
    assert_eq!(sent(&api)[0]["extra_data"], json!({"Since": "2024-05-06"}));
    let rejects = csv_rejects(&path);
    assert_eq!((rejects[0].line, rejects[0].codes.as_str()), (6, "PHONE_NUMBER_INVALID"));
    assert!(fs::read(beside(&path, ".rejected.csv")).unwrap().starts_with("\u{feff}First name".as_bytes()));
    assert_eq!(check(&path, &["--sheet", "Second"]).numbers(), (0, 1, 1, 0, 0));
    assert_stops(&path, &["--sheet", "Third"], &["There is no such sheet. There are Contacts, Second."]);
}

#[test]
fn an_encoding_that_cannot_be_told_stops_the_file_before_anything_is_sent() {
    let rows = b"First name,Last name,Mobile\nAna,Lee,+351912345601\nJo\xe3o,Lee,+351912345602\n";
    let path = file("ansi.csv", rows);
    assert_stops(&path, &[], &["ansi.csv: Line 3 is not UTF-8.", "--encoding windows-1252"]);
    let api = Api::start();
    assert_eq!(run(&mut load(&api, NOTHING, &path, &[])).status, Some(2));
    assert_eq!(api.seen().len(), 0);
    assert_eq!(check(&path, &["--encoding", "windows-1252"]).numbers(), (0, 2, 2, 0, 0));
    assert_eq!(check(&path, &["--encoding", "utf-8"]).numbers(), (3, 2, 1, 1, 0));
}

#[test]
fn standard_input_can_be_a_table_or_an_array() {
    let ended = run_with_input(&mut program(&["--check", "--format", "csv", "-"]), ROWS);
    assert_eq!(ended.numbers(), (0, 2, 2, 0, 0), "{}", ended.errors);
    let record = json!({"first_name": "Ann", "last_name": "Lee", "phone_number": "+351912345601"});
    let array = serde_json::to_string_pretty(&json!([record, record, {}])).unwrap();
    let folder = crate::support::file::folder();
    let ended = run_with_input(program(&["--check", "-"]).current_dir(&folder), &array);
    assert_eq!(ended.numbers(), (3, 3, 2, 1, 0), "{}", ended.errors);
    let rejects = fs::read_to_string(folder.join("stdin.check.rejected.ndjson")).unwrap();
    assert!(rejects.starts_with("{\"rejected_line\":12,"), "{rejects}");
}

#[test]
fn what_is_not_a_file_of_contacts_is_named() {
    let table: [(&str, &str, &str); 7] = [
        ("error-page.csv", "<html><body>Your session has expired.</body></html>\n", "a web page (HTML)"),
        ("page.ndjson", "<!DOCTYPE html>", "a web page (HTML)"),
        ("export.csv", "%PDF-1.7", "a PDF"),
        ("records.csv", "[{\"first_name\":\"Ann\"}]", "--format json"),
        ("header-only.csv", "First name,Last name,Mobile\r\n", "no records"),
        ("empty-rows.csv", "First name,Last name,Mobile\r\n,,\r\n , ,\r\n", "no records"),
        ("empty.json", "[]", "no records"),
    ];
    for (name, content, word) in table {
        assert_stops(&file(name, content), &[], &[name, word]);
    }
}

#[test]
fn the_mapping_is_printed_before_anything_is_sent() {
    let rows = "First Name*,Surname (required),MOBILE-phone,Telephone,Company,Company,Priority\n\
                Ana,Lee,+351912345601,+351212345601,Lee,Lda,Normal\n";
    let api = Api::with(|_| Some(crate::support::fault::Fault::Response(403, None, "")));
    let ended = run(&mut load(&api, NOTHING, &file("contacts.csv", rows), &[]));
    let mapping = "contacts.csv: CSV, commas between columns, UTF-8:\n  \
        First Name*         first_name\n  \
        Surname (required)  last_name\n  \
        MOBILE-phone        MOBILE number\n  \
        Telephone           OFFICE number\n  \
        Company             extra_data (unknown name)\n  \
        Company             extra_data, as `Company (2)`\n  \
        Priority            left out: its values are words, and a priority is a number from 1 to 10\n";
    assert!(ended.errors.contains(mapping), "{}", ended.errors);
    let record = json!({
        "phone_numbers": [
            {"phone_number": "+351912345601", "phone_type": "MOBILE"},
            {"phone_number": "+351212345601", "phone_type": "OFFICE"},
        ],
        "first_name": "Ana", "last_name": "Lee", "extra_data": {"Company": "Lee", "Company (2)": "Lda"},
    });
    assert_eq!(sent(&api)[0], record);
}

#[test]
fn the_user_says_what_a_column_is() {
    let path = file("contacts.csv", "Name,Dial,Rank,Secret\nAna Maria Lee,+351912345601,7,x\n");
    let arguments = [
        "--map",
        "Name=full_name",
        "--map",
        "dial=mobile",
        "--map",
        "Rank=priority",
        "--ignore",
        "Secret",
        "--set",
        "external_provider=crm",
    ];
    let api = Api::start();
    let ended = run(&mut load(&api, NOTHING, &path, &arguments));
    assert_eq!(ended.numbers(), (0, 1, 1, 0, 0), "{}", ended.errors);
    let record = json!({
        "phone_numbers": [{"phone_number": "+351912345601", "phone_type": "MOBILE"}],
        "first_name": "Ana Maria", "last_name": "Lee", "priority": 7, "external_provider": "crm",
    });
    assert_eq!(sent(&api), [record]);
}

#[test]
fn a_file_that_would_lose_numbers_or_names_stops() {
    let table: [(&str, &str, &[&str]); 7] = [
        ("First name,Last name\nA,B\n", "No column is a phone number.", &[]),
        ("Name,Mobile\nA B,+351912345601\n", "--map 'Name=full_name'", &[]),
        ("First name,Last name,Mobile,Reach\nA,B,+351912345601,+351912345602\n", "--map 'Reach=mobile'", &[]),
        ("First name,Last name,Mobile\nA,B,+351912345601\n", "there is no column `Cell`", &["--map", "Cell=home"]),
        ("First name,Given name,Last name,Mobile\nA,A,B,+351912345601\n", "`First name` and `Given name`", &[]),
        ("First name,Last name,Mobile\nA,B,+351912345601\n", "--set", &["--set", "first_name=A"]),
        ("Name,Last name,Mobile\nA,B,+351912345601\n", "are the same member", &["--map", "Name=full_name"]),
    ];
    for (rows, word, arguments) in table {
        assert_stops(&file("contacts.csv", rows), arguments, &[word]);
    }
    let rows = "First name,Last name,Mobile,Reach\nA,B,+351912345601,+351912345602\n";
    for arguments in [["--map", "Reach=extra_data"], ["--map", "Reach=phone"], ["--ignore", "Reach"]] {
        assert_eq!(check(&file("contacts.csv", rows), &arguments).numbers(), (0, 1, 1, 0, 0));
    }
}

#[test]
fn national_numbers_have_a_country() {
    let rows = "First name,Last name,Mobile\r\nAna,Lee,912345601\r\nBob,Lee,00351912345602\r\nCid,Lee,351912345603\r\n\
                Dia,Lee,\"=\"\"+351912345604\"\"\"\r\nFay,Lee,'+351912345605\r\nEva,Lee,3.51912E+11\r\nGil,Lee,12\r\n";
    let path = file("national.csv", rows);
    let api = Api::start();
    let ended = run(&mut load(&api, PHONE_NUMBER, &path, &["--country", "pt"]));
    assert_eq!(ended.numbers(), (3, 7, 5, 2, 0), "{}", ended.errors);
    let sent: Vec<_> = sent(&api).iter().map(|record| record["phone_numbers"][0]["phone_number"].clone()).collect();
    assert_eq!(sent, (1..=5).map(|row| format!("+35191234560{row}")).collect::<Vec<_>>());
    let rejects = csv_rejects(&path);
    assert!(rejects[0].reasons.starts_with("Mobile: A spreadsheet has destroyed the number"), "{rejects:?}");
    assert!(rejects[1].reasons.starts_with("Mobile: The number is neither one of PT"), "{rejects:?}");
    let ended = check(&path, &[]);
    assert!(ended.errors.contains("add it, such as --country PT"), "{}", ended.errors);
}

#[test]
fn cells_and_rows_are_forgiven_what_does_not_matter() {
    let rows = "First name,Last name,Mobile,Notes,Web Page\r\nAna,Lee,+351912345601\r\n,,,,\r\nBob, Lee ,+351912345602,N/A,-,  \r\n\
                Cid,Lee,+351912345603,a,b,c\r\n";
    let path = file("cut-rows.csv", rows);
    let api = Api::start();
    let ended = run(&mut load(&api, NOTHING, &path, &["--null", "N/A,-"]));
    assert_eq!(ended.numbers(), (3, 3, 2, 1, 0), "{}", ended.errors);
    let last = &sent(&api)[1];
    assert_eq!((&last["last_name"], &last["extra_data"]), (&json!("Lee"), &Value::Null));
    assert_eq!(csv_rejects(&path)[0].line, 5);
}

#[test]
fn several_numbers_in_a_cell_are_refused_and_none_is_lost() {
    let rows = "First Name,Middle Name,Last Name,Labels,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\r\n\
                Ana,,Lee,* myContacts,Mobile,+351912345601,Work,+351912345602\r\n\
                Bob,,Lee,,Mobile,912 345 603 ::: 912 345 604,,\r\n";
    let path = file("google-contacts.csv", rows);
    assert_eq!(check(&path, &[]).numbers(), (3, 2, 1, 1, 0));
    let rejects = check_rejects(&path);
    assert!(rejects[0].reasons.contains("several numbers"), "{rejects:?}");
}
