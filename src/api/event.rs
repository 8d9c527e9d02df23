//! The event of an HTTP request, from whichever gateway.
//!
//! `lambda_http` has types for these events, but it fails on a claim that is not a string and panics on a body that is
//! not Base64, so the caller receives a bare 502. Here an event stays JSON and is read leniently: a member that is
//! missing or of another type counts as absent. Known are API Gateway's payload formats 1.0 and 2.0 (function URLs
//! included), and the variants of Application Load Balancer and VPC Lattice.

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::form_urlencoded;

/// An HTTP request, as a gateway hands it to the function.
pub struct Event(Value);

impl<'de> Deserialize<'de> for Event {
    /// Fails for an event that is not an HTTP request, with a message that quotes nothing: its sender, such as a queue,
    /// should send it again or park it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::of(Value::deserialize(deserializer)?)
    }
}

impl Event {
    /// The event that `value` is.
    fn of<E: Error>(value: Value) -> Result<Self, E> {
        let event = Self(value);
        let known = usize::from(event.method().is_some()) + usize::from(event.path().is_some());
        let is_http = known == 2 || (known == 1 && event.0["requestContext"].is_object());
        if is_http { Ok(event) } else { Err(E::custom("the event is not an HTTP request")) }
    }
}

/// The input of an invocation.
pub enum Invocation {
    /// An HTTP request.
    Http(Event),
    /// The schedule's `{"sweep": {}}`: an object with that member alone, which no HTTP request is.
    Sweep,
}

impl<'de> Deserialize<'de> for Invocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let is_sweep = value.as_object().is_some_and(|event| event.len() == 1 && event.contains_key("sweep"));
        if is_sweep { Ok(Self::Sweep) } else { Event::of(value).map(Self::Http) }
    }
}

/// The reason why a body cannot be read as bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// `isBase64Encoded` is true, and it is not Base64.
    NotBase64,
    /// It is neither a string nor null: no gateway sends that.
    NotText,
}

impl Event {
    /// The HTTP method.
    pub(crate) fn method(&self) -> Option<&str> {
        let context = &self.0["requestContext"];
        first_text([&self.0["httpMethod"], &context["http"]["method"], &context["httpMethod"], &self.0["method"]])
    }

    /// The path that is matched with the endpoints: the gateway's, or the match of `/{proxy+}` if the path does not end
    /// with it.
    pub(crate) fn path(&self) -> Option<Cow<'_, str>> {
        let path = first_text([&self.0["path"], &self.0["rawPath"], &self.0["raw_path"]]);
        let path = path.or_else(|| self.path_used()).map(without_query);
        match self.0["pathParameters"]["proxy"].as_str() {
            Some(proxy) if !path.as_ref().is_some_and(|path| path.ends_with(proxy)) => Some(format!("/{proxy}").into()),
            _ => path,
        }
    }

    /// The path the caller used, which can start with a stage or a base path that [`path`](Self::path) lacks.
    pub(crate) fn path_used(&self) -> Option<&str> {
        let context = &self.0["requestContext"];
        first_text([&context["path"], &context["http"]["path"], &self.0["path"], &self.0["rawPath"]])
    }

    /// The values of the header `name` (in lower case), one for each time it was sent; an HTTP API joins them by commas.
    pub(crate) fn header<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let values = |headers: &'a Value| {
            let headers = headers.as_object().into_iter().flatten();
            let value = headers.filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            value.flat_map(texts).collect::<Vec<_>>()
        };
        let multiple = values(&self.0["multiValueHeaders"]);
        if multiple.is_empty() { values(&self.0["headers"]) } else { multiple }
    }

    /// The values of the query parameter `name`, decoded.
    pub(crate) fn query(&self, name: &str) -> Vec<Cow<'_, str>> {
        if let Some(query) = self.0["rawQueryString"].as_str() {
            let pairs = form_urlencoded::parse(query.as_bytes());
            return pairs.filter(|(parameter, _)| parameter == name).map(|(_, value)| value).collect();
        }
        let places = ["multiValueQueryStringParameters", "queryStringParameters", "query_string_parameters"];
        let values = places.into_iter().map(|place| &self.0[place][name]).find(|value| !value.is_null());
        values.into_iter().flat_map(texts).map(Cow::Borrowed).collect()
    }

    /// The host the caller used.
    pub(crate) fn host(&self) -> Option<&str> {
        let host = self.header("host").into_iter().next().filter(|host| is_host(host));
        host.or_else(|| self.0["requestContext"]["domainName"].as_str().filter(|host| is_host(host)))
    }

    /// The authorizer's part of the event.
    pub(crate) fn authorizer(&self) -> &Value {
        &self.0["requestContext"]["authorizer"]
    }

    /// The payload format of the event.
    pub(crate) fn payload_format(&self) -> PayloadFormat {
        if self.0["requestContext"]["http"].is_object() { PayloadFormat::V2 } else { PayloadFormat::V1 }
    }

    /// Whether the gateway accepts several values for one header of a response.
    pub(crate) fn takes_multi_value_headers(&self) -> bool {
        self.0["multiValueHeaders"].is_object()
    }

    /// The gateway's ID of the request, which its access log and its own responses carry too. A caller can choose it by
    /// the header `x-amzn-RequestId`; one that does not look like an ID is ignored.
    pub(crate) fn request_id(&self) -> Option<&str> {
        let is_id = |id: &&str| {
            (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b))
        };
        self.0["requestContext"]["requestId"].as_str().filter(is_id)
    }

    /// The gateway's own ID of the request, which no caller can choose. Only payload format 1.0 has it.
    pub(crate) fn extended_request_id(&self) -> Option<&str> {
        self.0["requestContext"]["extendedRequestId"].as_str()
    }

    /// The time at which the gateway received the request, in milliseconds since 1970.
    pub(crate) fn time(&self) -> Option<i64> {
        let context = &self.0["requestContext"];
        [&context["requestTimeEpoch"], &context["timeEpoch"]].into_iter().find_map(Value::as_i64)
    }

    /// The body, `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`BodyError`] if it cannot be read as bytes.
    pub(crate) fn body(&self) -> Result<Option<Cow<'_, [u8]>>, BodyError> {
        let text = match &self.0["body"] {
            Value::Null => return Ok(None),
            Value::String(text) => text,
            _ => return Err(BodyError::NotText),
        };
        let is_base64 = ["isBase64Encoded", "is_base64_encoded"].iter().any(|flag| self.0[flag] == true);
        if !is_base64 {
            return Ok(Some(text.as_bytes().into()));
        }
        BASE64_STANDARD.decode(text).map(|body| Some(body.into())).map_err(|_| BodyError::NotBase64)
    }
}

