//! Plays the identity provider, and API Gateway's JWT authorizer: issues tokens and verifies them.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::lists;
use crate::template::ResponseType;

const ISSUER: &str = "http://127.0.0.1/local-issuer";
const AUDIENCE: &str = "http://127.0.0.1/local-api";

/// It allows every operation of the API.
const SCOPE: &str = "record-lists:manage";

/// The life of a token: long enough for a working day.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// A key that no other process has, so that its tokens are worth nothing elsewhere.
pub struct Issuer {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Issuer {
    /// Makes a key.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no two issuers are alike")]
    pub fn new() -> Self {
        // RFC 7518 section 3.2 asks for at least 256 bits; a random UUID has 122.
        let key = [(); 3].map(|()| Uuid::new_v4().into_bytes()).concat();
        Self { encoding: EncodingKey::from_secret(&key), decoding: DecodingKey::from_secret(&key) }
    }

    /// A token for the [account](lists::ACCOUNT) of the lists, valid for `lifetime`.
    #[must_use]
    pub fn token(&self, lifetime: SignedDuration) -> String {
        let now = Timestamp::now();
        let claims = json!({
            "iss": ISSUER,
            "sub": "local",
            "aud": AUDIENCE,
            "exp": (now + lifetime).as_second(),
            "iat": now.as_second(),
            "scope": SCOPE,
            "aid": lists::ACCOUNT,
        });
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
            Err(error) if *error.kind() == ErrorKind::ExpiredSignature => Err(ResponseType::ExpiredToken),
            Err(_) => Err(ResponseType::Unauthorized),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
