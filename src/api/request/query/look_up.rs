//! The record to look up.

use url::form_urlencoded;

use super::parameter;
use crate::api::error::Error;
use crate::api::event::Event;
use crate::field::Field;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::identity::{external_id, phone_number_id};
use crate::record::is_blank;
use crate::record::phone_number::PhoneNumber;
use crate::store::find::Identifier;

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
