//! Batches until they are processed, each with the same key whenever it is sent.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select};
use record_lists::UniqueIdentifierType;
use ureq::http::StatusCode;

use crate::batch::{Batch, Known};
use crate::client::{Client, Post, Request};
use crate::exchange::{Exchange, Unprocessed};
use crate::options::Target;
use crate::order::Turn;
use crate::rejects::Reject;
use crate::response::{self, Fate};
use crate::stop::{Stop, Switch};
use crate::trial::Trial;

/// A batch on its way.
pub struct Piece {
    pub batch: Batch,
    pub turn: Turn,
    /// Its end in the file, in bytes.
    pub end: u64,
}

/// The outcome of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The number of the batch.
    pub number: u64,
    /// The number of records that were created.
    pub created: u64,
    /// The number of rows that were sent without a response that says what became of them.
    pub failed: u64,
    /// The rejected rows, in the file's order.
    pub rejects: Vec<Reject>,
    /// The end of the batch in the file, in bytes.
    pub end: u64,
    /// The memory that the batch took, in bytes.
    pub bytes: usize,
}

/// Sends the batches of a load.
pub struct Delivery {
    exchange: Exchange,
    stop: Arc<Switch>,
    list: String,
    run: String,
    /// Something if nothing is to be created.
    trial: Option<Trial>,
    unique: UniqueIdentifierType,
}

impl Delivery {
    /// Connects to the list of `target`.
    ///
    /// # Errors
    ///
    /// If the list cannot be read, or the host does not exist, which stops the run.
    pub fn open(target: Target, client: Client, stop: &Arc<Switch>) -> Result<Self, Unprocessed> {
        let Target { list, run, dry_run, give_up_after, tokens, .. } = target;
        if let Err(reason) = client.look_up() {
            stop.stop(Stop::Failed(reason));
            return Err(Unprocessed::Unsent);
        }
        let exchange = Exchange::new(client, tokens, give_up_after, Arc::clone(stop));
        let request = Request { path: "", post: None };
        let unique = exchange.send(&request, StatusCode::OK, response::list_type)?;
        let trial = dry_run.then(|| Trial::new(unique));
        Ok(Self { exchange, stop: Arc::clone(stop), list, run, trial, unique })
    }

    /// The type of the list.
    pub fn unique(&self) -> UniqueIdentifierType {
        self.unique
    }

    /// The last trouble since the last call.
    pub fn trouble(&self) -> Option<String> {
        self.exchange.trouble()
    }

    /// Delivers what is in `queue`, until it is closed or the run stops.
    pub fn work(&self, queue: &Receiver<Piece>, outcomes: &Sender<Outcome>) {
        loop {
            let piece = select! {
                recv(queue) -> piece => piece.ok(),
                recv(self.stop.closed()) -> _ => None,
            };
            let Some(piece) = piece else { return };
            if outcomes.send(self.deliver(piece)).is_err() {
                return;
            }
        }
    }

    fn deliver(&self, Piece { batch, turn, end }: Piece) -> Outcome {
        let (number, bytes) = (batch.number, batch.bytes());
        turn.wait();
        let fates = if batch.rows.is_empty() { Ok(Vec::new()) } else { self.post(&batch) };
        let Batch { rows, mut rejected, .. } = batch;
        let sent = rows.len() as u64;
        let (created, failed) = match fates {
            Ok(fates) => {
                let refused = self.refused(rows, fates);
                let created = sent - refused.len() as u64;
                rejected.extend(refused);
                (created, 0)
            }
            Err(Unprocessed::Sent) => (0, sent),
            Err(Unprocessed::Unsent) => (0, 0),
        };
        rejected.sort_by_key(|reject| reject.row.line);
        Outcome { number, created, failed, rejects: rejected, end, bytes }
    }

    /// Sends `batch`, and returns the fates of its rows in their order.
    fn post(&self, batch: &Batch) -> Result<Vec<Fate>, Unprocessed> {
        let key = batch.key(&self.list, &self.run);
        let post = Some(Post { key: &key, body: &batch.body });
        let (path, success) = match self.trial {
            None => ("/records/bulks", StatusCode::CREATED),
            Some(_) => ("/records/bulks?validate_only=true", StatusCode::OK),
        };
        self.exchange.send(&Request { path, post }, success, |body| response::fates(body, batch.rows.len()))
    }

    /// The rows that are not created.
    fn refused(&self, rows: Vec<Known>, fates: Vec<Fate>) -> Vec<Reject> {
        let mut trial = self.trial.as_ref().map(Trial::batch);
        // `response::fates` has made sure that there is one for each row.
        let rows = rows.into_iter().zip(fates);
        let refused = rows.filter_map(|(known, fate)| {
            let refusal = match fate {
                Fate::Refused(refusal) => Some(refusal),
                Fate::Created | Fate::NotStored => None,
            };
            match &mut trial {
                Some(trial) => trial.judge(known, refusal).err(),
                None => refusal.map(|refusal| refusal.reject(known.row)),
            }
        });
        refused.collect()
    }
}
