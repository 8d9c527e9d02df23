//! Members of a JSON object, put in and taken out of its text: what is not touched stays as it is.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The members of an object, in order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

/// The object in `text` without the members of these names; `None` if it is not an object.
pub fn without(text: &str, names: &[&str]) -> Option<String> {
    let Members(members) = serde_json::from_str(text).ok()?;
    let is_named = |name: &str| names.contains(&name);
    if members.iter().any(|(name, _)| is_named(name)) {
        let kept = members.into_iter().filter(|(name, _)| !is_named(name)).collect();
        serde_json::to_string(&Members(kept)).ok()
    } else {
        Some(text.trim().to_owned())
    }
}

/// The object in `text` with the members of `added` at its end, instead of its own of these names; `None` if it is
/// not an object.
pub fn with(text: &str, added: &impl Serialize) -> Option<String> {
    let added = serde_json::to_string(added).ok()?;
    let Members(added) = serde_json::from_str(&added).ok()?;
    let Members(mut members) = serde_json::from_str(text).ok()?;
    members.retain(|(name, _)| added.iter().all(|(new, _)| new != name));
    members.extend(added);
    serde_json::to_string(&Members(members)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_taken_out_by_name() {
        let table = [
            (r#" {"a": 1.0, "b":"\u00e9"} "#, Some(r#"{"a": 1.0, "b":"\u00e9"}"#)),
            (r#"{"x":7,"a":[1, {}],"y":[],"a":2}"#, Some(r#"{"a":[1, {}],"a":2}"#)),
            (r#"{"x":"x"}"#, Some("{}")),
            ("[]", None),
            ("null", None),
            (r#"{"a":1} {}"#, None),
            (r#"{"a":}"#, None),
        ];
        for (text, expected) in table {
            assert_eq!(without(text, &["x", "y"]).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn members_are_put_in_at_the_end() {
        #[derive(Serialize)]
        struct Added {
            b: u8,
            c: Vec<&'static str>,
        }
        let added = Added { b: 1, c: vec!["x"] };
        assert_eq!(with(r#"{"a" : 1e2,"b":7}"#, &added).as_deref(), Some(r#"{"a":1e2,"b":1,"c":["x"]}"#));
        assert_eq!(with("{}", &added).as_deref(), Some(r#"{"b":1,"c":["x"]}"#));
        assert_eq!(with("7", &added), None);
    }
}
