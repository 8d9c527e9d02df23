//! The rate of requests, and the wait before one is sent again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The number of requests that the rate at the moment is measured over.
const MEASURED: usize = 32;

/// The rest of the rate after a 429.
const LOWERED: f64 = 0.7;

/// The growth of the rate after each [`SETTLING`] without a 429: a load finds out if more is possible by now.
const RAISED: f64 = 1.02;

/// The time after a change of the rate in which the requests that were under way say nothing about the new one.
const SETTLING: Duration = Duration::from_secs(1);

/// The lowest rate, in requests a second.
const LOWEST: f64 = 0.1;

/// Says when each request goes. There is no limit until the API answers 429.
#[derive(Debug, Default)]
pub struct Pace {
    /// Requests a second.
    rate: Option<f64>,
    changed: Option<Instant>,
    next: Option<Instant>,
    recent: VecDeque<Instant>,
}

impl Pace {
    /// The time at which a request that is ready `now` goes.
    pub fn admit(&mut self, now: Instant) -> Instant {
        let at = self.next.map_or(now, |next| next.max(now));
        self.next = self.rate.map(|rate| at + Duration::from_secs_f64(1.0 / rate));
        self.recent.push_back(at);
        if self.recent.len() > MEASURED {
            self.recent.pop_front();
        }
        at
    }

    /// Lowers the rate after a 429, which can say how long to pause.
    pub fn lower(&mut self, now: Instant, pause: Option<Duration>) {
        if self.is_settled(now) {
            let rate = self.rate.unwrap_or(f64::INFINITY).min(self.measured(now)) * LOWERED;
            self.rate = Some(rate.max(LOWEST));
            self.changed = Some(now);
        }
        let resumed = now + pause.unwrap_or_default();
        self.next = Some(self.next.map_or(resumed, |next| next.max(resumed)));
    }

    /// Raises the rate after a request that went well, if that has been so for a while.
    pub fn raise(&mut self, now: Instant) {
        if self.rate.is_some() && self.is_settled(now) {
            self.rate = self.rate.map(|rate| rate * RAISED);
            self.changed = Some(now);
        }
    }

    fn is_settled(&self, now: Instant) -> bool {
        self.changed.is_none_or(|changed| now.saturating_duration_since(changed) >= SETTLING)
    }

    /// The requests a second of late.
    fn measured(&self, now: Instant) -> f64 {
        let since = self.recent.front().map_or(Duration::ZERO, |first| now.saturating_duration_since(*first));
        // A burst is not a rate.
        let requests = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        f64::from(requests) / since.as_secs_f64().max(0.1)
    }
}

/// The longest wait of the first repetition; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The longest wait of all.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The wait before the repetition after `attempts`: anything up to a limit that grows exponentially ("full
/// jitter"), so that requests that failed together are not repeated together.
pub fn backoff(attempts: u32) -> Duration {
    longest_wait(attempts).mul_f64(fastrand::f64())
}

fn longest_wait(attempts: u32) -> Duration {
    FIRST_WAIT.saturating_mul(2_u32.saturating_pow(attempts.saturating_sub(1))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn requests_go_at_once_until_there_are_too_many() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        assert!((0..100).all(|_| pace.admit(now) == now));
    }

    #[test]
    fn a_429_lowers_the_rate_of_late() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        for request in 0..40 {
            pace.admit(start + milliseconds(100 * request));
        }
        let now = start + milliseconds(4_000);
        pace.lower(now, None);
        // 32 requests in 3.2 s are 10 a second; 7 are left.
        assert_eq!(pace.admit(now), now);
        let wait = pace.admit(now) - now;
        assert!((milliseconds(142)..=milliseconds(144)).contains(&wait), "{wait:?}");
    }

    #[test]
    fn the_rate_is_lowered_once_for_requests_under_way_and_again_if_it_is_still_too_high() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        pace.rate = Some(10.0);
        for request in 0..50 {
            pace.admit(start + milliseconds(100 * request));
        }
        let now = start + milliseconds(5_000);
        for now in [now, now, now + milliseconds(900)] {
            pace.lower(now, None);
        }
        assert!((6.9..7.1).contains(&pace.rate.unwrap()), "{pace:?}");
        pace.lower(now + milliseconds(1_000), None);
        assert!(pace.rate.unwrap() < 5.0, "{pace:?}");
    }

    #[test]
    fn a_429_that_says_when_pauses_every_request() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.lower(now, Some(Duration::from_secs(3)));
        assert_eq!(pace.admit(now), now + Duration::from_secs(3));
    }

    #[test]
    fn the_rate_rises_slowly_while_all_is_well() {
        let (mut pace, now) = (Pace { rate: Some(10.0), ..Pace::default() }, Instant::now());
        for now in [now, now + milliseconds(500), now + milliseconds(1_000)] {
            pace.raise(now);
        }
        assert!((10.39..10.41).contains(&pace.rate.unwrap()), "{pace:?}");
    }

    #[test]
    fn waits_are_random_up_to_a_limit_that_doubles() {
        let longest = [1, 2, 3, 7, 8, 100].map(longest_wait);
        assert_eq!(longest, [200, 400, 800, 12_800, 20_000, 20_000].map(milliseconds));
        let waits: Vec<Duration> = (0..1_000).map(|_| backoff(3)).collect();
        assert!(waits.iter().all(|wait| *wait <= milliseconds(800)));
        assert!(waits.iter().min() < Some(&milliseconds(100)) && waits.iter().max() > Some(&milliseconds(700)));
    }
}
