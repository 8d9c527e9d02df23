//! A line for each request that arrives: method, path, status and milliseconds. The query is left out: it can name a person.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

/// The most lines that wait for a slow terminal, or for a pipe that nobody reads.
const WAITING: usize = 1_000;

/// Prints the lines that it receives, on a thread of its own: a full pipe must not stop the API.
pub fn printer() -> SyncSender<String> {
    let (sender, lines) = sync_channel::<String>(WAITING);
    thread::spawn(move || lines.into_iter().try_for_each(|line| io::stdout().write_all(line.as_bytes())));
    sender
}

/// Passes the request on, and sends its line to the printer.
pub async fn log(State(printer): State<SyncSender<String>>, request: Request, next: Next) -> Response {
    let (started, start) = (Instant::now(), format!("{} {}", request.method(), request.uri().path()));
    let response = next.run(request).await;
    let milliseconds = started.elapsed().as_secs_f64() * 1_000.0;
    // If too many lines wait, this one is dropped.
    let _ = printer.try_send(format!("{start} {} {milliseconds:.1} ms\n", response.status().as_u16()));
    response
}
