//! Bulk requests: an array of 1 to 100 elements, each read by itself.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::api::error::Error;
use crate::api::request::body::{Body, MAX_RECORDS};
use crate::field::Field;

/// The description of a body that has records.
const RECORDS: &str = "Send a JSON object with exactly one `records` member: an array of 1 to 100 records.";
const RECORDS_SHAPE: &str = "The body must be a JSON object with exactly one `records` member.";

/// The description of a body that has entries.
const ENTRIES: &str = "Send a JSON array of 1 to 100 entries that each identify a record.";
const ENTRIES_SHAPE: &str = "The body must be a JSON array of 1 to 100 entries.";

#[derive(Deserialize)]
struct Batch<R> {
    records: Option<R>,
}

/// The elements of the member `records` of `body`.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body as a whole is wrong.
pub fn records<'b>(body: &'b Body<'_>) -> Result<Vec<&'b RawValue>, Error> {
    read_records(body).map_err(|field| Error::InvalidBody { expected: RECORDS, fields: vec![field] })
}

fn read_records<'b>(body: &'b Body<'_>) -> Result<Vec<&'b RawValue>, Field> {
    let error = |description| Field::new("records", description);
    let records = match body.read::<Batch<Vec<&RawValue>>>('{', RECORDS_SHAPE) {
        Ok(batch) => batch.records,
        // Reading stops at the first error; only a second read tells a wrong member from a wrong body.
        Err(_) => match body.read::<Batch<&RawValue>>('{', RECORDS_SHAPE)?.records {
            Some(_) => return Err(error("The member must be an array of 1 to 100 records.")),
            None => None,
        },
    };
    counted(records.ok_or_else(|| error("The member is missing."))?, "records", "records")
}

/// The elements of the array that `body` is.
///
/// # Errors
///
/// [`Error::InvalidBody`] if the body as a whole is wrong.
pub fn entries<'b>(body: &'b Body<'_>) -> Result<Vec<&'b RawValue>, Error> {
    let entries = body.read('[', ENTRIES_SHAPE).and_then(|entries| counted(entries, "body", "entries"));
    entries.map_err(|field| Error::InvalidBody { expected: ENTRIES, fields: vec![field] })
}

/// Returns `elements`, or the fault if there are not 1 to 100 of them.
fn counted<'b>(elements: Vec<&'b RawValue>, name: &'static str, noun: &str) -> Result<Vec<&'b RawValue>, Field> {
    let description = match elements.len() {
        0 => format!("The array is empty; send 1 to {MAX_RECORDS} {noun}."),
        1..=MAX_RECORDS => return Ok(elements),
        _ => format!("The array has more than {MAX_RECORDS} {noun}; send 1 to {MAX_RECORDS}."),
    };
    Err(Field { name: name.into(), description: description.into() })
}
