//! `extra_data`: any JSON object that DynamoDB can hold without changing a value.

mod number;

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use self::number::StorableNumber;
use super::errors::{RecordError, RecordErrorCode};
use super::member::Text;
use crate::dynamodb::attribute::{
    CONTAINER_BYTES, ELEMENT_BYTES, FLAG_BYTES, MAX_ITEM_BYTES, MAX_LEVELS, MAX_NAME_BYTES, write_string,
};

const EMPTY_NAME: &str = "The object has a member with an empty name; give every member a name.";
const LONG_NAME: &str = "The object has a member with too long a name; send at most 65,535 bytes.";
const NAME_NOT_UNICODE: &str = "The object has a member whose name is not valid Unicode; send surrogates in pairs.";
const REPEATED: &str = "The member occurs more than once; send it once.";
const TOO_DEEP: &str = "The value is nested too deeply; `extra_data` can have 32 levels.";
const TEXT_NOT_UNICODE: &str = "The string is not valid Unicode; send surrogates in pairs.";

/// The description of a record over DynamoDB's limit.
pub const TOO_LARGE: &str = "The record is larger than 400 KB; this is its largest member.";

/// Extra data that DynamoDB can hold. Whether the whole item fits is checked later.
#[derive(Debug, Clone)]
pub struct ExtraData<'a> {
    raw: &'a RawValue,
    attribute: Vec<u8>,
    size: usize,
}

impl<'a> ExtraData<'a> {
    /// Reads an object, checks it and converts it to DynamoDB's JSON, in one pass.
    ///
    /// # Errors
    ///
    /// The first place that DynamoDB cannot hold (too deep, too large by itself, an empty or too long name, a number
    /// beyond its range or precision), or would not return as it was sent (a name that occurs twice, text that is not
    /// Unicode).
    pub fn parse(raw: &'a RawValue) -> Result<Self, RecordError> {
        let mut walk =
            Walk { attribute: Vec::with_capacity(2 * raw.get().len()), size: 0, description: "", path: vec![] };
        match walk.value(raw, MAX_LEVELS) {
            Ok(()) => Ok(Self { raw, attribute: walk.attribute, size: walk.size }),
            Err(Unstorable) => Err(walk.error()),
        }
    }

    /// The object in DynamoDB's JSON: `{"M":{…}}`.
    pub fn attribute(&self) -> &[u8] {
        &self.attribute
    }

    /// The size of the object in an item, in bytes.
    pub fn size(&self) -> usize {
        self.size
    }
}

/// Writes the object as it was sent.
impl Serialize for ExtraData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}

/// The object cannot be stored. The [`Walk`] has the reason and the path.
struct Unstorable;

/// The beginning and the end of a container in DynamoDB's JSON.
#[derive(Clone, Copy)]
struct Brackets {
    open: &'static str,
    close: &'static str,
}

const MAP: Brackets = Brackets { open: "{\"M\":{", close: "}}" };
const LIST: Brackets = Brackets { open: "{\"L\":[", close: "]}" };

/// The pass through an object, which writes it in DynamoDB's JSON and adds up its size.
struct Walk {
    attribute: Vec<u8>,
    size: usize,
    description: &'static str,
    /// The path of the error, the innermost segment first.
    path: Vec<String>,
}

impl Walk {
    fn error(self) -> RecordError {
        let path = if self.description == TOO_LARGE { Vec::new() } else { self.path };
        let name = path.into_iter().rev().fold("extra_data".to_owned(), |name, segment| name + &segment);
        RecordError::at(RecordErrorCode::Other, name, self.description)
    }

    fn fail(&mut self, description: &'static str) -> Unstorable {
        // Each container that passes an error on calls this too: the first reason is the right one.
        if self.description.is_empty() {
            self.description = description;
        }
        Unstorable
    }

    fn add(&mut self, bytes: usize) -> Result<(), Unstorable> {
        self.size += bytes;
        // Not after the pass: what is written for many small values could fill the memory.
        if self.size > MAX_ITEM_BYTES { Err(self.fail(TOO_LARGE)) } else { Ok(()) }
    }

