//! Loads a file of contacts, of any size, into a record list over the API.
//!
//! ```text
//! file ─▶ rows ─▶ batches of 100 ─▶ delivery: sent until it is processed ─▶ rejects and summary
//! ```
//!
//! [`options`] is the command line and [`run`] a run. [`input`] opens the file and [`rows`] reads it as a stream; [`batch`] makes
//! requests of it that are the same in every run, so that their keys are too. [`flow`] is where the thread that reads,
//! those that send and the one that writes meet. [`delivery`] brings a batch to its end with [`client`] (one request),
//! [`reply`] and [`response`] (what comes back), [`pace`] (when to send) and [`token`]. [`rejects`], [`progress`] and
//! [`summary`] are what people and programs see; [`rejection`] has the names in a rejected row, and [`json`] changes the
//! members of an object. [`check`] is the dry run, by the library's own rules.

mod batch;
mod check;
mod client;
mod delivery;
mod flow;
mod input;
mod json;
mod options;
mod pace;
mod progress;
mod rejection;
mod rejects;
mod reply;
mod response;
mod rows;
mod run;
mod summary;
mod token;

use std::panic;
use std::process::{self, ExitCode};
use std::sync::Arc;

use clap::Parser;

use crate::flow::{Flow, Stop};
use crate::options::{Arguments, Job};
use crate::rejects::Kept;
use crate::run::{End, Run};

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
            eprintln!("error: {error}");
            ExitCode::from(WRONG_USAGE)
        }
    }
}

fn work(arguments: Arguments) -> Result<End, String> {
    let options = arguments.read()?;
    let run = Run::open(&options.files)?;
    let flow = Arc::new(Flow::new(options.senders()));
    stop_on_ctrl_c(&flow)?;
    Ok(match options.job {
        Job::Check(unique) => run.check(unique, &flow),
        Job::Load(target) => run.load(*target, &flow),
    })
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
fn stop_on_ctrl_c(flow: &Arc<Flow>) -> Result<(), String> {
    let flow = Arc::clone(flow);
    let handler = move || match flow.stopped() {
        Some(Stop::Interrupted) => process::exit(KILLED),
        _ => flow.stop(Stop::Interrupted),
    };
    ctrlc::set_handler(handler).map_err(|error| error.to_string())
}

fn report(end: &End) -> ExitCode {
    match &end.rejects {
        Kept::Written(path) => eprintln!("The refused rows are in {}.", path.display()),
        Kept::Earlier(path) => eprintln!("No row was refused: {} is of an earlier run.", path.display()),
        Kept::Nothing => {}
    }
    match &end.stop {
        Some(Stop::Interrupted) => eprintln!("Interrupted. {GO_ON}"),
        Some(Stop::Failed(reason)) => eprintln!("error: {reason}\n{GO_ON}"),
        None => {}
    }
    println!("{}", end.summary.json());
    ExitCode::from(end.status())
}

const GO_ON: &str = "Run the same command again to go on: what was created is not created again.";
