//! Batches until they are processed.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select};
use jiff::Timestamp;
use record_lists::MAX_RECORDS;
use ureq::http::StatusCode;

use crate::batch::{self, Batch};
use crate::client::{Client, Content, Request};
use crate::exchange::{Exchange, Success, Unprocessed};
use crate::fate::{Fate, Judged};
use crate::identity::{Identities, Identity};
use crate::job::{Action, Target};
use crate::kept::Kept;
use crate::limits::Limits;
use crate::list::List;
use crate::meaning::{Known, Meaning};
use crate::mirror::Mirror;
use crate::order::Turn;
use crate::outcome::Outcome;
use crate::response;
use crate::results::Results;
use crate::stop::{Stop, Switch};
use crate::trial::Trial;

/// A batch on its way.
pub struct Piece {
    pub batch: Batch,
    pub turn: Turn,
    /// Its end in the file, in bytes.
    pub end: u64,
}

/// Sends the batches of a run.
pub struct Delivery {
    exchange: Exchange,
    stop: Arc<Switch>,
    list: List,
    method: Method,
    /// Whether nothing is to be stored.
    dry_run: bool,
    senders: usize,
}

/// The way in which batches are sent.
enum Method {
    /// Creates records, with keys of this label; a dry run is a trial.
    Create { run: String, trial: Option<Trial> },
    /// Brings records up to date.
    Update,
    /// Brings records up to date, and notes the records of the file.
    Mirror { kept: Kept, limits: Limits, began: Timestamp },
}

impl Delivery {
    /// Connects to the list of `target`.
    ///
    /// # Errors
    ///
    /// If the host does not exist, the list cannot be read, or it is not of the right type. That stops the run.
    pub fn open(target: Target, client: Client, stop: &Arc<Switch>) -> Result<Self, Unprocessed> {
        let Target { list, action, dry_run, give_up_after, tokens, concurrency, .. } = target;
        client.look_up().map_err(|reason| fail(stop, reason))?;
        let exchange = Exchange::new(client, tokens, give_up_after, Arc::clone(stop));
        let list = List::read(&list, &exchange)?;
        let method = match action {
            Action::Create { run } => Method::Create { run, trial: dry_run.then(|| Trial::new(list.unique)) },
            Action::Update => Method::Update,
            Action::Mirror(limits) => {
                let began = list.mirrored_from().map_err(|reason| fail(stop, reason.to_owned()))?;
                Method::Mirror { kept: Kept::default(), limits, began }
            }
        };
        Ok(Self { exchange, stop: Arc::clone(stop), list, method, dry_run, senders: concurrency })
    }

    /// The meaning of the rows.
    pub fn meaning(&self) -> Meaning {
        let unique = self.list.unique;
        match self.method {
            Method::Create { .. } => Meaning::Records(unique),
            Method::Update | Method::Mirror { .. } => Meaning::Patches(unique, Identities::new(unique)),
        }
    }

    /// The last part of a mirror, once every batch is processed.
    pub fn mirror(&self) -> Option<Mirror<'_>> {
        let Method::Mirror { kept, limits, began } = &self.method else { return None };
        Some(Mirror {
            exchange: &self.exchange,
            stop: &self.stop,
            kept,
            limits: *limits,
            began: *began,
            dry_run: self.dry_run,
            senders: self.senders,
        })
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
        let mut outcome = Outcome { number: batch.number, bytes: batch.bytes(), end, ..Outcome::default() };
        turn.wait();
        let judged = if batch.rows.is_empty() { Ok(Vec::new()) } else { self.send(&batch) };
        match judged {
            Ok(judged) => {
                if let Method::Mirror { kept, .. } = &self.method {
                    self.keep(kept, &batch, &judged);
                }
                self.note(batch.rows, judged, &mut outcome);
            }
            Err(Unprocessed::Sent) => outcome.counts.failed = batch.rows.len() as u64,
            Err(Unprocessed::Unsent) => {}
        }
        outcome.rejects.extend(batch.rejected);
        outcome.rejects.sort_by_key(|reject| reject.row.line);
        outcome
    }

    /// Sends `batch`, and returns the outcomes of its rows in their order.
    fn send(&self, batch: &Batch) -> Result<Vec<Judged>, Unprocessed> {
        let (body, rows) = (&batch.body, batch.rows.len());
        match &self.method {
            Method::Create { run, .. } => {
                let key = batch.key(&self.list.id, run);
                self.send_records(Content::Post { key: &key, body }, self.dry_run, rows)
            }
            Method::Update | Method::Mirror { .. } => self.send_records(Content::Patch { body }, self.dry_run, rows),
        }
    }

    /// Sends as many records as `records`; `validate` says whether nothing is to be stored. After a lost response, what this
    /// run has changed counts as changed.
    fn send_records(&self, content: Content, validate: bool, records: usize) -> Result<Vec<Judged>, Unprocessed> {
        let creates = matches!(content, Content::Post { .. }) && !validate;
        let success = if creates { StatusCode::CREATED } else { StatusCode::OK };
        let path = if validate { "/records/bulks?validate_only=true" } else { "/records/bulks" };
        let (results, began) = (Results::new(records), self.list.began().filter(|_| !validate));
        self.exchange.send(&Request { content, path }, success, |success: &Success| {
            let judged = response::judged(success.response.body(), records)?;
            results.add(judged, began.filter(|_| success.repeated))
        })
    }

    /// Notes the outcomes of rows, of which [`response::judged`] has made sure that there is one for each.
    fn note(&self, rows: Vec<Known>, judged: Vec<Judged>, outcome: &mut Outcome) {
        let mut trial = match &self.method {
            Method::Create { trial, .. } => trial.as_ref().map(Trial::batch),
            Method::Update | Method::Mirror { .. } => None,
        };
        for (known, Judged { fate, .. }) in rows.into_iter().zip(judged) {
            let fate = match &mut trial {
                Some(trial) => trial.judge(&known, fate),
                None => fate,
            };
            outcome.add(known.row, fate);
        }
    }

    /// Keeps the records of the rows of `batch`, those that are refused included, as far as they can be known.
    fn keep(&self, kept: &Kept, batch: &Batch, judged: &[Judged]) {
        let mut refused = Vec::new();
        for (known, judged) in batch.rows.iter().zip(judged) {
            kept.keep(known.row.line, &known.identity, judged);
            refused.extend(matches!(judged.fate, Fate::Refused(_)).then_some(&known.identity));
        }
        for row in &batch.unsent {
            if !row.identity.is_known() {
                kept.miss(row.line);
            }
            refused.push(&row.identity);
        }
        self.keep_named(kept, &refused);
    }

    /// Keeps the records that have one of the identifiers of `rows`: the API names them, and changes nothing. If the run
    /// stops, nothing is deleted anyway.
    fn keep_named(&self, kept: &Kept, rows: &[&Identity]) {
        let patches: Vec<&str> = rows.iter().flat_map(|identity| identity.patches()).collect();
        for patches in patches.chunks(MAX_RECORDS) {
            let body = batch::body(patches);
            let judged = self.send_records(Content::Patch { body: &body }, true, patches.len());
            judged.unwrap_or_default().iter().for_each(|judged| kept.add(judged));
        }
    }
}

fn fail(stop: &Switch, reason: String) -> Unprocessed {
    stop.stop(Stop::Failed(reason));
    Unprocessed::Unsent
}
