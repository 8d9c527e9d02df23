//! A batch of 100 records: its time in this process, and the least time in which its JSON can be read and written.

#![expect(clippy::expect_used, reason = "a benchmark fails that way")]

use local::{dynamodb, function, integration, template};
use record_lists::{App, Event, UniqueIdentifierType, check};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::runtime::Runtime;

use self::batch::{Batches, Shape};

#[path = "support/batch.rs"]
mod batch;

const TABLE: &str = "records";

fn main() {
    divan::main();
}

/// Reading the event, as Lambda passes it to the function.
#[divan::bench]
fn event(bencher: divan::Bencher) {
    let event = Batches::new(Shape::default()).next_event();
    bencher.bench(|| serde_json::from_str::<Event>(divan::black_box(&event)));
}

/// The rules, and the layout of the items, without reading the batch or writing the response.
#[divan::bench]
fn check_records(bencher: divan::Bencher) {
    let body = Batches::new(Shape::default()).next_body();
    let batch: RawBatch<'_> = serde_json::from_str(&body).expect("the body is JSON");
    let valid = |record: &&RawValue| check(record.get(), UniqueIdentifierType::External).is_ok();
    assert_eq!(batch.records.iter().filter(|record| valid(record)).count(), batch::RECORDS);
    bencher.bench(|| divan::black_box(&batch).records.iter().filter(|record| valid(record)).count());
}

/// The limit: the same body read into types that borrow all they can, and the same response written, nothing else.
#[divan::bench]
fn typed_json(bencher: divan::Bencher) {
    let (body, response) = body_and_response();
    let response: Response<'_> = serde_json::from_str(&response).expect("the response is JSON");
    bencher.bench(|| {
        let batch: Batch<'_> = serde_json::from_str(divan::black_box(&body)).expect("the body is JSON");
        (batch.records.len(), serde_json::to_string(divan::black_box(&response)))
    });
}

/// The same with `serde_json::Value`.
#[divan::bench]
fn untyped_json(bencher: divan::Bencher) {
    let (body, response) = body_and_response();
    let response: Value = serde_json::from_str(&response).expect("the response is JSON");
    bencher.bench(|| {
        let batch: Value = serde_json::from_str(divan::black_box(&body)).expect("the body is JSON");
        (batch["records"].as_array().map(Vec::len), serde_json::to_string(divan::black_box(&response)))
    });
}

/// The whole function, from event to response, with the embedded engine behind it.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn function_with_engine(bencher: divan::Bencher) {
    let runtime = Runtime::new().expect("the runtime starts");
    let app = runtime.block_on(app());
    let mut batches = Batches::new(Shape::default());
    bencher.with_inputs(|| (batches.next_event(), batches.creatable())).bench_local_values(|(event, creatable)| {
        let response = runtime.block_on(function::invoke(&app, &event, template::timeout()));
        let response = response.expect("the event is API Gateway's");
        assert_eq!(response.matches(r#"\"created_at\":"#).count(), creatable, "{response}");
        response
    });
}

async fn app() -> App {
    let endpoint = dynamodb::start().await;
    dynamodb::set_up(&endpoint, TABLE).await;
    function::app(&endpoint, TABLE, &[])
}

/// A body, and the body of the response to it.
fn body_and_response() -> (String, String) {
    let runtime = Runtime::new().expect("the runtime starts");
    let app = runtime.block_on(app());
    let event = Batches::new(Shape::default()).next_event();
    let response = runtime.block_on(function::invoke(&app, &event, template::timeout()));
    let response = response.expect("the event is API Gateway's");
    let response = integration::response(&response).expect("the response is Lambda's");
    (Batches::new(Shape::default()).next_body(), response.into_body())
}

#[derive(Deserialize)]
struct RawBatch<'a> {
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    records: Vec<Members<'a>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is measured is the reading")]
struct Members<'a> {
    #[serde(borrow)]
    phone_numbers: Vec<Number<'a>>,
    first_name: &'a str,
    last_name: &'a str,
    timezone: &'a str,
    priority: u8,
    external_provider: &'a str,
    external_id: &'a str,
    external_url: &'a str,
    sync_external_id: bool,
    extra_data: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
struct Number<'a> {
    phone_number: &'a str,
    phone_type: &'a str,
}

#[derive(Serialize, Deserialize)]
struct Response<'a> {
    record_list_id: &'a str,
    has_error: bool,
    total_errors: usize,
    total_created: usize,
    #[serde(borrow)]
    _links: Links<'a>,
    _embedded: Embedded<'a>,
}

#[derive(Serialize, Deserialize)]
struct Embedded<'a> {
    #[serde(borrow)]
    records: Vec<CreatedRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
struct CreatedRecord<'a> {
    id: &'a str,
    record_list_id: &'a str,
    phone_number: &'a str,
    #[serde(borrow)]
    phone_numbers: Vec<Number<'a>>,
    first_name: &'a str,
    last_name: &'a str,
    timezone: &'a str,
    priority: u8,
    extra_data: &'a RawValue,
    external_provider: &'a str,
    external_id: &'a str,
    external_url: &'a str,
    sync_external_id: bool,
    created_at: &'a str,
    updated_at: &'a str,
    _links: Links<'a>,
}

#[derive(Serialize, Deserialize)]
struct Links<'a> {
    #[serde(rename = "self", borrow)]
    itself: Link<'a>,
    record_list: Link<'a>,
}

#[derive(Serialize, Deserialize)]
struct Link<'a> {
    href: &'a str,
}
