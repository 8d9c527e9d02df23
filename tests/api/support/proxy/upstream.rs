//! The DynamoDB behind the proxy, and what goes wrong with a call to it.

use std::future::pending;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::header::CONTENT_LENGTH;
use hyper::http::request::Parts;
use hyper::{Request, StatusCode, client};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Call, Fault, Lost, values};

type Reply = (StatusCode, Value);

/// The DynamoDB behind the proxy, for one call.
pub struct Upstream<'a> {
    pub authority: &'a str,
    pub head: Parts,
}

impl Upstream<'_> {
    /// What the caller gets, if anything.
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
            Some(Fault::Error(status, code)) => Ok(error(status, code)),
            Some(Fault::Statements { code, stored, chosen }) => self.refuse(call, code, stored, chosen).await,
            Some(Fault::Cancelled { code, stored }) => {
                if stored {
                    self.forward(&call.body).await?;
                }
                Ok(cancelled(code, call.keys.len()))
            }
            Some(Fault::Unprocessed) => self.read_half(call).await,
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
        let status = response.status();
        let body = response.into_body().collect().await.map_err(|_| Lost)?.to_bytes();
        Ok((status, serde_json::from_slice(&body).expect("DynamoDB responds with JSON")))
    }

    async fn refuse(&self, call: &Call, code: &str, stored: bool, chosen: fn(usize) -> bool) -> Result<Reply, Lost> {
        let is_sent = |place: usize| stored || !chosen(place);
        let statements = values(&call.body["Statements"]).enumerate().filter(|(place, _)| is_sent(*place));
        let statements: Vec<&Value> = statements.map(|(_, statement)| statement).collect();
        let (status, response) = match statements.len() {
            0 => (StatusCode::OK, json!({})),
            _ => self.forward(&with(&call.body, "Statements", json!(statements))).await?,
        };
        if status != StatusCode::OK {
            return Ok((status, response));
        }
        let mut responses = values(&response["Responses"]).cloned();
        let refusal = json!({"Error": {"Code": code, "Message": "by rule"}});
        let of_statement = |place| {
            let response = is_sent(place).then(|| responses.next()).flatten();
            if chosen(place) { refusal.clone() } else { response.unwrap_or_default() }
        };
        let responses: Vec<Value> = (0..call.keys.len()).map(of_statement).collect();
        Ok((StatusCode::OK, with(&response, "Responses", json!(responses))))
    }

    async fn read_half(&self, call: &Call) -> Result<Reply, Lost> {
        let (mut body, mut unprocessed) = (call.body.clone(), call.body["RequestItems"].clone());
        let table = unprocessed.as_object().and_then(|tables| tables.keys().next()).expect("a table is read").clone();
        let keys: Vec<&Value> = values(&call.body["RequestItems"][&table]["Keys"]).collect();
        let (read, unread) = keys.split_at(keys.len() / 2);
        unprocessed[&table]["Keys"] = json!(unread);
        body["RequestItems"][&table]["Keys"] = json!(read);
        let (status, response) = match read.len() {
            0 => (StatusCode::OK, json!({"Responses": {}})),
            _ => self.forward(&body).await?,
        };
        Ok((status, with(&response, "UnprocessedKeys", unprocessed)))
    }
}

/// `object` with another member.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[name] = value;
    object
}

fn error(status: u16, code: &str) -> Reply {
    let status = StatusCode::from_u16(status).expect("a status");
    (status, json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "by rule"}))
}

fn cancelled(code: &str, statements: usize) -> Reply {
    let (status, body) = error(400, "TransactionCanceledException");
    let reason = |place| json!({"Code": if place % 2 == 0 { code } else { "None" }});
    (status, with(&body, "CancellationReasons", (0..statements).map(reason).collect()))
}
