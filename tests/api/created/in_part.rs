//! Batches with some valid records: the created records, and the errors of the others, word for word.

use serde_json::{Value, json};

use super::words::{
    EXTRA_DATA, LIST_REQUIRES, NAME_BLANK, NAME_MISSING, NAME_NOT_TEXT, NAME_TOO_LONG, NOT_AN_OBJECT, NUMBER_BLANK,
    NUMBER_COUNTRY, NUMBER_IN_REQUEST, NUMBER_NO_PLUS, NUMBER_NOT_TEXT, NUMBERS_EMPTY, NUMBERS_MISSING, NUMBERS_SHAPE,
    PRIORITY, RANGE, REFERENCE_IN_REQUEST, REFERENCE_NOT_TEXT, SYNC, SYNC_REQUIRES, TIMEZONE_BLANK, TIMEZONE_NOT_TEXT,
    TIMEZONE_UNMATCHED, TYPE_REPEATED, TYPE_UNKNOWN, URL,
};
use super::{body, created, with_placeholders};
use crate::support::{
    API, EXTERNAL, Function, NUMBER_TAKEN, OTHER, PHONE_NUMBER, REFERENCE_TAKEN, Table, event, sent_records,
};

/// A refusal of a record.
struct Refusal {
    /// Its codes.
    codes: &'static str,
    /// The members that are not echoed, since their JSON type is not the schema's.
    left_out: &'static [&'static str],
    /// Its `fields`: name and description.
    fields: &'static [Field],
    /// The record of the same request that holds its identifier.
    existing: Option<usize>,
}

/// A field: its name and its description.
type Field = (&'static str, &'static str);

/// The outcome of a record.
enum Outcome {
    Created,
    Refused(Refusal),
}

use Outcome::{Created, Refused};

const fn refusal(codes: &'static str, fields: &'static [Field]) -> Outcome {
    Refused(Refusal { codes, left_out: &[], fields, existing: None })
}

/// The same, without echoing the members `left_out`.
const fn partly(left_out: &'static [&'static str], codes: &'static str, fields: &'static [Field]) -> Outcome {
    Refused(Refusal { codes, left_out, fields, existing: None })
}

/// The identifier at `name` is also that of the record `existing` of the request.
const fn taken(existing: usize, codes: &'static str, field: &'static [Field]) -> Outcome {
    Refused(Refusal { codes, left_out: &[], fields: field, existing: Some(existing) })
}

/// A refused record: the members that were `sent`, and its errors.
fn refused(sent: &Value, list: &str, refusal: &Refusal) -> Value {
    let mut record = if sent.is_object() { sent.clone() } else { json!({}) };
    record.as_object_mut().unwrap().retain(|name, _| !refusal.left_out.contains(&name.as_str()));
    record["errors"] = refusal.codes.split(' ').collect();
    let field = |(name, description): &(&str, &str)| json!({"name": name, "description": description});
    record["fields"] = refusal.fields.iter().map(field).collect();
    if let Some(index) = refusal.existing {
        let href = format!("{API}/record-lists/{list}/records/<id {index}>");
        record["_links"] = json!({"existing_record": {"href": href}});
    }
    record
}

/// The outcomes of the records of `events/201-in-part.json`.
const IN_PART: [Outcome; 26] = [
    Created,
    refusal("PHONE_NUMBER_INVALID", &[("phone_numbers[0].phone_number", NUMBER_NO_PLUS)]),
    refusal("PHONE_NUMBER_INVALID", &[("phone_numbers[0].phone_type", TYPE_UNKNOWN)]),
    refusal("PHONE_NUMBER_INVALID", &[("phone_numbers[1].phone_type", TYPE_REPEATED)]),
    partly(&["phone_numbers"], "PHONE_NUMBER_INVALID", &[("phone_numbers", NUMBERS_SHAPE)]),
    refusal("PHONE_NUMBER_MISSING", &[("phone_numbers", NUMBERS_MISSING)]),
    refusal("PHONE_NUMBER_MISSING", &[("phone_numbers", NUMBERS_EMPTY)]),
    refusal("PHONE_NUMBER_MISSING", &[("phone_numbers[1].phone_number", NUMBER_BLANK)]),
    partly(
        &["first_name"],
        "FIRST_NAME_INVALID LAST_NAME_INVALID",
        &[("first_name", NAME_NOT_TEXT), ("last_name", NAME_TOO_LONG)],
    ),
    refusal("FIRST_NAME_MISSING LAST_NAME_MISSING", &[("first_name", NAME_MISSING), ("last_name", NAME_BLANK)]),
    partly(&["timezone"], "TIMEZONE_INVALID", &[("timezone", TIMEZONE_NOT_TEXT)]),
    refusal("TIMEZONE_MISSING", &[("timezone", TIMEZONE_BLANK)]),
    refusal("TIMEZONE_UNMATCHED", &[("timezone", TIMEZONE_UNMATCHED)]),
    refusal("PRIORITY_INVALID", &[("priority", PRIORITY)]),
    partly(&["priority"], "PRIORITY_INVALID", &[("priority", PRIORITY)]),
    refusal("EXTERNAL_REF_MISSING", &[("external_id", LIST_REQUIRES)]),
    refusal("EXTERNAL_REF_MISSING", &[("external_provider", LIST_REQUIRES)]),
    taken(0, REFERENCE_TAKEN, &[("external_id", REFERENCE_IN_REQUEST)]),
    Created,
    refusal(OTHER, &[("record", NOT_AN_OBJECT)]),
    refusal(OTHER, &[("extra_data.lifetime_value", RANGE)]),
    refusal(OTHER, &[("external_url", URL)]),
    partly(&["sync_external_id"], OTHER, &[("sync_external_id", SYNC)]),
    partly(&["extra_data"], OTHER, &[("extra_data", EXTRA_DATA)]),
    partly(
        &["first_name"],
        "PHONE_NUMBER_INVALID PHONE_NUMBER_MISSING FIRST_NAME_INVALID LAST_NAME_MISSING TIMEZONE_UNMATCHED \
         PRIORITY_INVALID EXTERNAL_REF_MISSING OTHER",
        &[
            ("phone_numbers[0].phone_number", NUMBER_COUNTRY),
            ("phone_numbers[1].phone_number", NUMBER_BLANK),
            ("first_name", NAME_NOT_TEXT),
            ("last_name", NAME_BLANK),
            ("timezone", TIMEZONE_UNMATCHED),
            ("priority", PRIORITY),
            ("external_id", LIST_REQUIRES),
            ("external_url", URL),
        ],
    ),
    Created,
];

