//! A run from the first row to the summary.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread;

use record_lists::UniqueIdentifierType;

use crate::batch::{self, Batches};
use crate::check::Checker;
use crate::client::Client;
use crate::delivery::Delivery;
use crate::flow::{Flow, Next, Outcome, Piece, Stop};
use crate::options::{Files, Target};
use crate::pace::Pace;
use crate::progress::Progress;
use crate::rejects::{Kept, Reject, Rejects};
use crate::rows::Rows;
use crate::summary::Summary;

/// What a run works on.
pub struct Run {
    rows: Rows,
    book: Book,
}

/// Where what becomes of the rows is written down.
struct Book {
    rejects: Rejects,
    summary: Summary,
    progress: Progress,
    /// How many bytes of the file are done.
    position: u64,
}

impl Run {
    /// Opens the file, and the one for its rejects.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn open(files: &Files) -> Result<Self, String> {
        let Files { input, reading, rejects, checking } = files;
        let rows = Rows::open(input, reading)?;
        let rejects = Rejects::open(input, rows.layout(), *checking, rejects.as_deref())?;
        eprint!("{}: {}", input.name(), rows.understood());
        if let Some(path) = rejects.unwritten() {
            eprintln!(
                "Rejected rows are only counted: {} cannot be written. Name another file with --rejects.",
                path.display()
            );
        }
        let progress = Progress::start(input.size());
        let book = Book { rejects, summary: Summary::default(), progress, position: 0 };
        Ok(Self { rows, book })
    }

    /// Checks every row, and sends none.
    pub fn check(self, unique: UniqueIdentifierType, flow: &Flow) -> End {
        let Self { mut rows, mut book } = self;
        let mut checker = Checker::new(unique);
        while flow.stopped().is_none()
            && let Some(item) = rows.next()
        {
            let result = item.map(|item| checker.check(batch::within_a_body(item)));
            let written = result.and_then(|result| book.check(result, rows.position()));
            written.unwrap_or_else(|error| flow.stop(Stop::Failed(error.to_string())));
            book.show(flow);
        }
        let rows = book.summary.done();
        book.close(rows, flow)
    }

    /// Sends every row.
    pub fn load(self, target: Target, flow: &Arc<Flow>) -> End {
        let Self { rows, mut book } = self;
        start(rows, target, flow);
        let mut early = BTreeMap::new();
        let mut next = 0;
        loop {
            match flow.next(book.progress.due()) {
                Next::Outcome(outcome) => {
                    book.count(&outcome);
                    early.insert(outcome.number, outcome);
                }
                Next::Nothing => {}
                Next::End => break,
            }
            while let Some(outcome) = early.remove(&next) {
                book.write(&outcome, flow);
                next += 1;
            }
            book.show(flow);
        }
        // What was stopped before leaves gaps.
        for outcome in early.values() {
            book.write(outcome, flow);
        }
        book.close(flow.rows(), flow)
    }
}

/// Starts the threads that read and send. Nothing waits for them to end: one may be waiting for standard input.
fn start(rows: Rows, target: Target, flow: &Arc<Flow>) {
    let Target { url, list, run, concurrency, give_up_after, tokens } = target;
    let client = Client::new(&url, &list, concurrency);
    let delivery = Arc::new(Delivery { client, list, run, tokens, pace: Mutex::new(Pace::default()), give_up_after });
    for _ in 0..concurrency {
        let (delivery, flow) = (Arc::clone(&delivery), Arc::clone(flow));
        thread::spawn(move || delivery.run(&flow));
    }
    let flow = Arc::clone(flow);
    thread::spawn(move || {
        read(rows, &flow).unwrap_or_else(|error| flow.stop(Stop::Failed(error.to_string())));
        flow.end();
    });
}

fn read(rows: Rows, flow: &Flow) -> io::Result<()> {
    let mut batches = Batches::new(rows);
    while let Some(batch) = batches.next().transpose()? {
        let end = batches.rows().position();
        if !flow.put(Piece { batch, end }) {
            break;
        }
    }
    Ok(())
}

impl Book {
    /// Notes what a check says of a row.
    fn check(&mut self, result: Result<(), Reject>, position: u64) -> io::Result<()> {
        self.position = position;
        match result {
            Ok(()) => self.summary.created += 1,
            Err(reject) => {
                self.summary.refuse(&reject);
                self.rejects.write(&reject)?;
            }
        }
        Ok(())
    }

    fn count(&mut self, outcome: &Outcome) {
        self.summary.created += outcome.created;
        outcome.rejects.iter().for_each(|reject| self.summary.refuse(reject));
    }

    fn write(&mut self, outcome: &Outcome, flow: &Flow) {
        let written = outcome.rejects.iter().try_for_each(|reject| self.rejects.write(reject));
        written.unwrap_or_else(|error| flow.stop(Stop::Failed(unwritten(&error))));
        self.position = self.position.max(outcome.end);
        flow.free(outcome.bytes);
    }

    fn show(&mut self, flow: &Flow) {
        self.progress.show(&self.summary, self.position, || flow.trouble());
    }

    /// The end, of a run that has read as many rows as `rows`. One that failed before anything was created leaves the rejects
    /// of the run before.
    fn close(mut self, rows: u64, flow: &Flow) -> End {
        let rejects = match flow.stopped() {
            Some(Stop::Failed(_)) if self.summary.created == 0 => Kept::Nothing,
            _ => self.rejects.keep().unwrap_or_else(|error| {
                flow.stop(Stop::Failed(unwritten(&error)));
                Kept::Nothing
            }),
        };
        self.summary.sent = rows;
        self.summary.failed = rows - self.summary.done();
        self.summary.seconds = (self.progress.seconds() * 1_000.0).round() / 1_000.0;
        self.progress.finish(&self.summary);
        End { summary: self.summary, rejects, stop: flow.stopped() }
    }
}

fn unwritten(error: &io::Error) -> String {
    format!("The rejected rows cannot be written: {error}")
}

/// How a run ended.
pub struct End {
    pub summary: Summary,
    /// The file of the rejected rows.
    pub rejects: Kept,
    /// Why it stopped early, if it did.
    pub stop: Option<Stop>,
}

impl End {
    /// The exit status.
    pub fn status(&self) -> u8 {
        match (&self.stop, self.summary.refused) {
            (Some(_), _) => 1,
            (None, 0) => 0,
            (None, _) => 3,
        }
    }
}
