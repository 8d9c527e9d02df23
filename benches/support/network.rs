//! A network between two ends, which delays all bytes.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, sleep_until};

/// The most bytes in flight. More would mean a slow reader.
const IN_FLIGHT: usize = 1 << 20;

/// The other end of `near`, a network away: a byte takes `one_way`.
///
/// A connection on loopback opens at once. The round trip that it takes is added to what is sent first, which is when a
/// client notices.
pub fn far_end(near: TcpStream, one_way: Duration) -> io::Result<DuplexStream> {
    near.set_nodelay(true)?;
    let open = Instant::now() + 2 * one_way;
    let (far, hop) = duplex(IN_FLIGHT);
    let (near_reads, near_writes) = near.into_split();
    let (hop_reads, hop_writes) = tokio::io::split(hop);
    tokio::spawn(carry(near_reads, hop_writes, open, one_way));
    tokio::spawn(carry(hop_reads, near_writes, open, one_way));
    Ok(far)
}

/// Carries bytes, which start at `open` at the earliest, until either end closes.
async fn carry(
    mut from: impl AsyncRead + Send + Unpin,
    mut to: impl AsyncWrite + Send + Unpin,
    open: Instant,
    one_way: Duration,
) -> io::Result<()> {
    let (sender, mut receiver) = unbounded_channel();
    let send = async move {
        loop {
            let mut bytes = Vec::with_capacity(1 << 14);
            if from.read_buf(&mut bytes).await? == 0 || sender.send((Instant::now().max(open), bytes)).is_err() {
                return io::Result::Ok(());
            }
        }
    };
    let receive = async move {
        while let Some((sent, bytes)) = receiver.recv().await {
            sleep_until(sent + one_way).await;
            to.write_all(&bytes).await?;
        }
        to.shutdown().await
    };
    tokio::try_join!(send, receive).map(|_| ())
}
