//! Steps in words, so that a counterexample reads as a story.

use std::fmt;

use crate::identity::{FunctionIndex, Id};
use crate::statement::Statement;
use crate::step::{Action, Step};
use crate::table::Owner;

/// `A` for the first function, and so on.
fn name(function: FunctionIndex) -> char {
    ('A'..='Z').nth(function).unwrap_or('?')
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(function, step) => write!(f, "{} {step}", name(*function)),
            Self::Land(late) => match late.first() {
                Some(Statement::Insert { item, .. }) => match item.owner {
                    Owner::Record(version) => {
                        let token = version.write_token;
                        write!(f, "a late insert of {}'s record {} lands", name(token.execution), token.index + 1)
                    }
                    Owner::Operator => write!(f, "an operator's item lands"),
                },
                Some(Statement::Update { change, .. }) => {
                    write!(f, "a late change of {}'s row {} lands", name(change.function), change.index + 1)
                }
                _ => write!(f, "a late delete lands"),
            },
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ReadChained(id) | Self::ReadOwner(_, id) => write!(f, "reads the owner of {id}"),
            Self::FailToRead => write!(f, "fails to read the owners of its chain"),
            Self::Execute(call) => write!(f, "has call {} executed", call + 1),
            Self::ExecuteAndLose(call) => write!(f, "has call {} executed and loses the response", call + 1),
            Self::Lose(call) => write!(f, "loses call {}", call + 1),
            Self::Throttle(call, named) => {
                write!(f, "has call {} cancelled because of {}", call + 1, named + 1)
            }
            Self::Reject(call) => write!(f, "has call {} rejected", call + 1),
            Self::GiveUp(call) => write!(f, "gives up {}", call + 1),
            Self::ReadOwnerStale(_, id) => write!(f, "reads a stale owner of {id}"),
            Self::Find(entry) => write!(f, "reads the item of entry {}", entry + 1),
            Self::FindRecord(entry) => write!(f, "reads the record of entry {}", entry + 1),
            Self::ReadBack(entry) => write!(f, "reads the record of entry {} back", entry + 1),
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::External(number) | Self::PhoneNumber(number) => write!(f, "{number}"),
            Self::Nothing(_, index) => write!(f, "record {}", index + 1),
        }
    }
}
