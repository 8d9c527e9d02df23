//! A run from the first row to the end.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select, unbounded};
use record_lists::UniqueIdentifierType;

use crate::batch::{Batches, within_a_body};
use crate::book::{Book, End, unwritten};
use crate::check::Checker;
use crate::client::Client;
use crate::delivery::{Delivery, Piece};
use crate::job::{Files, Job, Target};
use crate::meaning::Meaning;
use crate::order::UnderWay;
use crate::outcome::Outcome;
use crate::room::Room;
use crate::rows::Rows;
use crate::stop::{Stop, Switch};
use crate::summary::{Kind, Summary};

/// Does `job` with `rows`, those of `files`.
///
/// # Errors
///
/// If it cannot start: what is wrong with the rejects' file, or with the command.
pub fn run(rows: Rows, files: &Files, job: Job, stop: &Arc<Switch>) -> Result<End, String> {
    let open = |kind, dry_run| Book::open(files, rows.layout(), Summary::new(kind, dry_run));
    match job {
        Job::Check(unique) => {
            let book = open(Kind::Check, false)?;
            Ok(check(rows, book, unique, stop))
        }
        Job::Load(target) => {
            let client = Client::new(target.url.clone(), &target.list, target.concurrency)?;
            let book = open(target.action.kind(), target.dry_run)?;
            Ok(load(rows, book, *target, client, stop))
        }
    }
}

/// Checks every row, and sends none.
fn check(rows: Rows, book: Book, unique: UniqueIdentifierType, stop: &Arc<Switch>) -> End {
    let book = Arc::new(Mutex::new(Some(book)));
    let (running, ended) = bounded::<Infallible>(0);
    let (notes, switch) = (Arc::clone(&book), Arc::clone(stop));
    // Nothing waits for the thread to end if the run stops: it may be waiting for standard input.
    thread::spawn(move || {
        check_rows(rows, unique, &notes, &switch);
        drop(running);
    });
    select! {
        recv(ended) -> _ => {}
        recv(stop.closed()) -> _ => {}
    }
    let book = lock(&book).take();
    #[expect(clippy::expect_used, reason = "nothing else takes it")]
    book.expect("the book is there").close(0, stop)
}

/// Checks rows until there are no more, or the book is closed.
fn check_rows(mut rows: Rows, unique: UniqueIdentifierType, book: &Mutex<Option<Book>>, stop: &Switch) {
    let mut checker = Checker::new(unique);
    while let Some(item) = rows.next() {
        let Some(book) = &mut *lock(book) else { return };
        let noted = match item {
            Ok(item) => {
                book.note(checker.check(within_a_body(item)), rows.position()).map_err(|error| unwritten(&error))
            }
            Err(error) => Err(unread(&error)),
        };
        noted.unwrap_or_else(|reason| stop.stop(reason));
        book.show(|| None);
    }
}

fn lock(book: &Mutex<Option<Book>>) -> MutexGuard<'_, Option<Book>> {
    book.lock().unwrap_or_else(PoisonError::into_inner)
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
    let meaning = delivery.meaning();
    // Nothing waits for the thread to end: it may be waiting for standard input.
    thread::spawn(move || reader.read(rows, meaning));
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
    if let Some(mirror) = delivery.mirror().filter(|_| stop.stopped().is_none()) {
        book.finish_rows();
        book.delete(mirror.run());
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
    fn read(&self, rows: Rows, meaning: Meaning) {
        self.read_batches(rows, meaning).unwrap_or_else(|error| self.stop.stop(unread(&error)));
    }

    fn read_batches(&self, rows: Rows, meaning: Meaning) -> io::Result<()> {
        let mut batches = Batches::new(rows, meaning);
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
