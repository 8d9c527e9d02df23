//! One call whose response is read here, and not by the SDK: [`Item`](super::Item) says why. The SDK still makes the call,
//! signs it, and reads what an error says.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use tracing::warn;

use super::retry::Attempts;
use super::session::{Failure, Session};

/// Makes one call by `send`, and reads its response by `read`. One that cannot be read says nothing.
///
/// # Errors
///
/// [`Failure`].
pub async fn call<T, E: ProvideErrorMetadata, F: Future<Output = Result<(), SdkError<E>>>>(
    session: &Session<'_>,
    attempts: &Attempts,
    send: impl Fn(Client, RawBody) -> F,
    read: impl Fn(&Bytes) -> serde_json::Result<T>,
) -> Result<T, Failure> {
    let body = RawBody::default();
    let send = |client: Client| {
        let (call, body) = (send(client, body.clone()), body.clone());
        async move {
            call.await?;
            Ok(body.bytes().await)
        }
    };
    let response = session.call(attempts, send).await?;
    response.and_then(|response| read(&response).ok()).ok_or_else(|| {
        warn!(cause = "unreadable response", "a DynamoDB call failed");
        Failure::Unavailable
    })
}

/// Takes the body of a success before the SDK reads it.
#[derive(Debug, Clone, Default)]
pub struct RawBody(Arc<Mutex<Option<SdkBody>>>);

impl RawBody {
    /// The body, `None` if it did not come whole.
    async fn bytes(&self) -> Option<Bytes> {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        ByteStream::new(body).collect().await.ok().map(|body| body.into_bytes())
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
