//! A check, which sends nothing.

use crate::support::file::{file, number, valid};
use crate::support::program::{check_rejects, program, run};

#[test]
fn a_valid_file_needs_no_token_url_or_list() {
    let ended = run(program(&["--check"]).arg(valid(250)));
    assert_eq!(ended.numbers(), (0, 250, 250, 0, 0), "{}", ended.errors);
}

#[test]
fn a_command_can_be_checked_before_it_loads() {
    let ended = run(program(&["--url", "http://127.0.0.1:1", "--list", "l", "--check"]).arg(valid(1)));
    assert_eq!(ended.numbers(), (0, 1, 1, 0, 0), "{}", ended.errors);
}

#[test]
fn duplicates_in_the_file_are_found_as_the_list_s_type_says() {
    let (a, b) = (number(1), number(2));
    let rows = format!(
        "first_name,last_name,mobile,home,external_provider,external_id\n\
         A,A,{a},,crm,1\nB,B,{b},{a},crm,2\nC,C,{b},,crm,1\nD,D,{b},,crm,\n"
    );
    let table: [(&str, &[(u64, &str)]); 3] = [
        ("NOTHING", &[]),
        ("PHONE_NUMBER", &[(3, "PHONE_NUMBER_NOT_UNIQUE"), (5, "PHONE_NUMBER_NOT_UNIQUE")]),
        ("EXTERNAL", &[(4, "EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE"), (5, "EXTERNAL_REF_MISSING")]),
    ];
    for (unique, expected) in table {
        let path = file("duplicates.csv", &rows);
        let ended = run(program(&["--check", "--unique", unique]).arg(&path));
        let found: Vec<_> = check_rejects(&path).into_iter().map(|reject| (reject.line, reject.codes)).collect();
        let expected: Vec<_> = expected.iter().map(|(line, code)| (*line, (*code).to_owned())).collect();
        assert_eq!(found, expected, "{unique}");
        let refused = expected.len() as u64;
        let status = if refused == 0 { 0 } else { 3 };
        assert_eq!(ended.numbers(), (status, 4, 4 - refused, refused, 0), "{unique}: {}", ended.errors);
    }
}
