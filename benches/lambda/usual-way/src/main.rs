//! The creation of records as a thorough tutorial would write it: the SDK with its default features, serde types for
//! requests and items, and for each record a `TransactWriteItems` of the record and the marker that makes it unique,
//! all at once.
//!
//! It does less than the function that it is compared with: it looks up no phone number or time zone, checks no scope,
//! resolves no lost response, leaves retries to the SDK, and fails the batch if serde refuses one record.

use std::env;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use chrono::{DateTime, Utc};
use futures::future::join_all;
use lambda_http::{Error, Request, RequestExt, Response, run, service_fn, tracing};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
struct Batch {
    records: Vec<NewRecord>,
}

#[derive(Clone, Serialize, Deserialize)]
struct NewRecord {
    phone_numbers: Vec<PhoneNumber>,
    first_name: String,
    last_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    external_provider: String,
    external_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_external_id: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra_data: Option<Map<String, Value>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct PhoneNumber {
    phone_number: String,
    phone_type: PhoneType,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PhoneType {
    Home,
    Office,
    Mobile,
    #[serde(rename = "EXTRA_1")]
    Extra1,
    #[serde(rename = "EXTRA_2")]
    Extra2,
    #[serde(rename = "EXTRA_3")]
    Extra3,
}

#[derive(Serialize)]
struct Item<'a> {
    pk: String,
    sk: String,
    #[serde(flatten)]
    record: &'a Record,
}

#[derive(Serialize)]
struct Record {
    id: Uuid,
    record_list_id: String,
    #[serde(flatten)]
    record: NewRecord,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Marker {
    pk: String,
    sk: String,
    record_id: Uuid,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let client = &Client::new(&config);
    let table = &env::var("TABLE_NAME")?;
    run(service_fn(|request: Request| async move { create_records(client, table, &request).await })).await
}

async fn create_records(client: &Client, table: &str, request: &Request) -> Result<Response<String>, Error> {
    let Some(list) = list_id(request) else {
        return answer(404, &json!({"message": "Not found"}));
    };
    let batch: Batch = match serde_json::from_slice(request.body()) {
        Ok(batch) => batch,
        Err(error) => return answer(400, &json!({"message": error.to_string()})),
    };
    let key = (AttributeValue::S("ACCOUNT#7d1f0c52".to_owned()), AttributeValue::S(format!("LIST#{list}")));
    let found = client.get_item().table_name(table).key("pk", key.0).key("sk", key.1).send().await?;
    if found.item.is_none() {
        return answer(404, &json!({"message": "Not found"}));
    }
    let records = join_all(batch.records.into_iter().map(|record| create_record(client, table, list, record))).await;
    let created = records.iter().filter(|record| record.get("errors").is_none()).count();
    let body = json!({
        "record_list_id": list,
        "has_error": created < records.len(),
        "total_errors": records.len() - created,
        "total_created": created,
        "_links": {"self": {"href": format!("/record-lists/{list}/records/bulks")}},
        "_embedded": {"records": records},
    });
    answer(201, &body)
}

fn list_id(request: &Request) -> Option<&str> {
    request.raw_http_path().strip_prefix("/record-lists/")?.strip_suffix("/records/bulks")
}

async fn create_record(client: &Client, table: &str, list: &str, record: NewRecord) -> Value {
    match put_record(client, table, list, &record).await {
        Ok(created) => created,
        Err(error) => {
            tracing::error!(%error, "the record was not created");
            let mut refused = json!(record);
            refused["errors"] = json!(["EXTERNAL_ID_AND_PROVIDER_NOT_UNIQUE"]);
            refused
        }
    }
}

async fn put_record(client: &Client, table: &str, list: &str, record: &NewRecord) -> Result<Value, Error> {
    let id = Uuid::new_v4();
    let now = Utc::now();
    let record =
        Record { id, record_list_id: list.to_owned(), record: record.clone(), created_at: now, updated_at: now };
    let item = Item { pk: format!("LIST#{list}"), sk: format!("RECORD#{id}"), record: &record };
    let marker = Marker {
        pk: format!("LIST#{list}"),
        sk: format!("EXTERNAL#{}#{}", record.record.external_provider, record.record.external_id),
        record_id: id,
    };
    let put_record = Put::builder().table_name(table).set_item(Some(serde_dynamo::to_item(&item)?)).build()?;
    let put_marker = Put::builder()
        .table_name(table)
        .set_item(Some(serde_dynamo::to_item(&marker)?))
        .condition_expression("attribute_not_exists(pk)")
        .build()?;
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put_record).build())
        .transact_items(TransactWriteItem::builder().put(put_marker).build())
        .send()
        .await?;
    let mut created = serde_json::to_value(&record)?;
    created["_links"] = json!({"self": {"href": format!("/record-lists/{list}/records/{id}")}});
    Ok(created)
}

fn answer(status: u16, body: &Value) -> Result<Response<String>, Error> {
    Ok(Response::builder().status(status).header("content-type", "application/hal+json").body(body.to_string())?)
}
