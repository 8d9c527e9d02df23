//! Faults between a client and the API.

use std::time::Duration;

/// A request, as it comes in.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The number of requests before.
    pub number: usize,
    /// The number of them that had the same key.
    pub attempt: usize,
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
        NOT_STORED,
    ];
    move |_| (fastrand::usize(..one_in) == 0).then(|| faults[fastrand::usize(..faults.len())])
}

/// The service did not store the first record in time.
pub const NOT_STORED: Fault =
    Fault::Response(201, None, r#"{"_embedded":{"records":[{"errors":["OTHER"],"fields":[]}]}}"#);
