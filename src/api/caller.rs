//! The caller, and the permission to call an operation: from the claims of a token that API Gateway has verified.
//!
//! Only the event's authorizer is read, never the `Authorization` header. Claims that cannot be understood are
//! nobody's.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::Error;
use super::event::{Event, PayloadFormat};
use crate::config::Config;
use crate::record::is_blank;

/// The longest account, in bytes: it is part of a partition key, and DynamoDB keys end at 2,048 bytes.
const MAX_ACCOUNT_BYTES: usize = 1024;

/// A caller who may call the operation: only [`Caller::authorize`] makes one.
#[derive(Debug)]
pub struct Caller {
    account: String,
}

impl Caller {
    /// The caller whom `claims` name, if they grant one of `scopes`.
    ///
    /// # Errors
    ///
    /// [`Error::InsufficientScope`]; and [`Error::NoAccount`] if the claims [name none](Claims::account).
    pub fn authorize(claims: &Claims<'_>, scopes: &'static [&'static str]) -> Result<Self, Error> {
        if !claims.grant(scopes) {
            return Err(Error::InsufficientScope(scopes));
        }
        Ok(Self { account: claims.account().ok_or(Error::NoAccount)?.into_owned() })
    }

    /// The caller's account.
    pub fn account(&self) -> &str {
        &self.account
    }
}

/// Claims in the form of the event's gateway.
pub struct Claims<'a> {
    members: &'a Map<String, Value>,
    /// Whether every value is text, and an array is written `[a b]`: an HTTP API's JWT authorizer.
    all_strings: bool,
    /// The claim that names the account.
    account_claim: &'a str,
}

impl<'a> Claims<'a> {
    /// The claims of `event`.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] if there are no claims, or if `config` does not name their issuer or audience.
    pub fn of(event: &'a Event, config: &'a Config) -> Result<Self, Error> {
        Self::of_any_issuer(event, config).filter(|claims| claims.are_from(config)).ok_or(Error::Unauthorized)
    }

