//! A record refused as not unique: which of its identifiers another record has, and which record that is.

use aws_sdk_dynamodb::types::AttributeValue::{L, M, S};
use serde_json::{Value, json};
use uuid::Uuid;

use super::API;
use super::words::{NUMBER_IN_LIST, NUMBER_IN_REQUEST, NUMBER_LENGTH, REFERENCE_IN_LIST, REFERENCE_IN_REQUEST};
use crate::support::{
    ACCOUNT, CREATED, EXTERNAL, Function, Item, NUMBER_TAKEN, PHONE_NUMBER, REFERENCE_TAKEN, Response, Table, event,
    record, with_numbers,
};

/// The ID of the record at `index`.
fn id(response: &Response, index: usize) -> String {
    response.outcomes()[index].clone().expect("the record is created")
}

/// Fails if `refused` does not have this code and these fields alone, or does not link `existing`.
#[track_caller]
fn assert_taken(refused: &Value, code: &str, fields: &[(&str, &str)], list: &str, existing: &str) {
    let field = |(name, description): &(&str, &str)| json!({"name": name, "description": description});
    assert_eq!(refused["errors"], json!([code]), "{refused}");
    assert_eq!(refused["fields"], fields.iter().map(field).collect::<Value>(), "{refused}");
    let href = format!("{API}/record-lists/{list}/records/{existing}");
    assert_eq!(refused["_links"], json!({"existing_record": {"href": href}}), "{refused}");
}

#[tokio::test]
async fn a_reference_names_the_record_that_has_it() {
    let function = Function::new(&Table::new().await);
    let first = function.post(EXTERNAL, &[record(1), record(2), record(2)]).await;
    let again = [("external_id", REFERENCE_IN_REQUEST)];
    assert_taken(&first.records()[2], REFERENCE_TAKEN, &again, EXTERNAL, &id(&first, 1));
    let second = function.post(EXTERNAL, &[record(3), record(1)]).await;
    let in_list = [("external_id", REFERENCE_IN_LIST)];
    assert_taken(&second.records()[1], REFERENCE_TAKEN, &in_list, EXTERNAL, &id(&first, 0));
}

#[tokio::test]
async fn a_number_names_the_record_that_has_it_in_any_position() {
    let function = Function::new(&Table::new().await);
    let first = function.post(PHONE_NUMBER, &[with_numbers(&[1]), with_numbers(&[2, 3, 4])]).await;
    let second =
        [with_numbers(&[4]), with_numbers(&[9, 8, 7, 6, 5, 3]), with_numbers(&[2, 10, 1]), with_numbers(&[10])];
    let second = function.post(PHONE_NUMBER, &second).await;
    let table = [
        (0, vec![("phone_numbers[0].phone_number", NUMBER_IN_LIST)], 1),
        (1, vec![("phone_numbers[5].phone_number", NUMBER_IN_LIST)], 1),
        (
            2,
            vec![("phone_numbers[0].phone_number", NUMBER_IN_LIST), ("phone_numbers[2].phone_number", NUMBER_IN_LIST)],
            1,
        ),
    ];
    for (index, fields, existing) in table {
        assert_taken(&second.records()[index], NUMBER_TAKEN, &fields, PHONE_NUMBER, &id(&first, existing));
    }
    assert_eq!(second.summary()[3], CREATED, "a refused record holds on to none of its numbers");
}

#[tokio::test]
async fn a_number_of_an_earlier_record_of_the_request_is_told_from_one_of_the_list() {
    let function = Function::new(&Table::new().await);
    let first = function.post(PHONE_NUMBER, &[with_numbers(&[1, 2])]).await;
    let deprecated = json!({"phone_number": "+12025550002", "first_name": "Jane", "last_name": "Doe"});
    let batch = [with_numbers(&[3, 4]), with_numbers(&[5, 4]), with_numbers(&[6, 4, 2]), deprecated];
    let second = function.post(PHONE_NUMBER, &batch).await;
    let in_request = ("phone_numbers[1].phone_number", NUMBER_IN_REQUEST);
    assert_taken(&second.records()[1], NUMBER_TAKEN, &[in_request], PHONE_NUMBER, &id(&second, 0));
    let both = &second.records()[2];
    assert_eq!(both["errors"], json!([NUMBER_TAKEN]));
    let existing = both["_links"]["existing_record"]["href"].as_str().unwrap();
    assert!([id(&first, 0), id(&second, 0)].iter().any(|id| existing.ends_with(id)), "{both}");
    let named = ("phone_number", NUMBER_IN_LIST);
    assert_taken(&second.records()[3], NUMBER_TAKEN, &[named], PHONE_NUMBER, &id(&first, 0));
}

