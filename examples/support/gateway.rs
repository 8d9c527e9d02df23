//! Plays API Gateway: lets in who has a token, hands the request to the function, and answers with what that says.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Response;
use record_lists::handler::App;
use uuid::Uuid;

use super::events::{event, invoke};
use super::template::GatewayResponse;
use super::tokens::Issuer;

/// API Gateway's limit of a request's body: 10 MB.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// An API: the function, and who says which callers may use it.
pub struct Gateway {
    pub app: App,
    pub issuer: Issuer,
}

/// Answers any request.
pub async fn answer(State(gateway): State<Arc<Gateway>>, request: Request) -> Response<Body> {
    let request_id = Uuid::new_v4();
    gateway.forward(request, request_id).await.unwrap_or_else(|response| response.answer(request_id))
}

impl Gateway {
    async fn forward(&self, request: Request, request_id: Uuid) -> Result<Response<Body>, GatewayResponse> {
        let (request, body) = request.into_parts();
        let claims = self.issuer.verify(&request.headers)?;
        let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| GatewayResponse::RequestTooLarge)?;
        let event = event(&request, &body, &claims, request_id);
        Ok(invoke(&self.app, &event).await.expect("the event is one").map(Body::from))
    }
}
