//! Consistent reads: one item, any number of items by their keys, or a partition in the order of its sort keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use bytes::Bytes;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::{RawBody, call};
use super::failure::Failure;
use super::item::Item;
use super::retry::Attempts;
use super::session::Session;

/// The most keys of a `BatchGetItem`: DynamoDB's quotas.
const MAX_KEYS: usize = 100;

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

    fn of(item: &Item) -> Option<Self> {
        Some(Self { pk: item.text("pk")?, sk: item.text("sk")? })
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
        let output: GetItemOutput<'_> = serde_json::from_slice(response)?;
        output.item.map(Item::read).transpose()
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetItemOutput<'a> {
    #[serde(borrow)]
    item: Option<&'a RawValue>,
}

/// Reads the items `keys`, in as many calls as necessary, with the attributes that `projection` names, or with all. An
/// item that does not exist is left out.
///
/// # Errors
///
/// [`Failure`], if not every key could be read in time.
pub async fn batch_get(session: &Session<'_>, keys: &[Key], projection: Option<&str>) -> Result<Vec<Item>, Failure> {
    let calls = keys.chunks(MAX_KEYS).map(|keys| batch_get_chunk(session, keys, projection));
    Ok(try_join_all(calls).await?.into_iter().flatten().collect())
}

/// Reads up to [`MAX_KEYS`] items. Asks again for the keys that a response leaves unprocessed.
async fn batch_get_chunk(session: &Session<'_>, keys: &[Key], projection: Option<&str>) -> Result<Vec<Item>, Failure> {
    let mut attempts = Attempts::until(session.deadline(), 0);
    let mut keys = keys.to_vec();
    let mut items = Vec::with_capacity(keys.len());
    loop {
        match batch_get_once(session, &attempts, &keys, projection).await {
            Ok(page) => {
                items.extend(page.items);
                keys = page.unprocessed;
            }
            Err(Failure::Unavailable) => {}
            Err(failure) => return Err(failure),
        }
        if keys.is_empty() {
            return Ok(items);
        }
        if !attempts.again().await {
            return Err(Failure::Unavailable);
        }
    }
}

/// The response to a `BatchGetItem`: the items that exist, and the keys that were not read.
struct BatchPage {
    items: Vec<Item>,
    unprocessed: Vec<Key>,
}

#[expect(clippy::expect_used, reason = "the call names keys")]
async fn batch_get_once(
    session: &Session<'_>,
    attempts: &Attempts,
    keys: &[Key],
    projection: Option<&str>,
) -> Result<BatchPage, Failure> {
    let send = |client: Client, body: RawBody| {
        let wanted = KeysAndAttributes::builder().set_keys(Some(keys.iter().map(Key::attributes).collect()));
        let wanted = wanted.consistent_read(true).set_projection_expression(projection.map(str::to_owned));
        let get = client.batch_get_item().request_items(session.table(), wanted.build().expect("there are keys"));
        let get = get.customize().interceptor(body);
        async move { get.send().await.map(drop) }
    };
    call(session, attempts, send, |response| {
        let output: BatchGetItemOutput<'_> = serde_json::from_slice(response)?;
        let read = |item: &&RawValue| Item::read(item);
        let unprocessed = output.unprocessed_keys.values().flat_map(|keys| &keys.keys).map(read);
        let unprocessed: Vec<Item> = unprocessed.collect::<Result<_, _>>()?;
        Ok(BatchPage {
            items: output.responses.values().flatten().map(read).collect::<Result<_, _>>()?,
            unprocessed: unprocessed.iter().filter_map(Key::of).collect(),
        })
    })
    .await
}

/// `responses` is required: DynamoDB always names the tables that it read, so an object without it is not its response.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGetItemOutput<'a> {
    #[serde(borrow)]
    responses: HashMap<String, Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    unprocessed_keys: HashMap<String, UnprocessedKeys<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnprocessedKeys<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
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
        let output: QueryOutput<'_> = serde_json::from_slice(response)?;
        let last = output.last_evaluated_key.map(Item::read).transpose()?;
        Ok(QueryPage {
            items: output.items.iter().map(|item| Item::read(item)).collect::<Result<_, _>>()?,
            next: last.and_then(|key| key.text("sk")),
            read_units: output.consumed_capacity.rounded_up(),
        })
    })
    .await
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueryOutput<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    last_evaluated_key: Option<&'a RawValue>,
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
    read: impl Fn(&Bytes) -> serde_json::Result<T>,
) -> Result<T, Failure> {
    let mut attempts = Attempts::until(session.deadline(), 0);
    loop {
        match call(session, &attempts, &send, &read).await {
            Err(Failure::Unavailable) if attempts.again().await => {}
            result => return result,
        }
    }
}
