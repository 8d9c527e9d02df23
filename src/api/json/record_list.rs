//! The JSON of record lists: to create, to rename, and as they are stored.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::error::Error;
use crate::api::hal::ListUrl;
use crate::api::link::Link;
use crate::api::request::body::Body;
use crate::field::Field;
use crate::list::{NewList, RecordList, UniqueIdentifierType};
use crate::record::is_blank;
use crate::record::member::{Member, Text};
use crate::store::lists::StoredList;

/// The longest name, in characters.
const MAX_NAME_CHARACTERS: usize = 120;

/// The description of a body that creates a list.
const EXPECTED: &str =
    "Send a JSON object with a `name` of 1 to 120 characters and, optionally, a `unique_identifier_type`.";
const SHAPE: &str = "The body must be a JSON object in which no member occurs twice.";

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListDraft<'a> {
    #[serde(borrow)]
    name: Member<Text<'a>>,
    unique_identifier_type: Member<Text<'a>>,
}

/// Reads the list that `body` describes.
///
/// # Errors
///
/// [`Error::InvalidBody`], with each member that breaks its rule.
pub fn new_list(body: &Body<'_>) -> Result<NewList, Error> {
    let invalid = |fields| Error::InvalidBody { expected: EXPECTED, fields };
    let draft: ListDraft<'_> = body.read('{', SHAPE).map_err(|field| invalid(vec![field]))?;
    match (name(&draft.name), unique(&draft.unique_identifier_type)) {
        (Ok(name), Ok(unique)) => Ok(NewList { name, unique, salt: Uuid::new_v4().to_string() }),
        (name, unique) => Err(invalid(name.err().into_iter().chain(unique.err()).collect())),
    }
}

/// The description of a body that renames a list.
const RENAME: &str = "Send a JSON object with a `name` of 1 to 120 characters; a list's type never changes.";

/// A patch of a list.
#[derive(Debug, PartialEq, Eq)]
pub struct ListPatch {
    /// The new name, `None` if it stays.
    pub name: Option<String>,
    unique: Option<UniqueIdentifierType>,
}

/// Reads the patch that `body` is.
///
/// # Errors
///
/// [`Error::InvalidBody`], with each member that breaks its rule.
pub fn list_patch(body: &Body<'_>) -> Result<ListPatch, Error> {
    let draft: ListDraft<'_> =
        body.read('{', SHAPE).map_err(|field| Error::InvalidBody { expected: RENAME, fields: vec![field] })?;
    let name = if draft.name == Member::Absent { Ok(None) } else { name(&draft.name).map(Some) };
    let sent = &draft.unique_identifier_type;
    let unique = if *sent == Member::Absent { Ok(None) } else { known_type(sent).map(Some).ok_or(TYPE_CHANGES) };
    match (name, unique) {
        (Ok(name), Ok(unique)) => Ok(ListPatch { name, unique }),
        (name, unique) => {
            let fields = name.err().into_iter().chain(unique.err()).collect();
            Err(Error::InvalidBody { expected: RENAME, fields })
        }
    }
}

impl ListPatch {
    /// Checks that the patch does not change the type of `list`, which never changes.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidBody`].
    pub fn check(&self, list: &RecordList) -> Result<(), Error> {
        match self.unique {
            Some(unique) if unique != list.unique_identifier_type => {
                Err(Error::InvalidBody { expected: RENAME, fields: vec![TYPE_CHANGES] })
            }
            _ => Ok(()),
        }
    }
}

fn known_type(sent: &Member<Text<'_>>) -> Option<UniqueIdentifierType> {
    sent.value().and_then(|unique| unique.as_str().parse().ok())
}

const TYPE_CHANGES: Field =
    Field::new("unique_identifier_type", "The type of a list never changes; leave the member out.");

fn name(sent: &Member<Text<'_>>) -> Result<String, Field> {
    let description = match sent {
        Member::Absent | Member::Null => "The name is missing; send 1 to 120 characters.",
        Member::WrongType => "The name must be a string of 1 to 120 characters.",
        Member::Value(name) if is_blank(name.as_str()) => "The name is blank; send at least one visible character.",
        Member::Value(name) if name.as_str().chars().count() > MAX_NAME_CHARACTERS => {
            "The name has more than 120 characters; send 1 to 120."
        }
        Member::Value(name) => return Ok(name.as_str().to_owned()),
    };
    Err(Field::new("name", description))
}

fn unique(sent: &Member<Text<'_>>) -> Result<UniqueIdentifierType, Field> {
    let unique = match sent {
        Member::Absent | Member::Null => Some(UniqueIdentifierType::default()),
        sent => known_type(sent),
    };
    unique.ok_or(Field::new("unique_identifier_type", "The type must be EXTERNAL, PHONE_NUMBER or NOTHING."))
}

/// A stored list with its links.
#[derive(Serialize)]
pub struct RecordListBody<'a> {
    id: &'a str,
    name: &'a str,
    unique_identifier_type: &'static str,
    created_at: &'a str,
    updated_at: &'a str,
    #[serde(rename = "_links")]
    links: ListLinks,
}

