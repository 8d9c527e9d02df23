//! A stream of bytes that can be looked ahead into.

use std::io::{self, Read};

/// The most that is read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// The part of a stream that has been read and not been gone past.
pub struct Window<R> {
    stream: R,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
}

impl<R: Read> Window<R> {
    pub fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::new(), start: 0, ended: false }
    }

    /// The bytes that come next: at least `wanted` of them, unless the stream ends before.
    pub fn look(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.start < wanted && !self.ended {
            self.read_more()?;
        }
        Ok(&self.buffer[self.start..])
    }

    fn read_more(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let read = self.stream.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut self.buffer)?;
        self.ended = read < CHUNK_BYTES;
        Ok(())
    }

    /// The next `bytes`, which have been looked at.
    pub fn passed(&self, bytes: usize) -> &[u8] {
        &self.buffer[self.start..self.start + bytes]
    }

    /// Goes on by `bytes`, which have been looked at.
    pub fn skip(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// The number of bytes that have been read and not been gone past.
    pub fn ahead(&self) -> usize {
        self.buffer.len() - self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_seen_in_order_whatever_is_looked_at() {
        let bytes: Vec<u8> = (0..=250).cycle().take(CHUNK_BYTES * 3).collect();
        let mut window = Window::new(&bytes[..]);
        let mut seen = Vec::new();
        for step in (1..).map(|i| i * 997 % 100_000 + 1) {
            let ahead = window.look(step).unwrap();
            let taken = ahead.len().min(step);
            seen.extend_from_slice(&ahead[..taken]);
            window.skip(taken);
            if taken < step {
                break;
            }
        }
        assert!(seen == bytes);
        assert_eq!(window.ahead(), 0);
    }
}
