//! Bodies that are wrong.

use serde_json::{Value, json};

use super::{event, list};
use crate::MAX_BODY_BYTES;
use crate::api::endpoint::Operation;
use crate::api::error::Error;
use crate::api::event::Event;
use crate::api::json::changed::{patch, patches};
use crate::api::json::deletion::entries;
use crate::api::json::record::drafts;
use crate::api::json::record_list::{list_patch, new_list};
use crate::api::request::body::Body;
use crate::list::UniqueIdentifierType;

/// Reads the body of an event, and returns its error: the media types that operations accept differ.
fn body_of(operation: Operation) -> Option<fn(&Event) -> Option<Error>> {
    match operation {
        Operation::CreateRecordList | Operation::CreateRecords | Operation::DeleteRecords => {
            Some(|event| Body::of(event).err())
        }
        Operation::UpdateRecord | Operation::UpdateRecordList => Some(|event| Body::of_patch(event).err()),
        Operation::UpdateRecords => Some(|event| Body::of_bulk_patch(event).err()),
        _ => None,
    }
}

pub fn reads_a_body(operation: Operation) -> bool {
    body_of(operation).is_some()
}

/// Reads a body, and returns its error.
type Read = fn(&Body<'_>) -> Option<Error>;

/// Bodies with every kind of wrong name.
fn names() -> impl Iterator<Item = Value> {
    [json!(null), json!(5), json!(" "), json!("a".repeat(121))].into_iter().map(|name| json!({"name": name}))
}

/// The errors of `operation`, for every kind of wrong body.
pub fn body_errors(operation: Operation) -> Vec<Error> {
    let kind = json!({"name": "a", "unique_identifier_type": "a"});
    let records = || [json!(null), json!({}), json!([]), json!(vec![0; 101])].map(|r| json!({"records": r}));
    let records = || [json!([])].into_iter().chain(records()).collect();
    let (read, bodies): (Read, Vec<Value>) = match operation {
        Operation::CreateRecords => (|body| drafts(body).err(), records()),
        Operation::UpdateRecords => (|body| patches(body).err(), records()),
        Operation::UpdateRecord => (|body| patch(body).err(), vec![json!([])]),
        Operation::CreateRecordList => {
            (|body| new_list(body).err(), [json!([]), kind].into_iter().chain(names()).collect())
        }
        Operation::UpdateRecordList => (
            |body| list_patch(body).and_then(|patch| patch.check(&list(UniqueIdentifierType::External))).err(),
            [json!([]), kind].into_iter().chain(names()).collect(),
        ),
        Operation::DeleteRecords => (|body| entries(body).err(), vec![json!({}), json!([]), json!(vec![0; 101])]),
        _ => return Vec::new(),
    };
    let unreadable = [
        json!({"body": null}),
        json!({"body": "{}", "isBase64Encoded": true}),
        json!({"body": "/w==", "isBase64Encoded": true}),
        // At line 1, column 181, as in the document.
        json!({"body": " ".repeat(180) + "x"}),
    ];
    let bodies = bodies.iter().map(|body| json!({"body": body.to_string()}));
    let error = |members| read(&Body::of(&event(members)).unwrap()).expect("the body is wrong");
    unreadable.into_iter().chain(bodies).map(error).collect()
}

/// The errors of a body that `operation` does not read at all.
pub fn media_errors(operation: Operation) -> Option<[Error; 3]> {
    let read = body_of(operation)?;
    let events = [
        json!({"headers": {"Content-Type": "text/csv"}}),
        json!({"headers": {"Content-Encoding": "gzip"}, "body": "\u{1f}"}),
        json!({"body": "a".repeat(MAX_BODY_BYTES + 1)}),
    ];
    Some(events.map(|members| read(&event(members)).expect("the body is wrong")))
}