#[derive(Serialize)]
struct ListLinks {
    #[serde(rename = "self")]
    itself: Link,
    records: Link,
}

impl<'a> RecordListBody<'a> {
    /// `stored`, which is at `url`.
    pub fn new(stored: &'a StoredList, url: &ListUrl) -> Self {
        Self {
            id: stored.list.id.as_str(),
            name: &stored.name,
            unique_identifier_type: stored.list.unique_identifier_type.into(),
            created_at: &stored.created_at,
            updated_at: &stored.updated_at,
            links: ListLinks { itself: url.link(), records: url.records() },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::event::Event;

    fn read(body: &str) -> Result<(String, UniqueIdentifierType), Vec<String>> {
        let event: Event = serde_json::from_value(json!({"httpMethod": "POST", "path": "/", "body": body})).unwrap();
        new_list(&Body::of(&event).unwrap()).map(|new| (new.name, new.unique)).map_err(|error| {
            let Error::InvalidBody { fields, .. } = error else { panic!("{error:?}") };
            fields.into_iter().map(|field| field.name.into_owned()).collect()
        })
    }

    #[test]
    fn a_list_needs_a_name_only() {
        let list = |name: &str, unique| Ok((name.to_owned(), unique));
        assert_eq!(read(r#"{"name": " Leads ", "color": 1}"#), list(" Leads ", UniqueIdentifierType::PhoneNumber));
        let null = r#"{"name": "a", "unique_identifier_type": null}"#;
        assert_eq!(read(null), list("a", UniqueIdentifierType::PhoneNumber));
        let external = r#"{"name": "a", "unique_identifier_type": "EXTERNAL"}"#;
        assert_eq!(read(external), list("a", UniqueIdentifierType::External));
        assert_eq!(read(&json!({"name": "😀".repeat(120)}).to_string()).map(|_| ()), Ok(()));
    }

    #[test]
    fn every_member_that_breaks_its_rule_is_named() {
        let long = json!({"name": "a".repeat(121)}).to_string();
        let table: [(&str, &[&str]); 9] = [
            ("{}", &["name"]),
            (r#"{"name": null}"#, &["name"]),
            (r#"{"name": 5}"#, &["name"]),
            (r#"{"name": "\u200b \u0000"}"#, &["name"]),
            (&long, &["name"]),
            (r#"{"unique_identifier_type": "external"}"#, &["name", "unique_identifier_type"]),
            (r#"{"name": "a", "unique_identifier_type": 1}"#, &["unique_identifier_type"]),
            (r#"["a"]"#, &["body"]),
            (r#"{"name": "a", "name": "b"}"#, &["body"]),
        ];
        for (body, expected) in table {
            assert_eq!(read(body).unwrap_err(), expected, "{body}");
        }
    }
}