#[tokio::test]
async fn a_link_to_the_existing_record_can_be_followed() {
    let function = Function::new(&Table::new().await);
    let first = function.post(PHONE_NUMBER, &[with_numbers(&[1, 2])]).await;
    let second = function.post(PHONE_NUMBER, &[with_numbers(&[2])]).await;
    let href = second.records()[0]["_links"]["existing_record"]["href"].as_str().unwrap();
    let mut get = event("200-record");
    let path = href.strip_prefix(API).unwrap();
    get["path"] = json!(path);
    get["pathParameters"]["proxy"] = json!(path[1..]);
    get["requestContext"]["path"] = json!(format!("/prod{path}"));
    assert_eq!(function.invoke(&get).await.body, first.records()[0]);
}

/// The ID that a number takes in the list, as it is stored: never to be changed.
fn number_id(number: &str) -> String {
    let namespace = Uuid::from_u128(0x5d8c_35c1_7f0a_4b0e_9d35_86a5_57c2_0b5f);
    let name = json!([ACCOUNT, PHONE_NUMBER, "PHONE_NUMBER", number]).to_string();
    Uuid::new_v5(&namespace, name.as_bytes()).to_string()
}

/// The items of a record with `numbers`, as an earlier version stored them.
fn stored(numbers: &[&str]) -> Vec<Item> {
    let start = |id: &str| {
        let pk = format!("ACCOUNT#{ACCOUNT}#LIST#{PHONE_NUMBER}#{}", &id[..1]);
        let strings = [
            ("pk", pk),
            ("sk", format!("RECORD#{id}")),
            ("write_token", "4f0a5f0e-8d55-4f0e-8d55-2f4f4b0f7d11/0".to_owned()),
            ("created_at", "2026-01-02T03:04:05.678Z".to_owned()),
        ];
        strings.into_iter().map(|(name, value)| (name.to_owned(), S(value))).collect::<Item>()
    };
    let id = number_id(numbers[0]);
    let mut record = start(&id);
    let number = |number: &&str| {
        let members = [("phone_number", *number), ("phone_type", "MOBILE")];
        M(members.into_iter().map(|(name, value)| (name.to_owned(), S(value.to_owned()))).collect())
    };
    record.insert("phone_numbers".to_owned(), L(numbers.iter().map(number).collect()));
    let strings = [("id", id.as_str()), ("record_list_id", PHONE_NUMBER), ("first_name", "Joey"), ("last_name", "T")];
    record.extend(strings.map(|(name, value)| (name.to_owned(), S(value.to_owned()))));
    record.insert("updated_at".to_owned(), record["created_at"].clone());
    let aliases = numbers[1..].iter().map(|number| {
        let mut alias = start(&number_id(number));
        alias.insert("record_id".to_owned(), S(id.clone()));
        alias
    });
    std::iter::once(record).chain(aliases).collect()
}

#[tokio::test]
async fn a_stored_number_that_would_be_refused_today_is_still_a_records() {
    let table = Table::new().await;
    for item in stored(&["+4930", "+12025550001"]) {
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
    }
    let function = Function::new(&table);
    let today = json!({"phone_number": "+4930", "first_name": "Jane", "last_name": "Doe"});
    let response = function.post(PHONE_NUMBER, &[with_numbers(&[1]), today, with_numbers(&[2])]).await;
    let taken = ("phone_numbers[0].phone_number", NUMBER_IN_LIST);
    assert_taken(&response.records()[0], NUMBER_TAKEN, &[taken], PHONE_NUMBER, &number_id("+4930"));
    assert_eq!(response.records()[1]["errors"], json!(["PHONE_NUMBER_INVALID"]));
    assert_eq!(response.records()[1]["fields"], json!([{"name": "phone_number", "description": NUMBER_LENGTH}]));
    assert_eq!(response.summary()[2], CREATED);
    assert_eq!(table.items().await.len(), 3, "the record, its alias, and the new one");
}
