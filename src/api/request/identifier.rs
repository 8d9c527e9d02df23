//! Identifiers of records.

use uuid::Uuid;

/// Reads a record's ID: a UUID in lower case, with dashes.
pub fn record_id(text: &str) -> Option<Uuid> {
    text.parse().ok().filter(|id: &Uuid| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_id_is_a_uuid_in_lower_case() {
        let id = "ab9266d1-5d8e-5b45-94a7-c76cb78de877";
        assert!(record_id(id).is_some());
        for text in ["", "x", &id.to_uppercase(), &id.replace('-', ""), &format!("{{{id}}}")] {
            assert_eq!(record_id(text), None, "{text}");
        }
    }
}
