//! The responses to requests that read records.

use http::StatusCode;
use serde_json::json;

use super::View;

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
        let there = self.records(list).filter(|version| version.covers(self.exchange.from, self.exchange.to));
        for version in there.filter(|version| is_in_page(version.item.text("id"))) {
            assert!(ids.contains(&version.item.text("id")), "{:?} was there and is not in the page", version.item);
        }
    }
}
