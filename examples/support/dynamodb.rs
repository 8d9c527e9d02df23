//! An embedded DynamoDB on loopback, with the table that `template.yaml` defines and the lists of
//! `examples/record-lists.json`. The example and the tests share it.

use std::collections::HashMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement};
use serde::Deserialize;

const TEMPLATE: &str = include_str!("../../template.yaml");
const RECORD_LISTS: &str = include_str!("../record-lists.json");

/// The settings of an SDK client for the DynamoDB at `endpoint`, with credentials that an emulator takes.
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

/// Creates the table and its lists, as far as they are not there.
///
/// # Panics
///
/// Where DynamoDB refuses what the template or the lists say.
pub async fn set_up(client: &Client, table: &str) {
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
    for list in record_lists() {
        let item = list.into_iter().map(|(name, value)| (name, AttributeValue::S(value))).collect();
        client.put_item().table_name(table).set_item(Some(item)).send().await.expect("a list is stored");
    }
}

/// The lists, as items whose attributes are all strings.
///
/// # Panics
///
/// Where the file is not that.
#[must_use]
pub fn record_lists() -> Vec<HashMap<String, String>> {
    serde_json::from_str(RECORD_LISTS).expect("examples/record-lists.json is an array of items")
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    attribute_definitions: Vec<Attribute>,
    key_schema: Vec<Key>,
    billing_mode: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
    attribute_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    attribute_name: String,
    key_type: String,
}

impl Table {
    fn of_template() -> Self {
        let template: yaml_serde::Value = yaml_serde::from_str(TEMPLATE).expect("template.yaml is YAML");
        let properties = template["Resources"]["Table"]["Properties"].clone();
        yaml_serde::from_value(properties).expect("the template defines the table")
    }
}

impl From<Attribute> for AttributeDefinition {
    fn from(attribute: Attribute) -> Self {
        Self::builder()
            .attribute_name(attribute.attribute_name)
            .attribute_type(attribute.attribute_type.as_str().into())
            .build()
            .expect("name and type are there")
    }
}

impl From<Key> for KeySchemaElement {
    fn from(key: Key) -> Self {
        Self::builder()
            .attribute_name(key.attribute_name)
            .key_type(key.key_type.as_str().into())
            .build()
            .expect("name and type are there")
    }
}
