//! One request over a kept connection.

use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy};
use url::{Host, Url};

use crate::reply::Reply;

/// How long a connection can take to open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a body can take to be sent or received: some megabytes over a slow line.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a response can take: API Gateway waits 29 seconds for a function, unless its quota was raised.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(40);

/// Sends requests, over connections that are kept.
pub struct Client {
    agent: Agent,
    url: String,
}

impl Client {
    /// A client of the API at `base` for one list, with as many connections as `connections`.
    pub fn new(base: &Url, list: &str, connections: usize) -> Self {
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(connections)
            .max_idle_connections_per_host(connections)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_send_body(Some(BODY_TIMEOUT))
            .timeout_recv_response(Some(RESPONSE_TIMEOUT))
            .timeout_recv_body(Some(BODY_TIMEOUT))
            .user_agent(concat!("record-lists-load/", env!("CARGO_PKG_VERSION")))
            .proxy(if is_loopback(base) { None } else { Proxy::try_from_env() })
            .tls_config(if base.scheme() == "https" { tls() } else { TlsConfig::default() })
            .build();
        let url = format!("{}/record-lists/{list}/records/bulks", base.as_str().trim_end_matches('/'));
        Self { agent: config.into(), url }
    }

    /// Sends `body`, which has as many records as `records`, once.
    pub fn post(&self, token: &str, key: &str, body: &str, records: usize) -> Reply {
        let request = self.agent.post(&self.url);
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key);
        let response = request.send(body).and_then(|response| {
            let (parts, mut body) = response.into_parts();
            Ok(Response::from_parts(parts, body.read_to_string()?))
        });
        match response {
            Ok(response) => Reply::of(&response, records),
            Err(error) => Reply::Again(format!("no response: {error}"), None),
        }
    }
}

/// ring's TLS, and the certificates that the system trusts.
fn tls() -> TlsConfig {
    let native = rustls_native_certs::load_native_certs().certs;
    let certificates = native.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect();
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .build()
}

/// Whether `url` is on this machine, which no proxy is needed for, or would reach.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_for_other_machines() {
        let table = [
            ("http://127.0.0.1:3000", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:3000/v1", true),
            ("http://localhost:3000", true),
            ("https://api.localhost", true),
            ("https://localhost.example.com", false),
            ("https://10.0.0.1", false),
        ];
        for (url, expected) in table {
            assert_eq!(is_loopback(&url.parse().unwrap()), expected, "{url}");
        }
    }
}
