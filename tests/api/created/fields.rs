//! The `fields` of a record that breaks a rule: the member, what is wrong and what is accepted, and never the value.

use serde_json::{Value, json};

use super::words::{
    DIGITS, EMPTY_NAME, EXTRA_DATA, LIST_REQUIRES, LONG_NAME, NAME_BLANK, NAME_MISSING, NAME_NOT_TEXT,
    NAME_NOT_UNICODE, NAME_TOO_LONG, NOT_AN_OBJECT, NUMBER_BLANK, NUMBER_CHARACTERS, NUMBER_COUNTRY, NUMBER_LENGTH,
    NUMBER_MISSING, NUMBER_NO_PLUS, NUMBER_NOT_TEXT, NUMBER_TOO_LONG, NUMBERS_EMPTY, NUMBERS_MISSING, NUMBERS_SHAPE,
    PRIORITY, RANGE, REFERENCE_NOT_TEXT, REPEATED, SYNC, SYNC_REQUIRES, TEXT_NOT_UNICODE, TIMEZONE_BLANK,
    TIMEZONE_NOT_TEXT, TIMEZONE_TOO_LONG, TIMEZONE_UNMATCHED, TOO_DEEP, TOO_LARGE, TYPE_MISSING, TYPE_REPEATED,
    TYPE_UNKNOWN, URL,
};
use crate::support::{CREATED, EXTERNAL, Function, NOTHING, OTHER, Table, record};

/// A field: the code it is there for, its name and its description.
type Field<'a> = (&'a str, &'a str, &'a str);

/// Members of a record, as JSON text, and the fields that they lead to.
type Row<'a> = (&'a str, &'a [Field<'a>]);

const NUMBER_INVALID: &str = "PHONE_NUMBER_INVALID";
const MISSING: &str = "PHONE_NUMBER_MISSING";
const REFERENCE: &str = "EXTERNAL_REF_MISSING";

