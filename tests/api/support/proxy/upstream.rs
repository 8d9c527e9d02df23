//! The DynamoDB behind the proxy, and the faults of a call to it.

use std::future::pending;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::{Request, client};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Fault, Lost};
use crate::support::call::Call;
use crate::support::reply::{Failed, Places, Reply, UnreadKeys};

/// The DynamoDB behind the proxy, for one call.
pub struct Upstream<'a> {
    pub authority: &'a str,
    pub head: Parts,
}

impl Upstream<'_> {
    /// The reply that the caller receives, if any.
    pub async fn reply(&self, call: &Call, fault: Option<Fault>) -> Result<Reply, Lost> {
        match fault {
            None | Some(Fault::Together(_) | Fault::Held | Fault::Garbled { .. } | Fault::Truncated) => {
                self.forward(&call.body).await
            }
            Some(Fault::LostCall) => Err(Lost),
            Some(Fault::LostResponse) => self.forward(&call.body).await.and(Err(Lost)),
            Some(Fault::Hang) => pending().await,
            Some(Fault::HungResponse) => {
                self.forward(&call.body).await?;
                pending().await
            }
            Some(Fault::Delay(time)) => {
                sleep(time).await;
                self.forward(&call.body).await
            }
            Some(Fault::Error(status, code)) => Ok(Reply::error(status, code)),
            Some(Fault::Statements(failed)) => self.fail(call, failed).await,
            Some(Fault::Cancelled(failed)) => self.cancel(call, failed).await,
            Some(Fault::Unread(chosen)) => self.leave_unread(call, chosen).await,
            Some(Fault::TooFew) => Ok(self.forward(&call.body).await?.without_last()),
            Some(Fault::HalfUnread) => {
                let read = call.keys.len() / 2;
                self.leave_unread(call, Places::of(|place| place >= read)).await
            }
        }
    }

    async fn forward(&self, body: &Value) -> Result<Reply, Lost> {
        let stream = TcpStream::connect(self.authority).await.map_err(|_| Lost)?;
        let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|_| Lost)?;
        tokio::spawn(connection);
        let mut head = self.head.clone();
        head.headers.remove(CONTENT_LENGTH); // The body can be another one by now.
        let request = Request::from_parts(head, Full::<Bytes>::from(body.to_string()));
        let response = sender.send_request(request).await.map_err(|_| Lost)?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map_err(|_| Lost)?.to_bytes();
        Ok(Reply { status, body: serde_json::from_slice(&body).expect("DynamoDB responds with JSON") })
    }

    async fn forward_rest(&self, body: Option<Value>) -> Result<Reply, Lost> {
        match body {
            Some(body) => self.forward(&body).await,
            None => Ok(Reply::ok(json!({}))),
        }
    }

    async fn fail(&self, call: &Call, failed: Failed) -> Result<Reply, Lost> {
        let reply = self.forward_rest(failed.call(&call.body)).await?;
        Ok(if reply.status == 200 { failed.reply(&call.body, &reply) } else { reply })
    }

    async fn cancel(&self, call: &Call, failed: Failed) -> Result<Reply, Lost> {
        if failed.stored {
            self.forward(&call.body).await?;
        }
        let code = |place| if failed.chosen.contain(place) { failed.code } else { "None" };
        Ok(Reply::cancelled((0..call.keys.len()).map(code)))
    }

    async fn leave_unread(&self, call: &Call, chosen: Places) -> Result<Reply, Lost> {
        let unread = UnreadKeys::at(chosen, &call.body);
        Ok(unread.reply(self.forward_rest(unread.call()).await?))
    }
}
