//! The access token, and the command that gets a new one.

use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The wait after a command has failed; it doubles with each failure, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// A token, and its place among those of the load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    number: u64,
}

/// The token of a load. It is never shown.
pub struct Tokens {
    state: Mutex<State>,
    command: Option<String>,
}

struct State {
    token: Token,
    /// The last run of the command, if it failed.
    failure: Option<Failure>,
}

/// A run of the command that gave no token.
struct Failure {
    message: String,
    wait: Duration,
    at: Instant,
}

impl Failure {
    /// A failure after the one `before`.
    fn after(before: Option<&Self>, message: String) -> Self {
        let wait = before.map_or(FIRST_WAIT, |failure| (failure.wait * 2).min(LONGEST_WAIT));
        Self { message, wait, at: Instant::now() }
    }

    fn is_recent(&self) -> bool {
        self.at.elapsed() < self.wait
    }
}

impl Tokens {
    /// Starts with `token`, or with what `command` prints.
    ///
    /// # Errors
    ///
    /// If there is no token: the reason.
    pub fn new(token: Option<String>, command: Option<String>) -> Result<Self, String> {
        let text = match (token, &command) {
            (Some(token), _) => usable(&token).ok_or("RECORD_LISTS_TOKEN is not a token.")?,
            (None, Some(command)) => run(command)?,
            (None, None) => {
                return Err("Set RECORD_LISTS_TOKEN to an access token, or give --token-command.".to_owned());
            }
        };
        Ok(Self { state: Mutex::new(State { token: Token { text, number: 0 }, failure: None }), command })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token at the moment.
    pub fn current(&self) -> Token {
        self.state().token.clone()
    }

    /// Whether there is a command.
    pub fn can_renew(&self) -> bool {
        self.command.is_some()
    }

    /// Gets a new token instead of `expired`, unless another thread has done so. A command that has just failed is not run
    /// again for a while: every thread would.
    ///
    /// # Errors
    ///
    /// If there is none: the reason.
    pub fn renew(&self, expired: &Token) -> Result<(), String> {
        let mut state = self.state();
        let Some(command) = self.command.as_ref().filter(|_| state.token.number == expired.number) else {
            return Ok(());
        };
        if let Some(failure) = state.failure.as_ref().filter(|failure| failure.is_recent()) {
            return Err(failure.message.clone());
        }
        match run(command) {
            Ok(text) => *state = State { token: Token { text, number: expired.number + 1 }, failure: None },
            Err(message) => {
                state.failure = Some(Failure::after(state.failure.as_ref(), message.clone()));
                return Err(message);
            }
        }
        Ok(())
    }
}

/// Runs `command` by the system's shell, and returns what it prints.
fn run(command: &str) -> Result<String, String> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = Command::new(shell).args([option, command]).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("The token command cannot be run: {error}."))?;
    if !output.status.success() {
        return Err(format!("The token command failed: {}.", output.status));
    }
    let token = String::from_utf8(output.stdout).ok();
    token.and_then(|token| usable(&token)).ok_or_else(|| "The token command printed no token.".to_owned())
}

/// `token` without white space around it, if a header can hold it.
fn usable(token: &str) -> Option<String> {
    let token = token.trim();
    (!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())).then(|| token.to_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn tokens(token: Option<&str>, command: Option<&str>) -> Result<Tokens, String> {
        Tokens::new(token.map(str::to_owned), command.map(str::to_owned))
    }

    #[test]
    fn a_token_is_given_or_printed() {
        assert_eq!(tokens(Some(" given\n"), Some("false")).unwrap().current().text, "given");
        assert_eq!(tokens(None, Some("echo printed")).unwrap().current().text, "printed");
    }

    #[test]
    fn no_token_is_an_error_that_does_not_show_one() {
        let table = [
            (None, None, "Set RECORD_LISTS_TOKEN to an access token, or give --token-command."),
            (Some("se cret"), None, "RECORD_LISTS_TOKEN is not a token."),
            (Some(""), None, "RECORD_LISTS_TOKEN is not a token."),
            (None, Some("echo"), "The token command printed no token."),
            (None, Some("echo secret; exit 3"), "The token command failed: exit status: 3."),
        ];
        for (token, command, error) in table {
            assert_eq!(tokens(token, command).err().as_deref(), Some(error));
        }
    }

    #[test]
    fn a_token_that_expired_is_renewed_once() {
        let tokens = tokens(Some("first"), Some("date +%s%N")).unwrap();
        let first = tokens.current();
        tokens.renew(&first).unwrap();
        let second = tokens.current();
        assert_ne!(second.text, "first");
        tokens.renew(&first).unwrap();
        assert_eq!(tokens.current(), second);
    }

    #[test]
    fn a_command_that_fails_is_not_run_again_at_once() {
        let file = std::env::temp_dir().join(format!("{:016x}", fastrand::u64(..)));
        let command = format!("echo >> '{}'; false", file.display());
        let tokens = tokens(Some("first"), Some(&command)).unwrap();
        let errors: Vec<_> = (0..5).map(|_| tokens.renew(&tokens.current()).unwrap_err()).collect();
        assert_eq!(errors, ["The token command failed: exit status: 1."; 5]);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "\n");
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn the_wait_after_a_failure_doubles_up_to_a_minute() {
        let failures = std::iter::successors(Some(Failure::after(None, String::new())), |failure| {
            Some(Failure::after(Some(failure), String::new()))
        });
        let waits: Vec<u64> = failures.take(8).map(|failure| failure.wait.as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
