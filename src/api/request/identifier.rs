//! Identifiers of records.

use uuid::Uuid;

/// Reads a record's ID: a UUID with dashes, in any letter case.
pub fn record_id(text: &str) -> Option<Uuid> {
    text.parse().ok().filter(|_| text.len() == HYPHENATED_BYTES)
}

/// The length of a UUID with dashes.
const HYPHENATED_BYTES: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_is_a_uuid_with_dashes() {
        let id = "ab9266d1-5d8e-5b45-94a7-c76cb78de877";
        assert_eq!(record_id(id).map(|id| id.to_string()).as_deref(), Some(id));
        assert_eq!(record_id(&id.to_uppercase()), record_id(id));
        for text in
            ["", "x", &id.replace('-', ""), &format!("{{{id}}}"), &format!("urn:uuid:{id}"), &id.replace('a', "g")]
        {
            assert_eq!(record_id(text), None, "{text}");
        }
    }
}