const NUMBERS: &[Row<'_>] = &[
    (r#""phone_number":12025550143"#, &[(NUMBER_INVALID, "phone_number", NUMBER_NOT_TEXT)]),
    (r#""phone_number":"+1 (202)  -  555-0143""#, &[(NUMBER_INVALID, "phone_number", NUMBER_TOO_LONG)]),
    (r#""phone_number":"0012025550143""#, &[(NUMBER_INVALID, "phone_number", NUMBER_NO_PLUS)]),
    (r#""phone_number":"+1 800 FLOWERS""#, &[(NUMBER_INVALID, "phone_number", NUMBER_CHARACTERS)]),
    (r#""phone_number":"+999123456789""#, &[(NUMBER_INVALID, "phone_number", NUMBER_COUNTRY)]),
    (r#""phone_number":"+15550143""#, &[(NUMBER_INVALID, "phone_number", NUMBER_LENGTH)]),
    (r#""phone_number":"+4930""#, &[(NUMBER_INVALID, "phone_number", NUMBER_LENGTH)]),
    (r#""phone_number":"+4930123456789012""#, &[(NUMBER_INVALID, "phone_number", NUMBER_LENGTH)]),
    (r#""phone_number":"\u200b ""#, &[(MISSING, "phone_number", NUMBER_BLANK)]),
    ("", &[(MISSING, "phone_numbers", NUMBERS_MISSING)]),
    (r#""phone_numbers":null,"phone_number":null"#, &[(MISSING, "phone_numbers", NUMBERS_MISSING)]),
    (r#""phone_numbers":[]"#, &[(MISSING, "phone_numbers", NUMBERS_EMPTY)]),
    (r#""phone_numbers":{}"#, &[(NUMBER_INVALID, "phone_numbers", NUMBERS_SHAPE)]),
    (r#""phone_numbers":["+12025550143"]"#, &[(NUMBER_INVALID, "phone_numbers", NUMBERS_SHAPE)]),
    (
        r#""phone_numbers":[{"phone_number":"+12025550143","phone_number":"+12025550143","phone_type":"HOME"}]"#,
        &[(NUMBER_INVALID, "phone_numbers", NUMBERS_SHAPE)],
    ),
    (
        r#""phone_numbers":[{"phone_number":"+12025550143","phone_type":"HOME"},{"phone_number":"+12025550144","phone_type":"HOME"}]"#,
        &[(NUMBER_INVALID, "phone_numbers[1].phone_type", TYPE_REPEATED)],
    ),
    (
        r#""phone_numbers":[{"phone_number":"+12025550143","phone_type":"home"},{"phone_number":"12025550144","phone_type":"HOME"}]"#,
        &[
            (NUMBER_INVALID, "phone_numbers[0].phone_type", TYPE_UNKNOWN),
            (NUMBER_INVALID, "phone_numbers[1].phone_number", NUMBER_NO_PLUS),
        ],
    ),
    (
        r#""phone_numbers":[{"phone_number":"+12025550143","phone_type":5},{}]"#,
        &[
            (NUMBER_INVALID, "phone_numbers[0].phone_type", TYPE_UNKNOWN),
            (NUMBER_INVALID, "phone_numbers[1].phone_type", TYPE_MISSING),
            (MISSING, "phone_numbers[1].phone_number", NUMBER_MISSING),
        ],
    ),
];

const TEXTS: &[Row<'_>] = &[
    (r#""first_name":5"#, &[("FIRST_NAME_INVALID", "first_name", NAME_NOT_TEXT)]),
    (r#""first_name":"\ud800""#, &[("FIRST_NAME_INVALID", "first_name", NAME_NOT_TEXT)]),
    (r#""first_name":null"#, &[("FIRST_NAME_MISSING", "first_name", NAME_MISSING)]),
    (r#""first_name":"\u0000\u200b\u00ad ""#, &[("FIRST_NAME_MISSING", "first_name", NAME_BLANK)]),
    (r#""last_name":["Doe"]"#, &[("LAST_NAME_INVALID", "last_name", NAME_NOT_TEXT)]),
    (r#""last_name":null"#, &[("LAST_NAME_MISSING", "last_name", NAME_MISSING)]),
    (r#""last_name":"\u2066""#, &[("LAST_NAME_MISSING", "last_name", NAME_BLANK)]),
    (r#""timezone":2"#, &[("TIMEZONE_INVALID", "timezone", TIMEZONE_NOT_TEXT)]),
    (r#""timezone":"America/Argentina/ComodRivadaviaaaaa""#, &[("TIMEZONE_INVALID", "timezone", TIMEZONE_TOO_LONG)]),
    (r#""timezone":"America/Argentina/ComodRivadaviaaaa""#, &[("TIMEZONE_UNMATCHED", "timezone", TIMEZONE_UNMATCHED)]),
    (r#""timezone":"\u200b""#, &[("TIMEZONE_MISSING", "timezone", TIMEZONE_BLANK)]),
    (r#""timezone":"+02:00""#, &[("TIMEZONE_UNMATCHED", "timezone", TIMEZONE_UNMATCHED)]),
    (r#""priority":"7""#, &[("PRIORITY_INVALID", "priority", PRIORITY)]),
    (r#""priority":7.5"#, &[("PRIORITY_INVALID", "priority", PRIORITY)]),
    (r#""priority":11"#, &[("PRIORITY_INVALID", "priority", PRIORITY)]),
    (r#""external_id":12345"#, &[(OTHER, "external_id", REFERENCE_NOT_TEXT)]),
    (r#""external_provider":true"#, &[(OTHER, "external_provider", REFERENCE_NOT_TEXT)]),
    (r#""external_url":"crm.example.com/1""#, &[(OTHER, "external_url", URL)]),
    (r#""external_url":{}"#, &[(OTHER, "external_url", URL)]),
    (r#""sync_external_id":"false""#, &[(OTHER, "sync_external_id", SYNC)]),
    (r#""sync_external_id":0"#, &[(OTHER, "sync_external_id", SYNC)]),
    (
        r#""sync_external_id":true,"external_id":"1","external_provider":"""#,
        &[(REFERENCE, "external_provider", SYNC_REQUIRES)],
    ),
    (r#""first_name":"a","first_name":"a""#, &[(OTHER, "first_name", REPEATED)]),
];

const EXTRA: &[Row<'_>] = &[
    ("[]", &[(OTHER, "extra_data", EXTRA_DATA)]),
    (r#""{}""#, &[(OTHER, "extra_data", EXTRA_DATA)]),
    (r#"{"":""}"#, &[(OTHER, "extra_data", EMPTY_NAME)]),
    (r#"{"a":[0,{"b":{"":1}}]}"#, &[(OTHER, "extra_data.a[1].b", EMPTY_NAME)]),
    (r#"{"a":{"b":1,"b":2}}"#, &[(OTHER, "extra_data.a.b", REPEATED)]),
    (r#"{"a":1e300,"b":1e-300}"#, &[(OTHER, "extra_data.a", RANGE)]),
    (r#"{"a":[1e-300]}"#, &[(OTHER, "extra_data.a[0]", RANGE)]),
    (r#"{"a":123456789012345678901234567890123456789}"#, &[(OTHER, "extra_data.a", DIGITS)]),
    (r#"{"a":"\ud83d"}"#, &[(OTHER, "extra_data.a", TEXT_NOT_UNICODE)]),
    (r#"{"a":{"\ud83d":1}}"#, &[(OTHER, "extra_data.a", NAME_NOT_UNICODE)]),
];

/// The text of a record that is valid but for `members`, which take the place of those of the same name.
fn text(members: &str) -> String {
    let mut valid = json!({"first_name": "Jane", "last_name": "Doe", "phone_number": "+12025550143"});
    let has_number = !members.is_empty() && !members.contains("phone_number");
    valid.as_object_mut().unwrap().retain(|name, _| match name.as_str() {
        "phone_number" => has_number,
        name => !members.contains(&format!("\"{name}\"")),
    });
    let valid = valid.to_string();
    let separator = if members.is_empty() { "" } else { "," };
    format!("{}{separator}{members}}}", &valid[..valid.len() - 1])
}

/// The code, name and description of each field; the codes are told apart by the words of each.
#[track_caller]
fn assert_fields(refused: &Value, expected: &[Field<'_>], what: &str) {
    let field = |(_, name, description): &Field<'_>| json!({"name": name, "description": description});
    assert_eq!(refused["fields"], expected.iter().map(field).collect::<Value>(), "{what}");
    let mut codes: Vec<&str> = expected.iter().map(|(code, ..)| *code).collect();
    codes.dedup();
    assert_eq!(refused["errors"], json!(codes), "{what}");
    assert_eq!(refused.get("_links"), None, "{what}");
}

async fn assert_rows(rows: Vec<(String, Vec<Field<'_>>)>) {
    let table = Table::new().await;
    let records: Vec<String> = rows.iter().map(|(record, _)| record.clone()).collect();
    let response = Function::new(&table).post_texts(NOTHING, &records).await;
    for ((record, expected), refused) in rows.iter().zip(response.records()) {
        assert_fields(refused, expected, &format!("{record:.200}"));
    }
    assert_eq!(table.items().await, []);
}

#[tokio::test]
async fn a_number_that_breaks_its_rule_is_named() {
    assert_rows(NUMBERS.iter().map(|(members, fields)| (text(members), fields.to_vec())).collect()).await;
}

#[tokio::test]
async fn a_member_that_breaks_its_rule_is_named() {
    let long = "x".repeat(81);
    let mut rows: Vec<_> = TEXTS.iter().map(|(members, fields)| (text(members), fields.to_vec())).collect();
    rows.push((text(&format!(r#""first_name":"{long}""#)), vec![("FIRST_NAME_INVALID", "first_name", NAME_TOO_LONG)]));
    rows.push((text(&format!(r#""last_name":"{long}""#)), vec![("LAST_NAME_INVALID", "last_name", NAME_TOO_LONG)]));
    rows.push(("[]".to_owned(), vec![(OTHER, "record", NOT_AN_OBJECT)]));
    rows.push(("null".to_owned(), vec![(OTHER, "record", NOT_AN_OBJECT)]));
    assert_rows(rows).await;
}

#[tokio::test]
async fn the_place_in_extra_data_that_cannot_be_stored_is_named() {
    let of = |extra_data: &str| text(&format!(r#""extra_data":{extra_data}"#));
    let mut rows: Vec<_> = EXTRA.iter().map(|(extra_data, fields)| (of(extra_data), fields.to_vec())).collect();
    let deep = format!("{}1{}", r#"{"a":"#.repeat(32), "}".repeat(32));
    let path = format!("extra_data{}", ".a".repeat(32));
    rows.push((of(&deep), vec![(OTHER, &path, TOO_DEEP)]));
    rows.push((of(&format!(r#"{{"{}":1}}"#, "a".repeat(65_536))), vec![(OTHER, "extra_data", LONG_NAME)]));
    rows.push((of(&format!(r#"{{"a":"{}"}}"#, "x".repeat(409_600))), vec![(OTHER, "extra_data", TOO_LARGE)]));
    rows.push((
        text(&format!(r#""external_id":"{}","extra_data":{{"a":"{}"}}"#, "x".repeat(300_000), "x".repeat(200_000))),
        vec![(OTHER, "external_id", TOO_LARGE)],
    ));
    assert_rows(rows).await;
}

#[tokio::test]
async fn a_list_that_requires_the_reference_names_each_half_that_is_absent() {
    let table = Table::new().await;
    let records = [
        text(r#""sync_external_id":true"#),
        text(r#""external_id":"\u200b","external_provider":"crm""#),
        text(r#""external_id":"1","external_provider":null"#),
        text(r#""external_id":5"#),
    ];
    let response = Function::new(&table).post_texts(EXTERNAL, &records).await;
    let (provider, id) = ((REFERENCE, "external_provider", LIST_REQUIRES), (REFERENCE, "external_id", LIST_REQUIRES));
    let expected =
        [vec![provider, id], vec![id], vec![provider], vec![provider, (OTHER, "external_id", REFERENCE_NOT_TEXT)]];
    for (refused, expected) in response.records().iter().zip(&expected) {
        assert_fields(refused, expected, &refused.to_string());
    }
}

#[tokio::test]
async fn what_spreadsheets_send_for_an_empty_cell_counts_as_absent() {
    let table = Table::new().await;
    let members = r#""external_url":" ","external_provider":"","external_id":"\u200b","phone_number":"+12025550143""#;
    let response = Function::new(&table).post_texts(NOTHING, &[text(members)]).await;
    assert_eq!(response.summary(), [CREATED]);
    for member in ["external_url", "external_provider", "external_id"] {
        assert_eq!(response.records()[0].get(member), None, "{member}");
        assert!(!table.records().await.values().any(|record| record.contains_key(member)), "{member}");
    }
}

#[tokio::test]
async fn a_number_is_stored_without_what_nobody_sees_or_dials() {
    let table = [
        ("+33\u{202f}6\u{2009}12\u{2007}34\u{3000}56 78", "+33612345678"),
        ("\u{202a}+33612345678\u{202c}", "+33612345678"),
        ("+33\u{200b}6\u{ad}12345678\u{feff}\u{fe0f}", "+33612345678"),
        ("+1\u{2212}202\u{2013}555\u{2014}0143", "+12025550143"),
        ("(+44)121 496 0123", "+441214960123"),
        ("\t+44 121 496 0123", "+441214960123"),
    ];
    let records = table.map(|(sent, _)| {
        let mut record = record(1);
        record["phone_numbers"][0]["phone_number"] = json!(sent);
        record
    });
    let response = Function::new(&Table::new().await).post(NOTHING, &records).await;
    for ((sent, stored), record) in table.iter().zip(response.records()) {
        assert_eq!(record["phone_number"], *stored, "{sent:?}");
        assert_eq!(record["phone_numbers"][0]["phone_number"], *stored, "{sent:?}");
    }
}

#[tokio::test]
async fn at_most_20_fields_are_named_and_each_code_has_one() {
    let entries = vec!["{}"; 100].join(",");
    let members = format!(r#""phone_numbers":[{entries}],"first_name":"","priority":0,"extra_data":{{"":1}}"#);
    let response = Function::new(&Table::new().await).post_texts(NOTHING, &[text(&members)]).await;
    let refused = &response.records()[0];
    let names: Vec<&str> = refused["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    let types = (0..16).map(|index| format!("phone_numbers[{index}].phone_type"));
    let others = ["phone_numbers[0].phone_number", "first_name", "priority", "extra_data"].map(str::to_owned);
    assert_eq!(names, types.chain(others).collect::<Vec<_>>());
}
