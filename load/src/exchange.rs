//! A request until it is processed: sent again through every trouble that can pass.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ureq::http::{Response, StatusCode};

use crate::client::{Client, Failure, Request};
use crate::pace::{self, Pace};
use crate::reply::Reply;
use crate::stop::{Stop, Switch};
use crate::token::Tokens;

/// Everything that the requests of a load share.
pub struct Exchange {
    client: Client,
    tokens: Tokens,
    give_up_after: Duration,
    stop: Arc<Switch>,
    pace: Mutex<Pace>,
    contact: Mutex<Contact>,
}

/// The state of the connection with the API.
#[derive(Default)]
struct Contact {
    /// The time of the last request that succeeded.
    succeeded: Option<Instant>,
    /// The last trouble that has not been shown.
    trouble: Option<String>,
}

/// A response to a request that succeeded.
pub struct Success {
    pub response: Response<String>,
    /// Whether an earlier attempt can have been processed without a response.
    pub repeated: bool,
}

/// A request that was not processed because the load stops.
#[derive(Debug, PartialEq, Eq)]
pub enum Unprocessed {
    /// It was sent, and no response says what became of it.
    Sent,
    /// It was not sent.
    Unsent,
}

/// An obstacle to a request.
enum Trouble {
    /// The token had expired; there is a new one.
    Renewed,
    /// No response that says what became of the request, and the wait that it asks for.
    Lost(String, Option<Duration>),
    /// An obstacle that can pass, and how long it takes, if that is known.
    Passing(String, Option<Duration>),
    /// An obstacle that passes if requests have succeeded before; else it is a mistake in the command.
    Setup(String),
    /// An obstacle that the same request would meet again.
    Final(String),
}

/// The attempts at one request.
struct Attempts {
    made: u32,
    /// Those that the API can have processed.
    unknown: u32,
    failed: u32,
    started: Instant,
    /// Whether the token is new since the last one.
    renewed: bool,
}

impl Exchange {
    /// Starts without any limit of the rate.
    pub fn new(client: Client, tokens: Tokens, give_up_after: Duration, stop: Arc<Switch>) -> Self {
        Self { client, tokens, give_up_after, stop, pace: Mutex::default(), contact: Mutex::default() }
    }

    /// Sends `request`, whose success has the status `success`, until `read` can read the response.
    ///
    /// # Errors
    ///
    /// If the load stops before.
    pub fn send<T>(
        &self,
        request: &Request,
        success: StatusCode,
        read: impl Fn(&Success) -> Result<T, String>,
    ) -> Result<T, Unprocessed> {
        let mut attempts = Attempts { made: 0, unknown: 0, failed: 0, started: Instant::now(), renewed: false };
        while self.wait_for_admission() {
            attempts.made += 1;
            let result = self.attempt(request, success, attempts.renewed);
            let result = result.and_then(|response| {
                let success = Success { response, repeated: attempts.unknown > 0 };
                read(&success).map_err(|message| Trouble::Lost(message, None))
            });
            match result {
                Ok(value) => {
                    self.succeed();
                    return Ok(value);
                }
                Err(trouble) => self.overcome(trouble, &mut attempts),
            }
        }
        Err(if attempts.made > 0 { Unprocessed::Sent } else { Unprocessed::Unsent })
    }

    /// The last trouble since the last call.
    pub fn trouble(&self) -> Option<String> {
        self.contact().trouble.take()
    }

    fn wait_for_admission(&self) -> bool {
        let admitted = self.pace().admit(Instant::now());
        self.stop.wait_until(admitted)
    }

    /// Sends `request` once, and returns the response of a success.
    fn attempt(&self, request: &Request, success: StatusCode, renewed: bool) -> Result<Response<String>, Trouble> {
        let token = self.tokens.current();
        let response = self.client.send(&token.text, request).map_err(|failure| match failure {
            Failure::NoResponse(message) => Trouble::Lost(message, None),
            Failure::Unfit(message) => Trouble::Setup(message),
        })?;
        match Reply::of(response, success) {
            Reply::Success(response) => Ok(response),
            Reply::Again(message, after) => Err(Trouble::Lost(message, after)),
            Reply::TooMany(message, after) => {
                self.pace().lower(Instant::now(), after);
                Err(Trouble::Passing(message, after))
            }
            Reply::Unauthorized(message) if renewed || !self.tokens.can_renew() => Err(Trouble::Final(message)),
            Reply::Unauthorized(_) => Err(self.tokens.renew(&token).map_or_else(Trouble::Setup, |()| Trouble::Renewed)),
            Reply::Refused(message) => Err(Trouble::Final(message)),
        }
    }

    fn succeed(&self) {
        let now = Instant::now();
        self.pace().raise(now);
        self.contact().succeeded = Some(now);
    }

    /// Waits until it makes sense to send again, or stops the load.
    fn overcome(&self, trouble: Trouble, attempts: &mut Attempts) {
        let renewed = matches!(trouble, Trouble::Renewed);
        attempts.renewed = renewed;
        attempts.failed += u32::from(!renewed);
        attempts.unknown += u32::from(matches!(trouble, Trouble::Lost(..)));
        match trouble {
            Trouble::Renewed => {}
            Trouble::Lost(message, after) | Trouble::Passing(message, after) => self.wait(attempts, &message, after),
            Trouble::Setup(message) if self.contact().succeeded.is_some() => self.wait(attempts, &message, None),
            Trouble::Setup(message) | Trouble::Final(message) => self.stop.stop(Stop::Failed(message)),
        }
    }

    /// Waits until it is time to send again, or stops the load if nothing has succeeded for too long.
    fn wait(&self, attempts: &Attempts, message: &str, after: Option<Duration>) {
        let resume = Instant::now() + after.unwrap_or_else(|| pace::backoff(attempts.failed));
        self.contact().trouble = Some(message.to_owned());
        loop {
            let since = self.contact().succeeded.unwrap_or(attempts.started).max(attempts.started);
            if since.elapsed() >= self.give_up_after {
                let seconds = self.give_up_after.as_secs();
                self.stop
                    .stop(Stop::GaveUp(format!("No request has succeeded for {seconds} s. The last one: {message}")));
            }
            // A deadline beyond the clock is none.
            let wake = since.checked_add(self.give_up_after).map_or(resume, |deadline| deadline.min(resume));
            if Instant::now() >= resume || !self.stop.wait_until(wake) {
                return;
            }
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn contact(&self) -> MutexGuard<'_, Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
