//! A batch of 100 records: what is computed for it, and what is at least to be computed.

#![allow(missing_docs, clippy::expect_used, clippy::missing_panics_doc)]

use local::lists::EXTERNAL;
use local::{dynamodb, function, template};
use record_lists::answer::{Answer, AnsweredRecord, ListUrl};
use record_lists::body;
use record_lists::handler::App;
use record_lists::list::UniqueIdentifierType;
use record_lists::phone_number::PhoneNumber;
use record_lists::record::Record;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::runtime::Runtime;
use uuid::Uuid;

use self::batch::Batches;

#[path = "support/batch.rs"]
mod batch;

const URL: ListUrl<'_> =
    ListUrl { record_list_id: EXTERNAL, base_url: "https://a1b2c3d4e5.execute-api.amazonaws.com/v1" };
const CREATED_AT: &str = "2026-11-23T09:18:29.046Z";

fn main() {
    // What libphonenumber does once is not the batch's.
    PhoneNumber::parse("+12025550143").expect("the number is good");
    divan::main();
}

/// From a body to the answer, without DynamoDB: what [`typed_json`] is the limit of.
#[divan::bench]
fn body_to_answer(bencher: divan::Bencher) {
    let body = Batches::default().next_body();
    bencher.bench(|| answer(divan::black_box(&body)));
}

/// The body to drafts and records alone.
#[divan::bench]
fn body_to_records(bencher: divan::Bencher) {
    let body = Batches::default().next_body();
    bencher.bench(|| {
        let drafts = body::drafts(divan::black_box(body.as_bytes())).expect("the body is good");
        let records = drafts.iter().flatten().map(|draft| Record::parse(draft, UniqueIdentifierType::External));
        records.flatten().count()
    });
}

/// The phone numbers of the batch alone.
#[divan::bench]
fn phone_numbers(bencher: divan::Bencher) {
    let numbers: Vec<String> = (0..batch::RECORDS).map(|number| format!("+1202{:07}", 2_000_000 + number)).collect();
    bencher.bench(|| numbers.iter().filter_map(|number| PhoneNumber::parse(divan::black_box(number))).count());
}

/// The limit: the same body read into types that borrow all they can, and the same answer written, nothing else.
#[divan::bench]
fn typed_json(bencher: divan::Bencher) {
    let body = Batches::default().next_body();
    let answer = answer(&body);
    let answer: AnswerMembers<'_> = serde_json::from_str(&answer).expect("the answer is JSON");
    bencher.bench(|| {
        let batch: Batch<'_> = serde_json::from_str(divan::black_box(&body)).expect("the body is JSON");
        (batch.records.len(), serde_json::to_string(divan::black_box(&answer)))
    });
}

/// The same with `serde_json::Value`.
#[divan::bench]
fn untyped_json(bencher: divan::Bencher) {
    let body = Batches::default().next_body();
    let answer: Value = serde_json::from_str(&answer(&body)).expect("the answer is JSON");
    bencher.bench(|| {
        let batch: Value = serde_json::from_str(divan::black_box(&body)).expect("the body is JSON");
        (batch["records"].as_array().map(Vec::len), serde_json::to_string(divan::black_box(&answer)))
    });
}

/// The whole handler, from event to response, with the embedded engine behind it.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn handler_with_engine(bencher: divan::Bencher) {
    let runtime = Runtime::new().expect("the runtime starts");
    let app = runtime.block_on(app());
    let mut batches = Batches::default();
    bencher.with_inputs(|| batches.next_event()).bench_local_values(|event| {
        let response = runtime.block_on(function::invoke(&app, &event, template::timeout()));
        let response = response.expect("the event is API Gateway's");
        assert!(response.starts_with(r#"{"statusCode":201,"#), "{response}");
        response
    });
}

async fn app() -> App {
    let endpoint = dynamodb::start().await;
    dynamodb::set_up(&endpoint, "records").await;
    function::app(&endpoint, "records", &[])
}

fn answer(body: &str) -> String {
    let drafts = body::drafts(body.as_bytes()).expect("the body is good");
    let parse = |draft| Record::parse(draft, UniqueIdentifierType::External).expect("the record is good");
    let records: Vec<Record<'_>> = drafts.iter().flatten().map(parse).collect();
    let created = |record| AnsweredRecord::created(&URL, Uuid::nil(), record, CREATED_AT);
    Answer::new(&URL, records.iter().map(created).collect()).into_response().into_body()
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    records: Vec<Members<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
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
struct AnswerMembers<'a> {
    record_list_id: &'a str,
    has_error: bool,
    total_errors: usize,
    total_created: usize,
    #[serde(borrow)]
    _links: LinkMembers<'a>,
    _embedded: Embedded<'a>,
}

#[derive(Serialize, Deserialize)]
struct Embedded<'a> {
    #[serde(borrow)]
    records: Vec<RecordMembers<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RecordMembers<'a> {
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
    _links: LinkMembers<'a>,
}

#[derive(Serialize, Deserialize)]
struct LinkMembers<'a> {
    #[serde(rename = "self", borrow)]
    itself: Link<'a>,
    record_list: Link<'a>,
}

#[derive(Serialize, Deserialize)]
struct Link<'a> {
    href: &'a str,
}
