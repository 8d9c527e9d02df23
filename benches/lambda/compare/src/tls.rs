//! A TLS endpoint in front of DynamoDB, a network away from the function, that counts handshakes.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{self, HandshakeKind, ProtocolVersion, ServerConfig};

use crate::network;

/// The time that a byte takes, one way: two availability zones of a region, with some of what a load balancer adds.
pub const ONE_WAY: Duration = Duration::from_millis(4);

/// The handshakes of an endpoint.
#[derive(Debug, Default)]
struct Counts {
    full: AtomicU64,
    resumed: AtomicU64,
    refused: AtomicU64,
    other_versions: AtomicU64,
}

/// Handshakes: full ones, those that a ticket shortened, those that the client broke off because it did not trust the
/// certificate, and how many of the first two were not TLS 1.3.
#[derive(Debug, Clone, Copy)]
pub struct Handshakes {
    pub full: u64,
    pub resumed: u64,
    pub refused: u64,
    pub other_versions: u64,
}

impl fmt::Display for Handshakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} / {}", self.full, self.resumed, self.refused)
    }
}

/// An endpoint, and a file of the certificate to trust.
#[derive(Debug)]
pub struct TlsEndpoint {
    pub url: String,
    pub roots: PathBuf,
    counts: Arc<Counts>,
}

impl TlsEndpoint {
    /// Starts one in front of `dynamodb`, which sends `tickets` after each handshake.
    pub async fn start(dynamodb: &str, tickets: usize) -> Result<Self, Box<dyn Error>> {
        let (config, certificate) = server_config(tickets)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let roots = std::env::temp_dir().join(format!("roots-{}.pem", address.port()));
        std::fs::write(&roots, certificate)?;
        let counts = Arc::new(Counts::default());
        let endpoint = Self { url: format!("https://{address}"), roots, counts: Arc::clone(&counts) };
        let upstream = dynamodb.trim_start_matches("http://").to_owned();
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), upstream, counts));
        Ok(endpoint)
    }

    /// The handshakes since the last call.
    pub fn take(&self) -> Handshakes {
        Handshakes {
            full: self.counts.full.swap(0, Relaxed),
            resumed: self.counts.resumed.swap(0, Relaxed),
            refused: self.counts.refused.swap(0, Relaxed),
            other_versions: self.counts.other_versions.swap(0, Relaxed),
        }
    }
}

impl Drop for TlsEndpoint {
    fn drop(&mut self) {
        // Nothing depends on the file being gone.
        let _ = std::fs::remove_file(&self.roots);
    }
}

/// Settings with a new certificate, and that certificate in PEM.
fn server_config(tickets: usize) -> Result<(ServerConfig, String), Box<dyn Error>> {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(own.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    config.ticketer = ring::Ticketer::new()?;
    config.send_tls13_tickets = tickets;
    Ok((config, own.cert.pem()))
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, upstream: String, counts: Arc<Counts>) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(serve(connection, acceptor.clone(), upstream.clone(), Arc::clone(&counts)));
    }
}

async fn serve(connection: TcpStream, acceptor: TlsAcceptor, upstream: String, counts: Arc<Counts>) -> io::Result<()> {
    let mut connection = match acceptor.accept(network::far_end(connection, ONE_WAY)?).await {
        Ok(connection) => connection,
        Err(error) => {
            counts.refused.fetch_add(u64::from(is_alert(&error)), Relaxed);
            return Err(error);
        }
    };
    let (_, state) = connection.get_ref();
    let kind = if state.handshake_kind() == Some(HandshakeKind::Resumed) { &counts.resumed } else { &counts.full };
    kind.fetch_add(1, Relaxed);
    let is_other = state.protocol_version() != Some(ProtocolVersion::TLSv1_3);
    counts.other_versions.fetch_add(u64::from(is_other), Relaxed);
    let mut upstream = TcpStream::connect(upstream).await?;
    upstream.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut connection, &mut upstream).await.map(|_| ())
}

/// Whether the client said why it ended the handshake.
fn is_alert(error: &io::Error) -> bool {
    let error = error.get_ref().and_then(|error| error.downcast_ref());
    matches!(error, Some(rustls::Error::AlertReceived(_)))
}
