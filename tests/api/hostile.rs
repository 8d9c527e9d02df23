//! Nothing that is sent, however strange, breaks the service or its response, and what it stores is what it returns.
//!
//! `PROPTEST_CASES=100000 cargo test --test api hostile` tries as many of each kind.

mod body;
mod event;
mod extra_data;
mod phone_number;
mod query;

use std::fmt::Debug;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::{Function, Table, post_text};

/// 256 cases, or as many as `PROPTEST_CASES` says.
fn config() -> Config {
    Config { failure_persistence: None, max_shrink_time: 20_000, ..Config::default() }
}

#[expect(clippy::needless_pass_by_value, reason = "a closure is written where it is passed")]
/// Has a function on a table of its own `check` whatever `inputs` makes.
fn for_any<T: Debug>(inputs: impl Strategy<Value = T>, check: impl AsyncFn(&Function, T)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let table = runtime.block_on(Table::new());
    let function = Function::new(&table);
    let result = TestRunner::new(config()).run(&inputs, |input| {
        runtime.block_on(check(&function, input));
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

/// A request for what is at `path` below the records of `list`.
fn request(method: &str, list: &str, path: &str, body: &Value) -> Value {
    let mut event = post_text(list, &body.to_string());
    let path = format!("/record-lists/{list}/records{path}");
    event["httpMethod"] = json!(method);
    event["path"] = json!(path);
    event["pathParameters"]["proxy"] = json!(path[1..]);
    event["requestContext"]["path"] = json!(format!("/prod{path}"));
    event["requestContext"]["httpMethod"] = json!(method);
    event
}
