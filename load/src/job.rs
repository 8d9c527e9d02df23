//! The job of a run: the command line, as it is meant.

use std::path::PathBuf;
use std::time::Duration;

use record_lists::UniqueIdentifierType;
use url::Url;

use crate::input::Input;
use crate::limits::Limits;
use crate::rows::Reading;
use crate::summary::Kind;
use crate::token::Tokens;

/// The files of a run, and what to do with them.
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
}

/// The job to do with the rows.
pub enum Job {
    Check(UniqueIdentifierType),
    Load(Box<Target>),
}

/// The effect on the list.
pub enum Action {
    /// Creates records, under this label.
    Create { run: String },
    /// Brings records up to date.
    Update,
    /// Brings records up to date, and deletes those that the file does not have.
    Mirror(Limits),
}

impl Action {
    /// The kind of the run.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Create { .. } => Kind::Create,
            Self::Update => Kind::Update,
            Self::Mirror(_) => Kind::Mirror,
        }
    }
}

/// The list that a run is about, and the way to it.
pub struct Target {
    pub url: Url,
    pub list: String,
    pub action: Action,
    /// Whether nothing is to be stored or deleted.
    pub dry_run: bool,
    pub concurrency: usize,
    pub give_up_after: Duration,
    pub tokens: Tokens,
}