    fn value(&mut self, raw: &RawValue, levels: usize) -> Result<(), Unstorable> {
        let text = raw.get();
        let below = levels.checked_sub(1).ok_or_else(|| self.fail(TOO_DEEP))?;
        match text.as_bytes()[0] {
            b'{' => self.container(text, MAP, below),
            b'[' => self.container(text, LIST, below),
            b'"' => self.text(text),
            b't' => self.flag("{\"BOOL\":true}"),
            b'f' => self.flag("{\"BOOL\":false}"),
            b'n' => self.flag("{\"NULL\":true}"),
            _ => self.number(text),
        }
    }

    fn write(&mut self, text: &str) {
        self.attribute.extend_from_slice(text.as_bytes());
    }

    fn container(&mut self, text: &str, brackets: Brackets, levels: usize) -> Result<(), Unstorable> {
        self.add(CONTAINER_BYTES)?;
        self.write(brackets.open);
        let mut json = serde_json::Deserializer::from_str(text);
        let read = json.deserialize_any(Container { walk: self, levels });
        read.map_err(|_| self.fail(NAME_NOT_UNICODE))?;
        self.write(brackets.close);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Unstorable> {
        let decoded: Text<'_> = serde_json::from_str(text).map_err(|_| self.fail(TEXT_NOT_UNICODE))?;
        self.add(decoded.as_str().len())?;
        // DynamoDB's JSON writes a string in the same way, escapes included.
        self.write("{\"S\":");
        self.write(text);
        self.write("}");
        Ok(())
    }

    fn flag(&mut self, attribute: &str) -> Result<(), Unstorable> {
        self.add(FLAG_BYTES)?;
        self.write(attribute);
        Ok(())
    }

    fn number(&mut self, text: &str) -> Result<(), Unstorable> {
        let number = StorableNumber::parse(text).map_err(|description| self.fail(description))?;
        self.add(number.size)?;
        self.write("{\"N\":\"");
        self.write(&number.text);
        self.write("\"}");
        Ok(())
    }

    fn element(
        &mut self,
        raw: &RawValue,
        levels: usize,
        name_bytes: usize,
        segment: impl FnOnce() -> String,
    ) -> Result<(), Unstorable> {
        let result = self.add(ELEMENT_BYTES + name_bytes).and_then(|()| self.value(raw, levels));
        result.inspect_err(|Unstorable| self.path.push(segment()))
    }
}

/// Reads the content of an object or a list, at most `levels` deep.
struct Container<'w> {
    walk: &'w mut Walk,
    levels: usize,
}

impl<'de> Visitor<'de> for Container<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(element) = elements.next_element::<&RawValue>()? {
            if index > 0 {
                self.walk.write(",");
            }
            self.walk.element(element, self.levels, 0, || format!("[{index}]")).map_err(unstorable)?;
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some((text, value)) = members.next_entry::<Text<'_>, &RawValue>()? {
            let name = text.as_str();
            check_name(self.walk, name, names.contains(&text)).map_err(unstorable)?;
            if !names.is_empty() {
                self.walk.write(",");
            }
            write_string(&mut self.walk.attribute, name);
            self.walk.write(":");
            self.walk.element(value, self.levels, name.len(), || format!(".{name}")).map_err(unstorable)?;
            names.insert(text);
        }
        Ok(())
    }
}

fn unstorable<E: Error>(_: Unstorable) -> E {
    E::custom("not storable")
}

fn check_name(walk: &mut Walk, name: &str, is_repeated: bool) -> Result<(), Unstorable> {
    match name.len() {
        0 => Err(walk.fail(EMPTY_NAME)),
        1..=MAX_NAME_BYTES if is_repeated => {
            walk.path.push(format!(".{name}"));
            Err(walk.fail(REPEATED))
        }
        1..=MAX_NAME_BYTES => Ok(()),
        _ => Err(walk.fail(LONG_NAME)),
    }
}

#[cfg(test)]
mod tests {
    use super::number::{DIGITS, RANGE};
    use super::*;

