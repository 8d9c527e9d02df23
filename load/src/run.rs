//! A run from the first row to the end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select, unbounded};
use record_lists::UniqueIdentifierType;

use crate::batch::{Batches, within_a_body};
use crate::book::{Book, End, unwritten};
use crate::check::Checker;
use crate::client::Client;
use crate::delivery::{Delivery, Outcome, Piece};
use crate::options::{Input, Job, Target};
use crate::order::UnderWay;
use crate::room::Room;
use crate::rows::{Item, Rows};
use crate::stop::{Stop, Switch};
use crate::summary::Kind;

/// The rows that a check reads before it has checked them.
const READ_AHEAD: usize = 64;

/// Does `job` with the rows of `input`.
///
/// # Errors
///
/// If it cannot start: what is wrong with the file, or with the command.
pub fn run(input: &Input, job: Job, stop: &Arc<Switch>) -> Result<End, String> {
    let rows = Rows::open(input)?;
    let format = rows.format();
    match job {
        Job::Check(unique) => Ok(check(rows, Book::open(input, &format, Kind::Check)?, unique, stop)),
        Job::Load(target) => {
            let kind = if target.dry_run { Kind::DryRun } else { Kind::Load };
            let client = Client::new(target.url.clone(), &target.list, target.concurrency)?;
            Ok(load(rows, Book::open(input, &format, kind)?, *target, client, stop))
        }
    }
}

/// A row of a check, and its end in the file, in bytes.
struct CheckRow {
    item: Item,
    end: u64,
}

/// Checks every row, and sends none.
fn check(rows: Rows, mut book: Book, unique: UniqueIdentifierType, stop: &Switch) -> End {
    let mut checker = Checker::new(unique);
    let (sender, rows_read) = bounded(READ_AHEAD);
    // Nothing waits for the thread to end: it may be waiting for standard input.
    thread::spawn(move || read_rows(rows, &sender));
    loop {
        select! {
            recv(rows_read) -> row => match row {
                Ok(Ok(CheckRow { item, end })) => {
                    let noted = book.note(checker.check(within_a_body(item)), end);
                    noted.unwrap_or_else(|error| stop.stop(unwritten(&error)));
                }
                Ok(Err(error)) => stop.stop(unread(&error)),
                Err(_) => break,
            },
            recv(stop.closed()) -> _ => break,
        }
        book.show(|| None);
    }
    book.close(0, stop)
}

fn read_rows(mut rows: Rows, sender: &Sender<io::Result<CheckRow>>) {
    while let Some(item) = rows.next() {
        let row = item.map(|item| CheckRow { item, end: rows.position() });
        if sender.send(row).is_err() {
            return;
        }
    }
}

/// Sends every row.
fn load(rows: Rows, mut book: Book, target: Target, client: Client, stop: &Arc<Switch>) -> End {
    let senders = target.concurrency;
    let Ok(delivery) = Delivery::open(target, client, stop) else { return book.close(0, stop) };
    let delivery = Arc::new(delivery);
    let (pieces, queue) = bounded(senders);
    let outcomes = start_senders(&delivery, senders, &queue);
    let reader = Reader { pieces, room: Room::new(), rows_read: Arc::default(), stop: Arc::clone(stop) };
    let (room, rows_read) = (reader.room.clone(), Arc::clone(&reader.rows_read));
    let unique = delivery.unique();
    // Nothing waits for the thread to end: it may be waiting for standard input.
    thread::spawn(move || reader.read(rows, unique));
    loop {
        match outcomes.recv_deadline(book.due()) {
            Ok(outcome) => match book.add(outcome) {
                Ok(free) => free.into_iter().for_each(|bytes| room.free(bytes)),
                Err(error) => stop.stop(unwritten(&error)),
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        book.show(|| delivery.trouble());
    }
    book.close(rows_read.load(Ordering::Relaxed), stop)
}

/// Starts as many threads as `senders`; the channel closes when they have ended.
fn start_senders(delivery: &Arc<Delivery>, senders: usize, queue: &Receiver<Piece>) -> Receiver<Outcome> {
    let (sender, outcomes) = unbounded();
    for _ in 0..senders {
        let (delivery, queue, sender) = (Arc::clone(delivery), queue.clone(), sender.clone());
        thread::spawn(move || delivery.work(&queue, &sender));
    }
    outcomes
}

/// Reads the file in batches.
struct Reader {
    pieces: Sender<Piece>,
    room: Room,
    rows_read: Arc<AtomicU64>,
    stop: Arc<Switch>,
}

impl Reader {
    fn read(&self, rows: Rows, unique: UniqueIdentifierType) {
        self.read_batches(rows, unique).unwrap_or_else(|error| self.stop.stop(unread(&error)));
    }

    fn read_batches(&self, rows: Rows, unique: UniqueIdentifierType) -> io::Result<()> {
        let mut batches = Batches::new(rows, unique);
        let mut under_way = UnderWay::default();
        while let Some(batch) = batches.next().transpose()? {
            self.rows_read.fetch_add((batch.rows.len() + batch.rejected.len()) as u64, Ordering::Relaxed);
            self.room.take(batch.bytes());
            let (turn, end) = (under_way.enter(batch.keys()), batches.rows().position());
            if self.pieces.send(Piece { batch, turn, end }).is_err() {
                break;
            }
        }
        Ok(())
    }
}

fn unread(error: &io::Error) -> Stop {
    Stop::Failed(format!("The file cannot be read: {error}"))
}
