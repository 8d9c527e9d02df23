//! The meter between a function and DynamoDB.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The time that the meter adds to a call, so that of calls made at once, none ends before all have begun.
const METER_DELAY: Duration = Duration::from_millis(30);

/// The running counts of a function's calls.
#[derive(Debug, Default)]
pub struct Usage {
    requests: AtomicU64,
    round_trips: AtomicU64,
    write_units: AtomicU64,
}

/// A proxy before DynamoDB that counts.
pub struct Meter {
    pub endpoint: String,
    usage: Arc<Usage>,
}

/// Requests, round trips (the longest chain of calls of which each began after the one before had ended) and write
/// units, as DynamoDB itself counts them.
#[derive(Debug, Clone, Copy)]
pub struct Calls {
    pub requests: u64,
    pub round_trips: u64,
    pub write_units: u64,
}

impl Meter {
    pub async fn start(dynamodb: &str) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let usage = Arc::new(Usage::default());
        let upstream = dynamodb.trim_start_matches("http://").to_owned();
        let router = axum::Router::new().fallback(count).with_state((upstream, Arc::clone(&usage)));
        tokio::spawn(async { axum::serve(listener, router).await });
        Ok(Self { endpoint, usage })
    }

    /// The counts since the last time they were taken.
    pub fn take(&self) -> Calls {
        Calls {
            requests: self.usage.requests.swap(0, Relaxed),
            round_trips: self.usage.round_trips.swap(0, Relaxed),
            write_units: self.usage.write_units.swap(0, Relaxed),
        }
    }
}

async fn count(State((upstream, usage)): State<(String, Arc<Usage>)>, request: Request) -> Response {
    usage.requests.fetch_add(1, Relaxed);
    let round_trip = usage.round_trips.load(Relaxed) + 1;
    tokio::time::sleep(METER_DELAY).await;
    let reads = request.headers()["x-amz-target"].to_str().is_ok_and(|target| target.contains("Get"));
    let (status, body) = forward(&upstream, request).await.expect("DynamoDB responds");
    usage.write_units.fetch_add(if reads { 0 } else { write_units(&body) }, Relaxed);
    usage.round_trips.fetch_max(round_trip, Relaxed);
    let response = Response::builder().status(status).header("content-type", "application/x-amz-json-1.0");
    response.body(body.into()).expect("a response")
}

/// Sends `request` on over a connection of its own, asking for the consumed capacity too.
async fn forward(upstream: &str, request: Request) -> Result<(u16, Bytes), Box<dyn Error>> {
    let (parts, body) = request.into_parts();
    let target = parts.headers["x-amz-target"].to_str()?.to_owned();
    let mut body: Value = serde_json::from_slice(&to_bytes(body, usize::MAX).await?)?;
    body["ReturnConsumedCapacity"] = json!("TOTAL");
    let body = body.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {upstream}\r\nauthorization: {}\r\nx-amz-date: {}\r\nx-amz-target: {target}\r\n\
         content-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        parts.headers["authorization"].to_str()?,
        parts.headers["x-amz-date"].to_str()?,
        body.len()
    );
    let mut connection = TcpStream::connect(upstream).await?;
    connection.write_all((head + &body).as_bytes()).await?;
    let mut response = Vec::new();
    connection.read_to_end(&mut response).await?;
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").ok_or("no end of the headers")?;
    let status = str::from_utf8(&response)?.get(9..12).ok_or("no status line")?.parse()?;
    Ok((status, Bytes::from(response).slice(end + 4..)))
}

/// The write units of a response: of one table, or of each table that the calls touched.
fn write_units(body: &[u8]) -> u64 {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let consumed = match &body["ConsumedCapacity"] {
        Value::Array(tables) => tables.clone(),
        table => vec![table.clone()],
    };
    consumed.iter().map(units_of_table).sum()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn units_of_table(table: &Value) -> u64 {
    let units = table.get("WriteCapacityUnits").or(table.get("CapacityUnits")).and_then(Value::as_f64);
    units.unwrap_or_default().round() as u64
}
