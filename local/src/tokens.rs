//! Stands in for the identity provider and for API Gateway's JWT authorizer: issues tokens and verifies them.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use axum::http::{HeaderMap, header::AUTHORIZATION};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::lists;
use crate::template::ResponseType;

const ISSUER: &str = "http://127.0.0.1/local-issuer";
const AUDIENCE: &str = "http://127.0.0.1/local-api";

/// The scope that allows every operation of the API.
const SCOPE: &str = "record-lists:manage";

/// The life of a token: long enough for a working day.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// The length of the key. RFC 7518 section 3.2 requires at least 256 bits.
const KEY_BYTES: usize = 32;

/// The claims of a caller of the [account](lists::ACCOUNT) of the lists who may do everything.
#[must_use]
pub fn claims() -> Map<String, Value> {
    let claims = [("iss", ISSUER), ("sub", "local"), ("aud", AUDIENCE), ("scope", SCOPE), ("aid", lists::ACCOUNT)];
    claims.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect()
}

/// Signs tokens, and verifies its own.
pub struct Issuer {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Issuer {
    /// Makes a key that no other process has, so that its tokens are worth nothing elsewhere.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no two issuers are alike")]
    pub fn new() -> Self {
        Self::with_key(&random_key())
    }

    /// Takes the key from the file at `path`, or makes one and keeps it there, so that tokens outlive the process.
    ///
    /// # Errors
    ///
    /// If the file can be neither read nor created, or is not a key.
    pub fn kept(path: &Path) -> io::Result<Self> {
        let key = match fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => create(path)?,
            key => key?,
        };
        if key.len() < KEY_BYTES {
            return Err(io::Error::new(ErrorKind::InvalidData, "the file is too short for a key: delete it"));
        }
        Ok(Self::with_key(&key))
    }

    fn with_key(key: &[u8]) -> Self {
        Self { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key) }
    }

    /// A token for the [account](lists::ACCOUNT) of the lists, valid for `lifetime`.
    #[must_use]
    pub fn token(&self, lifetime: SignedDuration) -> String {
        let (now, mut claims) = (Timestamp::now(), claims());
        claims.insert("exp".to_owned(), (now + lifetime).as_second().into());
        claims.insert("iat".to_owned(), now.as_second().into());
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).expect("claims can be signed")
    }

    /// The claims of the token in `headers`.
    ///
    /// # Errors
    ///
    /// If there is no token, or one that does not verify.
    pub fn verify(&self, headers: &HeaderMap) -> Result<Map<String, Value>, ResponseType> {
        let token = bearer(headers).ok_or(ResponseType::Unauthorized)?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.leeway = 0;
        match decode(token, &self.decoding, &validation) {
            Ok(token) => Ok(token.claims),
            Err(error) if matches!(error.kind(), errors::ErrorKind::ExpiredSignature) => {
                Err(ResponseType::ExpiredToken)
            }
            Err(_) => Err(ResponseType::Unauthorized),
        }
    }
}

/// A new key. A random UUID has only 122 bits, so it takes several.
fn random_key() -> Vec<u8> {
    [(); 3].map(|()| Uuid::new_v4().into_bytes()).concat()
}

/// A new key in a new file that only its owner can read.
fn create(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let key = random_key();
    options.open(path)?.write_all(&key)?;
    Ok(key)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
