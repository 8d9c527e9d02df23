//! The DynamoDB engine in this process, called without a network.

use std::collections::BTreeMap;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::reply::Reply;

/// The table's name.
pub const TABLE: &str = "records";

/// An item's key: partition, sort.
pub type Key = (String, String);

/// The items of the table, in the form of DynamoDB's protocol.
pub type Snapshot = BTreeMap<Key, Value>;

pub struct Engine(Database);

impl Engine {
    pub fn new() -> Self {
        Self(Database::memory().expect("a database in memory can be opened"))
    }

    /// Carries out `operation`.
    pub fn call(&self, operation: &str, body: &Value) -> Reply {
        let database = &self.0;
        let result = match operation {
            "BatchExecuteStatement" => run(body, |request| database.batch_execute_statement(request)),
            "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
            "CreateTable" => run(body, |request| database.create_table(request)),
            "ExecuteTransaction" => run(body, |request| database.execute_transaction(request)),
            "GetItem" => run(body, |request| database.get_item(request)),
            "PutItem" => run(body, |request| database.put_item(request)),
            "Query" => run(body, |request| database.query(request)),
            "Scan" => run(body, |request| database.scan(request)),
            other => panic!("no function makes the call {other}"),
        };
        match result {
            Ok(body) => Reply::ok(body),
            Err(error) => Reply {
                status: error.status_code(),
                body: serde_json::from_str(&error.to_json()).expect("an error is JSON"),
            },
        }
    }

    /// Every record and alias.
    pub fn snapshot(&self) -> Snapshot {
        let scanned = self.call("Scan", &json!({"TableName": TABLE})).body;
        let items = scanned["Items"].as_array().expect("a scan has items").iter();
        let text = |item: &Value, name: &str| item[name]["S"].as_str().expect("a key is text").to_owned();
        let items = items.map(|item| ((text(item, "pk"), text(item, "sk")), item.clone()));
        items.filter(|((_, sk), _)| sk.starts_with("RECORD#")).collect()
    }
}

fn run<I: DeserializeOwned, O: Serialize>(
    body: &Value,
    call: impl FnOnce(I) -> dynoxide::Result<O>,
) -> Result<Value, DynoxideError> {
    let request = serde_json::from_value(body.clone()).expect("the call is one of DynamoDB's");
    Ok(serde_json::to_value(call(request)?).expect("a response is JSON"))
}
