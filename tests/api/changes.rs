//! The stream of the table: the filter of `docs/changes.md` passes records and nothing else that is stored.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, StreamSpecification, StreamViewType};
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use local::dynamodb;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{ACCOUNT, EXTERNAL, Function, PHONE_NUMBER, link, record, request, with_numbers};

const TABLE: &str = "records";

/// The embedded engine's table with its stream turned on, and the function on it.
struct Streamed {
    database: Database,
    client: Client,
    function: Function,
}

impl Streamed {
    async fn new() -> Self {
        let database = Database::memory().expect("a database in memory can be opened");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let endpoint = dynamodb::serve(listener, database.clone()).expect("the listener is bound");
        dynamodb::set_up(&endpoint, TABLE).await;
        let client = Client::new(&dynamodb::config(&endpoint));
        let stream = StreamSpecification::builder().stream_enabled(true);
        let stream = stream.stream_view_type(StreamViewType::NewAndOldImages).build().expect("it is complete");
        client.update_table().table_name(TABLE).stream_specification(stream).send().await.expect("it is turned on");
        Self { database, client, function: Function::at(&endpoint, TABLE) }
    }

    /// Every event since the stream was turned on.
    fn events(&self) -> Vec<Value> {
        let streams = self.database.list_streams(ListStreamsRequest::default()).unwrap().streams;
        let stream_arn = streams[0].stream_arn.clone();
        let describe = DescribeStreamRequest { stream_arn: stream_arn.clone(), ..Default::default() };
        let shards = self.database.describe_stream(describe).unwrap().stream_description.shards;
        let iterator = GetShardIteratorRequest {
            stream_arn,
            shard_id: shards[0].shard_id.clone(),
            shard_iterator_type: "TRIM_HORIZON".to_owned(),
            sequence_number: None,
        };
        let shard_iterator = self.database.get_shard_iterator(iterator).unwrap().shard_iterator.expect("there is one");
        let records = self.database.get_records(GetRecordsRequest { shard_iterator, limit: None }).unwrap().records;
        records.iter().map(|record| serde_json::to_value(record).unwrap()).collect()
    }

    /// The items that deleting a list leaves: the list's own, without name and type, and a row of the deletions.
    async fn delete_list(&self, id: &str) {
        let (pk, sk) = (AttributeValue::S(format!("ACCOUNT#{ACCOUNT}")), AttributeValue::S(format!("LIST#{id}")));
        let update = self.client.update_item().table_name(TABLE).key("pk", pk).key("sk", sk.clone());
        let update = update.update_expression("REMOVE #name, unique_identifier_type");
        update.expression_attribute_names("#name", "name").send().await.expect("the list is marked");
        let row = self.client.put_item().table_name(TABLE).item("pk", AttributeValue::S("DELETIONS".to_owned()));
        row.item("sk", sk).send().await.expect("the row is stored");
    }
}

#[tokio::test]
async fn the_documented_filter_passes_records_and_nothing_else() {
    let streamed = Streamed::new().await;
    let list = streamed.function.invoke(&request("POST", "/record-lists", Some(&json!({"name": "Leads"})))).await;
    let deleted = streamed.function.create(PHONE_NUMBER, &with_numbers(&[1, 2, 3])).await;
    streamed.function.create(EXTERNAL, &record(2)).await;
    streamed.function.delete(link(&deleted, "self")).await;
    streamed.delete_list(list.body["id"].as_str().expect("the list has an ID")).await;
    let mut seen: BTreeMap<(&str, &str, bool), usize> = BTreeMap::new();
    let (events, filters) = (streamed.events(), filters());
    for event in &events {
        let passes = filters.iter().any(|filter| matches(filter, event));
        *seen.entry((event["eventName"].as_str().unwrap(), kind(event), passes)).or_default() += 1;
    }
    let expected = [
        (("INSERT", "alias", false), 2),
        (("INSERT", "deletion", false), 1),
        (("INSERT", "list", false), 1),
        (("INSERT", "record", true), 2),
        (("MODIFY", "list", false), 1),
        (("REMOVE", "alias", false), 2),
        (("REMOVE", "record", true), 1),
    ];
    assert_eq!(seen, BTreeMap::from(expected));
}

/// The kind of item that an event is about, by its key and its attributes.
fn kind(event: &Value) -> &'static str {
    let event = &event["dynamodb"];
    let image = event.get("NewImage").unwrap_or(&event["OldImage"]);
    match event["Keys"]["sk"]["S"].as_str().expect("every item has a sort key") {
        _ if event["Keys"]["pk"]["S"] == "DELETIONS" => "deletion",
        sk if sk.starts_with("LIST#") => "list",
        sk if sk.starts_with("RECORD#") && image.get("record_id").is_some() => "alias",
        sk if sk.starts_with("RECORD#") => "record",
        sk => panic!("{sk} is in no kind of item"),
    }
}

/// The patterns of `docs/changes.md`.
fn filters() -> Vec<Value> {
    let page = include_str!("../../docs/changes.md");
    let (_, rest) = page.split_once("<!-- filter").expect("the page has a filter");
    let (_, rest) = rest.split_once("```json\n").expect("the filter is JSON");
    let (filter, _) = rest.split_once("```").expect("the filter ends");
    let filter: Value = serde_json::from_str(filter).expect("the filter is JSON");
    filter["Filters"].as_array().expect("there are patterns").iter().map(|filter| filter["Pattern"].clone()).collect()
}

/// Whether `event` matches `pattern` by the rules of `EventBridge`, as far as the page uses them: an object's members must all
/// match, and one of an array's conditions.
fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, pattern)| matches(pattern, &event[name])),
        Value::Array(conditions) => conditions.iter().any(|condition| holds(condition, event)),
        other => panic!("{other} is no pattern"),
    }
}

fn holds(condition: &Value, value: &Value) -> bool {
    if let Some(exists) = condition.get("exists") {
        return exists == &json!(!value.is_null());
    }
    if let Some(prefix) = condition.get("prefix") {
        return value.as_str().is_some_and(|text| text.starts_with(prefix.as_str().expect("a prefix is text")));
    }
    assert!(condition.is_string(), "{condition} is a condition that this test does not know");
    condition == value
}
