//! Holds the responses of a schedule against everything that the table held.

mod creating;
mod deleting;
mod reading;
mod repeated;
mod table;

use http::StatusCode;
use serde_json::json;

use super::history::{Call, Exchange, History, Version};
use super::requests::Request;
use crate::support::Response;

/// A request has time for more attempts than this, each of which takes longer than the one before.
const EXCUSED: usize = 2;

/// A signature is made again as many times.
const SIGNATURES: usize = 3;

/// Fails if a response contradicts the table, or if the table held something that it never should.
pub fn check(history: &History) {
    table::check(history);
    for exchange in &history.exchanges {
        let Some(response) = &exchange.response else { continue };
        View { history, exchange, response }.check();
    }
    repeated::check(history);
}

/// A request that was responded to, and the part of the history that it can have seen.
struct View<'a> {
    history: &'a History,
    exchange: &'a Exchange,
    response: &'a Response,
}

impl<'a> View<'a> {
    fn check(&self) {
        match (self.response.status, &self.exchange.request) {
            (StatusCode::INTERNAL_SERVER_ERROR, _) => self.check_refused(),
            (StatusCode::SERVICE_UNAVAILABLE, request) => self.check_unavailable(request),
            (_, Request::Create { list, records, .. }) => self.check_created(list, records),
            (_, Request::Delete { list, entries }) => self.check_deleted(list, entries),
            (status, Request::DeleteOne { list, id }) => {
                self.check_deletion(list, &json!({ "id": id }), status.is_success());
            }
            (_, Request::ReadOne { list, id }) => self.check_read(list, id),
            (_, Request::ReadPage { list, per_page }) => self.check_page(list, *per_page),
        }
    }

    /// The records that `list` ever held.
    fn records(&self, list: &str) -> impl Iterator<Item = &'a Version> + use<'a, '_> {
        let list = list.to_owned();
        self.history.versions.iter().filter(move |version| version.is_in(&list) && version.item.is_record())
    }

    /// Records that were there at some moment of the request.
    fn seen(&self, list: &str) -> impl Iterator<Item = &'a Version> + use<'a, '_> {
        let (from, to) = (self.exchange.from, self.exchange.to);
        self.records(list).filter(move |version| version.overlaps(from, to))
    }

    /// Whether at some moment of the request none of `versions` was there.
    fn are_absent(&self, versions: &[&Version]) -> bool {
        (self.exchange.from..=self.exchange.to).any(|now| !versions.iter().any(|version| version.overlaps(now, now)))
    }

    /// Calls of the request.
    fn calls(&self) -> impl Iterator<Item = &'a Call> {
        self.history.calls_of(self.exchange)
    }

    /// Nothing here is a fault of the service's, but a signature that is refused again and again looks like one.
    fn check_refused(&self) {
        let refused = self.calls().filter(|call| call.fate.is_refused_signature()).count();
        assert!(refused > SIGNATURES, "{refused} signatures were refused: {}", self.response.text);
    }

    /// Nothing is left open without a reason.
    fn check_unavailable(&self, request: &Request) {
        match request {
            Request::Create { list, records, .. } => {
                (0..records.len()).for_each(|place| self.check_open_record(list, records, place));
            }
            Request::Delete { list, entries } => {
                for entry in entries {
                    self.check_open_entry(list, entry);
                }
            }
            Request::DeleteOne { list, id } => self.check_open_entry(list, &json!({ "id": id })),
            Request::ReadOne { .. } | Request::ReadPage { .. } => self.check_troubled(),
        }
    }

    /// There was no time left, since calls had trouble.
    fn check_troubled(&self) {
        let troubled = self.calls().filter(|call| call.fate.is_trouble()).count();
        assert!(troubled > EXCUSED, "{troubled} calls had trouble, and there was time: {}", self.response.text);
    }
}
