//! The responses to requests that change records.

use std::collections::HashSet;

use http::StatusCode;
use serde_json::{Value, json};

use super::View;
use super::versions::is_change;
use crate::schedules::requests::{Query, Request};
use crate::schedules::version::Version;
use crate::support::{OTHER, PHONE_NUMBER, numbers};

/// A patch of a request, and the result that its response has.
pub(super) struct Row<'a> {
    pub view: &'a View<'a>,
    pub list: &'a str,
    pub patches: &'a [Value],
    pub place: usize,
    pub query: Query,
    pub returned: &'a Value,
}

impl View<'_> {
    pub fn check_changed(&self, list: &str, patches: &[Value], query: Query) {
        let body = &self.response.body;
        let returned = self.response.any_records();
        assert_eq!((self.response.status, returned.len()), (StatusCode::OK, patches.len()), "{body}");
        for status in ["created", "updated", "unchanged", "refused"] {
            let total = if status == "refused" { "total_errors".to_owned() } else { format!("total_{status}") };
            assert_eq!(body[total], returned.iter().filter(|record| record["status"] == status).count(), "{body}");
        }
        for (place, returned) in returned.iter().enumerate() {
            Row { view: self, list, patches, place, query, returned }.check();
        }
    }

    /// The response to a change of one record does not say whether it was changed: what the request wrote does.
    pub fn check_changed_one(&self, list: &str, id: &str, patch: &Value) {
        let is_changed = self.written(list).any(|version| version.before.is_some());
        let body = &self.response.body;
        let refused = |code: &str| json!({"status": "refused", "errors": [code], "fields": [code]});
        let returned = match self.response.status {
            StatusCode::OK => with(body, "status", json!(if is_changed { "updated" } else { "unchanged" })),
            StatusCode::NOT_FOUND => refused("RECORD_NOT_FOUND"),
            StatusCode::PRECONDITION_FAILED => refused("PRECONDITION_FAILED"),
            status => {
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
                with(body, "status", json!("refused"))
            }
        };
        let patches = [patch_of(id, patch)];
        Row { view: self, list, patches: &patches, place: 0, query: Query::REFUSE, returned: &returned }.check();
    }

    pub fn check_open_change(&self, list: &str, patches: &[Value], place: usize, query: Query) {
        Row { view: self, list, patches, place, query, returned: &Value::Null }.check_open();
    }
}

/// `patch` with the ID of its record, as a bulk request has it.
pub fn patch_of(id: &str, patch: &Value) -> Value {
    with(patch, "id", json!(id))
}

fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}

impl<'a> Row<'a> {
    fn check(&self) {
        if self.query.validates {
            assert_eq!(self.view.written(self.list).count(), 0, "a request that validates writes nothing");
        }
        let status = self.returned["status"].as_str().expect("a result has a status");
        match (status, self.returned["errors"][0].as_str().unwrap_or_default()) {
            ("created", _) => self.check_created(),
            ("updated", _) if self.query.validates => self.check_would_be_updated(),
            ("updated", _) => self.check_updated(),
            ("unchanged", _) => self.check_unchanged(),
            (_, OTHER) if self.returned["fields"] == json!([]) => {
                self.check_open();
                self.check_dependents();
            }
            (_, code) => self.check_refused(code),
        }
    }

    pub fn patch(&self) -> &'a Value {
        &self.patches[self.place]
    }

    /// The members that name the record.
    pub fn entry(&self) -> Value {
        entry(self.list, self.patch())
    }

    /// The versions that the patch names.
    pub fn named(&self) -> Vec<&'a Version> {
        self.view.named(self.list, &self.entry())
    }

    /// The same, as far as they were there during the request.
    pub fn seen(&self) -> Vec<&'a Version> {
        self.named().into_iter().filter(|version| self.view.is_in_time(version)).collect()
    }

    /// The versions that the request wrote for the patch: a record that it created, or changes of the one that it names.
    pub fn written(&self) -> Vec<&'a Version> {
        let id = self.id();
        let named: HashSet<&str> = match &id {
            Some(id) => HashSet::from([id.as_str()]),
            None => self.named().iter().map(|version| version.item.text("id")).collect(),
        };
        let is_own = |version: &&Version| match self.view.history.before(version) {
            None => version.item.text("write_token").split('/').nth(1) == Some(&self.place.to_string()),
            Some(before) => named.contains(version.item.text("id")) && is_change(before, version, self.patch()),
        };
        self.view.written(self.list).filter(is_own).collect()
    }

    /// The ID of the record, if the response says which it is.
    pub fn id(&self) -> Option<String> {
        let link = self.returned["_links"]["self"]["href"].as_str().and_then(|link| link.rsplit('/').next());
        self.returned["id"].as_str().or(link).map(str::to_owned)
    }

    /// The ETag that the request names.
    pub fn etag(&self) -> Option<&'a str> {
        match &self.view.exchange.request {
            Request::ChangeOne { if_match, .. } => if_match.as_deref(),
            _ => None,
        }
    }

    /// An attempt that was given up can land. What was written before the record was deleted is gone.
    pub fn check_not_written(&self) {
        let written = self.written();
        let mut written = written.iter().filter(|version| !version.written_by.late && !self.view.is_gone(version));
        if let Some(version) = written.next() {
            panic!("{} was not made, and wrote {:?}", self.patch(), version.item);
        }
    }
}

/// The members of `patch` that name its record in `list`.
pub fn entry(list: &str, patch: &Value) -> Value {
    match patch {
        patch if patch.get("id").is_some() => json!({"id": patch["id"]}),
        patch if list == PHONE_NUMBER => json!({ "phone_number": number_of(patch) }),
        patch => json!({"external_provider": patch["external_provider"], "external_id": patch["external_id"]}),
    }
}

/// The number by which `patch` names its record: the first.
pub fn number_of(patch: &Value) -> Option<String> {
    numbers(patch).next().or_else(|| patch["phone_number"].as_str()).map(str::to_owned)
}
