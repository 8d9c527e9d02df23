//! A record to which an operator gave an attribute that JSON has no counterpart of: it is not changed.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use http::StatusCode;
use serde_json::json;

use crate::support::{EXTERNAL, Function, Item, Table, record_of, records};

fn set() -> AttributeValue {
    AttributeValue::Ss(vec!["a".to_owned(), "b".to_owned()])
}

async fn put_attribute(table: &Table, id: &str, name: &str, value: AttributeValue) {
    let of_record = |item: &Item| item.get("id") == Some(&AttributeValue::S(id.to_owned()));
    let mut item = table.items().await.into_iter().find(of_record).expect("the record is stored");
    item.insert(name.to_owned(), value);
    table.put(item).await;
}

#[tokio::test]
async fn a_record_with_a_set_is_left_as_it_is_and_its_neighbours_are_changed() {
    let nested =
        AttributeValue::M(HashMap::from([("a".to_owned(), set()), ("b".to_owned(), AttributeValue::Bool(true))]));
    for (name, value) in [("tags", set()), ("first_name", set()), ("extra_data", nested)] {
        let table = Table::new().await;
        let function = Function::new(&table);
        let created = function.post(EXTERNAL, &records(2)).await;
        let ids: Vec<&str> = created.records().iter().map(|record| record["id"].as_str().unwrap()).collect();
        put_attribute(&table, ids[0], name, value).await;
        let before = table.records().await;
        let patch = |id: &str| json!({"id": id, "last_name": "Green", "extra_data": {"c": 1}});
        let response = function.patch_all(EXTERNAL, &[patch(ids[0]), patch(ids[1])]).await;
        let rows = response.any_records();
        assert_eq!((&rows[0]["status"], &rows[0]["errors"]), (&json!("refused"), &json!(["OTHER"])), "{name}");
        assert_eq!(rows[1]["status"], "updated", "{name}");
        let alone = function.patch(&record_of(EXTERNAL, ids[0]), &json!({"last_name": "Green"})).await;
        assert_eq!(alone.status, StatusCode::INTERNAL_SERVER_ERROR, "{name}");
        let after = table.records().await;
        let unchanged = before.iter().filter(|(key, item)| after.get(*key) == Some(item)).count();
        assert_eq!(unchanged, 1, "{name}: the record is left as it is");
    }
}
