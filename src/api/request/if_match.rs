//! The header `If-Match` (RFC 9110 section 13.1.1).

use crate::api::event::Event;
use crate::store::stored_record::Precondition;

/// The precondition that `event` names. `None` if it names none or `*`, which every record meets. The comparison is
/// strong: weak entity tags match nothing, and neither does text that is not an entity tag.
pub fn if_match(event: &Event) -> Option<Precondition> {
    let lines = event.header("if-match");
    if lines.is_empty() || lines.iter().any(|line| line.trim() == "*") {
        return None;
    }
    let tags = lines.iter().flat_map(|line| line.split(',')).map(|tag| tag.trim().to_owned());
    Some(Precondition::Etag(tags.collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn tags(lines: &Value) -> Option<Vec<String>> {
        let event = json!({"httpMethod": "PATCH", "path": "/", "multiValueHeaders": {"If-Match": lines}});
        if_match(&serde_json::from_value(event).unwrap()).map(|precondition| match precondition {
            Precondition::Etag(tags) => tags,
            Precondition::UpdatedAt(_) => panic!("the header names entity tags"),
        })
    }

    #[test]
    fn a_header_names_tags_or_any_record() {
        let table = [
            (json!([]), None),
            (json!(["*"]), None),
            (json!(["\"a\""]), Some(vec!["\"a\""])),
            (json!(["\"a\", W/\"b\"", "c"]), Some(vec!["\"a\"", "W/\"b\"", "c"])),
            (json!([""]), Some(vec![""])),
        ];
        for (lines, expected) in table {
            assert_eq!(tags(&lines), expected.map(|tags| tags.into_iter().map(str::to_owned).collect()), "{lines}");
        }
    }
}
