//! Standard error and standard output, which can go away while a load goes on.

use std::io::{self, Write};
use std::thread;

use crossbeam_channel::{bounded, select};

use crate::stop::Switch;

/// Prints `text` on standard error, a line or more.
pub fn say(text: &str) {
    for line in text.lines() {
        // A terminal that is gone, or a pipe that nobody reads, must not end a load.
        let _ = writeln!(io::stderr(), "{}", plain(line));
    }
}

/// Prints `text` on standard output.
///
/// # Errors
///
/// If it cannot be written.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Asks a person at the terminal, who says yes or something else; no answer is no, and so is a run that stops.
pub fn confirm(question: &str, stop: &Switch) -> bool {
    // If the terminal is gone, there is no answer either.
    let _ = write!(io::stderr(), "{question}");
    let (sender, answer) = bounded(1);
    // Ctrl-C must end the wait, and nothing can interrupt a read from a terminal.
    thread::spawn(move || {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map(|_| sender.send(line))
    });
    select! {
        recv(answer) -> line => line.is_ok_and(|line| matches!(line.trim().to_lowercase().as_str(), "y" | "yes")),
        recv(stop.closed()) -> _ => false,
    }
}

/// `text` without control characters: a terminal obeys those of a response, or of a file's name.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_no_escapes() {
        assert_eq!(plain("a\x1b[2J\x07b\u{9b}31m\r\nç"), "a [2J b 31m  ç");
    }
}
