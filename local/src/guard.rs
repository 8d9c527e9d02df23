//! Keeps websites away from this machine's data.
//!
//! A browser lets the page of any website send requests to this machine. With DNS rebinding, the website's name can
//! even resolve to this machine, so that the browser considers both the same site. Such a request still has the
//! website's name as its `Host`, or has an `Origin`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::{Authority, PathAndQuery, Scheme, Uri};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

/// The name by which a container reaches the machine it runs on.
const DOCKER_HOST: &str = "host.docker.internal";

/// The ports of the Fetch standard's list (<https://fetch.spec.whatwg.org/#port-blocking>) that need no privilege.
const PORTS_THAT_BROWSERS_REFUSE: [u16; 19] =
    [6665, 6666, 6667, 6668, 6669, 6679, 6697, 6566, 10080, 4190, 4045, 3659, 1719, 1720, 1723, 5060, 5061, 2049, 6000];

/// A listener on loopback that no browser connects to: `dynoxide` allows every origin, and has no setting against it.
///
/// # Errors
///
/// If all the ports are in use.
pub async fn listen_out_of_reach() -> io::Result<TcpListener> {
    let addresses = PORTS_THAT_BROWSERS_REFUSE.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    TcpListener::bind(&addresses[..]).await
}

/// `router` for requests to a name of this machine: a loopback name, `address`, or the name that containers use.
pub fn local_names_only(router: Router, address: IpAddr) -> Router {
    router.layer(middleware::from_fn_with_state(address, refuse_other_names))
}

/// Serves the DynamoDB at `upstream`, a loopback address, to everything on this machine but websites. Programs other than
/// browsers send no `Origin`.
pub fn dynamodb(upstream: SocketAddr, address: IpAddr) -> Router {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let router = Router::new().fallback(forward).with_state(Upstream { address: upstream, client });
    local_names_only(router.layer(middleware::from_fn(refuse_origins)), address)
}

async fn refuse_other_names(State(address): State<IpAddr>, request: Request, next: Next) -> Response {
    if host(request.headers()).is_some_and(|host| is_local(&host, address)) {
        return next.run(request).await;
    }
    let reason = "This server only responds to its own names. Use 127.0.0.1 or localhost in the URL.\n";
    (StatusCode::FORBIDDEN, reason).into_response()
}

async fn refuse_origins(request: Request, next: Next) -> Response {
    if request.headers().contains_key(ORIGIN) {
        let reason = "This server does not respond to web pages. Send the request without the header Origin.\n";
        return (StatusCode::FORBIDDEN, reason).into_response();
    }
    next.run(request).await
}

/// The one `Host` of a request.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    Authority::try_from(host.as_bytes()).ok()
}

/// Whether `host` names this machine. A website's name is never an IP address, so any address will do if the server
/// listens on all.
fn is_local(host: &Authority, address: IpAddr) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    match name.parse::<IpAddr>() {
        Ok(ip) => ip.to_canonical().is_loopback() || ip == address || address.is_unspecified(),
        Err(_) => ["localhost", DOCKER_HOST].iter().any(|local| name.eq_ignore_ascii_case(local)),
    }
}

#[derive(Clone)]
struct Upstream {
    address: SocketAddr,
    client: Client<HttpConnector, Body>,
}

async fn forward(State(upstream): State<Upstream>, mut request: Request) -> Response {
    *request.uri_mut() = upstream.uri(request.uri());
    match upstream.client.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

impl Upstream {
    fn uri(&self, uri: &Uri) -> Uri {
        let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let parts = Uri::builder().scheme(Scheme::HTTP).authority(self.address.to_string()).path_and_query(path);
        parts.build().expect("an address and a path are a URL")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_of_this_machine_is_local() {
        let (loopback, bridge, all) = ("127.0.0.1", "172.17.0.1", "0.0.0.0");
        let table = [
            ("127.0.0.1:3000", loopback, true),
            ("127.0.0.1", loopback, true),
            ("127.8.9.10:3000", loopback, true),
            ("localhost:8000", loopback, true),
            ("LocalHost", loopback, true),
            ("[::1]:8000", loopback, true),
            ("[::ffff:127.0.0.1]:8000", loopback, true),
            ("host.docker.internal:8000", loopback, true),
            ("172.17.0.1:8000", loopback, false),
            ("172.17.0.1:8000", bridge, true),
            ("127.0.0.1:8000", bridge, true),
            ("192.168.1.5:8000", bridge, false),
            ("192.168.1.5:8000", all, true),
            ("rebound.example:8000", all, false),
            ("rebound.example:3000", loopback, false),
            ("localhost.example", loopback, false),
            ("127.0.0.1.nip.io", loopback, false),
            ("localhost.", loopback, false),
        ];
        for (host, address, expected) in table {
            let authority = host.parse().unwrap();
            assert_eq!(is_local(&authority, address.parse().unwrap()), expected, "{host} at {address}");
        }
    }

    #[test]
    fn a_request_without_exactly_one_host_has_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(host(&headers), None);
        headers.append(HOST, "localhost".parse().unwrap());
        assert!(host(&headers).is_some());
        headers.append(HOST, "rebound.example".parse().unwrap());
        assert_eq!(host(&headers), None);
    }
}
