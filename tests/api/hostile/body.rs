//! Any body: bytes, JSON, and batches that were changed or damaged.

use std::cell::Cell;
use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine};
use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::for_any;
use crate::support::{EXTERNAL, Function, NOTHING, PHONE_NUMBER, Property, Response, Table, event, post_text, record};

/// A body, shown as text if a test fails.
#[derive(Clone)]
struct Body(Vec<u8>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2000}", String::from_utf8_lossy(&self.0))
    }
}

/// Posts the bodies that `bodies` makes, each to one of the lists. The harness holds every response against
/// `openapi.yaml`; here it is held against what was sent, and in the end against what is stored. How many records were
/// created.
fn assert_any_body_is_handled(bodies: impl Strategy<Value = Vec<u8>>) -> usize {
    let property = Property::new();
    let table = property.block_on(Table::new());
    let function = Function::new(&table);
    let created = Cell::new(0);
    let lists = select(&[EXTERNAL, PHONE_NUMBER, NOTHING][..]);
    property.assert_holds((lists, bodies.prop_map(Body)), async |(list, Body(body))| {
        let mut event = post_text(list, &BASE64_STANDARD.encode(&body));
        event["isBase64Encoded"] = json!(true);
        let response = function.invoke(&event).await;
        created.set(created.get() + check_response(&body, &response));
    });
    assert_eq!(property.block_on(table.records()).len(), created.get(), "what is created is stored, and nothing else");
    created.get()
}

/// Fails if `response` does not fit `body`. Returns how many records it created.
fn check_response(body: &[u8], response: &Response) -> usize {
    assert!(!response.status.is_server_error(), "{response:?}");
    if response.status != StatusCode::CREATED {
        return 0;
    }
    let sent: Value = serde_json::from_slice(body).unwrap_or_default();
    let total = |member: &str| usize::try_from(response.body[member].as_u64().unwrap()).unwrap();
    let outcomes = response.outcomes();
    assert_eq!(total("total_created"), outcomes.iter().filter(|outcome| outcome.is_ok()).count());
    assert_eq!(total("total_created") + total("total_errors"), outcomes.len());
    // What `serde_json` nests too deep for its own `Value` is left to the count.
    let sent = sent["records"].as_array().cloned().unwrap_or_default();
    assert!(sent.is_empty() || sent.len() == outcomes.len(), "{} sent: {response:?}", sent.len());
    for (sent, returned) in sent.iter().zip(response.records()) {
        let same = |member: &str| returned.get(member).is_none_or(|echoed| *echoed == sent[member]);
        assert!(["first_name", "last_name", "external_id", "external_url", "extra_data"].into_iter().all(same));
    }
    response.records().iter().filter(|record| record.get("errors").is_some()).for_each(check_fields);
    total("total_created")
}

/// A record is never refused without a reason here: at least one field for each code, at most twenty.
fn check_fields(refused: &Value) {
    let (codes, fields) = (refused["errors"].as_array().unwrap(), refused["fields"].as_array().unwrap());
    assert!((codes.len()..=20).contains(&fields.len()), "{refused}");
    assert!(fields.iter().all(|field| field["name"].as_str().unwrap().len() <= 200), "{refused}");
}

/// Values at the edge of a rule.
const ODD: [&str; 27] = [
    "null",
    "true",
    "0",
    "-0",
    "-0.0e999",
    "1e400",
    "1e300",
    "1E-131",
    "7.0",
    "70e-1",
    "12345678901234567890",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u00e9\"",
    "\"+12025550143\"",
    "\"MOBILE\"",
    "\"GMT\"",
    "\"http:///crm\"",
    "\"https://[::1]:99999/\"",
    "\"HTTP://é.example\"",
    "{}",
    "[]",
    "[[]]",
    "\"$ref\"",
];

/// Values in JSON's text, which says more than a parsed value: numbers of any length, halves of characters.
pub fn leaf() -> BoxedStrategy<String> {
    prop_oneof![
        4 => select(&ODD[..]).prop_map(str::to_owned),
        2 => any::<String>().prop_map(|text| json!(text).to_string()),
        1 => any::<f64>().prop_map(|number| json!(number).to_string()),
        1 => any::<i128>().prop_map(|number| number.to_string()),
    ]
    .boxed()
}

/// Any JSON text.
pub fn value() -> BoxedStrategy<String> {
    let name = prop_oneof![select(&MEMBERS[..]).prop_map(str::to_owned), any::<String>()];
    let nested = leaf().prop_recursive(4, 24, 4, move |inner| {
        let member = (name.clone(), inner.clone()).prop_map(|(name, value)| format!("{}:{value}", json!(name)));
        prop_oneof![
            vec(inner, 0..4).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec(member, 0..4).prop_map(|members| format!("{{{}}}", members.join(", "))),
        ]
    });
    let deep = (1..3000_usize).prop_map(|levels| format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
    let deep_map = (1..300_usize).prop_map(|levels| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels)));
    let huge = (1..500_000_usize).prop_map(|length| json!("ä".repeat(length)).to_string());
    prop_oneof![40 => nested, 1 => deep, 2 => deep_map, 1 => huge].boxed()
}

