//! The wire between the function and DynamoDB: connections that go dead without a sign, and a link that is slow.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// The most that is carried at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// The way that bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    ToDynamoDb,
    ToFunction,
}

/// A TCP proxy on a port of its own.
pub struct Wire {
    pub endpoint: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    /// The number of connections, the oldest first, that are dead, and the directions in which they are.
    dead: watch::Sender<(usize, &'static [Direction])>,
    opened: AtomicUsize,
    bytes: AtomicUsize,
    link: Option<Link>,
}

/// A link that all connections share: so many bytes a second towards DynamoDB, and the time at which it is free.
struct Link {
    bytes_per_second: usize,
    free: Mutex<Instant>,
}

impl Wire {
    /// To the DynamoDB at `endpoint`.
    pub async fn to(endpoint: &str) -> Self {
        Self::with(endpoint, None).await
    }

    /// The same, but only so fast towards DynamoDB.
    pub async fn slow(endpoint: &str, bytes_per_second: usize) -> Self {
        Self::with(endpoint, Some(Link { bytes_per_second, free: Mutex::new(Instant::now()) })).await
    }

    async fn with(endpoint: &str, link: Option<Link>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let own = format!("http://{}", listener.local_addr().expect("the listener has an address"));
        let upstream = endpoint.trim_start_matches("http://").to_owned();
        let (opened, bytes) = Default::default();
        let shared = Arc::new(Shared { upstream, dead: watch::Sender::new((0, &[])), opened, bytes, link });
        tokio::spawn(shared.clone().listen(listener));
        Self { endpoint: own, shared }
    }

    /// From now on every connection that is open carries nothing in `directions`, and stays open.
    pub fn freeze(&self, directions: &'static [Direction]) {
        self.shared.dead.send_replace((self.connections(), directions));
    }

    /// The number of connections opened so far.
    pub fn connections(&self) -> usize {
        self.shared.opened.load(Relaxed)
    }

    /// The number of bytes sent to DynamoDB so far.
    pub fn bytes_to_dynamodb(&self) -> usize {
        self.shared.bytes.load(Relaxed)
    }
}

impl Shared {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((stream, _)) = listener.accept().await {
            let number = self.opened.fetch_add(1, Relaxed);
            tokio::spawn(self.clone().connect(number, stream));
        }
    }

    async fn connect(self: Arc<Self>, number: usize, function: TcpStream) {
        let dynamodb = TcpStream::connect(&self.upstream).await.expect("DynamoDB accepts connections");
        let ((from_function, to_function), (from_dynamodb, to_dynamodb)) =
            (function.into_split(), dynamodb.into_split());
        let up = self.clone().carry(Direction::ToDynamoDb, number, from_function, to_dynamodb);
        let down = self.carry(Direction::ToFunction, number, from_dynamodb, to_function);
        tokio::join!(up, down);
    }

    async fn carry(
        self: Arc<Self>,
        direction: Direction,
        number: usize,
        mut from: impl AsyncRead + Unpin,
        mut to: impl AsyncWrite + Unpin,
    ) {
        let mut dead = self.dead.subscribe();
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let died = async {
                let is_dead = |dead: &(usize, &[Direction])| number < dead.0 && dead.1.contains(&direction);
                drop(dead.wait_for(is_dead).await);
            };
            let read = tokio::select! {
                biased;
                () = died => return pending().await,
                read = from.read(&mut chunk) => read,
            };
            let Ok(length @ 1..) = read else { break };
            if direction == Direction::ToDynamoDb {
                self.transfer(length).await;
            }
            if to.write_all(&chunk[..length]).await.is_err() {
                break;
            }
        }
        let _ = to.shutdown().await;
    }

    #[expect(clippy::cast_precision_loss, reason = "a second more or less in a million years")]
    /// Waits until the link has taken `length` bytes.
    async fn transfer(&self, length: usize) {
        self.bytes.fetch_add(length, Relaxed);
        let Some(link) = &self.link else { return };
        let time = Duration::from_secs(1).mul_f64(length as f64 / link.bytes_per_second as f64);
        let free = {
            let mut free = link.free.lock().expect("no test has panicked in here");
            *free = (*free).max(Instant::now()) + time;
            *free
        };
        sleep_until(free).await;
    }
}
