//! When a call is made again: exponential backoff with full jitter, until the time is up.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The longest first pause; each further one may be twice as long, up to [`MAX_PAUSE`].
const BASE_PAUSE: Duration = Duration::from_millis(25);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// How long the first attempt may take; each further one may take twice as long, since a large call over a slow
/// connection must end one day.
const FIRST_TIMEOUT: Duration = Duration::from_millis(1500);

/// The attempts at one piece of work.
#[derive(Debug)]
pub struct Attempts {
    deadline: Instant,
    failed: u32,
}

impl Attempts {
    /// No attempt made yet, and none after `deadline`.
    pub fn until(deadline: Instant) -> Self {
        Self { deadline, failed: 0 }
    }

    /// Whether the attempt under way is not the first.
    pub fn is_retry(&self) -> bool {
        self.failed > 0
    }

    /// When the attempt under way, beginning at `now`, is given up.
    pub fn end(&self, now: Instant) -> Instant {
        (now + FIRST_TIMEOUT.saturating_mul(2_u32.saturating_pow(self.failed))).min(self.deadline)
    }

    /// Waits before another attempt: `false`, at once, where there is no time for one.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_before_the_deadline() {
        let start = Instant::now();
        let mut attempts = Attempts::until(start + Duration::from_secs(10));
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
        let mut attempts = Attempts::until(now + Duration::from_secs(4));
        assert_eq!(attempts.end(now), now + FIRST_TIMEOUT);
        attempts.failed = 1;
        assert_eq!(attempts.end(now), now + 2 * FIRST_TIMEOUT);
        attempts.failed = 9;
        assert_eq!(attempts.end(now), now + Duration::from_secs(4));
    }
}
