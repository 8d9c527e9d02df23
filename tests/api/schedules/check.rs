//! Holds the responses of a schedule against everything that the table held.

mod changing;
mod creating;
mod deleting;
mod made;
mod patched;
mod reading;
mod refused;
mod repeated;
mod table;
mod versions;

use http::StatusCode;
use serde_json::json;

use self::changing::patch_of;
use super::history::{Call, Exchange, History};
use super::requests::{Query, Request};
use super::version::Version;
use crate::support::Response;

/// A request has time for more attempts than this, each of which takes longer than the one before.
const EXCUSED: usize = 2;

/// A signature is made again as many times.
const SIGNATURES: usize = 3;

/// Fails if a response contradicts the table, or if the table held something that it never should.
pub fn check(history: &History) {
    table::check(history);
    versions::check(history);
    reading::check_etags(history);
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
            (_, Request::Change { list, patches, query }) => self.check_changed(list, patches, *query),
            (_, Request::ChangeOne { list, id, patch, .. }) => self.check_changed_one(list, id, patch),
            (_, Request::Delete { list, entries }) => self.check_deleted(list, entries),
            (status, Request::DeleteOne { list, id }) => {
                self.check_deletion(list, &json!({ "id": id }), status.is_success());
            }
            (_, Request::ReadOne { list, id }) => self.check_read(list, id),
            (_, Request::ReadPage { list, per_page }) => self.check_page(list, *per_page),
        }
    }

    /// Whether `version` was there at some moment of the request.
    fn is_in_time(&self, version: &Version) -> bool {
        version.overlaps(self.exchange.from, self.exchange.to)
    }

    /// Records that were there at some moment of the request.
    fn seen(&self, list: &str) -> impl Iterator<Item = &'a Version> + use<'a, '_> {
        self.history.records(list).filter(|version| self.is_in_time(version))
    }

    /// The versions of records that the request wrote.
    fn written(&self, list: &str) -> impl Iterator<Item = &'a Version> + use<'a> {
        let exchange = self.exchange;
        self.history.records(list).filter(move |version| exchange.has(version.written_by))
    }

    /// Whether the record of `version` was deleted before the response.
    fn is_gone(&self, version: &Version) -> bool {
        self.history.deleted(version).is_some_and(|moment| moment <= self.exchange.to)
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
            Request::Change { list, patches, query } => {
                (0..patches.len()).for_each(|place| self.check_open_change(list, patches, place, *query));
            }
            Request::ChangeOne { list, id, patch, .. } => {
                self.check_open_change(list, &[patch_of(id, patch)], 0, Query::REFUSE);
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
