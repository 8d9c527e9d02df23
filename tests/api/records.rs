//! Records at the edge of what can be stored: which are created, which are refused, and how they are stored.

use aws_sdk_dynamodb::types::AttributeValue::{self, Bool, L, M, N, Null, S};
use serde_json::{Value, json};

use crate::support::{
    CREATED, EXTERNAL, Function, Item, Lambda, NOTHING, NUMBER_TAKEN, OTHER, PHONE_NUMBER, REFERENCE_TAKEN, Table,
    post_text, record, text, with_extra_data, with_numbers,
};

/// The largest item DynamoDB holds, in bytes.
const ITEM_BYTES: usize = 409_600;

/// The room that a new record leaves for its changes, in bytes.
const CHANGE_BYTES: usize = 256;

/// `extra_data` of so many levels; the number in the innermost object is the last.
fn nested(levels: usize) -> String {
    format!("{}1{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1))
}

/// Values of `extra_data` that DynamoDB cannot hold, by name.
fn unstorable() -> [(&'static str, String); 5] {
    [
        ("over 400 KB", format!(r#"{{"a":"{}"}}"#, "x".repeat(ITEM_BYTES))),
        ("40 levels", nested(40)),
        ("1e300", r#"{"a":1e300}"#.to_owned()),
        ("an empty key", r#"{"":1}"#.to_owned()),
        ("an empty key inside", r#"{"a":[{"b":{"":1}}]}"#.to_owned()),
    ]
}

#[tokio::test]
async fn what_dynamodb_cannot_hold_is_refused_alone() {
    for (name, extra_data) in unstorable() {
        let table = Table::new().await;
        let function = Function::new(&table);
        let batch = [record(1).to_string(), with_extra_data(&record(2), &extra_data), record(3).to_string()];
        let response = function.post_texts(NOTHING, &batch).await;
        assert_eq!(response.summary(), [CREATED, OTHER, CREATED], "{name}");
        assert_eq!(table.items().await.len(), 2, "{name}");
    }
}

#[tokio::test]
async fn what_dynamodb_cannot_hold_is_refused_alone_among_records_of_several_numbers() {
    for (name, extra_data) in unstorable() {
        let table = Table::new().await;
        let function = Function::new(&table);
        let bad = with_extra_data(&with_numbers(&[3, 4]), &extra_data);
        let batch = [with_numbers(&[1, 2]).to_string(), bad, with_numbers(&[4, 5]).to_string()];
        let response = function.post_texts(PHONE_NUMBER, &batch).await;
        assert_eq!(response.summary(), [CREATED, OTHER, CREATED], "{name}: it takes no number from its neighbour");
        assert_eq!(table.items().await.len(), 4, "{name}");
    }
}

/// `extra_data` of every JSON type, and of numbers that are large and small to DynamoDB, with `length` bytes of text.
fn filled(length: usize) -> String {
    let text = "é".repeat(length / 2) + &"x".repeat(length % 2);
    let numbers =
        "0,-0.0,7,-1.5,1000000,0.00001,12.345,1.2345e2,-12345678901234567890123456789012345678,9e125,-9.9e-120";
    let others = r#"[true, null, "", [], {}, {"a": [[]]}], "b": {"c": {"d": false}}"#;
    format!(r#"{{"text": "{text}", "numbers": [{numbers}], "ключ": {others}}}"#)
}

/// The longest text with which a record of an otherwise fixed size is created.
async fn longest_text(function: &Function) -> usize {
    let (mut created, mut refused) = (ITEM_BYTES - 4096, ITEM_BYTES);
    while refused - created > 1 {
        let middle = usize::midpoint(created, refused);
        let response = function.post_texts(NOTHING, &[with_extra_data(&record(1), &filled(middle))]).await;
        match response.summary()[0].as_str() {
            CREATED => created = middle,
            _ => refused = middle,
        }
    }
    created
}

#[tokio::test]
async fn the_largest_record_that_is_created_leaves_room_for_its_changes_and_no_more() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let longest = longest_text(&function).await;
    let batch = [longest, longest + 1].map(|length| with_extra_data(&record(1), &filled(length)));
    let response = function.post_texts(NOTHING, &batch).await;
    assert_eq!(response.summary(), [CREATED, OTHER]);

    let id = response.records()[0]["id"].as_str().unwrap();
    let mut item = table.records().await.remove(id).unwrap();
    let put = |item: &Item| table.client.put_item().table_name(&table.name).set_item(Some(item.clone())).send();
    put(&item).await.expect("DynamoDB takes this size");
    let first_name = text(&item, "first_name").to_owned();
    let longer = |bytes| S(format!("{first_name}{}", "x".repeat(bytes)));
    item.insert("first_name".to_owned(), longer(CHANGE_BYTES));
    put(&item).await.expect("there is room for what changes add");
    item.insert("first_name".to_owned(), longer(CHANGE_BYTES + 1));
    let error = put(&item).await.expect_err("DynamoDB takes no byte more");
    assert!(error.into_service_error().to_string().contains("Validation"), "DynamoDB says that it is too large");
}

/// The number of calls to DynamoDB for each of `records`, sent alone.
async fn calls(table: &Table, records: &[String]) -> Vec<Value> {
    let mut lambda = Lambda::start(table, &[]).await;
    for record in records {
        lambda.invoke(&post_text(NOTHING, &format!(r#"{{"records":[{record}]}}"#))).await;
    }
    let log = lambda.stop().await;
    log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["dynamoDBCalls"].clone()).collect()
}

#[tokio::test]
async fn only_what_dynamodb_can_hold_is_sent_to_it() {
    let table = Table::new().await;
    let longest = longest_text(&Function::new(&table)).await;
    let storable = [filled(longest), nested(32)].map(|extra_data| with_extra_data(&record(1), &extra_data));
    assert_eq!(calls(&table, &storable).await, [2, 1], "the list once, and each record");
    let unstorable = unstorable().map(|(_, extra_data)| extra_data).into_iter();
    let unstorable = unstorable.chain([filled(longest + 1), nested(33)]);
    let unstorable: Vec<String> = unstorable.map(|extra_data| with_extra_data(&record(1), &extra_data)).collect();
    assert_eq!(calls(&table, &unstorable).await, [1, 0, 0, 0, 0, 0, 0], "the list alone, once");
}

#[tokio::test]
async fn a_record_of_several_numbers_can_be_as_large_as_any() {
    let table = Table::new().await;
    let extra_data = filled(ITEM_BYTES - 4096);
    let batch = [with_numbers(&[1, 2]), with_numbers(&[3, 4]), with_numbers(&[5, 6]), with_numbers(&[7])];
    let batch = batch.map(|record| with_extra_data(&record, &extra_data));
    let response = Function::new(&table).post_texts(PHONE_NUMBER, &batch).await;
    assert_eq!(response.summary(), [CREATED; 4]);
    assert_eq!(table.items().await.len(), 7);
}

#[tokio::test]
async fn extra_data_is_returned_byte_for_byte_and_stored_as_the_same_value() {
    let sent = r##"{ "a.b": {"$ref": "#/x", "c d": ""}, "ключ": "é\u00e9\/\n😀", "名前":[ [1, [ ]], {} ,null, true,false],
        "id": 12345678901234567890, "pi": 3.10, "big": 1E3, "minus":-0.5, "none":null, "'?\"": "'; --" }"##;
    let map = |members: Vec<(&str, AttributeValue)>| {
        M(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let (text, number) = (|text: &str| S(text.to_owned()), |number: &str| N(number.to_owned()));
    let list = vec![L(vec![number("1"), L(vec![])]), map(vec![]), Null(true), Bool(true), Bool(false)];
    let stored = map(vec![
        ("a.b", map(vec![("$ref", text("#/x")), ("c d", text(""))])),
        ("ключ", text("éé/\n😀")),
        ("名前", L(list)),
        ("id", number("12345678901234567890")),
        ("pi", number("3.1")),
        ("big", number("1000")),
        ("minus", number("-0.5")),
        ("none", Null(true)),
        ("'?\"", text("'; --")),
    ]);
    let table = Table::new().await;
    let response = Function::new(&table).post_texts(NOTHING, &[with_extra_data(&record(1), sent)]).await;
    assert_eq!(response.summary(), [CREATED]);
    assert!(response.text.contains(&format!(r#""extra_data":{sent},"#)), "{}", response.text);
    let records = table.records().await;
    assert_eq!(records.values().next().unwrap()["extra_data"], stored);
}

#[tokio::test]
async fn extra_data_of_all_32_levels_is_stored() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let batch = [32, 33].map(|levels| with_extra_data(&record(levels), &nested(levels)));
    let response = function.post_texts(NOTHING, &batch).await;
    assert_eq!(response.summary(), [CREATED, OTHER]);
    let several = with_extra_data(&with_numbers(&[1, 2]), &nested(32));
    assert_eq!(function.post_texts(PHONE_NUMBER, &[several]).await.summary(), [CREATED]);
    let records = table.records().await;
    let depth =
        |record: &Item| std::iter::successors(record.get("extra_data"), |value| value.as_m().ok()?.get("a")).count();
    assert_eq!(records.values().map(depth).collect::<Vec<_>>(), [32, 32]);
}

#[tokio::test]
async fn text_is_stored_as_it_was_sent() {
    let table = Table::new().await;
    let mut sent = record(1);
    sent["first_name"] = json!("😀".repeat(80));
    sent["last_name"] = json!(" d'Oe\u{301}\t\u{0} ");
    sent["external_id"] = json!("\"; DROP TABLE 'records");
    let response = Function::new(&table).post(EXTERNAL, &[sent.clone()]).await;
    let records = table.records().await;
    let stored = &records[response.records()[0]["id"].as_str().unwrap()];
    for member in ["first_name", "last_name", "external_id"] {
        assert_eq!(response.records()[0][member], sent[member], "{member}");
        assert_eq!(text(stored, member), sent[member], "{member}");
    }
}

#[tokio::test]
async fn an_integer_and_a_time_zone_are_stored_in_their_canonical_spelling() {
    let table = Table::new().await;
    let timezones = [("gmt", "GMT"), ("EUROPE/LISBON", "Europe/Lisbon"), ("us/eastern", "US/Eastern")];
    let batch = timezones.map(|(sent, _)| {
        let mut record = record(1);
        record["timezone"] = json!(sent);
        record.to_string().replace(r#""priority":5"#, r#""priority":70e-1"#)
    });
    let response = Function::new(&table).post_texts(NOTHING, &batch).await;
    let records = table.records().await;
    for (record, (_, canonical)) in response.records().iter().zip(timezones) {
        assert_eq!((&record["timezone"], &record["priority"]), (&json!(canonical), &json!(7)));
        let stored = &records[record["id"].as_str().unwrap()];
        assert_eq!((text(stored, "timezone"), &stored["priority"]), (canonical, &N("7".to_owned())));
    }
}

#[tokio::test]
async fn an_invalid_record_makes_no_later_one_a_duplicate() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let mut bad = record(1);
    bad["first_name"] = json!(" ");
    let large = with_extra_data(&record(1), &unstorable()[0].1);
    let batch = [bad.to_string(), large, record(1).to_string(), record(1).to_string()];
    for (list, taken) in [(EXTERNAL, REFERENCE_TAKEN), (PHONE_NUMBER, NUMBER_TAKEN)] {
        let response = function.post_texts(list, &batch).await;
        assert_eq!(response.summary(), ["FIRST_NAME_MISSING", OTHER, CREATED, taken]);
    }
    assert_eq!(table.items().await.len(), 2);
}

#[tokio::test]
async fn a_record_with_several_faults_has_no_error_of_uniqueness() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(EXTERNAL, &[record(1)]).await;
    let mut taken = record(1);
    taken["priority"] = json!(0);
    assert_eq!(function.post(EXTERNAL, &[taken]).await.summary(), ["PRIORITY_INVALID"]);
}
