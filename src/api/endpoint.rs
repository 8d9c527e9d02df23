//! The table of endpoints: operation, method, path and access. Routes, 404, 405 and scopes follow from it.

use super::error::Error;
use super::event::Event;
use crate::config::MAX_BASE_URL_BYTES;

/// The scope that allows everything.
pub const MANAGE: &str = "record-lists:manage";

/// The scope that allows reading.
pub const READ: &str = "record-lists:read";

/// An operation, by its `operationId` in `openapi.yaml`.
#[expect(missing_docs, reason = "the names are the documentation")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "camelCase")]
pub enum Operation {
    CreateRecordList,
    ReadRecordLists,
    ReadRecordList,
    ReadRecords,
    CreateRecords,
    DeleteRecords,
    ReadRecord,
    DeleteRecord,
    UpdateRecord,
    UpdateRecords,
    UpdateRecordList,
    DeleteRecordList,
}

/// The access that an operation requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A token that allows reading or everything.
    Read,
    /// A token that allows everything.
    Manage,
}

impl Access {
    /// The scopes of which the caller needs one; the first is the one to ask for.
    #[must_use]
    pub fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Read => &[READ, MANAGE],
            Self::Manage => &[MANAGE],
        }
    }
}

/// An operation, its method and path, and the access that it requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The operation.
    pub operation: Operation,
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// The access that the caller needs.
    pub access: Access,
}

const fn endpoint(operation: Operation, method: &'static str, path: &'static str, access: Access) -> Endpoint {
    Endpoint { operation, method, path, access }
}

/// Every endpoint. Of two paths with the same number of segments, the one with more literals comes first, so that
/// `bulks` is not taken for a record's ID.
#[rustfmt::skip]
pub const ENDPOINTS: [Endpoint; 12] = [
    endpoint(Operation::CreateRecordList, "POST", "/record-lists", Access::Manage),
    endpoint(Operation::ReadRecordLists, "GET", "/record-lists", Access::Read),
    endpoint(Operation::ReadRecordList, "GET", "/record-lists/{record_list_id}", Access::Read),
    endpoint(Operation::UpdateRecordList, "PATCH", "/record-lists/{record_list_id}", Access::Manage),
    endpoint(Operation::DeleteRecordList, "DELETE", "/record-lists/{record_list_id}", Access::Manage),
    endpoint(Operation::ReadRecords, "GET", "/record-lists/{record_list_id}/records", Access::Read),
    endpoint(Operation::CreateRecords, "POST", "/record-lists/{record_list_id}/records/bulks", Access::Manage),
    endpoint(Operation::DeleteRecords, "DELETE", "/record-lists/{record_list_id}/records/bulks", Access::Manage),
    endpoint(Operation::UpdateRecords, "PATCH", "/record-lists/{record_list_id}/records/bulks", Access::Manage),
    endpoint(Operation::ReadRecord, "GET", "/record-lists/{record_list_id}/records/{record_id}", Access::Read),
    endpoint(Operation::DeleteRecord, "DELETE", "/record-lists/{record_list_id}/records/{record_id}", Access::Manage),
    endpoint(Operation::UpdateRecord, "PATCH", "/record-lists/{record_list_id}/records/{record_id}", Access::Manage),
];

/// The endpoint that a request is for, and the rest of its path.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// The operation.
    pub operation: Operation,
    /// The access that the caller needs.
    pub access: Access,
    /// The list as the path names it, unchecked; empty if the operation's path has none.
    pub record_list_id: String,
    /// The record as the path names it, unchecked; empty if the operation's path has none.
    pub record_id: String,
    /// The part of the path before the operation's own: the stage, base path or mapping key that the caller used.
    pub prefix: String,
}

impl Route {
    /// Finds the route of `event`: the longest suffix of its path that matches an operation.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if no path matches, or the prefix is over [`MAX_BASE_URL_BYTES`];
    /// [`Error::MethodNotAllowed`] if the path matches, but only with other methods.
    pub fn of(event: &Event) -> Result<Self, Error> {
        let path = event.path().ok_or(Error::Internal)?;
        let Match { pattern, start } = longest_match(&path).ok_or(Error::NotFound)?;
        let prefix = prefix(event, &path, start).filter(|prefix| prefix.len() <= MAX_BASE_URL_BYTES);
        let prefix = prefix.ok_or(Error::NotFound)?.to_owned();
        let method = event.method().ok_or(Error::Internal)?;
        let endpoint = ENDPOINTS.iter().find(|endpoint| endpoint.path == pattern && endpoint.method == method);
        let Endpoint { operation, access, .. } = *endpoint.ok_or_else(|| Error::MethodNotAllowed(allow(pattern)))?;
        let mut ids = parameters(pattern, &path[start..]).map(str::to_owned);
        let (record_list_id, record_id) = (ids.next().unwrap_or_default(), ids.next().unwrap_or_default());
        Ok(Self { operation, access, record_list_id, record_id, prefix })
    }
}

/// The endpoint's path that a suffix of a request's path matches.
struct Match {
    pattern: &'static str,
    /// The start of the suffix, in bytes.
    start: usize,
}

/// The match of the longest suffix of `path` that has one.
fn longest_match(path: &str) -> Option<Match> {
    let mut starts = path.match_indices('/').map(|(start, _)| start);
    starts.find_map(|start| {
        let endpoint = ENDPOINTS.iter().find(|endpoint| matches(endpoint.path, &path[start..]))?;
        Some(Match { pattern: endpoint.path, start })
    })
}

