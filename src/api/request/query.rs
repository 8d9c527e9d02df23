//! The query: the part of a collection to read, the record to look up, and the options of a bulk operation.

use std::borrow::Cow;

use url::form_urlencoded;

use crate::api::error::Error;
use crate::api::event::Event;
use crate::field::Field;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::identity::{external_id, phone_number_id};
use crate::record::is_blank;
use crate::record::phone_number::PhoneNumber;
use crate::store::find::Identifier;

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

/// The parameter that asks to validate the request and write nothing.
pub const VALIDATE_ONLY: &str = "validate_only";

const BOOLEAN_RULE: &str = "The value must be true or false.";
const IF_MISSING_RULE: &str = "The value must be create or refuse.";

/// The query of a bulk operation that takes records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkQuery {
    pub validate_only: bool,
    /// Whether an update creates a record that does not exist.
    pub creates_missing: bool,
}

impl BulkQuery {
    /// Reads `validate_only`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`].
    pub fn of_create(event: &Event) -> Result<Self, Error> {
        let validate_only = parameter(event, VALIDATE_ONLY, |value| value.parse().ok(), BOOLEAN_RULE);
        let validate_only = validate_only.map_err(|field| Error::InvalidQuery(vec![field]))?;
        Ok(Self { validate_only: validate_only.unwrap_or(false), creates_missing: true })
    }

    /// Reads `validate_only` and `if_missing`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`], with each parameter that breaks its rule.
    pub fn of_update(event: &Event) -> Result<Self, Error> {
        let if_missing = |value: &str| match value {
            "create" => Some(true),
            "refuse" => Some(false),
            _ => None,
        };
        match (Self::of_create(event), parameter(event, "if_missing", if_missing, IF_MISSING_RULE)) {
            (Ok(query), Ok(creates)) => Ok(Self { creates_missing: creates.unwrap_or(true), ..query }),
            (Err(Error::InvalidQuery(fields)), Err(field)) => {
                Err(Error::InvalidQuery(fields.into_iter().chain([field]).collect()))
            }
            (Err(error), _) => Err(error),
            (Ok(_), Err(field)) => Err(Error::InvalidQuery(vec![field])),
        }
    }
}

/// The identifier by which a record is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUp {
    /// One of its numbers.
    PhoneNumber(PhoneNumber),
    /// Its `external_provider` and `external_id`.
    Reference { provider: String, id: String },
}

const LOOK_UP_BY_REFERENCE: &str =
    "Records of this list are looked up by `external_provider` and `external_id`, since it is of type EXTERNAL.";
const LOOK_UP_BY_NUMBER: &str =
    "Records of this list are looked up by `phone_number`, since it is of type PHONE_NUMBER.";
const NO_LOOK_UP: &str = "Records of this list have no identifier but their ID, since it is of type NOTHING.";

impl LookUp {
    /// Reads `phone_number`, or `external_provider` and `external_id`; `None` if the query has none of them.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`], with each parameter that breaks its rule, or that does not go with the others.
    pub fn of(event: &Event) -> Result<Option<Self>, Error> {
        let sent = |name: &&str| !event.query(name).is_empty();
        let names: Vec<&'static str> =
            ["phone_number", "external_provider", "external_id"].into_iter().filter(sent).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let beside = ["per_page", "after"].into_iter().filter(sent);
        let mut errors: Vec<Field> = beside
            .map(|name| Field::new(name, "A look-up finds one record and has no pages; leave the parameter out."))
            .collect();
        let look_up = match names.as_slice() {
            ["phone_number"] => phone_number(event),
            ["external_provider", "external_id"] => reference(event),
            ["external_provider"] => Err(vec![Field::new("external_id", HALF)]),
            ["external_id"] => Err(vec![Field::new("external_provider", HALF)]),
            _ => Err(names.iter().map(|name| Field::new(name, ALONE)).collect()),
        };
        match look_up {
            Ok(look_up) if errors.is_empty() => Ok(Some(look_up)),
            look_up => {
                errors.extend(look_up.err().unwrap_or_default());
                Err(Error::InvalidQuery(errors))
            }
        }
    }

    /// The record of `list` that has the identifier.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidQuery`] if records of the list's type do not have it.
    pub fn identifier(&self, list: &RecordList) -> Result<Identifier, Error> {
        match (self, list.unique_identifier_type) {
            (Self::PhoneNumber(number), UniqueIdentifierType::PhoneNumber) => {
                Ok(Identifier::PhoneNumber(phone_number_id(list, number.as_str())))
            }
            (Self::Reference { provider, id }, UniqueIdentifierType::External) => {
                Ok(Identifier::Record(external_id(list, provider, id)))
            }
            (_, UniqueIdentifierType::PhoneNumber) => Err(self.refused(LOOK_UP_BY_NUMBER)),
            (_, UniqueIdentifierType::External) => Err(self.refused(LOOK_UP_BY_REFERENCE)),
            (_, UniqueIdentifierType::Nothing) => Err(self.refused(NO_LOOK_UP)),
        }
    }

    fn refused(&self, description: &'static str) -> Error {
        let name = match self {
            Self::PhoneNumber(_) => "phone_number",
            Self::Reference { .. } => "external_id",
        };
        Error::InvalidQuery(vec![Field::new(name, description)])
    }

    /// The query that looks the record up, encoded.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match self {
            Self::PhoneNumber(number) => query.append_pair("phone_number", number.as_str()),
            Self::Reference { provider, id } => {
                query.append_pair("external_provider", provider).append_pair("external_id", id)
            }
        };
        query.finish()
    }
}

const ALONE: &str = "Send `phone_number` alone, or `external_provider` and `external_id` together.";

const HALF: &str = "The parameter is missing; send both halves of the reference.";

/// A plus that was not encoded arrives as a space.
fn phone_number(event: &Event) -> Result<LookUp, Vec<Field>> {
    let description = "The value must be a phone number in international form, its plus written as %2B.";
    let read = |text: &str| {
        let plus = text.strip_prefix(' ').filter(|_| !text.contains('+')).map(|rest| format!("+{rest}"));
        PhoneNumber::parse(plus.as_deref().unwrap_or(text)).ok()
    };
    let number = parameter(event, "phone_number", read, description).map_err(|field| vec![field])?;
    number.map(LookUp::PhoneNumber).ok_or_else(|| vec![Field::new("phone_number", description)])
}

fn reference(event: &Event) -> Result<LookUp, Vec<Field>> {
    let half = |name| {
        let read = |text: &str| (!is_blank(text)).then(|| text.to_owned());
        parameter(event, name, read, "The value must not be blank.")
    };
    match (half("external_provider"), half("external_id")) {
        (Ok(Some(provider)), Ok(Some(id))) => Ok(LookUp::Reference { provider, id }),
        (provider, id) => Err(provider.err().into_iter().chain(id.err()).collect()),
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
}
