//! A batch until it is processed: sent again with the same key through every trouble that can pass.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::batch::Batch;
use crate::client::Client;
use crate::flow::{Flow, Outcome, Piece, Stop};
use crate::pace::{self, Pace};
use crate::rejects::Reject;
use crate::reply::Reply;
use crate::response::Fate;
use crate::token::Tokens;

/// What the senders of a load share.
pub struct Delivery {
    pub client: Client,
    pub list: String,
    pub run: String,
    pub tokens: Tokens,
    pub pace: Mutex<Pace>,
    pub give_up_after: Duration,
}

/// What keeps a batch from being processed.
enum Trouble {
    /// The token had expired; there is a new one.
    Renewed,
    /// Something that can pass, and how long it takes, if that is known.
    Passing(String, Option<Duration>),
    /// Something that makes it useless to go on.
    Final(String),
}

/// How often a batch has been sent, and since when.
struct Attempts {
    failed: u32,
    started: Instant,
    /// Whether the token is new since the last one.
    renewed: bool,
}

impl Delivery {
    /// Sends what `flow` has, until there is no more.
    pub fn run(&self, flow: &Flow) {
        while let Some(Piece { batch, end }) = flow.take() {
            let fates = if batch.rows.is_empty() { Some(vec![]) } else { self.deliver(&batch, flow) };
            match fates {
                Some(fates) => flow.settle(outcome(batch, fates, end)),
                None => flow.abandon(),
            }
        }
    }

    /// What became of the records of `batch`; `None` if the load stops before that is known.
    fn deliver(&self, batch: &Batch, flow: &Flow) -> Option<Vec<Fate>> {
        let key = batch.key(&self.list, &self.run);
        let mut attempts = Attempts { failed: 0, started: Instant::now(), renewed: false };
        while flow.wait_until(self.pace().admit(Instant::now())) {
            match self.attempt(batch, &key, attempts.renewed) {
                Ok(fates) => {
                    flow.succeed();
                    return Some(fates);
                }
                Err(Trouble::Renewed) => attempts.renewed = true,
                Err(Trouble::Final(message)) => flow.stop(Stop::Failed(message)),
                Err(Trouble::Passing(message, after)) => {
                    attempts = Attempts { failed: attempts.failed + 1, renewed: false, ..attempts };
                    self.wait(flow, &attempts, &message, after);
                }
            }
        }
        None
    }

    /// Sends `batch` once.
    fn attempt(&self, batch: &Batch, key: &str, renewed: bool) -> Result<Vec<Fate>, Trouble> {
        let token = self.tokens.current();
        match self.client.post(&token.text, key, &batch.body, batch.rows.len()) {
            Reply::Processed(fates) => {
                self.pace().raise(Instant::now());
                Ok(fates)
            }
            Reply::Again(message, after) => Err(Trouble::Passing(message, after)),
            Reply::TooMany(message, after) => {
                self.pace().lower(Instant::now(), after);
                Err(Trouble::Passing(message, after))
            }
            Reply::Unauthorized(message) if renewed || !self.tokens.can_renew() => Err(Trouble::Final(message)),
            Reply::Unauthorized(_) => Err(match self.tokens.renew(&token) {
                Ok(()) => Trouble::Renewed,
                Err(message) => Trouble::Passing(message, None),
            }),
            Reply::Refused(message) => Err(Trouble::Final(message)),
        }
    }

    /// Waits until it is time to send again, or stops the load if nothing has succeeded for too long.
    fn wait(&self, flow: &Flow, attempts: &Attempts, message: &str, after: Option<Duration>) {
        let resume = Instant::now() + after.unwrap_or_else(|| pace::backoff(attempts.failed));
        flow.note(message.to_owned());
        loop {
            let now = Instant::now();
            let deadline = flow.succeeded().max(attempts.started) + self.give_up_after;
            if now >= deadline {
                let seconds = self.give_up_after.as_secs();
                flow.stop(Stop::Failed(format!("No request has succeeded for {seconds} s. The last one: {message}")));
            }
            if now >= resume || !flow.wait_until(resume.min(deadline)) {
                return;
            }
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn outcome(batch: Batch, fates: Vec<Fate>, end: u64) -> Outcome {
    let (number, bytes) = (batch.number, batch.bytes());
    let created = fates.iter().filter(|fate| **fate == Fate::Created).count() as u64;
    let refused = batch.rows.into_iter().zip(fates).filter_map(|(row, fate)| match fate {
        Fate::Refused(codes, reasons) => Some(Reject { row, broken: false, codes, reasons }),
        Fate::Created | Fate::NotStored => None,
    });
    let mut rejects: Vec<Reject> = batch.rejected.into_iter().chain(refused).collect();
    rejects.sort_by_key(|reject| reject.row.line);
    Outcome { number, created, rejects, end, bytes }
}