    /// The attribute that is stored, or the error's path and description.
    fn parse(text: &str) -> Result<String, (String, &'static str)> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        match ExtraData::parse(raw) {
            Ok(data) => Ok(String::from_utf8(data.attribute().to_vec()).unwrap()),
            Err(error) => Err((error.name.into_owned(), error.description)),
        }
    }

    #[test]
    fn a_number_is_stored_to_the_last_digit() {
        assert_eq!(parse(r#"{"n":12345678901234567890}"#).unwrap(), r#"{"M":{"n":{"N":"12345678901234567890"}}}"#);
    }

    #[test]
    fn every_json_type_has_an_attribute() {
        let stored = r#"{"M":{"ключ.1":{"S":"\u00e9\n"},"list":{"L":[{"BOOL":true},{"NULL":true},{"M":{}}]},"b":{"BOOL":false}}}"#;
        assert_eq!(parse(r#"{ "ключ.1": "\u00e9\n", "list": [true, null, { }], "b": false }"#).unwrap(), stored);
    }

    #[test]
    fn the_size_is_dynamodbs() {
        let size = |text: &str| ExtraData::parse(serde_json::from_str(text).unwrap()).unwrap().size();
        assert_eq!(size("{}"), 3);
        assert_eq!(size(r#"{"ab":"é"}"#), 3 + 1 + 2 + 2);
        assert_eq!(size(r#"{"a":"\u00e9\n","b":[true,null]}"#), 3 + (1 + 1 + 3) + (1 + 1 + 3 + 1 + 1 + 1 + 1));
        assert_eq!(size(r#"{"a":-12.345}"#), 3 + 1 + 1 + 5);
    }

    /// The place and description of a error, if there is one.
    type Expected<'a> = Option<(&'a str, &'a str)>;

    #[test]
    fn what_would_not_come_back_as_it_was_sent_is_refused_at_its_place() {
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1));
        let empty = |levels: usize| format!("{}{{}}{}", r#"{"a":"#.repeat(levels - 1), "}".repeat(levels - 1));
        let lists = |lists: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(lists), "]".repeat(lists));
        let too_deep = format!("extra_data{}", ".a".repeat(32));
        let in_lists = format!("extra_data.a{}", "[0]".repeat(31));
        let table: Vec<(&str, String, Expected<'_>)> = vec![
            ("empty", "{}".to_owned(), None),
            ("32 levels", nested(32), None),
            ("33 levels", nested(33), Some((&too_deep, TOO_DEEP))),
            ("100,000 levels", nested(100_000), Some((&too_deep, TOO_DEEP))),
            ("an empty object at level 32", empty(32), None),
            ("an empty object at level 33", empty(33), Some((&too_deep, TOO_DEEP))),
            ("30 lists are levels 2 to 31", lists(30), None),
            ("31 lists are levels 2 to 32", lists(31), Some((&in_lists, TOO_DEEP))),
            ("an empty name", r#"{"":1}"#.to_owned(), Some(("extra_data", EMPTY_NAME))),
            ("an empty name inside", r#"{"a":[0,{"":1}]}"#.to_owned(), Some(("extra_data.a[1]", EMPTY_NAME))),
            ("too long a name", format!(r#"{{"{}":1}}"#, "a".repeat(65_536)), Some(("extra_data", LONG_NAME))),
            ("a name twice", r#"{"b":{"a":1,"\u0061":2}}"#.to_owned(), Some(("extra_data.b.a", REPEATED))),
            ("half a character", r#"{"a":"\ud83d"}"#.to_owned(), Some(("extra_data.a", TEXT_NOT_UNICODE))),
            ("half a name", r#"{"a":{"\ud83d":1}}"#.to_owned(), Some(("extra_data.a", NAME_NOT_UNICODE))),
            ("a number out of range", r#"{"a":{"b":1e300}}"#.to_owned(), Some(("extra_data.a.b", RANGE))),
            ("39 digits", format!(r#"{{"a":{}}}"#, "9".repeat(39)), Some(("extra_data.a", DIGITS))),
            (
                "over an item's limit",
                format!(r#"{{"a":[{}[]]}}"#, "[],".repeat(150_000)),
                Some(("extra_data", TOO_LARGE)),
            ),
        ];
        for (name, text, expected) in table {
            let expected = expected.map(|(path, description)| (path.to_owned(), description));
            assert_eq!(parse(&text).err(), expected, "{name}");
        }
    }
}
