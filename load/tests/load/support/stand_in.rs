//! A stand-in for the API, which says whatever a test wants.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use hyper::header::AsHeaderName;
use hyper::{HeaderMap, Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A request, as it comes in.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    /// The path with its query.
    pub path: String,
    headers: HeaderMap,
    pub body: String,
}

impl Asked {
    /// A header, or nothing.
    pub fn header(&self, name: impl AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The records of a batch.
    pub fn records(&self) -> Vec<Value> {
        let mut body: Value = serde_json::from_str(&self.body).unwrap();
        serde_json::from_value(body["records"].take()).unwrap()
    }
}

/// The stand-in.
pub struct StandIn {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _runtime: Runtime,
}

impl StandIn {
    /// One that responds as `respond` says.
    pub fn start(respond: impl Fn(&Asked) -> Response<Body> + Send + Sync + 'static) -> Self {
        let (runtime, asked) = (Runtime::new().unwrap(), Arc::<Mutex<Vec<Asked>>>::default());
        let (respond, all) = (Arc::new(respond), Arc::clone(&asked));
        let app = Router::new().fallback(move |request: Request| {
            let (respond, all) = (Arc::clone(&respond), Arc::clone(&all));
            async move {
                let asked = read(request).await;
                all.lock().unwrap().push(asked.clone());
                respond(&asked)
            }
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async { axum::serve(listener, app).await });
        Self { url, asked, _runtime: runtime }
    }

    /// The requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read(request: Request) -> Asked {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Asked {
        method: parts.method,
        path: parts.uri.to_string(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// A response of this status and JSON.
pub fn respond(status: u16, body: &Value) -> Response<Body> {
    Response::builder().status(status).body(Body::from(body.to_string())).unwrap()
}

/// A response without body that asks to come back later.
pub fn later(status: StatusCode, retry_after: &str) -> Response<Body> {
    Response::builder().status(status).header("retry-after", retry_after).body(Body::empty()).unwrap()
}

/// The list that every load reads first.
pub fn list(unique: &str) -> Response<Body> {
    respond(200, &json!({"id": "l", "name": "L", "unique_identifier_type": unique}))
}

/// The response to a batch of these records.
pub fn batch(status: u16, records: &[Value]) -> Response<Body> {
    respond(status, &json!({"_embedded": {"records": records}}))
}
