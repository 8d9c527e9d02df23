//! The gateway, with tokens that the program would not issue, and bodies that a client hardly sends.

#![expect(clippy::unwrap_used, reason = "a test fails that way")]

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use local::gateway::{self, Gateway};
use local::tokens::{Issuer, LIFETIME};
use local::{function, integration, template};
use serde_json::{Value, json};
use uuid::Uuid;

const EXAMPLE: &str = include_str!("../../events/201-all-created.json");
const NO_CLAIMS: &str = include_str!("../../events/401-no-claims.json");
const BULKS: &str = "/record-lists/3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f02/records/bulks";

#[tokio::test]
async fn a_token_that_does_not_verify_is_refused_as_the_template_says() {
    let gateway = gateway();
    let (foreign, expired) = (Issuer::new().token(LIFETIME), gateway.issuer.token(-SignedDuration::from_secs(1)));
    let valid = gateway.issuer.token(LIFETIME);
    let unauthorized = unauthorized(&gateway).await;
    let table = [
        ("none", None),
        ("no bearer", Some(format!("Basic {valid}"))),
        ("no token", Some("Bearer nonsense".to_owned())),
        ("of another issuer", Some(format!("Bearer {foreign}"))),
        ("expired", Some(format!("Bearer {expired}"))),
        ("cut", Some(format!("Bearer {}", &valid[..valid.len() - 1]))),
    ];
    for (name, authorization) in table {
        let request = Request::post(BULKS);
        let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
        let (parts, body) = send(&gateway, request.body(Body::empty()).unwrap()).await.into_parts();
        assert_eq!(parts.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(parts.headers["www-authenticate"], "Bearer", "{name}");
        assert_eq!(parts.headers["content-type"], "application/json", "{name}");
        assert!(Uuid::parse_str(parts.headers["x-request-id"].to_str().unwrap()).is_ok(), "{name}");
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), unauthorized, "{name}");
    }
}

#[tokio::test]
async fn the_function_receives_bodies_that_are_not_text_but_none_over_the_limit() {
    let gateway = gateway();
    let token = gateway.issuer.token(LIFETIME);
    let request = |body: Vec<u8>| {
        let request = Request::post(BULKS).header("authorization", format!("bearer {token}"));
        request.body(Body::from(body)).unwrap()
    };
    let not_text = send(&gateway, request(vec![0xff])).await;
    assert_eq!(body(&not_text)["fields"][0]["description"], "The body is not UTF-8.");
    let too_large = send(&gateway, request(vec![b' '; 10 * 1024 * 1024 + 1])).await;
    assert_eq!(
        (too_large.status(), &body(&too_large)["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("PAYLOAD_TOO_LARGE"))
    );
}

#[tokio::test]
async fn the_function_decides_on_paths_and_methods() {
    let gateway = gateway();
    let token = gateway.issuer.token(LIFETIME);
    for (method, path, status) in [("GET", "/nothing", 404), ("PUT", BULKS, 405)] {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
        let response = send(&gateway, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{method} {path}");
    }
}

#[test]
fn an_event_has_the_members_that_api_gateway_gives_it() {
    let request = Request::post("/record-lists/a%20b/records/bulks?page=1&page=2").header("host", "127.0.0.1:3000");
    let (request, ()) = request.header("user-agent", "test").body(()).unwrap().into_parts();
    let event = integration::event(&request, b"{}", &serde_json::Map::new(), &Uuid::nil().to_string());
    let expected: Value = serde_json::from_str(EXAMPLE).unwrap();
    for place in ["", "/requestContext", "/requestContext/identity"] {
        let members =
            |event: &Value| event.pointer(place).unwrap().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&event), members(&expected), "{place}");
    }
    assert_eq!(event["queryStringParameters"], json!({"page": "2"}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"page": ["1", "2"]}));
    assert_eq!(event["pathParameters"]["proxy"], "record-lists/a%20b/records/bulks");
    assert_eq!(event["multiValueHeaders"]["x-forwarded-port"], json!(["3000"]));
}

/// A gateway to a function whose DynamoDB cannot be reached.
fn gateway() -> Arc<Gateway> {
    Arc::new(Gateway { app: function::app("http://127.0.0.1:1", "records", &[]), issuer: Issuer::new() })
}

async fn send(gateway: &Arc<Gateway>, request: Request<Body>) -> Response<String> {
    let (parts, body) = gateway::respond(State(Arc::clone(gateway)), request).await.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Response::from_parts(parts, String::from_utf8(body.to_vec()).unwrap())
}

/// The function's own response to an event without claims.
async fn unauthorized(gateway: &Gateway) -> Value {
    let response = function::invoke(&gateway.app, NO_CLAIMS, template::timeout()).await.unwrap();
    body(&integration::response(&response).unwrap())
}

fn body(response: &Response<String>) -> Value {
    serde_json::from_str(response.body()).unwrap()
}
