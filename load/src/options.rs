//! The command line.

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Parser, ValueEnum};
use jiff::SignedDuration;
use record_lists::UniqueIdentifierType;
use url::Url;

use crate::input::Input;
use crate::job::{Action, Files, Job, Options, Target};
use crate::limits::{Limits, MaxDelete};
use crate::route;
use crate::rows::Reading;
use crate::token::Tokens;

/// Loads a file of contacts, of any size, into a record list, or keeps the list like the file.
#[derive(Debug, Parser)]
#[command(version, after_long_help = NOTES, group = ArgGroup::new("changes").args(["update", "mirror"]))]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
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
    /// Bring the list up to date: create what is new, update what differs, leave what is equal
    #[arg(long, conflicts_with = "check")]
    update: bool,
    /// The same as --update, and then delete what the file does not have; not for a list of type NOTHING
    #[arg(long, conflicts_with = "check")]
    mirror: bool,
    /// The most that --mirror deletes, a number of records or a part of the list; if there is more, it deletes nothing
    #[arg(long, value_name = "N|P%", default_value = "10%", requires = "mirror", conflicts_with = "update")]
    max_delete: MaxDelete,
    /// Let --mirror delete without asking; without a terminal to ask at, it is required
    #[arg(long, requires = "mirror", conflicts_with = "update")]
    yes: bool,
    /// Label of this load: under another label, the same file is created again in a list of type NOTHING
    #[arg(long, value_name = "LABEL", default_value = "", hide_default_value = true, conflicts_with = "changes")]
    run: String,
    /// Requests at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..))]
    concurrency: u8,
    /// Time to go on trying without any success, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration)]
    give_up_after: Duration,
    /// Command that prints an access token; it runs when there is none, or when one has expired
    #[arg(long, value_name = "CMD")]
    token_command: Option<String>,
    /// Only check the file, by the API's own rules: nothing is sent, and no token, URL or list is needed
    #[arg(long)]
    check: bool,
    /// Only show what the same command would do: every batch is sent, and nothing is stored or deleted
    #[arg(long, conflicts_with = "check")]
    dry_run: bool,
    /// Send the access token without encryption, to an http URL on another machine
    #[arg(long)]
    insecure: bool,
    /// Type of the list, which says what makes a record a duplicate of an earlier one in the file
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

/// The type of a list.
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

impl Arguments {
    /// Reads the arguments and the environment.
    ///
    /// # Errors
    ///
    /// If they cannot be used: the reason.
    pub fn read(self) -> Result<Options, String> {
        let action = self.action()?;
        let reading = Reading { patches: self.update || self.mirror, ..self.reading };
        let files = Files { input: Input::of(&self.file), reading, rejects: self.rejects };
        let job = match (self.check, self.url, self.list) {
            (false, Some(url), Some(list)) => Job::Load(Box::new(Target {
                url: if self.insecure { url } else { private(url)? },
                list,
                action,
                dry_run: self.dry_run,
                concurrency: self.concurrency.into(),
                give_up_after: self.give_up_after,
                tokens: Tokens::new(env::var("RECORD_LISTS_TOKEN").ok(), self.token_command)?,
            })),
            _ => Job::Check(self.unique.into()),
        };
        Ok(Options { files, job })
    }

    fn action(&self) -> Result<Action, String> {
        let can_ask = || io::stdin().is_terminal() && io::stderr().is_terminal();
        match (self.update, self.mirror) {
            (true, _) => Ok(Action::Update),
            (_, false) => Ok(Action::Create { run: self.run.clone() }),
            (_, true) if self.yes || self.dry_run || can_ask() => {
                Ok(Action::Mirror(Limits { max_delete: self.max_delete, ask: !self.yes }))
            }
            (_, true) => Err("--mirror deletes records. Without a terminal to ask at, give --yes.".to_owned()),
        }
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let http = matches!(url.scheme(), "http" | "https") && url.has_host();
    if http && plain { Ok(url) } else { Err("an http or https URL without query is expected".to_owned()) }
}

/// `url`, if nobody on the way can read the token that is sent to it.
fn private(url: Url) -> Result<Url, String> {
    if url.scheme() == "https" || route::is_local(&url) {
        return Ok(url);
    }
    Err(format!("{url} would get the access token without encryption: use https, or --insecure if that is intended."))
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
            ("--url https://a.example --list l --dry-run a.csv", true),
            ("--check --dry-run a.csv", false),
            ("--url https://a.example --list l --update a.csv", true),
            ("--url https://a.example --list l --update --empty clear a.csv", true),
            ("--url https://a.example --list l --mirror --max-delete 5% --yes --dry-run a.csv", true),
            ("--url https://a.example --list l --mirror --update a.csv", false),
            ("--url https://a.example --list l --mirror --max-delete some a.csv", false),
            ("--url https://a.example --list l --update --yes a.csv", false),
            ("--url https://a.example --list l --update --max-delete 1 a.csv", false),
            ("--url https://a.example --list l --update --run again a.csv", false),
            ("--url https://a.example --list l --empty clear a.csv", false),
            ("--check --update a.csv", false),
        ];
        for (arguments, expected) in table {
            assert_eq!(parse(arguments).is_ok(), expected, "{arguments}");
        }
    }

    #[test]
    fn a_token_is_sent_to_another_machine_by_https_only() {
        let table = [
            ("http://127.0.0.1:3000/v1", true),
            ("http://[::1]", true),
            ("http://localhost:3000", true),
            ("https://api.example", true),
            ("http://api.example", false),
            ("http://10.0.0.1:3000", false),
            ("http://127.0.0.1.example", false),
        ];
        for (url, expected) in table {
            assert_eq!(private(url.parse().unwrap()).is_ok(), expected, "{url}");
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
