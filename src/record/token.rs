//! Tokens, by which a request that is sent again recognises its own writes.

use std::fmt;
use std::str::FromStr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use uuid::Uuid;

use super::derived_uuid::{self, derive};
use crate::list::RecordList;

/// The token that the writes of a request share, and no other request has.
#[derive(Debug, Clone, Copy)]
pub struct RequestToken {
    request: Uuid,
    execution: u64,
}

impl RequestToken {
    /// The token of a request: derived from its `Idempotency-Key` and body, so that the same request has it again, or
    /// random without a key.
    pub fn new(list: &RecordList, key: Option<&str>, body: &[u8]) -> Self {
        let derived = |key| derive(&[&list.account, list.id.as_str(), "REQUEST", key, &digest(body)]);
        Self::of(key.map_or_else(Uuid::new_v4, derived))
    }

    /// The same for a request that creates a list of `account`.
    pub fn of_list(account: &str, key: Option<&str>, body: &[u8]) -> Self {
        let derived = |key| derive(&[account, "RECORD-LIST", key, &digest(body)]);
        Self::of(key.map_or_else(Uuid::new_v4, derived))
    }

    fn of(request: Uuid) -> Self {
        Self { request, execution: Uuid::new_v4().as_u64_pair().0 }
    }

    /// The token of the record at `place` of the request.
    pub fn write_token(self, place: usize) -> WriteToken {
        WriteToken { request: self.request, place, execution: Some(self.execution) }
    }

    /// The ID of the list that the request creates.
    pub fn list_id(self) -> Uuid {
        self.request
    }
}

fn digest(body: &[u8]) -> String {
    derived_uuid::digest(body).to_string()
}

/// A new token for one change of a record or list: 22 random characters.
pub fn change_token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Uuid::new_v4())
}

/// The token of one write, which its items carry: `request/place/execution`. Older items lack the execution.
///
/// A request that is sent again with the same `Idempotency-Key` recognises its own items by request and place. The
/// execution distinguishes an item from one that the same request created again after somebody deleted the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteToken {
    request: Uuid,
    place: usize,
    execution: Option<u64>,
}

impl WriteToken {
    /// Whether both are tokens of the same record of the same request, in any execution.
    pub fn is_same_write(self, other: Self) -> bool {
        self.is_same_request(other) && self.place == other.place
    }

    /// Whether both are tokens of the same request.
    pub fn is_same_request(self, other: Self) -> bool {
        self.request == other.request
    }

    /// Whether `other` is the token of a later record of the same request.
    pub fn is_before(self, other: Self) -> bool {
        self.is_same_request(other) && self.place < other.place
    }

    /// The part that is the same in every execution. Never change it: the IDs of records in lists of type `NOTHING` are
    /// derived from it.
    pub fn write(self) -> String {
        format!("{}/{}", self.request, self.place)
    }
}

impl fmt::Display for WriteToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.request, self.place)?;
        match self.execution {
            Some(execution) => write!(f, "/{}", BASE64_URL_SAFE_NO_PAD.encode(execution.to_be_bytes())),
            None => Ok(()),
        }
    }
}

impl FromStr for WriteToken {
    type Err = ();

    fn from_str(token: &str) -> Result<Self, ()> {
        let mut parts = token.splitn(3, '/');
        let request = parts.next().and_then(|request| request.parse().ok()).ok_or(())?;
        let place = parts.next().and_then(|place| place.parse().ok()).ok_or(())?;
        let execution = parts.next().map(execution).transpose()?;
        Ok(Self { request, place, execution })
    }
}

fn execution(text: &str) -> Result<u64, ()> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| ())?;
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_makes_the_token_repeatable_for_the_same_request_only() {
        let token = |list: &RecordList, key, body: &[u8]| RequestToken::new(list, Some(key), body).request;
        let first = token(&RecordList::external("a", "l"), "k", b"body");
        assert_eq!(first, token(&RecordList::external("a", "l"), "k", b"body"));
        assert_ne!(first, token(&RecordList::external("b", "l"), "k", b"body"), "another account");
        assert_ne!(first, token(&RecordList::external("a", "m"), "k", b"body"), "another list");
        assert_ne!(first, token(&RecordList::external("a", "l"), "j", b"body"), "another key");
        assert_ne!(first, token(&RecordList::external("a", "l"), "k", b"body "), "another body");
        assert_ne!(first, RequestToken::of_list("a", Some("k"), b"body").request, "a list");
        let random = || RequestToken::new(&RecordList::external("a", "l"), None, b"body").request;
        assert_ne!(random(), random(), "no key");
    }

    #[test]
    fn a_write_token_is_that_which_is_stored() {
        let list = RecordList::external("7d1f0c52", "3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02");
        let token = RequestToken::new(&list, Some("k"), b"{}").write_token(3);
        assert_eq!(token.write(), "f45080e4-8b14-5c5e-869e-328fb86fe80d/3");
        let stored = token.to_string();
        assert_eq!((stored.len(), stored.parse()), (token.write().len() + 12, Ok(token)));
        let before = token.write().parse::<WriteToken>().unwrap();
        assert_eq!((before.to_string(), before.execution), (token.write(), None));
        for text in ["", "x", "f45080e4-8b14-5c5e-869e-328fb86fe80d", "x/3", "f45080e4-8b14-5c5e-869e-328fb86fe80d/3/x"]
        {
            assert_eq!(text.parse::<WriteToken>(), Err(()), "{text}");
        }
    }

    #[test]
    fn another_execution_is_the_same_write_and_another_token() {
        let list = RecordList::external("a", "l");
        let execute = || RequestToken::new(&list, Some("k"), b"{}");
        let (one, other) = (execute(), execute());
        assert!(one.write_token(1).is_same_write(other.write_token(1)));
        assert_ne!(one.write_token(1), other.write_token(1));
        assert!(one.write_token(1).is_before(other.write_token(2)));
        assert!(!one.write_token(2).is_before(other.write_token(2)));
        assert!(!one.write_token(1).is_same_request(RequestToken::new(&list, Some("j"), b"{}").write_token(1)));
    }
}
