//! A table of a test's own.

use std::collections::HashMap;
use std::env;

use aws_sdk_dynamodb::Client;
use local::{dynamodb, function, sample};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::stored::{Item, text};

/// The environment variable that names another DynamoDB to test with.
const ENDPOINT: &str = "TEST_DYNAMODB_ENDPOINT";

/// A DynamoDB table with the lists in it.
pub struct Table {
    pub client: Client,
    pub endpoint: String,
    pub name: String,
}

impl Table {
    /// A table of an engine in this process, or of the DynamoDB that `TEST_DYNAMODB_ENDPOINT` names.
    pub async fn new() -> Self {
        let endpoint = match env::var(ENDPOINT) {
            Ok(endpoint) => endpoint,
            Err(_) => dynamodb::start().await,
        };
        let name = format!("records-{}", Uuid::new_v4());
        dynamodb::set_up(&endpoint, &name).await;
        Self { client: Client::new(&dynamodb::config(&endpoint)), endpoint, name }
    }

    /// The same, with the records that the events of `events/` read and delete.
    pub async fn with_sample() -> Self {
        let table = Self::new().await;
        sample::store(&function::app(&table.endpoint, &table.name, &[])).await;
        table
    }

    /// Adds a list of `account`, without a type if there is none.
    pub async fn add_list(&self, account: &str, id: &str, unique_identifier_type: Option<&str>) {
        let mut list = vec![("pk", format!("ACCOUNT#{account}")), ("sk", format!("LIST#{id}")), ("id", id.to_owned())];
        list.extend(unique_identifier_type.map(|unique| ("unique_identifier_type", unique.to_owned())));
        let list = list.into_iter().map(|(name, value)| (name.to_owned(), value));
        dynamodb::put_list(&self.client, &self.name, list).await;
    }

    /// Stores `item`.
    pub async fn put(&self, item: Item) {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .send()
            .await
            .expect("the item can be stored");
    }

    /// Every item except the lists.
    pub async fn items(&self) -> Vec<Item> {
        let pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().items().send();
        let items: Vec<_> = pages.try_collect().await.expect("the table can be read");
        items.into_iter().filter(|item| text(item, "sk").starts_with("RECORD#")).collect()
    }

    /// Every record, without aliases, by its ID.
    pub async fn records(&self) -> HashMap<String, Item> {
        let records = self.items().await.into_iter().filter(|item| item.contains_key("id"));
        records.map(|record| (text(&record, "id").to_owned(), record)).collect()
    }
}

/// An endpoint that refuses connections.
pub async fn closed_endpoint() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    format!("http://{}", listener.local_addr().expect("the listener has an address"))
}

/// From here on the clock of this test's runtime jumps to the next timer whenever all its tasks wait, so that a deadline
/// is met or missed independently of the machine. It would overtake a DynamoDB outside this process, so with one of those
/// the clock stays real.
pub fn skip_waiting() {
    if env::var_os(ENDPOINT).is_none() {
        tokio::time::pause();
    }
}
