//! IDs, derived so that the same identity can only ever be the same item.

use uuid::Uuid;

use super::Record;
use super::derived_uuid::derive;
use super::token::WriteToken;
use crate::list::RecordList;

/// The part of a record that no other record of its list may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity<'a> {
    /// Its reference in another system.
    External { provider: &'a str, id: &'a str },
    /// Each of its phone numbers.
    PhoneNumbers,
    /// Nothing.
    None,
}

/// The IDs that `record` has in `list`: its own, then one for each further phone number that must be unique. Two
/// records share an ID exactly when one is a duplicate of the other.
pub fn ids(list: &RecordList, record: &Record<'_>, write_token: WriteToken) -> Vec<Uuid> {
    match record.identity() {
        Identity::External { provider, id } => vec![external_id(list, provider, id)],
        Identity::PhoneNumbers => {
            let numbers = record.numbers();
            let ids = Vec::with_capacity(numbers.len());
            with_phone_number_ids(ids, list, numbers.iter().map(|number| number.phone_number.as_str()))
        }
        Identity::None => vec![derive_in(list, &["NOTHING", &write_token.write()])],
    }
}

/// The ID of the record with this reference.
pub fn external_id(list: &RecordList, provider: &str, id: &str) -> Uuid {
    derive_in(list, &["EXTERNAL", provider, id])
}

/// The ID of the record or alias with this phone number, which is in E.164, as it is stored.
pub fn phone_number_id(list: &RecordList, number: &str) -> Uuid {
    derive_in(list, &["PHONE_NUMBER", number])
}

/// Adds the IDs of `numbers` that are not among `ids` yet.
pub fn with_phone_number_ids<'a>(
    mut ids: Vec<Uuid>,
    list: &RecordList,
    numbers: impl Iterator<Item = &'a str>,
) -> Vec<Uuid> {
    for id in numbers.map(|number| phone_number_id(list, number)) {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// A UUID derived from `parts` and `list`. Never change it: stored records would no longer be recognised.
fn derive_in(list: &RecordList, parts: &[&str]) -> Uuid {
    let of_list = [&list.account, list.id.as_str()];
    match &list.salt {
        Some(salt) => derive(&[&["SALT", salt], &of_list, parts].concat()),
        None => derive(&[&of_list, parts].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_that_are_stored() {
        let list = RecordList::external("7d1f0c52", "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02");
        let number = phone_number_id(&list, "+351929312319").to_string();
        let expected = "36574a5a-9c47-50b2-a567-ed4a370d6db9";
        assert_eq!(number, expected);
        assert_eq!(external_id(&list, "crm", "1").to_string(), "886489b7-56b6-5c4f-b90c-5e0714481d26");
    }

    #[test]
    fn ids_of_a_salted_list_depend_on_its_salt() {
        let list = |salt: &str| RecordList {
            salt: Some(salt.to_owned()),
            ..RecordList::external("7d1f0c52", "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02")
        };
        let salted = list("0f3c9a52-0000-4000-8000-5a0c7d9e1f02");
        let number = "+351929312319";
        assert_eq!(phone_number_id(&salted, number).to_string(), "b6958eaf-6ce8-53a4-8aca-554174775491");
        assert_eq!(external_id(&salted, "crm", "1").to_string(), "5e55bcff-d023-5d5d-b227-69115a9649ff");
        assert_ne!(phone_number_id(&salted, number), phone_number_id(&list("another"), number));
        assert_ne!(
            phone_number_id(&salted, number),
            phone_number_id(&RecordList { salt: None, ..salted.clone() }, number)
        );
    }

    #[test]
    fn records_spread_evenly_over_the_16_shards() {
        const RECORDS: u32 = 100_000;
        let list = RecordList::external("7d1f0c52", "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f01");
        let mut shards = [0_u32; 16];
        for record in 0..RECORDS {
            let id = external_id(&list, "crm", &format!("C-{record}"));
            shards[usize::from(id.as_bytes()[0] >> 4)] += 1;
        }
        let expected = f64::from(RECORDS) / 16.0;
        let differences = shards.map(|records| f64::from(records) - expected);
        let chi_square: f64 = differences.iter().map(|difference| difference * difference / expected).sum();
        // The 99.9th percentile with 15 degrees of freedom.
        assert!(chi_square < 37.70, "{chi_square}: {shards:?}");
        assert!(differences.iter().all(|difference| difference.abs() < 0.04 * expected), "{shards:?}");
    }
}
