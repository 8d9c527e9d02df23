//! Retries: exponential backoff with full jitter, until the time is up.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The longest first pause; each further one can be twice as long, up to [`MAX_PAUSE`].
const BASE_PAUSE: Duration = Duration::from_millis(25);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// The longest first attempt at a small call: enough for a TLS handshake on the little CPU of a small function, and far
/// more than DynamoDB takes. A longer wait probably means a dead connection. Each further attempt can take twice as
/// long, so that a call over a slow connection succeeds in the end.
const FIRST_TIMEOUT: Duration = Duration::from_secs(1);

/// The slowest connection over which the first attempt at a large call succeeds, in bytes a millisecond: 1 MB/s, less a
/// quarter for overhead and for DynamoDB itself.
const SLOWEST_BYTES_PER_MILLISECOND: usize = 750;

/// The most attempts after a refused signature. If it is not the clock that is wrong, the credentials are.
const MAX_SIGNATURES: u32 = 3;

/// The attempts at one piece of work.
#[derive(Debug)]
pub struct Attempts {
    deadline: Instant,
    first_timeout: Duration,
    failed: u32,
    refused_signatures: AtomicU32,
}

/// Copies the counts: the halves of a call continue counting from its attempts.
impl Clone for Attempts {
    fn clone(&self) -> Self {
        Self { refused_signatures: AtomicU32::new(self.refused_signatures.load(Relaxed)), ..*self }
    }
}

impl Attempts {
    /// Attempts until `deadline` at a call which, together with the calls made at the same time, has `bytes` bytes.
    pub fn until(deadline: Instant, bytes: usize) -> Self {
        Self {
            deadline,
            first_timeout: FIRST_TIMEOUT + transfer(bytes),
            failed: 0,
            refused_signatures: AtomicU32::new(0),
        }
    }

    /// The number of attempts that failed.
    pub fn failed(&self) -> u32 {
        self.failed
    }

    /// Counts a signature that DynamoDB refused. Returns whether another attempt can help.
    pub fn can_sign_again(&self) -> bool {
        self.refused_signatures.fetch_add(1, Relaxed) < MAX_SIGNATURES
    }

    /// The time at which the attempt under way, begun at `now`, is given up.
    pub fn end(&self, now: Instant) -> Instant {
        (now + self.first_timeout.saturating_mul(2_u32.saturating_pow(self.failed))).min(self.deadline)
    }

    /// The time at which reading a response of `bytes` bytes, whose headers arrived at `now`, is given up.
    pub fn end_of_transfer(&self, now: Instant, bytes: usize) -> Instant {
        (self.end(now) + transfer(bytes)).min(self.deadline)
    }

    /// Waits before another attempt. Returns `false` at once if there is no time for one.
    pub async fn again(&mut self) -> bool {
        let longest = BASE_PAUSE.saturating_mul(2_u32.saturating_pow(self.failed)).min(MAX_PAUSE);
        let next = Instant::now() + longest.mul_f64(fastrand::f64());
        if next >= self.deadline {
            return false;
        }
        self.failed += 1;
        sleep_until(next).await;
        true
    }
}

/// The time that `bytes` bytes take over the slowest connection.
fn transfer(bytes: usize) -> Duration {
    Duration::from_millis(u64::try_from(bytes / SLOWEST_BYTES_PER_MILLISECOND).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_before_the_deadline() {
        let start = Instant::now();
        let mut attempts = Attempts::until(start + Duration::from_secs(10), 0);
        let mut before = start;
        while attempts.again().await {
            let longest = BASE_PAUSE.saturating_mul(2_u32.pow(attempts.failed - 1)).min(MAX_PAUSE);
            assert!(before.elapsed() <= longest + Duration::from_millis(1), "{} failed", attempts.failed);
            before = Instant::now();
        }
        assert!(attempts.failed > 10, "{} failed", attempts.failed);
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_gets_longer_but_not_over_the_deadline() {
        let now = Instant::now();
        let mut attempts = Attempts::until(now + Duration::from_secs(4), 0);
        assert_eq!(attempts.end(now), now + FIRST_TIMEOUT);
        attempts.failed = 1;
        assert_eq!(attempts.end(now), now + 2 * FIRST_TIMEOUT);
        attempts.failed = 9;
        assert_eq!(attempts.end(now), now + Duration::from_secs(4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_large_call_gets_the_time_of_a_slow_connection() {
        let now = Instant::now();
        let attempts = Attempts::until(now + Duration::from_secs(15), 3_000_000);
        assert_eq!(attempts.end(now), now + FIRST_TIMEOUT + Duration::from_secs(4));
    }
}
