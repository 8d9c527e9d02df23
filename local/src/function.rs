//! The function in this process, invoked as Lambda invokes it: an event's JSON in, the response's JSON out.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambda_http::Context;
use record_lists::{App, Config, Invocation, Store};
use uuid::Uuid;

use crate::{dynamodb, template};

/// The function on `table` of the DynamoDB at `endpoint`, with these other environment variables.
#[must_use]
pub fn app(endpoint: &str, table: &str, variables: &[(&str, &str)]) -> App {
    let variable = |name: &str| match name {
        "TABLE_NAME" => Some(table.to_owned()),
        "TIMEOUT_SECONDS" => Some(template::timeout().as_secs().to_string()),
        _ => variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned()),
    };
    let config = Config::from_lookup(variable).expect("the variables are valid");
    let store = Store::new(&dynamodb::config(endpoint), &config.table_name);
    App::new(config, store)
}

/// Invokes `app` with `event`, as if it had `timeout` to respond.
///
/// # Errors
///
/// If `event` is neither an HTTP request nor the schedule's.
pub async fn invoke(app: &App, event: &str, timeout: Duration) -> serde_json::Result<String> {
    let invocation: Invocation = serde_json::from_str(event)?;
    serde_json::to_string(&app.invoke(invocation, &context(timeout)).await)
}

fn context(timeout: Duration) -> Context {
    let mut context = Context::default();
    context.request_id = Uuid::new_v4().to_string();
    context.deadline = deadline(timeout);
    context
}

/// The deadline of an invocation that starts now, in milliseconds since 1970.
pub(crate) fn deadline(timeout: Duration) -> u64 {
    let since_epoch = (SystemTime::now() + timeout).duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}
