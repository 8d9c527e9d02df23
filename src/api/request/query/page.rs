//! The part of a collection to read.

use super::parameter;
use crate::api::error::Error;
use crate::api::event::Event;

/// The most elements of a page, and the number if the query has none.
pub const MAX_PER_PAGE: usize = 100;

/// The rule of `after` in a page of records.
pub const RECORD_ID_RULE: &str = "The value must be the ID of a record: a UUID.";

/// The rule of `after` in a page of record lists.
pub const RECORD_LIST_ID_RULE: &str =
    "The value must be the ID of a record list: 1 to 36 letters, digits, dashes, dots, underscores or tildes.";

/// The part of a collection that is on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery<T> {
    /// The most elements: 1 to 100.
    pub per_page: usize,
    /// The ID that the page starts after.
    pub after: Option<T>,
    /// Whether the query names `per_page`, so that links repeat it.
    pub per_page_given: bool,
}

impl<T> PageQuery<T> {
    /// Reads `per_page` and `after`. `id` reads an ID of the collection; `shape` describes a valid one.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`], with each parameter that breaks its rule.
    pub fn of(event: &Event, id: impl Fn(&str) -> Option<T>, shape: &'static str) -> Result<Self, Error> {
        let per_page =
            parameter(event, "per_page", per_page, "The value must be an integer from 1 to 100, in digits only.");
        let after = parameter(event, "after", id, shape);
        match (per_page, after) {
            (Ok(per_page), Ok(after)) => {
                Ok(Self { per_page: per_page.unwrap_or(MAX_PER_PAGE), after, per_page_given: per_page.is_some() })
            }
            (per_page, after) => Err(Error::InvalidQuery(per_page.err().into_iter().chain(after.err()).collect())),
        }
    }
}

fn per_page(digits: &str) -> Option<usize> {
    let value = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?;
    value.filter(|per_page| (1..=MAX_PER_PAGE).contains(per_page))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_page_query_has_rules() {
        let id = |text: &str| (text != "x").then(|| text.to_owned());
        let page =
            |query: Value| PageQuery::of(&Event::get(json!({"multiValueQueryStringParameters": query})), id, "An ID.");
        let all = PageQuery { per_page: 100, after: None, per_page_given: false };
        assert_eq!(page(json!({"page": ["2"]})), Ok(all));
        let some = PageQuery { per_page: 7, after: Some("a".to_owned()), per_page_given: true };
        assert_eq!(page(json!({"per_page": ["007"], "after": ["a"]})), Ok(some));
        for per_page in [&["0"][..], &["101"], &[""], &["+7"], &["７"], &["7", "7"], &["99999999999999999999"]] {
            let error = page(json!({"per_page": per_page, "after": ["x"]})).unwrap_err();
            let Error::InvalidQuery(fields) = error else { panic!("{error:?}") };
            assert_eq!(
                fields.iter().map(|field| &*field.name).collect::<Vec<_>>(),
                ["per_page", "after"],
                "{per_page:?}"
            );
        }
    }
}
