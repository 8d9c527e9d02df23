//! The command line.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use record_lists::UniqueIdentifierType;
use url::Url;

use crate::input::Input;
use crate::rows::Reading;
use crate::token::Tokens;

/// Loads a file of contacts, of any size, into a record list.
#[derive(Debug, Parser)]
#[command(version, after_long_help = NOTES)]
pub struct Arguments {
    /// The file: .csv, .tsv, .txt or .xlsx (with a header row), .ndjson, .jsonl or .json (records of the API), one of them
    /// as .gz, or - for standard input
    file: PathBuf,
    /// Base URL of the API, including the stage
    #[arg(long, value_name = "URL", required_unless_present = "check", value_parser = base_url)]
    url: Option<Url>,
    /// ID of the record list
    #[arg(long, value_name = "LIST_ID", required_unless_present = "check", value_parser = list_id)]
    list: Option<String>,
    /// Label of this load: under another label, the same file is created again in a list of type NOTHING
    #[arg(long, value_name = "LABEL", default_value = "", hide_default_value = true)]
    run: String,
    /// Requests at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..))]
    concurrency: u8,
    /// How long to try without any success, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    give_up_after: Duration,
    /// Command that prints an access token; it runs when there is none, or when one has expired
    #[arg(long, value_name = "CMD")]
    token_command: Option<String>,
    /// Only check the file, by the API's own rules: nothing is sent, and no token, URL or list is needed
    #[arg(long)]
    check: bool,
    /// Identifier that makes a record a duplicate of an earlier one in the file
    #[arg(long, value_name = "TYPE", default_value = "NOTHING", requires = "check", ignore_case = true)]
    unique: Unique,
    /// File for the rejected rows, instead of one beside the input
    #[arg(long, value_name = "PATH")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

/// A paragraph is one line: clap wraps it.
const NOTES: &str = include_str!("help.txt");

/// The identifier that makes a record a duplicate.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Unique {
    #[value(name = "EXTERNAL")]
    External,
    #[value(name = "PHONE_NUMBER")]
    PhoneNumber,
    #[value(name = "NOTHING")]
    Nothing,
}

impl From<Unique> for UniqueIdentifierType {
    fn from(unique: Unique) -> Self {
        match unique {
            Unique::External => Self::External,
            Unique::PhoneNumber => Self::PhoneNumber,
            Unique::Nothing => Self::Nothing,
        }
    }
}

/// What is to be done.
pub struct Options {
    pub files: Files,
    pub job: Job,
}

/// The files of a run.
pub struct Files {
    pub input: Input,
    pub reading: Reading,
    /// The file for the rejects, if it is not one beside the input.
    pub rejects: Option<PathBuf>,
    /// Whether nothing is created.
    pub checking: bool,
}

/// What happens to them.
pub enum Job {
    Check(UniqueIdentifierType),
    Load(Box<Target>),
}

/// Where records go, and how.
pub struct Target {
    pub url: Url,
    pub list: String,
    pub run: String,
    pub concurrency: usize,
    pub give_up_after: Duration,
    pub tokens: Tokens,
}

impl Arguments {
    /// What they mean.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn read(self) -> Result<Options, String> {
        let files =
            Files { input: Input::of(&self.file), reading: self.reading, rejects: self.rejects, checking: self.check };
        let job = match (self.check, self.url, self.list) {
            (false, Some(url), Some(list)) => Job::Load(Box::new(Target {
                url,
                list,
                run: self.run,
                concurrency: self.concurrency.into(),
                give_up_after: self.give_up_after,
                tokens: Tokens::new(env::var("RECORD_LISTS_TOKEN").ok(), self.token_command)?,
            })),
            _ => Job::Check(self.unique.into()),
        };
        Ok(Options { files, job })
    }
}

impl Options {
    /// How many requests there can be at a time.
    pub fn senders(&self) -> usize {
        match &self.job {
            Job::Check(_) => 0,
            Job::Load(target) => target.concurrency,
        }
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let http = matches!(url.scheme(), "http" | "https") && url.has_host();
    if http && plain { Ok(url) } else { Err("an http or https URL without query is expected".to_owned()) }
}

/// A list's ID has nothing that a path would have to escape.
fn list_id(text: &str) -> Result<String, String> {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    let is_id = !text.is_empty() && text.chars().all(unreserved) && !matches!(text, "." | "..");
    if is_id { Ok(text.to_owned()) } else { Err("not the ID of a list".to_owned()) }
}

fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    let duration: SignedDuration = text.parse().map_err(|error: jiff::Error| error.to_string())?;
    Duration::try_from(duration).map_err(|_| "a time cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(arguments: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["load"].into_iter().chain(arguments.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_load_needs_a_url_and_a_list_and_a_check_needs_neither() {
        let table = [
            ("a.csv", false),
            ("--url https://a.example/v1 a.csv", false),
            ("--url https://a.example/v1 --list l a.csv", true),
            ("--url https://a.example/v1?x --list l a.csv", false),
            ("--url ftp://a.example --list l a.csv", false),
            ("--url https://a.example --list l/m a.csv", false),
            ("--url https://a.example --list l --concurrency 0 a.csv", false),
            ("--url https://a.example --list l --give-up-after 1h30m a.csv", true),
            ("--url https://a.example --list l --give-up-after soon a.csv", false),
            ("--url https://a.example --list l --unique EXTERNAL a.csv", false),
            ("--check a.csv", true),
            ("--check --unique phone_number a.csv", true),
            ("--check --unique PHONE a.csv", false),
        ];
        for (arguments, expected) in table {
            assert_eq!(parse(arguments).is_ok(), expected, "{arguments}");
        }
    }

    #[test]
    fn a_time_is_seconds_or_has_units() {
        let table = [("90", Some(90)), ("10m", Some(600)), ("1h 30m", Some(5_400)), ("-1s", None), ("soon", None)];
        for (text, seconds) in table {
            assert_eq!(duration(text).ok(), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