    /// The account: a string that is not blank, of up to 1,024 bytes.
    pub fn account(&self) -> Option<Cow<'a, str>> {
        self.text(self.account_claim).filter(|account| !is_blank(account) && account.len() <= MAX_ACCOUNT_BYTES)
    }

    /// The program that the token was issued to: `client_id` (RFC 9068, Cognito) or else `azp` (OpenID Connect).
    pub fn client(&self) -> Option<Cow<'a, str>> {
        self.text("client_id").or_else(|| self.text("azp"))
    }

    fn of_any_issuer(event: &'a Event, config: &'a Config) -> Option<Self> {
        let authorizer = event.authorizer();
        let (claims, all_strings) = match event.payload_format() {
            PayloadFormat::V1 => (authorizer.get("claims").unwrap_or(authorizer), false),
            PayloadFormat::V2 if authorizer["jwt"].is_object() => (&authorizer["jwt"]["claims"], true),
            PayloadFormat::V2 => (&authorizer["lambda"], false),
        };
        let claims = claims.as_object().filter(|claims| !claims.is_empty())?;
        Some(Self { members: claims, all_strings, account_claim: &config.account_claim })
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        match self.value(name)? {
            Value::String(text) => Some(text.into()),
            value @ (Value::Number(_) | Value::Bool(_)) if self.all_strings => Some(value.to_string().into()),
            _ => None,
        }
    }

    /// Whether the claim `scope`, or else `scp`, names one of `scopes`.
    fn grant(&self, scopes: &[&str]) -> bool {
        let granted = ["scope", "scp"].into_iter().find_map(|name| self.value(name));
        granted.is_some_and(|granted| scopes.iter().any(|scope| self.names(granted, scope, Some(' '))))
    }

    /// Whether the issuer and an audience are among those that the operator has set. Without a setting, any will do.
    fn are_from(&self, config: &Config) -> bool {
        let (issuers, audiences) = (&config.jwt_issuers, &config.jwt_audiences);
        let issuer = self.text("iss").is_some_and(|iss| issuers.iter().any(|issuer| *issuer == iss));
        let is_ours = |aud| audiences.iter().any(|audience| self.names(aud, audience, None));
        // Cognito's access tokens have `client_id` instead of `aud`, and API Gateway compares that.
        let audience = self.value("aud").or_else(|| self.value("client_id"));
        (issuers.is_empty() || issuer) && (audiences.is_empty() || audience.is_some_and(is_ours))
    }

    /// Whether `value` is `wanted`, an array that has it, or a list with `separator` that has it.
    fn names(&self, value: &Value, wanted: &str, separator: Option<char>) -> bool {
        match value {
            Value::String(text) => {
                let array = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).filter(|_| self.all_strings);
                match (array, separator) {
                    (Some(elements), _) => elements.split(' ').any(|element| element == wanted),
                    (None, Some(separator)) => text.split(separator).any(|element| element == wanted),
                    (None, None) => text == wanted,
                }
            }
            Value::Array(elements) => elements.iter().any(|element| element == wanted),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::endpoint::MANAGE;

    fn rest(authorizer: &Value) -> Event {
        event(&json!({"authorizer": authorizer}))
    }

    fn http(authorizer: &Value) -> Event {
        event(&json!({"http": {"method": "POST"}, "authorizer": authorizer}))
    }

    fn event(context: &Value) -> Event {
        serde_json::from_value(json!({"httpMethod": "POST", "path": "/", "requestContext": context})).unwrap()
    }

    fn outcome_for(event: &Event, scopes: &'static [&'static str], variables: &[(&str, &str)]) -> String {
        let lookup = |name: &str| variables.iter().find(|(variable, _)| *variable == name);
        let lookup = |name: &str| lookup(name).map(|(_, value)| (*value).to_owned());
        let config = Config::from_lookup(|name| lookup(name).or((name == "TABLE_NAME").then(|| "records".to_owned())));
        let config = config.unwrap();
        match Claims::of(event, &config).and_then(|claims| Caller::authorize(&claims, scopes)) {
            Ok(caller) => caller.account().to_owned(),
            Err(error) => format!("{error:?}").split('(').next().unwrap().to_owned(),
        }
    }

    fn outcome(event: &Event) -> String {
        outcome_for(event, &[MANAGE], &[])
    }

    #[test]
    fn every_authorizer_of_a_rest_api_is_understood_and_fails_closed() {
        let granted = "record-lists:manage";
        let table = [
            ("jwt", json!({"claims": {"scope": "openid record-lists:manage", "aid": "a"}}), "a"),
            ("scp array", json!({"claims": {"scp": ["x", granted], "aid": "a", "exp": 1}}), "a"),
            ("scope null, scp given", json!({"claims": {"scope": null, "scp": granted, "aid": "a"}}), "a"),
            ("lambda", json!({"principalId": "u", "scope": granted, "aid": "a"}), "a"),
            ("null", json!(null), "Unauthorized"),
            ("empty", json!({}), "Unauthorized"),
            ("claims null", json!({"claims": null, "scope": granted, "aid": "a"}), "Unauthorized"),
            ("claims empty", json!({"claims": {}}), "Unauthorized"),
            ("claims text", json!({"claims": "scope"}), "Unauthorized"),
            ("an HTTP API's claims", json!({"jwt": {"claims": {"scope": granted, "aid": "a"}}}), "InsufficientScope"),
            ("scope before scp", json!({"claims": {"scope": "x", "scp": granted, "aid": "a"}}), "InsufficientScope"),
            ("brackets", json!({"claims": {"scope": "[record-lists:manage]", "aid": "a"}}), "InsufficientScope"),
            ("in capitals", json!({"claims": {"scope": "Record-Lists:Manage", "aid": "a"}}), "InsufficientScope"),
            ("a prefix", json!({"claims": {"scope": "record-lists:manage:all", "aid": "a"}}), "InsufficientScope"),
            ("a number", json!({"claims": {"scope": 1, "aid": "a"}}), "InsufficientScope"),
            ("no account", json!({"claims": {"scope": granted}}), "NoAccount"),
            ("a blank account", json!({"claims": {"scope": granted, "aid": " "}}), "NoAccount"),
            ("an account nobody sees", json!({"claims": {"scope": granted, "aid": "\u{200b}\u{0}"}}), "NoAccount"),
            ("a number for account", json!({"claims": {"scope": granted, "aid": 7}}), "NoAccount"),
            ("too long", json!({"claims": {"scope": granted, "aid": "a".repeat(1025)}}), "NoAccount"),
        ];
        for (name, authorizer, expected) in table {
            assert_eq!(outcome(&rest(&authorizer)), expected, "{name}");
        }
    }

    #[test]
    fn every_authorizer_of_an_http_api_is_understood_and_fails_closed() {
        let granted = "record-lists:manage";
        let table = [
            ("jwt", json!({"jwt": {"claims": {"scope": "openid record-lists:manage", "aid": "a"}}}), "a"),
            ("brackets", json!({"jwt": {"claims": {"scp": "[openid record-lists:manage]", "aid": "a"}}}), "a"),
            ("lambda", json!({"lambda": {"scope": granted, "aid": "a"}}), "a"),
            ("lambda with an array", json!({"lambda": {"scp": [granted], "aid": "a"}}), "a"),
            ("null", json!(null), "Unauthorized"),
            ("iam", json!({"iam": {"userId": "u"}}), "Unauthorized"),
            ("no claims", json!({"jwt": {"claims": null}}), "Unauthorized"),
            ("lambda null", json!({"lambda": null}), "Unauthorized"),
            ("two brackets", json!({"jwt": {"claims": {"scope": "[[record-lists:manage]]"}}}), "InsufficientScope"),
            ("a number and null", json!({"jwt": {"claims": {"scope": granted, "aid": 7, "exp": 1, "nbf": null}}}), "7"),
            ("an account that is null", json!({"jwt": {"claims": {"scope": granted, "aid": null}}}), "NoAccount"),
            ("half a bracket", json!({"jwt": {"claims": {"scope": "[record-lists:manage"}}}), "InsufficientScope"),
        ];
        for (name, authorizer, expected) in table {
            assert_eq!(outcome(&http(&authorizer)), expected, "{name}");
        }
    }

    #[test]
    fn one_of_an_operations_scopes_is_enough() {
        let table = [("record-lists:read", "a"), ("x record-lists:manage", "a"), ("record-lists", "InsufficientScope")];
        for (scope, expected) in table {
            let event = rest(&json!({"claims": {"scope": scope, "aid": "a"}}));
            assert_eq!(outcome_for(&event, &["record-lists:read", MANAGE], &[]), expected, "{scope}");
        }
    }

    #[test]
    fn claims_of_another_issuer_or_audience_are_nobodys() {
        let variables =
            [("JWT_ISSUERS", "https://i.example/,https://j.example"), ("JWT_AUDIENCES", "https://a.example,b")];
        let issuer = "https://i.example/";
        let table = [
            ("both", json!({"iss": issuer, "aud": "b"}), "a"),
            ("an array", json!({"iss": issuer, "aud": ["x", "https://a.example"]}), "a"),
            ("the other issuer", json!({"iss": "https://j.example", "aud": "b"}), "a"),
            ("another issuer", json!({"iss": "https://i.example", "aud": "b"}), "Unauthorized"),
            ("both issuers", json!({"iss": ["https://i.example/", "https://j.example"], "aud": "b"}), "Unauthorized"),
            ("no issuer", json!({"aud": "b"}), "Unauthorized"),
            ("another audience", json!({"iss": issuer, "aud": "b c"}), "Unauthorized"),
            ("no audience", json!({"iss": issuer, "aud": []}), "Unauthorized"),
            ("Cognito's client", json!({"iss": issuer, "client_id": "b"}), "a"),
            ("another client", json!({"iss": issuer, "client_id": "c"}), "Unauthorized"),
        ];
        for (name, mut claims, expected) in table {
            claims["scope"] = json!(MANAGE);
            claims["aid"] = json!("a");
            assert_eq!(outcome_for(&rest(&json!({"claims": claims})), &[MANAGE], &variables), expected, "{name}");
        }
        let claims = json!({"iss": issuer, "aud": "[x b]", "scope": MANAGE, "aid": "a"});
        assert_eq!(outcome_for(&http(&json!({"jwt": {"claims": claims}})), &[MANAGE], &variables), "a");
    }
}
