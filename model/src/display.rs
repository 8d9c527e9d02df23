//! Steps in words, so that a counterexample reads as a story.

use std::fmt;

use crate::call::Mode;
use crate::identity::{FunctionIndex, Id};

use crate::step::{Action, Delayed, Step};

/// `A` for the first function, and so on.
#[must_use]
pub fn name(function: FunctionIndex) -> char {
    char::from_digit(u32::try_from(function).unwrap_or_default() + 10, 36).unwrap_or('?').to_ascii_uppercase()
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(function, step) => write!(f, "{} {step}", name(*function)),
            Self::Land(Delayed::Insert(statements)) => {
                write!(f, "a delayed insert of {} lands", name(statements[0].owner.version.created_at))
            }
            Self::Land(Delayed::Delete(_)) => write!(f, "a delayed delete lands"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReadList => write!(f, "reads the list"),
            Self::ReadChained(id) => write!(f, "reads the owner of {id}"),
            Self::InsertCall(mode) => write!(f, "sends its {mode}"),
            Self::Retry(mode) => write!(f, "sends its {mode} again"),
            Self::Execute(Mode::Batch, place) => write!(f, "has statement {} executed", place + 1),
            Self::Execute(Mode::Transaction, _) => write!(f, "has its transaction executed"),
            Self::Throttle(place) => write!(f, "has statement {} throttled", place + 1),
            Self::LoseCall(_) => write!(f, "loses the call"),
            Self::LoseResponse(_) => write!(f, "loses the response"),
            Self::Respond(_) => write!(f, "gets the response"),
            Self::ReadOwner(_, id) => write!(f, "resolves by reading the owner of {id}"),
            Self::ReadOwnerStale(_, id) => write!(f, "resolves by a stale read of {id}"),
            Self::Find => write!(f, "finds the item to delete"),
            Self::FindRecord(_) => write!(f, "finds the alias's record"),
            Self::DeleteCall => write!(f, "sends its delete"),
            Self::ExecuteDelete => write!(f, "has its delete executed"),
            Self::LoseDelete => write!(f, "loses the delete"),
            Self::EndDelete => write!(f, "ends the delete"),
            Self::ReadBack => write!(f, "reads back"),
            Self::Deadline => write!(f, "reaches its deadline"),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Batch => "batch",
            Self::Transaction => "transaction",
        })
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External(number) | Self::PhoneNumber(number) => write!(f, "{number}"),
            Self::Nothing(write_token) => write!(f, "record {}", write_token.index + 1),
        }
    }
}
