//! The function in the test's process.

use std::time::Duration;

use record_lists::App;
use serde_json::{Value, json};

use super::{Response, Table, post};

/// The function on a table.
pub struct Function {
    app: App,
    /// The time that Lambda gives a request.
    pub timeout: Duration,
}

impl Function {
    /// On `table`.
    pub fn new(table: &Table) -> Self {
        Self::at(&table.endpoint, &table.name)
    }

    /// On `table`, with links that start with `base_url`.
    pub fn with_base_url(table: &Table, base_url: &str) -> Self {
        Self::with(&table.endpoint, &table.name, &[("API_BASE_URL", base_url)])
    }

    /// A function on the table `name` at `endpoint`, which can be DynamoDB, a proxy, or nothing.
    pub fn at(endpoint: &str, name: &str) -> Self {
        Self::with(endpoint, name, &[])
    }

    fn with(endpoint: &str, name: &str, variables: &[(&str, &str)]) -> Self {
        Self { app: local::function::app(endpoint, name, variables), timeout: local::template::timeout() }
    }

    /// The response to an API Gateway event.
    pub async fn invoke(&self, event: &Value) -> Response {
        Response::read(event, &self.hand(event).await)
    }

    /// The text that it hands to Lambda for `event`, not held against `openapi.yaml`, for tests that make thousands of
    /// requests.
    pub async fn hand(&self, event: &Value) -> String {
        let response = local::function::invoke(&self.app, &event.to_string(), self.timeout).await;
        response.expect("the event is an HTTP request")
    }

    /// Posts `records` to `list`.
    pub async fn post(&self, list: &str, records: &[Value]) -> Response {
        self.invoke(&post(list, &json!({ "records": records }))).await
    }
}
