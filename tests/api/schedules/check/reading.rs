//! The responses to requests that read records.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Value, json};

use super::View;
use crate::schedules::history::{History, Returned};
use crate::support::without_links;

/// An ETag is that of one version.
pub fn check_etags(history: &History) {
    let mut versions: HashMap<&str, Value> = HashMap::new();
    for Returned { record, etag, .. } in history.returned() {
        let record = without_links(record);
        if let Some(other) = etag.and_then(|etag| versions.insert(etag, record.clone())) {
            assert_eq!(record, other, "{etag:?} is the ETag of two versions");
        }
    }
}

impl View<'_> {
    pub fn check_read(&self, list: &str, id: &str) {
        match self.response.status {
            StatusCode::OK => {
                assert!(self.is_seen(list, &self.response.body), "{} was never there", self.response.text);
            }
            status => {
                assert_eq!(status, StatusCode::NOT_FOUND, "{:?}", self.response);
                self.check_deletion(list, &json!({ "id": id }), false);
            }
        }
    }

    pub fn check_page(&self, list: &str, per_page: usize) {
        let response = self.response;
        assert_eq!(response.status, StatusCode::OK, "{response:?}");
        let records = response.any_records();
        assert!(records.len() <= per_page, "{per_page} records were wanted");
        let ids: Vec<&str> = records.iter().map(|record| record["id"].as_str().expect("a record has an ID")).collect();
        assert!(ids.is_sorted_by(|one, other| one < other), "{ids:?} are in order");
        for record in records {
            assert!(self.is_seen(list, record), "{record} was never there");
        }
        let following =
            response.body["_links"].get("next").map(|_| *ids.last().expect("a page with more is not empty"));
        let is_in_page = |id: &str| following.is_none_or(|last| id <= last);
        for id in self.history.ids(list).iter().filter(|id| is_in_page(id) && !ids.contains(&id.as_str())) {
            let versions = self.named(list, &json!({ "id": id }));
            assert!(self.are_absent(&versions), "{id} was there and is not in the page");
        }
    }
}
