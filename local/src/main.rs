//! The record lists API on this machine: DynamoDB, the API and its reference, in one process and on loopback.
//!
//! ```text
//! cargo run -p local                               serves until Ctrl-C
//! cargo run -p local -- events/201-in-part.json   prints the response to one event
//! ```

mod request_log;
mod serve;
mod welcome;

use std::error::Error;
use std::io::{self, ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use local::{event, screen};
use record_lists::telemetry;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Runs the record lists API on this machine, with a DynamoDB of its own.
#[derive(Parser)]
struct Options {
    /// Port of the API and its reference; 0 takes a free one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Port of DynamoDB; 0 takes a free one
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// Address of DynamoDB; a container can reach the one of Docker's bridge
    #[arg(long, value_name = "ADDRESS", default_value_t = LOOPBACK)]
    dynamodb_address: IpAddr,
    /// File that keeps the records, beside one that keeps the tokens' key; without it both are lost at the end
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// API Gateway event whose response to print instead, such as events/201-in-part.json
    #[arg(conflicts_with_all = ["port", "dynamodb_port", "dynamodb_address", "data"])]
    event: Option<PathBuf>,
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    if std::env::var_os("RUST_LOG").is_some() {
        telemetry::init();
    }
    let options = Options::parse();
    let result = match &options.event {
        Some(event) => print_response(event).await,
        None => serve::serve(&options).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn print_response(event: &Path) -> Result<()> {
    Ok(print(&screen::show(&event::respond(event).await?))?)
}

/// Prints `text`. A reader that has seen enough, such as `head`, is not an error.
fn print(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