/// The outcomes of the records of `events/201-in-part-phone-number-list.json`.
const IN_PART_PHONE_NUMBER_LIST: [Outcome; 11] = [
    Created,
    taken(0, NUMBER_TAKEN, &[("phone_numbers[0].phone_number", NUMBER_IN_REQUEST)]),
    refusal("LAST_NAME_MISSING", &[("last_name", NAME_MISSING)]),
    Created,
    Created,
    taken(4, NUMBER_TAKEN, &[("phone_numbers[1].phone_number", NUMBER_IN_REQUEST)]),
    Created,
    taken(4, NUMBER_TAKEN, &[("phone_number", NUMBER_IN_REQUEST)]),
    refusal("PRIORITY_INVALID", &[("priority", PRIORITY)]),
    refusal("EXTERNAL_REF_MISSING", &[("external_provider", SYNC_REQUIRES), ("external_id", SYNC_REQUIRES)]),
    Created,
];

/// The records of the response to those `sent`, by the outcome of each.
fn expected(sent: &[Value], list: &str, outcomes: &[Outcome]) -> Vec<Value> {
    assert_eq!(sent.len(), outcomes.len());
    let expected = |(index, (sent, outcome)): (usize, (&Value, &Outcome))| match outcome {
        Created => created(index, sent, list, API),
        Refused(refusal) => refused(sent, list, refusal),
    };
    sent.iter().zip(outcomes).enumerate().map(expected).collect()
}

#[tokio::test]
async fn a_batch_that_is_valid_in_part_is_created_in_part() {
    let table = Table::new().await;
    let event = event("201-in-part");
    let response = Function::new(&table).invoke(&event).await;
    let mut records = expected(&sent_records(&event), EXTERNAL, &IN_PART);
    records[18]["timezone"] = json!("GMT");
    records[18].as_object_mut().unwrap().remove("middle_name");
    records[25]["priority"] = json!(7);
    records[25].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(with_placeholders(&response), body(EXTERNAL, API, 23, &records));
    assert_eq!(table.items().await.len(), 3, "nothing of a refused record is stored");
}

#[tokio::test]
async fn a_list_of_unique_numbers_accepts_the_records_whose_numbers_are_free() {
    let table = Table::new().await;
    let event = event("201-in-part-phone-number-list");
    let response = Function::new(&table).invoke(&event).await;
    let records = expected(&sent_records(&event), PHONE_NUMBER, &IN_PART_PHONE_NUMBER_LIST);
    assert_eq!(with_placeholders(&response), body(PHONE_NUMBER, API, 6, &records));
    assert_eq!(table.records().await.len(), 5);
    assert_eq!(table.items().await.len(), 6, "the further number of one record has an item too");
}

#[tokio::test]
async fn a_refused_record_echoes_nothing_of_another_json_type() {
    let sent = json!({
        "phone_numbers": [{"phone_number": 1, "phone_type": "HOME"}],
        "phone_number": 1,
        "first_name": [],
        "last_name": {},
        "timezone": true,
        "priority": 1.5,
        "extra_data": "a",
        "external_provider": 1,
        "external_id": 1,
        "external_url": 1,
        "sync_external_id": 1,
    });
    let response = Function::new(&Table::new().await).post(EXTERNAL, &[sent]).await;
    let refusal = Refusal {
        codes: "PHONE_NUMBER_INVALID FIRST_NAME_INVALID LAST_NAME_INVALID TIMEZONE_INVALID PRIORITY_INVALID OTHER",
        left_out: &[],
        fields: &[
            ("phone_numbers[0].phone_number", NUMBER_NOT_TEXT),
            ("first_name", NAME_NOT_TEXT),
            ("last_name", NAME_NOT_TEXT),
            ("timezone", TIMEZONE_NOT_TEXT),
            ("priority", PRIORITY),
            ("extra_data", EXTRA_DATA),
            ("external_provider", REFERENCE_NOT_TEXT),
            ("external_id", REFERENCE_NOT_TEXT),
            ("external_url", URL),
            ("sync_external_id", SYNC),
        ],
        existing: None,
    };
    assert_eq!(response.records(), [refused(&json!({}), EXTERNAL, &refusal)]);
}
