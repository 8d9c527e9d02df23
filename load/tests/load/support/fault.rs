//! Faults between a client and the API.

use std::time::Duration;

use hyper::Method;

/// A request, as it comes in.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The number of requests before.
    pub number: usize,
    /// The number of them that were the same.
    pub attempt: usize,
    pub method: Method,
    pub key: String,
    pub body: String,
    pub after: Duration,
}

/// The fault of a request.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The connection closes before the API has the request.
    LostRequest,
    /// The connection closes when the API has done what it was asked.
    LostResponse,
    /// The connection closes in the middle of the response.
    CutResponse,
    /// All is well, but later.
    Delay(Duration),
    /// The API never has the request; this status, this many seconds of `Retry-After` and this body come back.
    Response(u16, Option<u32>, &'static str),
    /// The API never has the request; the response says that a record could not be stored, or deleted, in time.
    NotStored,
}

/// Says what goes wrong with a request.
pub type Rule = dyn Fn(&Seen) -> Option<Fault> + Send + Sync;

/// The response to one request in `one_in` is lost.
pub fn lost(one_in: usize) -> impl Fn(&Seen) -> Option<Fault> + Send + Sync {
    move |_| (fastrand::usize(..one_in) == 0).then_some(Fault::LostResponse)
}

/// One request in `one_in` has some fault.
pub fn any(one_in: usize) -> impl Fn(&Seen) -> Option<Fault> + Send + Sync {
    let faults = [
        Fault::LostRequest,
        Fault::LostResponse,
        Fault::CutResponse,
        Fault::Delay(Duration::from_millis(30)),
        Fault::Response(503, None, ""),
        Fault::Response(429, None, "<html>"),
        Fault::Response(500, None, r#"{"code":"INTERNAL_ERROR","message":"The service failed.","fields":[]}"#),
        Fault::NotStored,
    ];
    move |_| (fastrand::usize(..one_in) == 0).then(|| faults[fastrand::usize(..faults.len())])
}
