//! Loads a file of contacts, of any size, into a record list over the API, or keeps the list like the file.
//!
//! ```text
//! file ─▶ rows ─▶ batches of 100 ─▶ delivery: sent until it is processed ─▶ rejects and summary
//! ```
//!
//! [`options`] is the command line, [`job`] what it means, and [`run`] a run: the thread that reads, those that send, and the
//! one that writes down. [`input`] opens the file and [`rows`] reads it as a stream; [`batch`] makes requests of it that are
//! the same in every run, so that their keys are too, and [`meaning`] says what rows are: records to create, or patches that
//! name their records by an [`identity`]. [`order`] holds a batch back that shares one of its [`identifiers`] with an earlier
//! one, and [`room`] the reader while memory is short.
//!
//! [`delivery`] brings a batch to its [`outcome`] and [`exchange`] a request, with [`client`] (one attempt) and [`route`]
//! (proxies), [`reply`], [`response`] and [`fate`] (what comes back), [`pace`] (the rate) and [`token`]. [`results`] are those
//! of all attempts at a batch. [`trial`] is a dry run of a load, and [`check`] a check by the library's own rules. [`book`]
//! writes down outcomes: [`rejects`], [`progress`] and [`summary`] are what people and programs see. [`rejection`] has the
//! names in a rejected row, and [`json`] changes the members of an object. [`stop`] ends it all early.
//!
//! A [`mirror`] of a [`list`] ends with what the file does not have: it notes the records that are [`kept`], reads every
//! [`page`], and sends each [`deletion`], within its [`limits`].

mod batch;
mod book;
mod check;
mod client;
mod console;
mod deletion;
mod delivery;
mod exchange;
mod fate;
mod identifiers;
mod identity;
mod input;
mod job;
mod json;
mod kept;
mod limits;
mod list;
mod meaning;
mod mirror;
mod options;
mod order;
mod outcome;
mod pace;
mod page;
mod progress;
mod rejection;
mod rejects;
mod reply;
mod response;
mod results;
mod room;
mod route;
mod rows;
mod run;
mod stop;
mod summary;
mod token;
mod trial;

use std::io::{self, IsTerminal};
use std::panic;
use std::process::{self, ExitCode};
use std::sync::Arc;

use clap::Parser;

use crate::book::End;
use crate::console::{print, say};
use crate::job::Options;
use crate::options::Arguments;
use crate::rejects::Kept;
use crate::rows::Rows;
use crate::stop::{Stop, Switch};
use crate::summary::{Kind, count};

/// The exit status of wrong usage: clap's too.
const WRONG_USAGE: u8 = 2;

/// The exit status of a second Ctrl-C: what a shell says of a program that ends by the signal.
const KILLED: i32 = 130;

/// The exit status of a bug: that of a program whose main thread panics.
const PANICKED: i32 = 101;

fn main() -> ExitCode {
    end_on_panic();
    match work(Arguments::parse()) {
        Ok(end) => report(&end),
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::from(WRONG_USAGE)
        }
    }
}

fn work(arguments: Arguments) -> Result<End, String> {
    let Options { files, job } = arguments.read()?;
    // Until there is a row there is nothing to finish: Ctrl-C ends a program that waits for its input.
    let rows = Rows::open(&files.input, &files.reading)?;
    say(&format!("{}: {}", files.input.name(), rows.understood()));
    let stop = Arc::new(Switch::new());
    stop_on_ctrl_c(&stop)?;
    run::run(rows, &files, job, &stop)
}

/// A thread that panics must not leave the others waiting for it.
fn end_on_panic() {
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        print(info);
        process::exit(PANICKED);
    }));
}

/// The first Ctrl-C lets what is in flight finish, the second does not.
fn stop_on_ctrl_c(stop: &Arc<Switch>) -> Result<(), String> {
    let stop = Arc::clone(stop);
    let handler = move || match stop.stopped() {
        Some(Stop::Interrupted) => process::exit(KILLED),
        _ => stop.stop(Stop::Interrupted),
    };
    ctrlc::set_handler(handler).map_err(|error| error.to_string())
}

fn report(end: &End) -> ExitCode {
    let summary = &end.summary;
    match &end.rejects {
        Kept::Written(path) => say(&format!("The refused rows are in {}.", path.display())),
        Kept::Earlier(path) => say(&format!("No row was refused: {} is of an earlier run.", path.display())),
        Kept::Nothing => {}
    }
    report_unfollowed(&end.unfollowed);
    if let Some(stop) = &end.stop {
        report_stop(stop, summary.kind != Kind::Check && !summary.dry_run);
    }
    let printed = print(&if io::stdout().is_terminal() { summary.table() } else { summary.json() });
    // The status says what became of the rows, whether or not anybody reads the numbers.
    printed.unwrap_or_else(|error| say(&format!("error: The summary cannot be printed: {error}")));
    ExitCode::from(end.status())
}

/// The most lines that are named.
const MAX_LINES: usize = 10;

/// Reports the rows that the list cannot follow, the first of them by line.
fn report_unfollowed(lines: &[u64]) {
    if lines.is_empty() {
        return;
    }
    let shown: Vec<String> = lines.iter().take(MAX_LINES).map(u64::to_string).collect();
    let more = if lines.len() > MAX_LINES { ", …" } else { "" };
    say(&format!("Rows that the list cannot follow: {}", count(lines.len() as u64)));
    say(&format!("  on line {}{more}", shown.join(", ")));
    say(
        "  A record keeps the identifier that it was created with, and these rows would take it away. Add it to the row, or \
         delete the record and run the same command again.",
    );
}

/// Says why a run stopped, and to run it again if that helps.
fn report_stop(stop: &Stop, creates: bool) {
    let (reason, passes) = match stop {
        Stop::Interrupted => ("Interrupted.".to_owned(), true),
        Stop::GaveUp(reason) => (format!("error: {reason}"), true),
        Stop::Failed(reason) | Stop::NotDeleted(reason) => (format!("error: {reason}"), false),
    };
    say(&reason);
    if creates && passes {
        say("Run the same command again to go on: nothing is created twice.");
    }
}
