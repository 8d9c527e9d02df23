//! One call whose response is read here, and not by the SDK: [`item`](super::item) says why. A large body is written
//! here too, as [`statements`](super::statements) says. The SDK still signs the call, sends it, and reads the body of an
//! error.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpRequest;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use tracing::warn;

use super::failure::Failure;
use super::retry::Attempts;
use super::session::Session;

/// Makes one call with `send`, and reads its response with `read`. A response that cannot be read counts as none.
///
/// # Errors
///
/// [`Failure`].
pub async fn call<T, E: ProvideErrorMetadata, F: Future<Output = Result<(), SdkError<E>>>>(
    session: &Session<'_>,
    attempts: &Attempts,
    send: impl Fn(Client, RawBody) -> F,
    read: impl Fn(&Arc<str>) -> serde_json::Result<T>,
) -> Result<T, Failure> {
    let body = RawBody::default();
    session.call(attempts, |client| send(client, body.clone())).await?;
    let response = session.receive(attempts, body.take()).await?;
    let text = str::from_utf8(&response).ok().map(Arc::from);
    drop(response);
    text.and_then(|text| read(&text).ok()).ok_or_else(|| {
        warn!(cause = "unreadable response", "a DynamoDB call failed");
        Failure::Unavailable
    })
}

/// Takes the body of a success before the SDK reads it.
#[derive(Debug, Clone, Default)]
pub struct RawBody(Arc<Mutex<Option<SdkBody>>>);

impl RawBody {
    /// The body; a call that has succeeded has one.
    fn take(&self) -> SdkBody {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_else(SdkBody::empty)
    }
}

impl Intercept for RawBody {
    fn name(&self) -> &'static str {
        "RawBody"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        if response.status().is_success() {
            let body = mem::replace(response.body_mut(), SdkBody::from("{}"));
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
        Ok(())
    }
}

/// Replaces the body that the SDK made of an empty input, before it signs the request.
pub fn set_body(request: &mut HttpRequest, body: &Bytes) {
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body.clone());
}
