//! The access token, and the command that gets a new one.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// A token, and how many came before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    number: u64,
}

/// The token of a load. It is never shown.
pub struct Tokens {
    current: Mutex<Token>,
    command: Option<String>,
}

impl Tokens {
    /// Starts with `token`, or with what `command` prints.
    ///
    /// # Errors
    ///
    /// Why there is no token.
    pub fn new(token: Option<String>, command: Option<String>) -> Result<Self, String> {
        let text = match (token, &command) {
            (Some(token), _) => usable(&token).ok_or("RECORD_LISTS_TOKEN is not a token.")?,
            (None, Some(command)) => run(command)?,
            (None, None) => {
                return Err("Set RECORD_LISTS_TOKEN to an access token, or give --token-command.".to_owned());
            }
        };
        Ok(Self { current: Mutex::new(Token { text, number: 0 }), command })
    }

    /// The token at the moment.
    pub fn current(&self) -> Token {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there is a command.
    pub fn can_renew(&self) -> bool {
        self.command.is_some()
    }

    /// Gets a new token instead of `expired`, unless another thread has done so.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn renew(&self, expired: &Token) -> Result<(), String> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let (true, Some(command)) = (current.number == expired.number, &self.command) {
            *current = Token { text: run(command)?, number: current.number + 1 };
        }
        Ok(())
    }
}

/// What `command` prints, by the system's shell.
fn run(command: &str) -> Result<String, String> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = Command::new(shell).args([option, command]).stderr(std::process::Stdio::inherit()).output();
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
}