/// The members of a record, of its parts, and of the bodies around it.
const MEMBERS: [&str; 14] = [
    "phone_numbers",
    "phone_number",
    "phone_type",
    "first_name",
    "last_name",
    "timezone",
    "priority",
    "extra_data",
    "external_provider",
    "external_id",
    "external_url",
    "sync_external_id",
    "records",
    "id",
];

/// A change of a record: a member and its new value.
#[derive(Debug, Clone)]
enum Change {
    Remove(&'static str),
    Repeat(&'static str),
    Replace(&'static str, String),
    AddNumber(String),
}

fn change() -> impl Strategy<Value = Change> {
    let member = || select(&MEMBERS[..]);
    prop_oneof![
        1 => member().prop_map(Change::Remove),
        1 => member().prop_map(Change::Repeat),
        6 => (member(), value()).prop_map(|(member, value)| Change::Replace(member, value)),
        2 => value().prop_map(Change::AddNumber),
    ]
}

/// A record as its members' names and texts.
type Members = Vec<(String, String)>;

fn apply(members: &mut Members, change: &Change) {
    let place = |members: &Members, name: &str| members.iter().position(|(other, _)| other == name);
    match change {
        Change::Remove(name) => members.retain(|(other, _)| other != name),
        Change::Repeat(name) => members.extend(place(members, name).map(|place| members[place].clone())),
        Change::Replace(name, value) => {
            members.retain(|(other, _)| other != name);
            members.push(((*name).to_owned(), value.clone()));
        }
        Change::AddNumber(value) => {
            let added =
                format!(r#"[{{"phone_number":"+12025550199","phone_type":"HOME"}},{{"phone_number":{value}}}]"#);
            apply(members, &Change::Replace("phone_numbers", added));
        }
    }
}

/// A valid batch of up to ten records of ever the same few references and numbers, changed here and there.
fn changed_batch() -> impl Strategy<Value = Vec<u8>> {
    let members = |number: usize| -> Members {
        record(number).as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
    };
    let changes = vec((any::<Index>(), change()), 0..6);
    (vec((0..20_usize).prop_map(members), 1..10), changes).prop_map(|(mut records, changes)| {
        for (index, change) in &changes {
            apply(index.get_mut(&mut records), change);
        }
        let text = |(name, value): &(String, String)| format!("{}:{value}", json!(name));
        let record = |members: &Members| format!("{{{}}}", members.iter().map(text).collect::<Vec<_>>().join(","));
        let records: Vec<String> = records.iter().map(record).collect();
        format!(r#"{{"records":[{}]}}"#, records.join(",")).into_bytes()
    })
}

#[test]
fn any_bytes_get_a_response() {
    assert_any_body_is_handled(vec(any::<u8>(), 0..500));
}

#[test]
fn any_json_gets_a_response() {
    let records = vec(value(), 0..5).prop_map(|records| format!(r#"{{"records":[{}]}}"#, records.join(",")));
    let around = value().prop_map(|value| format!(r#"{{"records":{value}}}"#));
    let body = prop_oneof![1 => value(), 1 => around, 6 => records].prop_map(String::into_bytes);
    assert_any_body_is_handled(body);
}

#[test]
fn a_valid_batch_changed_in_any_way_gets_a_response() {
    assert!(assert_any_body_is_handled(changed_batch()) > 100, "most records are valid");
}

#[test]
fn a_body_cut_off_or_with_a_byte_changed_gets_a_response() {
    let damaged = (changed_batch(), any::<Index>(), any::<u8>(), any::<bool>());
    let damaged = damaged.prop_map(|(mut body, place, byte, cut)| {
        let place = place.index(body.len());
        body[place] = byte;
        if cut {
            body.truncate(place);
        }
        body
    });
    assert_any_body_is_handled(damaged);
}

/// Entries of a deletion: some identify a record, most do not.
fn entries() -> impl Strategy<Value = Vec<u8>> {
    const MEMBERS: [&str; 4] = ["id", "phone_number", "external_provider", "external_id"];
    let member = (select(&MEMBERS[..]), leaf()).prop_map(|(name, value)| format!("{}:{value}", json!(name)));
    let entry = prop_oneof![
        4 => vec(member, 0..3).prop_map(|members| format!("{{{}}}", members.join(","))),
        1 => value(),
    ];
    vec(entry, 0..5).prop_map(|entries| format!("[{}]", entries.join(",")).into_bytes())
}

#[test]
fn any_body_of_the_other_operations_gets_a_response() {
    let bodies = prop_oneof![vec(any::<u8>(), 0..200), value().prop_map(String::into_bytes), entries()];
    let events = select(&["201-record-list", "200-delete-records", "200-delete-records-by-reference"][..]);
    for_any((events, bodies.prop_map(Body)), async |function, (name, Body(body))| {
        let mut event = event(name);
        event["body"] = json!(BASE64_STANDARD.encode(&body));
        event["isBase64Encoded"] = json!(true);
        let response = function.invoke(&event).await;
        assert!(!response.status.is_server_error(), "{response:?}");
        if let Some(failed) = response.body["_embedded"]["failed_records"].as_array() {
            let sent: Vec<Value> = serde_json::from_slice(&body).unwrap_or_default();
            assert!(sent.is_empty() || sent.len() == failed.len(), "nothing is there to delete: {response:?}");
        }
    });
}
