//! Plays API Gateway's Lambda proxy integration: a request to the function's event, and its response to an HTTP response.

use std::error::Error;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Response};
use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use uuid::Uuid;

const SOURCE_IP: &str = "127.0.0.1";

/// The event of a request with a token that has `claims`: payload 1.0, as a REST API makes it.
///
/// `requestContext.path` has no stage, because this server has none, and the links of a response start with it.
#[must_use]
pub fn event(request: &Parts, body: &[u8], claims: &Map<String, Value>, request_id: &str) -> Value {
    let path = request.uri.path();
    let query = request.uri.query().unwrap_or_default();
    let query = || form_urlencoded::parse(query.as_bytes()).into_owned();
    let headers = forwarded(&request.headers);
    let headers = || headers.iter().map(|(name, value)| (name.to_string(), lossy(value.as_bytes())));
    let text = str::from_utf8(body).ok();
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": request.method.as_str(),
        "headers": last_of_each(headers()),
        "multiValueHeaders": all_of_each(headers()),
        "queryStringParameters": last_of_each(query()),
        "multiValueQueryStringParameters": all_of_each(query()),
        "pathParameters": {"proxy": path.strip_prefix('/')},
        "stageVariables": null,
        "requestContext": context(request, claims, request_id),
        "body": (!body.is_empty()).then(|| text.map_or_else(|| BASE64_STANDARD.encode(body), str::to_owned)),
        "isBase64Encoded": text.is_none(),
    })
}

fn context(request: &Parts, claims: &Map<String, Value>, request_id: &str) -> Value {
    let now = Timestamp::now();
    let header = |name| request.headers.get(name).map(|value| lossy(value.as_bytes()));
    json!({
        "resourceId": "local",
        "authorizer": {"claims": claims},
        "resourcePath": "/{proxy+}",
        "httpMethod": request.method.as_str(),
        "extendedRequestId": BASE64_STANDARD.encode(&Uuid::new_v4().as_bytes()[..11]),
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "path": request.uri.path(),
        "accountId": "123456789012",
        "protocol": format!("{:?}", request.version),
        "stage": "local",
        "domainPrefix": "local",
        "requestTimeEpoch": now.as_millisecond(),
        "requestId": request_id,
        "identity": identity(header("user-agent").as_deref()),
        "domainName": header("host"),
        "deploymentId": "local",
        "apiId": "local",
    })
}

fn identity(user_agent: Option<&str>) -> Value {
    json!({
        "cognitoIdentityPoolId": null,
        "accountId": null,
        "cognitoIdentityId": null,
        "caller": null,
        "sourceIp": SOURCE_IP,
        "principalOrgId": null,
        "accessKey": null,
        "cognitoAuthenticationType": null,
        "cognitoAuthenticationProvider": null,
        "userArn": null,
        "userAgent": user_agent,
        "user": null,
    })
}

/// `headers`, and those that API Gateway adds to every request.
fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    let host = headers.get("host").map(|host| lossy(host.as_bytes())).unwrap_or_default();
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let trace = format!("Root=1-{:08x}-{}", Timestamp::now().as_second(), &Uuid::new_v4().simple().to_string()[..24]);
    let set = [
        ("x-amzn-trace-id", trace.as_str()),
        ("x-forwarded-for", SOURCE_IP),
        ("x-forwarded-port", port),
        ("x-forwarded-proto", "http"),
    ];
    for (name, value) in set {
        headers.insert(name, value.parse().expect("the value is a header's"));
    }
    headers
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The last value of each name, `None` if there are no pairs: API Gateway then writes `null`.
fn last_of_each(pairs: impl Iterator<Item = (String, String)>) -> Option<Map<String, Value>> {
    let map: Map<String, Value> = pairs.map(|(name, value)| (name, value.into())).collect();
    (!map.is_empty()).then_some(map)
}

fn all_of_each(pairs: impl Iterator<Item = (String, String)>) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for (name, value) in pairs {
        let values = map.entry(name).or_insert_with(|| json!([]));
        values.as_array_mut().expect("every value is an array").push(value.into());
    }
    (!map.is_empty()).then_some(map)
}

/// A response as the function returns it to Lambda.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    /// Payload 2.0.
    #[serde(default)]
    headers: Map<String, Value>,
    /// Payload 1.0.
    #[serde(default)]
    multi_value_headers: Map<String, Value>,
    body: Option<String>,
    is_base64_encoded: bool,
}

/// The HTTP response that API Gateway makes of `response`, the JSON that the function returns to Lambda.
///
/// # Errors
///
/// If the JSON is not such a response, or its body is base64, which the function never sends.
pub fn response(response: &str) -> Result<Response<String>, Box<dyn Error>> {
    let from: FunctionResponse = serde_json::from_str(response)?;
    if from.is_base64_encoded {
        return Err("the body is base64".into());
    }
    let mut response = Response::builder().status(from.status_code).body(from.body.unwrap_or_default())?;
    for (name, values) in from.headers.iter().chain(&from.multi_value_headers) {
        let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
        for value in values {
            let value = value.as_str().ok_or("a header is not a string")?;
            response.headers_mut().append(HeaderName::try_from(name)?, value.parse()?);
        }
    }
    Ok(response)
}
