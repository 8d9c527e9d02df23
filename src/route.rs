//! Where a request goes, and what its links start with.

use lambda_http::http::Method;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt};

use crate::error::Error;

/// A request for the one resource there is: `POST /record-lists/{record_list_id}/records/bulks`.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// The list as the path names it, not looked at.
    pub record_list_id: String,
    /// What comes before the path in a link: scheme, host, and the stage or base path the caller used.
    pub base_url: String,
}

impl Route {
    /// Finds the route of `request`; links start with `api_base_url` where it is given.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] for another path and [`Error::MethodNotAllowed`] for another method.
    pub fn of(request: &Request, api_base_url: Option<&str>) -> Result<Self, Error> {
        let path = path(request);
        let record_list_id = record_list_id(&path).ok_or(Error::NotFound)?.to_owned();
        if request.method() != Method::POST {
            return Err(Error::MethodNotAllowed);
        }
        let base_url = api_base_url.map_or_else(|| base_url(request, &path), str::to_owned);
        Ok(Self { record_list_id, base_url })
    }
}

fn record_list_id(path: &str) -> Option<&str> {
    let id = path.strip_prefix("/record-lists/")?.strip_suffix("/records/bulks")?;
    (!id.is_empty() && !id.contains('/')).then_some(id)
}

/// The path without stage and base path: what `/{proxy+}` matched, which holds under a custom domain too.
fn path(request: &Request) -> String {
    if let Some(proxy) = request.path_parameters_ref().and_then(|parameters| parameters.first("proxy")) {
        return format!("/{proxy}");
    }
    let stage = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.stage.as_deref(),
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.as_deref(),
        _ => None,
    };
    without_stage(request.raw_http_path(), stage).to_owned()
}

/// An HTTP API's path starts with the stage, unless that is `$default`.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    stage
        .and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage))
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path)
}

/// `lambda_http` puts scheme and host of the caller into the URI; the path the caller used is in the context alone.
fn base_url(request: &Request, path: &str) -> String {
    let used = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.path.as_deref(),
        Some(RequestContext::ApiGatewayV2(context)) => context.http.path.as_deref(),
        _ => None,
    };
    let before = used.and_then(|used| used.strip_suffix(path)).unwrap_or_default();
    match (request.uri().scheme_str(), request.uri().authority()) {
        (Some(scheme), Some(host)) => format!("{scheme}://{host}{before}"),
        _ => before.to_owned(),
    }
}

/// API Gateway's ID of a request, which its access log and its own answers carry too. A caller may choose it by the header
/// `x-amzn-RequestId`; one that does not look like an ID is not taken.
#[must_use]
pub fn request_id(request: &Request) -> String {
    let gateway = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.as_deref(),
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.as_deref(),
        _ => None,
    };
    let lambda = request.lambda_context_ref().map(|context| context.request_id.as_str());
    let is_id = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_=".contains(&b))
    };
    gateway.filter(is_id).or(lambda).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use lambda_http::request::from_str;
    use serde_json::{Value, json};

    use super::*;

    fn rest(path: &str, used: &str, proxy: Option<&str>) -> Value {
        json!({
            "resource": "/{proxy+}", "path": path, "httpMethod": "POST", "headers": {"Host": "h.example"},
            "pathParameters": proxy.map(|proxy| json!({"proxy": proxy})),
            "requestContext": {"httpMethod": "POST", "identity": {}, "path": used, "stage": "prod"}
        })
    }

    fn http(path: &str, stage: &str) -> Value {
        json!({
            "version": "2.0", "rawPath": path, "headers": {"host": "h.example"}, "isBase64Encoded": false,
            "requestContext": {"http": {"method": "POST", "path": path}, "stage": stage, "timeEpoch": 0}
        })
    }

    fn route(event: &Value) -> Result<Route, Error> {
        Route::of(&from_str(&event.to_string()).unwrap(), None)
    }

    #[test]
    fn links_start_where_the_caller_came_in() {
        let path = "/record-lists/a/records/bulks";
        let proxy = Some("record-lists/a/records/bulks");
        let table = [
            ("stage", rest(path, &format!("/prod{path}"), proxy), "https://h.example/prod"),
            ("custom domain", rest(&format!("/v1{path}"), &format!("/v1{path}"), proxy), "https://h.example/v1"),
            ("no proxy", rest(path, &format!("/prod{path}"), None), "https://h.example/prod"),
            (
                "stage and no proxy",
                rest(&format!("/prod{path}"), &format!("/prod{path}"), None),
                "https://h.example/prod",
            ),
            ("HTTP API", http(path, "$default"), "https://h.example"),
            ("HTTP API's stage", http(&format!("/dev{path}"), "dev"), "https://h.example/dev"),
        ];
        for (name, event, base_url) in table {
            let expected = Route { record_list_id: "a".to_owned(), base_url: base_url.to_owned() };
            assert_eq!(route(&event), Ok(expected), "{name}");
        }
    }

    #[test]
    fn other_paths_are_not_found() {
        for path in ["/", "/record-lists", "/record-lists//records/bulks", "/record-lists/a/b/records/bulks"] {
            assert_eq!(route(&rest(path, path, Some(&path[1..]))), Err(Error::NotFound), "{path}");
        }
        assert_eq!(route(&http("/devious/record-lists/a/records/bulks", "dev")), Err(Error::NotFound));
    }
}
