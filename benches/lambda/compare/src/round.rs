//! A round: a batch of records, and the requests about them from their creation to their end.

use std::error::Error;

use local::integration;
use local::lists::NOTHING;
use serde_json::{Value, json};

use crate::batch::{Batches, Shape, event};
use crate::function::{Function, Response};
use crate::table::Table;

/// The batches of the list that is read in pages: a page of 100 comes from a shard or two, as it does from most lists.
const PAGED_BATCHES: usize = 40;

/// A request of a round.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    event: fn(&Round) -> Value,
    /// The member of the response that counts the records; without one, the body is a record.
    counts: Option<&'static str>,
}

pub const CREATED: Step = Step { event: Round::creation, counts: Some("total_created") };
pub const DUPLICATES: Step = Step { event: Round::creation, counts: Some("total_errors") };
pub const UPDATED: Step = Step { event: Round::change, counts: Some("total_updated") };
pub const UNCHANGED: Step = Step { event: Round::change, counts: Some("total_unchanged") };
pub const PAGE: Step = Step { event: Round::page, counts: Some("count") };
pub const READ: Step = Step { event: Round::read, counts: None };
pub const DELETED: Step = Step { event: Round::deletion, counts: Some("total_deleted") };

/// A warm function, on a table at `endpoint` that has a list to page through.
pub async fn function_with_pages(binary: &str, endpoint: &str) -> Result<Function, Box<dyn Error>> {
    let mut function = Function::spawn(binary, Table::at(endpoint)).await?;
    function.first_poll().await?;
    let mut batches = Batches::new(Shape { list: NOTHING, ..Shape::default() });
    for _ in 0..PAGED_BATCHES {
        function.invoke(batches.next_event()).await?.created()?;
    }
    Ok(function)
}

/// The records of a batch, from their creation to their end.
pub struct Round {
    shape: Shape,
    body: Value,
    /// The number of records that each request counts.
    count: usize,
    /// Their IDs, once they are created.
    ids: Vec<Value>,
}

impl Round {
    /// The next of `batches`, which have `shape`.
    pub fn new(batches: &mut Batches, shape: Shape) -> Self {
        let body = serde_json::from_str(&batches.next_body()).expect("the body is JSON");
        Self { shape, body, count: batches.creatable(), ids: Vec::new() }
    }

    /// Sends `function` the request `step`.
    ///
    /// # Errors
    ///
    /// If the response does not count all records.
    pub async fn invoke(&mut self, function: &mut Function, step: Step) -> Result<Response, Box<dyn Error>> {
        let response = function.invoke((step.event)(self).to_string()).await?;
        let body: Value = serde_json::from_str(integration::response(&response.body)?.body())?;
        let is_right = match step.counts {
            Some(name) => body[name] == json!(self.count),
            None => body["id"] == self.ids[0],
        };
        if !is_right {
            return Err(response.body.into());
        }
        if self.ids.is_empty() {
            let records = body["_embedded"]["records"].as_array().ok_or("no records")?;
            self.ids = records.iter().map(|record| record["id"].clone()).collect();
        }
        Ok(response)
    }

    fn creation(&self) -> Value {
        event("POST", &self.bulks(), Some(&self.body.to_string()))
    }

    fn change(&self) -> Value {
        let mut event = event("PATCH", &self.bulks(), Some(&self.patches().to_string()));
        event["multiValueHeaders"]["Content-Type"] = json!(["application/merge-patch+json"]);
        event
    }

    fn page(&self) -> Value {
        let per_page = self.count.to_string();
        let mut event = event("GET", &format!("/record-lists/{NOTHING}/records"), None);
        event["queryStringParameters"] = json!({"per_page": per_page});
        event["multiValueQueryStringParameters"] = json!({"per_page": [per_page]});
        event
    }

    fn read(&self) -> Value {
        let id = self.ids[0].as_str().unwrap_or_default();
        event("GET", &format!("/record-lists/{}/records/{id}", self.shape.list), None)
    }

    fn deletion(&self) -> Value {
        let entries: Value = self.ids.iter().map(|id| json!({ "id": id })).collect();
        event("DELETE", &self.bulks(), Some(&entries.to_string()))
    }

    /// A member of each record, changed.
    fn patches(&self) -> Value {
        let mut body = self.body.clone();
        for record in body["records"].as_array_mut().into_iter().flatten() {
            record["last_name"] = json!("Tribbiani-Green");
        }
        body
    }

    /// The path of the bulk operations.
    fn bulks(&self) -> String {
        format!("/record-lists/{}/records/bulks", self.shape.list)
    }
}