/// API Gateway's payload format, which says where the claims are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PayloadFormat {
    /// A REST API's, and other gateways' variants of it.
    V1,
    /// An HTTP API's, and a function URL's.
    V2,
}

/// VPC Lattice's first format has the query in the path.
fn without_query(path: &str) -> Cow<'_, str> {
    path.split('?').next().unwrap_or_default().into()
}

/// The first of `places` that is a string.
fn first_text<const N: usize>(places: [&Value; N]) -> Option<&str> {
    places.into_iter().find_map(Value::as_str)
}

/// A string, or the strings of an array.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// Whether a link can start with `host`: a name or address of RFC 3986, and a port.
fn is_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:[]".contains(&b))
}

#[cfg(test)]
impl Event {
    /// A `GET` of the root, with the members of `event`.
    pub(crate) fn get(mut event: Value) -> Self {
        event["httpMethod"] = "GET".into();
        event["path"] = "/".into();
        serde_json::from_value(event).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(event: &Value) -> Result<Event, serde_json::Error> {
        serde_json::from_value(event.clone())
    }

    #[test]
    fn an_event_of_another_kind_is_refused_without_being_quoted() {
        let table = [
            ("a queue", json!({"Records": [{"body": "Tribbiani"}]})),
            ("text", json!("Tribbiani")),
            ("a WebSocket", json!({"requestContext": {"eventType": "CONNECT", "connectionId": "Tribbiani"}})),
            ("an agent", json!({"httpMethod": "GET", "apiPath": "/Tribbiani"})),
        ];
        for (name, event) in table {
            let error = read(&event).err().unwrap_or_else(|| panic!("{name} is read"));
            assert_eq!(error.to_string(), "the event is not an HTTP request", "{name}");
        }
    }

    #[test]
    fn a_body_is_read_as_bytes() {
        let body = |body: Value, base64: bool| {
            let event = read(&json!({"httpMethod": "POST", "path": "/", "body": body, "isBase64Encoded": base64}));
            event.unwrap().body().map(|body| body.map(Cow::into_owned))
        };
        assert_eq!(body(json!("{}"), false), Ok(Some(b"{}".to_vec())));
        assert_eq!(body(json!("e30="), true), Ok(Some(b"{}".to_vec())));
        assert_eq!(body(Value::Null, true), Ok(None));
        for text in ["{}", "e30", "e30=\n", "ä"] {
            assert_eq!(body(json!(text), true), Err(BodyError::NotBase64), "{text}");
        }
        assert_eq!(body(json!({"records": []}), false), Err(BodyError::NotText));
    }

    #[test]
    fn a_header_is_found_whatever_its_case_and_form() {
        let table = [
            ("single", json!({"headers": {"X-KEY": "a"}}), vec!["a"]),
            (
                "multiple",
                json!({"headers": {"x-key": "b"}, "multiValueHeaders": {"X-Key": ["a", "b"]}}),
                vec!["a", "b"],
            ),
            ("only single", json!({"headers": {"x-key": "a"}, "multiValueHeaders": {"accept": ["b"]}}), vec!["a"]),
            ("none", json!({"headers": null, "multiValueHeaders": null}), vec![]),
            ("of another type", json!({"headers": {"x-key": 5}}), vec![]),
        ];
        for (name, mut event, expected) in table {
            event["httpMethod"] = json!("GET");
            event["path"] = json!("/");
            assert_eq!(read(&event).unwrap().header("x-key"), expected, "{name}");
        }
    }

    #[test]
    fn a_query_is_decoded_once() {
        let table = [
            ("payload 2.0", json!({"rawQueryString": "after=a%2Bb&per_page=1&after=c"}), vec!["a+b", "c"]),
            ("payload 1.0", json!({"multiValueQueryStringParameters": {"after": ["a%", "c"]}}), vec!["a%", "c"]),
            ("single", json!({"queryStringParameters": {"after": "a"}}), vec!["a"]),
            ("none", json!({"queryStringParameters": null}), vec![]),
        ];
        for (name, mut event, expected) in table {
            event["httpMethod"] = json!("GET");
            event["path"] = json!("/");
            assert_eq!(read(&event).unwrap().query("after"), expected, "{name}");
        }
    }
}
