//! An embedded DynamoDB on loopback, with the table that `template.yaml` defines and the [lists].

use std::io;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement};
use dynoxide::Database;
use tokio::net::TcpListener;

use crate::lists;
use crate::template::{Attribute, Key, Table};

/// The settings of an SDK client for the DynamoDB at `endpoint`, with credentials that an emulator accepts.
#[must_use]
pub fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

/// Starts an empty DynamoDB in memory, on a free port. Returns its endpoint.
pub async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    serve(listener, Database::memory().expect("a database in memory can be opened")).expect("the listener is bound")
}

/// Serves `database` on `listener`. Returns its endpoint.
///
/// # Errors
///
/// If the listener has no address.
pub fn serve(listener: TcpListener, database: Database) -> io::Result<String> {
    let endpoint = format!("http://{}", listener.local_addr()?);
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    Ok(endpoint)
}

/// Creates `table` with the lists in it, if it does not exist. Returns whether it did so.
pub async fn set_up(endpoint: &str, table: &str) -> bool {
    set_up_by(&Client::new(&config(endpoint)), table).await
}

/// The same, by `client`.
pub async fn set_up_by(client: &Client, table: &str) -> bool {
    let is_new = create_table(client, table).await;
    if is_new {
        for list in lists::items() {
            put_list(client, table, list).await;
        }
    }
    is_new
}

/// Returns whether the table is new.
async fn create_table(client: &Client, table: &str) -> bool {
    let Table { attribute_definitions, key_schema, billing_mode } = Table::of_template();
    let created = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::from(billing_mode.as_str()))
        .set_attribute_definitions(Some(attribute_definitions.into_iter().map(Into::into).collect()))
        .set_key_schema(Some(key_schema.into_iter().map(Into::into).collect()))
        .send()
        .await
        .map_err(aws_sdk_dynamodb::Error::from);
    assert!(matches!(created, Ok(_) | Err(aws_sdk_dynamodb::Error::ResourceInUseException(_))), "{created:?}");
    created.is_ok()
}

/// Stores `list`, an item whose attributes are all strings.
pub async fn put_list(client: &Client, table: &str, list: impl IntoIterator<Item = (String, String)>) {
    let item = list.into_iter().map(|(name, value)| (name, AttributeValue::S(value))).collect();
    client.put_item().table_name(table).set_item(Some(item)).send().await.expect("the list is stored");
}

impl From<Attribute> for AttributeDefinition {
    fn from(attribute: Attribute) -> Self {
        Self::builder()
            .attribute_name(attribute.attribute_name)
            .attribute_type(attribute.attribute_type.as_str().into())
            .build()
            .expect("name and type are set")
    }
}

impl From<Key> for KeySchemaElement {
    fn from(key: Key) -> Self {
        Self::builder()
            .attribute_name(key.attribute_name)
            .key_type(key.key_type.as_str().into())
            .build()
            .expect("name and type are set")
    }
}
