//! What a request says besides its body: `Idempotency-Key`, and the query of a page.

use std::borrow::Cow;

use uuid::Uuid;

use super::error::Error;
use super::event::Event;
use crate::field::Field;

/// The longest `Idempotency-Key`, in characters.
const MAX_IDEMPOTENCY_KEY_CHARACTERS: usize = 255;

/// The records of a page, at most and if the query does not say.
const MAX_PER_PAGE: usize = 100;

/// What `after` must be in a page of records.
pub const RECORD_ID_RULE: &str = "The value must be the ID of a record: a UUID in lower case.";

/// What `after` must be in a page of record lists.
pub const RECORD_LIST_ID_RULE: &str =
    "The value must be the ID of a record list: 1 to 36 letters, digits, dashes, dots, underscores or tildes.";

/// Reads the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), `None` if it is absent: 1 to 255
/// visible ASCII characters. In quotes, as the draft writes it, it is the key without them.
///
/// # Errors
///
/// [`Error::InvalidIdempotencyKey`].
pub fn idempotency_key(event: &Event) -> Result<Option<&str>, Error> {
    let mut keys = event.header("idempotency-key").into_iter().flat_map(unquoted);
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let visible =
        (1..=MAX_IDEMPOTENCY_KEY_CHARACTERS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let fault = |description| Error::InvalidIdempotencyKey(Field::new("Idempotency-Key", description));
    match (visible, keys.all(|other| other == key)) {
        (_, false) => Err(fault("The header has more than one key; send one.")),
        (false, true) => Err(fault("The key must be 1 to 255 visible ASCII characters.")),
        (true, true) => Ok(Some(key)),
    }
}

/// The keys of one header line: itself, or the quoted strings in it, which an HTTP API joins by commas.
fn unquoted(line: &str) -> Vec<&str> {
    let quoted = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
    let Some(quoted) = quoted else {
        return vec![line];
    };
    let pieces: Vec<&str> = quoted.split('"').collect();
    let is_list = pieces.len() % 2 == 1 && pieces.iter().skip(1).step_by(2).all(|between| between.trim() == ",");
    if is_list { pieces.into_iter().step_by(2).collect() } else { vec![quoted] }
}

/// What of a collection a page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery<T> {
    /// How many elements it has at most: 1 to 100.
    pub per_page: usize,
    /// The ID it starts after.
    pub after: Option<T>,
    /// Whether the query named `per_page`: links repeat it then.
    pub per_page_given: bool,
}

impl<T> PageQuery<T> {
    /// Reads `per_page` and `after`; `id` reads an ID of the collection, and `shape` says what that is.
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

/// Reads a record's ID: a UUID in lower case, with dashes.
pub fn record_id(text: &str) -> Option<Uuid> {
    text.parse().ok().filter(|id: &Uuid| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn event(mut event: Value) -> Event {
        event["httpMethod"] = json!("GET");
        event["path"] = json!("/");
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        let long = "k".repeat(255);
        let too_long = "k".repeat(256);
        let quoted = format!("\"{long}\"");
        let table: [(&[&str], Option<&str>); 17] = [
            (&["8e03978e-40d5-43dd-bc93"], Some("8e03978e-40d5-43dd-bc93")),
            (&["~!"], Some("~!")),
            (&["a,b"], Some("a,b")),
            (&[&long], Some(&long)),
            (&[&quoted], Some(&long)),
            (&["\"8e03\""], Some("8e03")),
            (&["8e03", "\"8e03\""], Some("8e03")),
            (&["\"8e03\", \"8e03\""], Some("8e03")),
            (&["\""], Some("\"")),
            (&["8e03", "8e04"], None),
            (&["\"8e03\",\"8e04\""], None),
            (&["\"\""], None),
            (&[&too_long], None),
            (&[""], None),
            (&["a b"], None),
            (&["a\tb"], None),
            (&["ключ"], None),
        ];
        for (keys, expected) in table {
            let event = event(json!({"multiValueHeaders": {"Idempotency-Key": keys}}));
            let key = idempotency_key(&event);
            assert_eq!(key.as_ref().ok().copied().flatten(), expected, "{keys:?}");
            assert_eq!(key.is_err(), expected.is_none(), "{keys:?}");
        }
        assert_eq!(idempotency_key(&event(json!({}))), Ok(None));
    }

    #[test]
    fn a_page_query_has_rules() {
        let id = |text: &str| (text != "x").then(|| text.to_owned());
        let page =
            |query: Value| PageQuery::of(&event(json!({"multiValueQueryStringParameters": query})), id, "An ID.");
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

    #[test]
    fn a_record_id_is_a_uuid_in_lower_case() {
        let id = "ab9266d1-5d8e-5b45-94a7-c76cb78de877";
        assert!(record_id(id).is_some());
        for text in ["", "x", &id.to_uppercase(), &id.replace('-', ""), &format!("{{{id}}}")] {
            assert_eq!(record_id(text), None, "{text}");
        }
    }
}
