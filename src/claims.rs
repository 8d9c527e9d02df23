//! Who is calling, and may they: the claims of a token that API Gateway has verified.
//!
//! Nothing but the event's authorizer is read, never the `Authorization` header, and whatever is not understood means
//! nobody.

use std::collections::HashMap;

use lambda_http::request::RequestContext;
use serde_json::Value;

use crate::error::Error;

/// The scope a caller needs.
pub const SCOPE: &str = "record-lists:manage";

/// The longest account, in bytes: it is part of a partition key, and DynamoDB keys end at 2,048 bytes.
pub const MAX_ACCOUNT_BYTES: usize = 1024;

/// A caller who may manage record lists: only [`Caller::authorize`] makes one.
#[derive(Debug)]
pub struct Caller {
    account: String,
}

impl Caller {
    /// Reads the claims of `context`; the account is the claim named `account_claim`.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] without claims, [`Error::InsufficientScope`] without the scope [`SCOPE`] and
    /// [`Error::NoAccount`] where the account is no string, blank, or over [`MAX_ACCOUNT_BYTES`].
    pub fn authorize(context: Option<&RequestContext>, account_claim: &str) -> Result<Self, Error> {
        let claims = context.and_then(Claims::of).ok_or(Error::Unauthorized)?;
        if !claims.grant(SCOPE) {
            return Err(Error::InsufficientScope);
        }
        match claims.text(account_claim) {
            Some(account) if !account.trim().is_empty() && account.len() <= MAX_ACCOUNT_BYTES => {
                Ok(Self { account: account.to_owned() })
            }
            _ => Err(Error::NoAccount),
        }
    }

    /// The caller's account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }
}

/// Claims as the kinds of event have them.
enum Claims<'a> {
    /// JSON values: a REST API, or any Lambda authorizer.
    Values(&'a HashMap<String, Value>),
    /// The same, one level down: a REST API's JWT or Cognito authorizer.
    Object(&'a serde_json::Map<String, Value>),
    /// All strings, an array written `[a b]`: an HTTP API's JWT authorizer.
    Strings(&'a HashMap<String, String>),
}

impl<'a> Claims<'a> {
    /// The claims of an event, `None` where it has none.
    ///
    /// `authorizer()` is `Some` for every event of a REST API, and its `fields` are the whole authorizer there, but
    /// only its member `lambda` in an HTTP API's event.
    fn of(context: &'a RequestContext) -> Option<Self> {
        let authorizer = context.authorizer()?;
        let rest = matches!(context, RequestContext::ApiGatewayV1(_));
        match (&authorizer.jwt, authorizer.fields.get("claims")) {
            (Some(jwt), _) if !rest => (!jwt.claims.is_empty()).then_some(Self::Strings(&jwt.claims)),
            (_, Some(claims)) if rest => claims.as_object().filter(|claims| !claims.is_empty()).map(Self::Object),
            _ => (!authorizer.fields.is_empty()).then_some(Self::Values(&authorizer.fields)),
        }
    }

    fn value(&self, name: &str) -> Option<&'a Value> {
        match self {
            Self::Values(claims) => claims.get(name),
            Self::Object(claims) => claims.get(name),
            Self::Strings(_) => None,
        }
    }

    fn text(&self, name: &str) -> Option<&'a str> {
        match self {
            Self::Strings(claims) => claims.get(name).map(String::as_str),
            _ => self.value(name).and_then(Value::as_str),
        }
    }

    /// Whether the claim `scope`, or else `scp`, names `scope`.
    fn grant(&self, scope: &str) -> bool {
        let present = |name: &&str| self.text(name).is_some() || self.value(name).is_some_and(|v| !v.is_null());
        let Some(name) = ["scope", "scp"].into_iter().find(present) else {
            return false;
        };
        match (self.text(name), self.value(name)) {
            (Some(text), _) => self.without_brackets(text).split(' ').any(|granted| granted == scope),
            (None, Some(Value::Array(granted))) => granted.iter().any(|granted| granted == scope),
            _ => false,
        }
    }

    fn without_brackets<'t>(&self, text: &'t str) -> &'t str {
        match self {
            Self::Strings(_) => text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text),
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rest(authorizer: &Value) -> RequestContext {
        serde_json::from_value(json!({"httpMethod": "POST", "identity": {}, "authorizer": authorizer})).unwrap()
    }

    fn http(authorizer: &Value) -> RequestContext {
        serde_json::from_value(json!({"http": {"method": "POST"}, "timeEpoch": 0, "authorizer": authorizer})).unwrap()
    }

    fn outcome(context: &RequestContext) -> String {
        match Caller::authorize(Some(context), "aid") {
            Ok(caller) => caller.account().to_owned(),
            Err(error) => format!("{error:?}"),
        }
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
            ("half a bracket", json!({"jwt": {"claims": {"scope": "[record-lists:manage"}}}), "InsufficientScope"),
        ];
        for (name, authorizer, expected) in table {
            assert_eq!(outcome(&http(&authorizer)), expected, "{name}");
        }
    }
}
