//! A call to DynamoDB, with the operation and keys that its body names.

use serde_json::Value;

use super::reply::values;

/// A call, as it comes in.
#[derive(Debug, Clone)]
pub struct Call {
    pub operation: String,
    /// The number of calls of the operation before this one.
    pub number: usize,
    /// The number of those that had a key of this one.
    pub attempt: usize,
    /// The sort keys of the items it is about; of a write, in the order of the statements. Of a query, where it starts.
    pub keys: Vec<String>,
    pub body: Value,
}

impl Call {
    pub fn is_write(&self) -> bool {
        is_write(&self.operation)
    }

    /// The keys of its statements that are of this verb, or of those that are not.
    pub fn keys_of(&self, verb: &str, is: bool) -> impl Iterator<Item = &String> {
        self.keys
            .iter()
            .zip(statements(&self.body))
            .filter(move |(_, statement)| statement.starts_with(verb) == is)
            .map(|(key, _)| key)
    }
}

pub fn is_write(operation: &str) -> bool {
    matches!(operation, "BatchExecuteStatement" | "ExecuteTransaction")
}

/// The texts of the statements of a call.
pub fn statements(body: &Value) -> impl Iterator<Item = &str> {
    let statements = ["Statements", "TransactStatements"].into_iter().flat_map(|name| values(&body[name]));
    statements.map(|statement| statement["Statement"].as_str().expect("a statement has a text"))
}

/// The sort keys of the items that a call is about.
pub fn keys(operation: &str, body: &Value) -> Vec<String> {
    let key = |key: &Value| key["S"].as_str().expect("a sort key is a string").to_owned();
    let of_statements = |name: &str| values(&body[name]).map(key_of_statement).collect();
    match operation {
        "GetItem" => vec![key(&body["Key"]["sk"])],
        "Query" => {
            let start = body["ExclusiveStartKey"]["sk"]["S"].as_str().unwrap_or_default();
            vec![format!("{}/{start}", key(&body["ExpressionAttributeValues"][":pk"]))]
        }
        "BatchGetItem" => {
            values(&body["RequestItems"]).flat_map(|table| values(&table["Keys"])).map(|k| key(&k["sk"])).collect()
        }
        "BatchExecuteStatement" => of_statements("Statements"),
        "ExecuteTransaction" => of_statements("TransactStatements"),
        _ => panic!("the function does not call {operation}"),
    }
}

/// The sort key is the parameter after the partition key: an `INSERT` begins with the two, an `UPDATE` has them later.
fn key_of_statement(statement: &Value) -> String {
    let parameters: Vec<&str> =
        values(&statement["Parameters"]).map(|value| value["S"].as_str().unwrap_or_default()).collect();
    let key = parameters.windows(2).find(|pair| pair[0].starts_with("ACCOUNT#") || pair[0] == "DELETIONS");
    key.unwrap_or_else(|| panic!("{statement} names no item"))[1].to_owned()
}