fn matches(pattern: &str, path: &str) -> bool {
    let segment = |pattern: &str, segment: &str| pattern == segment || (is_parameter(pattern) && !segment.is_empty());
    let mut segments = path.split('/');
    pattern.split('/').all(|pattern| segments.next().is_some_and(|path| segment(pattern, path)))
        && segments.next().is_none()
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn parameters<'a>(pattern: &'a str, path: &'a str) -> impl Iterator<Item = &'a str> {
    let segments = pattern.split('/').zip(path.split('/'));
    segments.filter(|(pattern, _)| is_parameter(pattern)).map(|(_, segment)| segment)
}

/// The part of the caller's path before the operation's. If the event's paths disagree, that of `path` counts.
fn prefix<'a>(event: &'a Event, path: &'a str, start: usize) -> Option<&'a str> {
    event.path_used().and_then(|used| used.strip_suffix(&path[start..])).or_else(|| path.get(..start))
}

/// The methods of a path, in alphabetical order.
fn allow(pattern: &str) -> String {
    let mut methods: Vec<&str> =
        ENDPOINTS.iter().filter(|endpoint| endpoint.path == pattern).map(|endpoint| endpoint.method).collect();
    methods.sort_unstable();
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn rest(method: &str, path: &str, used: &str, proxy: Option<&str>) -> Value {
        json!({
            "path": path, "httpMethod": method, "pathParameters": proxy.map(|proxy| json!({"proxy": proxy})),
            "requestContext": {"httpMethod": method, "path": used, "stage": "prod"}
        })
    }

    fn http(path: &str) -> Value {
        json!({"version": "2.0", "rawPath": path, "requestContext": {"http": {"method": "POST", "path": path}}})
    }

    fn route(event: &Value) -> Result<Route, Error> {
        Route::of(&serde_json::from_value(event.clone()).unwrap())
    }

    #[test]
    fn links_start_where_the_caller_came_in() {
        let path = "/record-lists/a/records/bulks";
        let proxy = Some(&path[1..]);
        let table = [
            ("stage", rest("POST", path, &format!("/prod{path}"), proxy), "/prod"),
            ("custom domain", rest("POST", &format!("/v1{path}"), &format!("/v1{path}"), proxy), "/v1"),
            ("no proxy", rest("POST", path, &format!("/prod{path}"), None), "/prod"),
            (
                "own resource behind a base path",
                rest("POST", &format!("/v1{path}"), &format!("/v1{path}"), None),
                "/v1",
            ),
            ("proxy below a resource", rest("POST", path, &format!("/a/b{path}"), Some(&format!("b{path}"))), "/a/b"),
            ("proxy below a literal", rest("POST", path, &format!("/prod{path}"), Some("a/records/bulks")), "/prod"),
            ("HTTP API", http(path), ""),
            ("HTTP API's mapping key", http(&format!("/dialler/v1{path}")), "/dialler/v1"),
            ("a prefix like a path", http(&format!("/record-lists/x{path}")), "/record-lists/x"),
            ("the longest prefix", http(&format!("/{}{path}", "p".repeat(511))), &format!("/{}", "p".repeat(511))),
        ];
        for (name, event, prefix) in table {
            let route = route(&event).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            assert_eq!((route.operation, route.record_list_id.as_str()), (Operation::CreateRecords, "a"), "{name}");
            assert_eq!(route.prefix, prefix, "{name}");
        }
        assert_eq!(route(&http(&format!("/{}{path}", "p".repeat(512)))), Err(Error::NotFound));
    }

    #[test]
    fn every_operation_has_its_path() {
        for Endpoint { operation, method, path: pattern, access } in ENDPOINTS {
            let path = pattern.replace("{record_list_id}", "l").replace("{record_id}", "r");
            let route = route(&rest(method, &path, &path, Some(&path[1..]))).unwrap();
            assert_eq!((route.operation, route.access), (operation, access), "{method} {pattern}");
            assert_eq!(route.record_list_id, if pattern.contains("{record_list_id}") { "l" } else { "" });
            assert_eq!(route.record_id, if pattern.contains("{record_id}") { "r" } else { "" });
        }
    }

    #[test]
    fn other_methods_are_not_allowed() {
        let table = [
            ("PUT", "/record-lists", "GET, POST"),
            ("HEAD", "/record-lists/a", "DELETE, GET, PATCH"),
            ("get", "/record-lists/a/records", "GET"),
            ("GET", "/record-lists/a/records/bulks", "DELETE, PATCH, POST"),
            ("OPTIONS", "/record-lists/a/records/b", "DELETE, GET, PATCH"),
        ];
        for (method, path, allow) in table {
            let expected = Err(Error::MethodNotAllowed(allow.to_owned()));
            assert_eq!(route(&rest(method, path, path, None)), expected, "{method} {path}");
        }
    }

    #[test]
    fn other_paths_are_not_found() {
        let paths =
            ["/", "", "/records", "/record-lists/", "/record-lists//records/bulks", "/record-lists/a/b/records"];
        for path in paths.into_iter().chain(["/record-lists/a/records/bulks/", "/Record-Lists"]) {
            assert_eq!(route(&rest("POST", path, path, None)), Err(Error::NotFound), "{path}");
        }
    }
}
