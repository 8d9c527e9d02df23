//! Plays API Gateway: verifies the caller's token, passes the request to the function, and returns its response.
//!
//! It forwards every path and method, as the `/{proxy+}` of `template.yaml` does: the function says which exist.

use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use record_lists::App;
use uuid::Uuid;

use crate::function::invoke;
use crate::integration;
use crate::template::{GatewayResponse, ResponseType, timeout};
use crate::tokens::Issuer;

/// API Gateway's limit of a request's body: 10 MB.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// An API: the function, and the issuer of its callers' tokens.
pub struct Gateway {
    /// The function.
    pub app: App,
    /// The issuer of the tokens that are accepted.
    pub issuer: Issuer,
}

/// The response to `request`, which this process sends itself. The type of the future is erased, because it is nested
/// too deeply for the compiler.
pub fn send(gateway: &Arc<Gateway>, request: Request) -> Pin<Box<dyn Future<Output = Response<String>> + Send>> {
    let gateway = Arc::clone(gateway);
    Box::pin(async {
        let (parts, body) = respond(State(gateway), request).await.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("the body is in memory");
        Response::from_parts(parts, String::from_utf8(body.into()).expect("the body is text"))
    })
}

/// Responds to any request.
pub async fn respond(State(gateway): State<Arc<Gateway>>, request: Request) -> Response<Body> {
    let request_id = Uuid::new_v4().to_string();
    let response = gateway.forward(request, &request_id).await;
    response.unwrap_or_else(|reason| GatewayResponse::of(reason).respond(&request_id)).map(Body::from)
}

impl Gateway {
    async fn forward(&self, request: Request, request_id: &str) -> Result<Response<String>, ResponseType> {
        let (request, body) = request.into_parts();
        let claims = self.issuer.verify(&request.headers)?;
        let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| ResponseType::RequestTooLarge)?;
        let event = integration::event(&request, &body, &claims, request_id).to_string();
        let response = invoke(&self.app, &event, timeout()).await.expect("the event is API Gateway's");
        Ok(integration::response(&response).expect("the response is API Gateway's"))
    }
}
