//! What a record is known by: IDs and write tokens, derived so that the same record can only ever be the same item.

use lambda_http::http::HeaderMap;
use uuid::Uuid;

use crate::error::Error;
use crate::list::{RecordList, UniqueIdentifierType};
use crate::record::Record;

/// The namespace of every UUID (version 5) that is derived here. To change it is to forget what is stored.
const NAMESPACE: Uuid = Uuid::from_u128(0x5d8c_35c1_7f0a_4b0e_9d35_86a5_57c2_0b5f);

/// The longest `Idempotency-Key`, in characters.
pub const MAX_IDEMPOTENCY_KEY_CHARACTERS: usize = 255;

/// The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, Copy)]
pub struct IdempotencyKey<'a>(&'a str);

impl<'a> IdempotencyKey<'a> {
    /// Reads the header, `None` where it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidIdempotencyKey`].
    pub fn of(headers: &'a HeaderMap) -> Result<Option<Self>, Error> {
        let Some(value) = headers.get("idempotency-key") else {
            return Ok(None);
        };
        let visible = |key: &&str| {
            (1..=MAX_IDEMPOTENCY_KEY_CHARACTERS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
        };
        value.to_str().ok().filter(visible).map(|key| Some(Self(key))).ok_or(Error::InvalidIdempotencyKey)
    }
}

/// What tells the writes of one request from those of every other.
#[derive(Debug, Clone, Copy)]
pub struct RequestToken(Uuid);

impl RequestToken {
    /// A token of its own for a request without key; with one, the token that the same request had before.
    #[must_use]
    pub fn new(list: &RecordList, key: Option<IdempotencyKey<'_>>, body: &[u8]) -> Self {
        let Some(IdempotencyKey(key)) = key else {
            return Self(Uuid::new_v4());
        };
        let body = Uuid::new_v5(&NAMESPACE, body).to_string();
        Self(derive(&[&list.account, list.id.as_str(), "REQUEST", key, &body]))
    }

    /// The token of the record at `index` of the request.
    #[must_use]
    pub fn write_token(self, index: usize) -> String {
        format!("{}/{index}", self.0)
    }
}

/// The IDs that `record`, the one at `index` of its request, takes in `list`: its own, then one for each further phone
/// number that must be unique. Two records share an ID exactly when one is a duplicate of the other.
#[must_use]
pub fn ids(list: &RecordList, record: &Record<'_>, token: RequestToken, index: usize) -> Vec<Uuid> {
    let derive = |kind: &str, parts: &[&str]| derive(&[&[&list.account, list.id.as_str(), kind], parts].concat());
    match list.unique_identifier_type {
        UniqueIdentifierType::External => {
            let reference = [record.external_provider().unwrap_or_default(), record.external_id().unwrap_or_default()];
            vec![derive("EXTERNAL", &reference)]
        }
        UniqueIdentifierType::PhoneNumber => {
            let mut ids = Vec::with_capacity(record.phone_numbers().len());
            for number in record.phone_numbers() {
                let id = derive("PHONE_NUMBER", &[number.phone_number.as_str()]);
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            ids
        }
        UniqueIdentifierType::Nothing => vec![derive("NOTHING", &[&token.write_token(index)])],
    }
}

/// A UUID of `parts`. The name is a JSON array, in which no two lists of strings look the same: `("a", "b#c")` is not
/// `("a#b", "c")`.
fn derive(parts: &[&str]) -> Uuid {
    Uuid::new_v5(&NAMESPACE, &serde_json::to_vec(parts).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use lambda_http::http::HeaderValue;

    use super::*;
    use crate::list::RecordListId;

    fn list(account: &str, id: &str) -> RecordList {
        RecordList {
            account: account.to_owned(),
            id: RecordListId::parse(id).unwrap(),
            unique_identifier_type: UniqueIdentifierType::External,
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(derive(&["a", "b#c"]), derive(&["a#b", "c"]));
        assert_ne!(derive(&["a\",\"b"]), derive(&["a", "b"]));
        assert_eq!(derive(&["a", "b"]), derive(&["a", "b"]));
    }

    #[test]
    fn records_spread_evenly_over_the_16_shards() {
        const RECORDS: u32 = 100_000;
        let list = ["7d1f0c52", "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f01"];
        let mut shards = [0_u32; 16];
        for record in 0..RECORDS {
            let id = derive(&[list[0], list[1], "EXTERNAL", "crm", &format!("C-{record}")]);
            shards[usize::from(id.as_bytes()[0] >> 4)] += 1;
        }
        let expected = f64::from(RECORDS) / 16.0;
        let differences = shards.map(|records| f64::from(records) - expected);
        let chi_square: f64 = differences.iter().map(|difference| difference * difference / expected).sum();
        // The 99.9th percentile with 15 degrees of freedom.
        assert!(chi_square < 37.70, "{chi_square}: {shards:?}");
        assert!(differences.iter().all(|difference| difference.abs() < 0.04 * expected), "{shards:?}");
    }

    #[test]
    fn a_key_makes_the_token_repeatable_for_the_same_request_only() {
        let token = |list: &RecordList, key, body: &[u8]| RequestToken::new(list, Some(IdempotencyKey(key)), body).0;
        let first = token(&list("a", "l"), "k", b"body");
        assert_eq!(first, token(&list("a", "l"), "k", b"body"));
        assert_ne!(first, token(&list("b", "l"), "k", b"body"), "another account");
        assert_ne!(first, token(&list("a", "m"), "k", b"body"), "another list");
        assert_ne!(first, token(&list("a", "l"), "j", b"body"), "another key");
        assert_ne!(first, token(&list("a", "l"), "k", b"body "), "another body");
        let random = || RequestToken::new(&list("a", "l"), None, b"body").0;
        assert_ne!(random(), random(), "no key");
    }

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        let long = "k".repeat(255);
        let too_long = "k".repeat(256);
        let table = [("8e03978e-40d5-43dd-bc93", true), ("~!", true), (&long, true), (&too_long, false), ("", false)];
        let more = [("a b", false), ("a\tb", false), ("ключ", false)];
        for (key, expected) in table.into_iter().chain(more) {
            let headers = HeaderMap::from_iter([(
                "idempotency-key".parse().unwrap(),
                HeaderValue::from_bytes(key.as_bytes()).unwrap(),
            )]);
            assert_eq!(IdempotencyKey::of(&headers).is_ok(), expected, "{key}");
        }
        assert!(IdempotencyKey::of(&HeaderMap::new()).unwrap().is_none());
    }
}
