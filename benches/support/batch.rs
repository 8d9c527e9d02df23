//! Batches of 100 records, for whatever measures.

use local::lists::EXTERNAL;
use serde_json::{Value, json};

/// Records of a batch.
pub const RECORDS: usize = 100;

/// Makes batches, no two of which have a record in common.
#[derive(Default)]
pub struct Batches {
    records: usize,
}

impl Batches {
    /// The next request body.
    pub fn next_body(&mut self) -> String {
        let records: Vec<Value> = (self.records..self.records + RECORDS).map(record).collect();
        self.records += RECORDS;
        json!({ "records": records }).to_string()
    }

    /// The next body, in an event of API Gateway.
    pub fn next_event(&mut self) -> String {
        let path = format!("/record-lists/{EXTERNAL}/records/bulks");
        let event = include_str!("../../events/201-all-created.json");
        let mut event: Value = serde_json::from_str(event).expect("the event is JSON");
        event["path"] = json!(path);
        event["pathParameters"]["proxy"] = json!(path[1..]);
        event["requestContext"]["path"] = json!(format!("/prod{path}"));
        event["body"] = json!(self.next_body());
        event.to_string()
    }
}

/// A record with every member that most records have: 0.4 KB as it is sent, under 1 KB as it is stored.
fn record(number: usize) -> Value {
    json!({
        "phone_numbers": [{"phone_number": format!("+1202{:07}", 2_000_000 + number), "phone_type": "MOBILE"}],
        "first_name": "Joey",
        "last_name": "Tribbiani",
        "timezone": "Europe/Lisbon",
        "priority": 7,
        "external_provider": "crm",
        "external_id": format!("C-{number}"),
        "external_url": format!("https://crm.example.com/contacts/C-{number}"),
        "sync_external_id": true,
        "extra_data": {"country": "USA", "state": "California", "job": "Actor"},
    })
}
