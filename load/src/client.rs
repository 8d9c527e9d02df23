//! One request over a kept connection.

use std::env;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{Response, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Error, Proxy};
use url::Url;

use crate::route;

/// The longest time in which a connection opens.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest time in which a body is sent or received: some megabytes over a slow line.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// The longest time until a response: API Gateway waits 29 seconds for a function, unless its quota was raised.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(40);

/// Sends requests, over connections that are kept.
pub struct Client {
    agent: Agent,
    base: Url,
    list: String,
}

/// A request about a list.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub content: Content<'a>,
    /// The path below the list's, with its query.
    pub path: &'a str,
}

/// The method of a request, and what goes with it.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    Get,
    /// Creates records, once for each key.
    Post {
        key: &'a str,
        body: &'a str,
    },
    /// Brings records up to date.
    Patch {
        body: &'a str,
    },
    /// Deletes records.
    Delete {
        body: &'a str,
    },
}

/// A request without a response.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection failed, as any can.
    NoResponse(String),
    /// The other side is not the API over TLS that was expected.
    Unfit(String),
}

impl Client {
    /// A client of the API at `base` for one list, with as many connections as `connections`.
    ///
    /// # Errors
    ///
    /// If the proxy of the environment cannot be used.
    pub fn new(base: Url, list: &str, connections: usize) -> Result<Self, String> {
        let proxy = route::proxy(&base, |name| env::var(name).ok())?;
        let list = format!("{}/record-lists/{list}", base.as_str().trim_end_matches('/'));
        Ok(Self { agent: config(&base, proxy, connections).into(), base, list })
    }

    /// Looks up the host of the API, or of the proxy on the way to it.
    ///
    /// # Errors
    ///
    /// If there is no such host.
    pub fn look_up(&self) -> Result<(), String> {
        route::look_up(&self.base, self.agent.config().proxy())
    }

    /// Sends `request` once.
    pub fn send(&self, token: &str, request: &Request) -> Result<Response<String>, Failure> {
        let url = format!("{}{}", self.list, request.path);
        let (request, body) = match request.content {
            Content::Get => return receive(self.agent.get(url).header(header::AUTHORIZATION, bearer(token)).call()),
            Content::Post { key, body } => (self.agent.post(url).header("idempotency-key", key), body),
            Content::Patch { body } => (self.agent.patch(url), body),
            Content::Delete { body } => (self.agent.delete(url).force_send_body(), body),
        };
        let request = request.header(header::AUTHORIZATION, bearer(token));
        receive(request.header(header::CONTENT_TYPE, "application/json").send(body))
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The whole of a response.
fn receive(sent: Result<Response<Body>, Error>) -> Result<Response<String>, Failure> {
    let read = sent.and_then(|response| {
        let (parts, mut body) = response.into_parts();
        Ok(Response::from_parts(parts, body.read_to_string()?))
    });
    read.map_err(|error| Failure::of(&error))
}

impl Failure {
    fn of(error: &Error) -> Self {
        match (tls_error(error), error) {
            (Some(error @ rustls::Error::InvalidCertificate(_)), _) => Self::Unfit(format!(
                "The API's certificate is not trusted ({error}). If it is your own, name your authority's in SSL_CERT_FILE."
            )),
            (Some(error), _) => Self::Unfit(format!(
                "There is no TLS on the API's port ({error}). Check the scheme and the port of --url."
            )),
            (None, Error::ConnectProxyFailed(_)) => Self::Unfit(format!("The proxy does not connect ({error}).")),
            (None, _) => Self::NoResponse(format!("no response: {error}")),
        }
    }
}

/// The part of `error` that is about TLS, and not about a connection that broke.
fn tls_error(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Rustls(error) => Some(error),
        Error::Io(error) => error.get_ref()?.downcast_ref(),
        _ => None,
    }
}

fn config(base: &Url, proxy: Option<Proxy>, connections: usize) -> Config {
    Config::builder()
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
        .proxy(proxy)
        .tls_config(if base.scheme() == "https" { tls() } else { TlsConfig::default() })
        .build()
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

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_mistake_in_the_setup_is_told_from_a_broken_connection() {
        let untrusted = || rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer);
        let no_tls = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        let table = [
            (
                Error::Rustls(untrusted()),
                "The API's certificate is not trusted (invalid peer certificate: UnknownIssuer).",
            ),
            (
                Error::Io(io::Error::new(io::ErrorKind::InvalidData, untrusted())),
                "The API's certificate is not trusted",
            ),
            (Error::Rustls(no_tls), "There is no TLS on the API's port"),
            (Error::ConnectProxyFailed("407".to_owned()), "The proxy does not connect"),
        ];
        for (error, expected) in table {
            let failure = Failure::of(&error);
            assert!(matches!(&failure, Failure::Unfit(message) if message.starts_with(expected)), "{failure:?}");
        }
        for error in [io::ErrorKind::ConnectionReset.into(), io::Error::other("other")] {
            assert!(matches!(Failure::of(&Error::Io(error)), Failure::NoResponse(_)));
        }
    }
}
