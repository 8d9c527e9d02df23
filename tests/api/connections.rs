//! The built function keeps its connections to DynamoDB, which can die while its environment is frozen, or be slow.

use std::ops::Range;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    CREATED, Direction, EXTERNAL, Lambda, NOTHING, PHONE_NUMBER, Response, Table, Wire, post, record,
};

/// Neither a FIN nor a RST: nothing is carried any more.
const BOTH: &[Direction] = &[Direction::ToDynamoDb, Direction::ToFunction];

/// Calls arrive and are executed, and nothing comes back.
const RESPONSES: &[Direction] = &[Direction::ToFunction];

/// The longest that a batch over dead connections can take. It takes little more than a second: as long as the first
/// attempt at a small call can.
const PATIENCE: Duration = Duration::from_secs(5);

/// The function behind a wire, on a table.
struct Setup {
    table: Table,
    wire: Wire,
    lambda: Lambda,
}

impl Setup {
    async fn new() -> Self {
        let table = Table::new().await;
        let wire = Wire::to(&table.endpoint).await;
        let lambda = Lambda::start_at(&wire.endpoint, &table.name, &[]).await;
        Self { table, wire, lambda }
    }

    /// Posts the records that these numbers make.
    async fn post(&mut self, list: &str, numbers: Range<usize>) -> Response {
        let records: Vec<Value> = numbers.map(record).collect();
        self.lambda.invoke(&post(list, &json!({ "records": records }))).await
    }

    /// Every connection dies, and the function creates 100 records nevertheless, once and in time.
    async fn assert_survives(mut self, dead: &'static [Direction], list: &str) {
        let (open, before) = (self.wire.connections(), self.table.records().await.len());
        self.wire.freeze(dead);
        let start = Instant::now();
        let response = self.post(list, 500..600).await;
        let time = start.elapsed();
        assert_eq!(response.summary(), [CREATED; 100]);
        assert!(time < PATIENCE, "it took {time:?}");
        let stored = self.table.records().await;
        assert_eq!(stored.len(), before + 100);
        assert!(response.created_ids().iter().all(|id| stored.contains_key(id)));
        let opened = self.wire.connections() - open;
        assert!((1..=6).contains(&opened), "{opened} connections were opened");
    }
}

async fn warm() -> Setup {
    let mut setup = Setup::new().await;
    for start in [0, 100] {
        assert_eq!(setup.post(EXTERNAL, start..start + 100).await.summary(), [CREATED; 100]);
    }
    setup
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_created_in_time_if_every_connection_has_died() {
    warm().await.assert_survives(BOTH, EXTERNAL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_one_whose_list_must_be_read_first() {
    warm().await.assert_survives(BOTH, NOTHING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_one_whose_calls_arrive_and_whose_responses_do_not() {
    warm().await.assert_survives(RESPONSES, EXTERNAL).await;
    warm().await.assert_survives(RESPONSES, PHONE_NUMBER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_is_the_first_one_if_the_connection_of_the_start_has_died() {
    let mut setup = Setup::new().await;
    setup.lambda.invoke(&crate::support::event("401-no-claims")).await;
    assert_eq!(setup.wire.connections(), 1, "a connection is open before the first request");
    setup.assert_survives(BOTH, EXTERNAL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_batch_over_a_slow_link_gets_its_time_and_is_sent_once() {
    let table = Table::new().await;
    let wire = Wire::slow(&table.endpoint, 1_000_000).await;
    let mut lambda = Lambda::start_at(&wire.endpoint, &table.name, &[]).await;
    let large = |number| {
        let mut record = record(number);
        record["extra_data"] = json!({"note": "n".repeat(27_000)});
        record
    };
    let records: Vec<Value> = (0..100).map(large).collect();
    let response = lambda.invoke(&post(EXTERNAL, &json!({ "records": records }))).await;
    assert_eq!(response.summary(), [CREATED; 100]);
    let bytes = wire.bytes_to_dynamodb();
    assert!((2_700_000..3_300_000).contains(&bytes), "{bytes} bytes were sent");
    assert_eq!(table.records().await.len(), 100);
}
