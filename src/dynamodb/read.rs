//! Consistent reads: one item, or a partition in the order of its sort keys.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use serde::Deserialize;

use super::call::{RawBody, call};
use super::failure::Failure;
use super::item::{Attributes, Item};
use super::retry::Attempts;
use super::session::Session;

/// An item's key: partition key `pk`, sort key `sk`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    /// The key in the SDK's form.
    fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }

    /// The key of `item`, if its key is of strings.
    pub fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: item.owned_text("pk")?, sk: item.owned_text("sk")? })
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// Reads the item `key`.
///
/// # Errors
///
/// [`Failure`].
pub async fn get_item(session: &Session<'_>, key: &Key) -> Result<Option<Item>, Failure> {
    let send = |client: Client, body: RawBody| {
        let get = client.get_item().table_name(session.table()).set_key(Some(key.attributes())).consistent_read(true);
        let get = get.customize().interceptor(body);
        async move { get.send().await.map(drop) }
    };
    repeat(session, send, |response| {
        let output: GetItemOutput<'_> = serde_json::from_str(response)?;
        Ok(output.item.map(|item| Item::of(item, response)))
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetItemOutput<'a> {
    #[serde(borrow)]
    item: Option<Attributes<'a>>,
}

/// A query of one partition.
pub struct Query<'a> {
    /// The partition.
    pub pk: &'a str,
    /// The beginning of the sort keys.
    pub sk_prefix: &'static str,
    /// The condition that an item must meet to be returned. Items that do not meet it count towards the limit too.
    pub filter: Option<&'static str>,
    /// The attributes to return; all, if there is none.
    pub projection: Option<&'static str>,
    /// The sort key to start after.
    pub start: Option<&'a str>,
    /// The most items to look at.
    pub limit: usize,
}

/// Items in the order of their sort keys.
pub struct QueryPage {
    /// The items.
    pub items: Vec<Item>,
    /// The sort key to continue after, `None` at the end.
    pub next: Option<String>,
    /// The read units that it took: one for each started 4 KB that was looked at.
    pub read_units: u32,
}

/// Reads one page of `query`.
///
/// # Errors
///
/// [`Failure`].
pub async fn query(session: &Session<'_>, query: &Query<'_>) -> Result<QueryPage, Failure> {
    let start = query.start.map(|sk| Key { pk: query.pk.to_owned(), sk: sk.to_owned() }.attributes());
    let limit = i32::try_from(query.limit).unwrap_or(i32::MAX);
    let send = |client: Client, body: RawBody| {
        let call = client.query().table_name(session.table()).consistent_read(true).limit(limit);
        let call = call.key_condition_expression("pk = :pk AND begins_with(sk, :sk)");
        let call = call.set_filter_expression(query.filter.map(str::to_owned));
        let call = call.set_projection_expression(query.projection.map(str::to_owned));
        let call = call.expression_attribute_values(":pk", text(query.pk));
        let call = call.expression_attribute_values(":sk", text(query.sk_prefix));
        let call = call.set_exclusive_start_key(start.clone());
        let call = call.return_consumed_capacity(ReturnConsumedCapacity::Total).customize().interceptor(body);
        async move { call.send().await.map(drop) }
    };
    repeat(session, send, |response| {
        let output: QueryOutput<'_> = serde_json::from_str(response)?;
        let item = |item| Item::of(item, response);
        Ok(QueryPage {
            items: output.items.into_iter().map(item).collect(),
            next: output.last_evaluated_key.map(item).and_then(|key| key.owned_text("sk")),
            read_units: output.consumed_capacity.rounded_up(),
        })
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueryOutput<'a> {
    #[serde(borrow)]
    items: Vec<Attributes<'a>>,
    #[serde(borrow, default)]
    last_evaluated_key: Option<Attributes<'a>>,
    #[serde(default)]
    consumed_capacity: ConsumedCapacity,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConsumedCapacity {
    capacity_units: f64,
}

impl ConsumedCapacity {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast stops at the type's limits")]
    fn rounded_up(&self) -> u32 {
        self.capacity_units.ceil() as u32
    }
}

/// Makes a small call until it succeeds, DynamoDB refuses it, or the time is up.
async fn repeat<T, E: ProvideErrorMetadata, F: Future<Output = Result<(), SdkError<E>>>>(
    session: &Session<'_>,
    send: impl Fn(Client, RawBody) -> F,
    read: impl Fn(&Arc<str>) -> serde_json::Result<T>,
) -> Result<T, Failure> {
    let mut attempts = Attempts::until(session.deadline(), 0);
    loop {
        match call(session, &attempts, &send, &read).await {
            Err(Failure::Unavailable) if attempts.again().await => {}
            result => return result,
        }
    }
}
