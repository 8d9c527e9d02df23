//! The query of a request.

mod bulk;
mod look_up;
mod page;

use std::borrow::Cow;

pub use self::bulk::{BulkQuery, VALIDATE_ONLY};
pub use self::look_up::LookUp;
pub use self::page::{MAX_PER_PAGE, PageQuery, RECORD_ID_RULE, RECORD_LIST_ID_RULE};
use crate::api::event::Event;
use crate::field::Field;

/// The value of the parameter `name`, which `read` reads. `None` if the query does not have it.
fn parameter<T>(
    event: &Event,
    name: &'static str,
    read: impl Fn(&str) -> Option<T>,
    rule: &'static str,
) -> Result<Option<T>, Field> {
    let values: Vec<Cow<'_, str>> = event.query(name);
    match values.as_slice() {
        [] => Ok(None),
        [value] => read(value).map(Some).ok_or(Field::new(name, rule)),
        _ => Err(Field::new(name, "The parameter occurs more than once; send it once.")),
    }
}
