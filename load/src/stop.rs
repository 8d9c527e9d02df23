//! The switch that ends a run early, from whichever thread.

use std::convert::Infallible;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// The reason why a run stops early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C, or a request to terminate.
    Interrupted,
    /// Trouble that can pass: the same command can succeed later.
    GaveUp(String),
    /// Something that the same command would meet again.
    Failed(String),
    /// Every row is done, but nothing is deleted, for this reason.
    NotDeleted(String),
}

/// Stops a run: what is being sent is still waited for, nothing else is sent.
pub struct Switch {
    reason: OnceLock<Stop>,
    /// Carries nothing: dropping the sender closes the channel, which wakes every thread that waits for it.
    open: Mutex<Option<Sender<Infallible>>>,
    closed: Receiver<Infallible>,
}

impl Switch {
    /// A switch that is not yet thrown.
    pub fn new() -> Self {
        let (open, closed) = bounded(0);
        Self { reason: OnceLock::new(), open: Mutex::new(Some(open)), closed }
    }

    /// Stops the run. The first reason counts.
    pub fn stop(&self, reason: Stop) {
        self.reason.get_or_init(|| reason);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The reason why the run stops, if it does.
    pub fn stopped(&self) -> Option<&Stop> {
        self.reason.get()
    }

    /// A channel that closes when the run stops.
    pub fn closed(&self) -> &Receiver<Infallible> {
        &self.closed
    }

    /// Waits until `time`, or until the run stops. Says whether to go on.
    pub fn wait_until(&self, time: Instant) -> bool {
        self.stopped().is_none() && self.closed.recv_deadline(time) == Err(RecvTimeoutError::Timeout)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_stop_ends_every_wait_and_the_first_reason_counts() {
        let switch = Switch::new();
        assert!(switch.wait_until(Instant::now()));
        let later = Instant::now() + Duration::from_mins(1);
        thread::scope(|scope| {
            let waits = [(); 2].map(|()| scope.spawn(|| switch.wait_until(later)));
            switch.stop(Stop::Interrupted);
            switch.stop(Stop::Failed("later".to_owned()));
            assert!(waits.into_iter().all(|wait| !wait.join().unwrap()));
        });
        assert_eq!(switch.stopped(), Some(&Stop::Interrupted));
        assert!(!switch.wait_until(Instant::now()));
        assert!(Instant::now() < later);
    }
}
