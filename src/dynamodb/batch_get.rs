//! Consistent reads of any number of items by their keys.
//!
//! The keys are written straight into the bytes that are sent. The SDK's own types would first hold each in a map of
//! owned strings.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use bytes::Bytes;
use futures_util::future::try_join_all;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer, de};

use super::call::{RawBody, call, set_body};
use super::failure::Failure;
use super::item::{Attributes, Item};
use super::read::Key;
use super::retry::Attempts;
use super::session::Session;

/// The most keys of a `BatchGetItem`: DynamoDB's quotas.
pub const MAX_KEYS: usize = 100;

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
    let mut keys = Cow::Borrowed(keys);
    let mut items = Vec::with_capacity(keys.len());
    loop {
        match batch_get_once(session, &attempts, &keys, projection).await {
            Ok(page) => {
                items.extend(page.items);
                keys = page.unprocessed.into();
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
pub struct BatchPage {
    pub items: Vec<Item>,
    pub unprocessed: Vec<Key>,
}

/// Makes one call for up to [`MAX_KEYS`] items, with the attributes that `projection` names, or with all.
///
/// # Errors
///
/// [`Failure`] of the call.
pub async fn batch_get_once(
    session: &Session<'_>,
    attempts: &Attempts,
    keys: &[Key],
    projection: Option<&str>,
) -> Result<BatchPage, Failure> {
    let input = BatchGetItemInput::new(session.table(), keys, projection).to_json();
    let send = |client: Client, response: RawBody| {
        let input = input.clone();
        let get = client.batch_get_item().customize().interceptor(response);
        let get = get.mutate_request(move |request| set_body(request, &input));
        async move { get.send().await.map(drop) }
    };
    call(session, attempts, send, |response| {
        let output: BatchGetItemOutput<'_> = serde_json::from_str(response)?;
        let item = |item| Item::of(item, response);
        let unprocessed = output.unprocessed_keys.into_values().flat_map(|unprocessed| unprocessed.keys);
        Ok(BatchPage {
            items: output.responses.into_values().flatten().map(item).collect(),
            unprocessed: unprocessed.map(|key| of_strings(&item(key))).collect::<Result<_, _>>()?,
        })
    })
    .await
}

fn of_strings(key: &Item) -> serde_json::Result<Key> {
    Key::of(key).ok_or_else(|| de::Error::custom("a key is not of strings"))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGetItemInput<'a> {
    request_items: BTreeMap<&'a str, KeysAndAttributes<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeysAndAttributes<'a> {
    keys: &'a [Key],
    consistent_read: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    projection_expression: Option<&'a str>,
}

impl<'a> BatchGetItemInput<'a> {
    fn new(table: &'a str, keys: &'a [Key], projection_expression: Option<&'a str>) -> Self {
        let wanted = KeysAndAttributes { keys, consistent_read: true, projection_expression };
        Self { request_items: BTreeMap::from([(table, wanted)]) }
    }

    #[expect(clippy::expect_used, reason = "its keys are strings, and writing to memory cannot fail")]
    fn to_json(&self) -> Bytes {
        serde_json::to_vec(self).expect("keys can be written as JSON").into()
    }
}

/// Writes the key in DynamoDB's JSON.
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut attributes = serializer.serialize_map(Some(2))?;
        for (name, value) in [("pk", &self.pk), ("sk", &self.sk)] {
            attributes.serialize_entry(name, &Text { value })?;
        }
        attributes.end()
    }
}

/// A string in DynamoDB's JSON.
#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "S")]
    value: &'a str,
}

/// `responses` is required: DynamoDB always names the tables that it read, so an object without it is not its response.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGetItemOutput<'a> {
    #[serde(borrow)]
    responses: HashMap<String, Vec<Attributes<'a>>>,
    #[serde(borrow, default)]
    unprocessed_keys: HashMap<String, UnprocessedKeys<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnprocessedKeys<'a> {
    #[serde(borrow)]
    keys: Vec<Attributes<'a>>,
}
