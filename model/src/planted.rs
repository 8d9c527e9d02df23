//! The planted bugs, each with a rule that finds it, and the exceptions, each with a rule that fails without it.

use crate::bounds;
use crate::bug::Bug;
use crate::counterexample::counterexample;
use crate::exception::Exception;
use crate::rules::{
    ANOTHER, CREATED, DELETED, FREED, GIVEN_UP, ID_STAYS, IN_ORDER, KEY_ONCE, MADE, MADE_ONCE, NAMED, NEIGHBOUR, NEVER,
    ONE_RECORD, ONLY_CHANGES, ONLY_FOUND, OWN_WRITE, REFUSED, SAME_KEY, STORED_ONCE, WHOLE, WRITES_NOTHING,
};
use crate::scenario::Scenario;
use crate::step::Action;

/// A bug, and how it is found.
#[derive(Debug)]
pub struct Planted {
    /// The bug.
    pub bug: Bug,
    /// The scenario in which it is found.
    pub scenario: &'static str,
    /// The rule that fails.
    pub rule: &'static str,
    /// The fewest steps after which it fails.
    pub steps: usize,
}

/// All planted bugs.
pub const PLANTED: [Planted; 37] = [
    planted(Bug::DuplicateItemIsConflict, "one key", OWN_WRITE, 2),
    planted(Bug::RandomTokenOnRetry, "nothing unique, one key", ONE_RECORD, 2),
    planted(Bug::EventualOwnerRead, "two requests, a delete", OWN_WRITE, 6),
    planted(Bug::ResolveReportsOwnTime, "one key", CREATED, 3),
    planted(Bug::AliasesWrittenApart, "two requests", WHOLE, 5),
    planted(Bug::LostCallIsCreated, "one key", CREATED, 1),
    planted(Bug::DuplicatesDoNotWait, "two requests", ANOTHER, 3),
    planted(Bug::ChainSentApart, "a chain, a stranger", IN_ORDER, 7),
    planted(Bug::GivingUpIsNotFinal, "one key, a stranger", GIVEN_UP, 3),
    planted(Bug::NamedStaysWithOthers, "a partition throttled", NEIGHBOUR, 2),
    planted(Bug::RejectedIsNotHalved, "a record rejected", NEIGHBOUR, 1),
    planted(Bug::OperatorIsNobody, "an operator's item", NEIGHBOUR, 3),
    planted(Bug::IdentityFromIndex, "nothing unique, two requests", ANOTHER, 3),
    planted(Bug::DeleteTrustsAlias, "a number given up", NAMED, 6),
    planted(Bug::DeleteWithoutToken, "two requests, a delete", ONLY_FOUND, 5),
    planted(Bug::DeleteWithoutCreatedAt, "one key, a delete", ONLY_FOUND, 6),
    planted(Bug::DeleteWithoutSuffix, "one millisecond", ONLY_FOUND, 5),
    planted(Bug::DeleteWithoutReadBack, "one key, a delete", DELETED, 4),
    planted(Bug::DeleteLeavesAliases, "two requests, a delete", WHOLE, 3),
    planted(Bug::KeyTwiceInCall, "two entries, one alias", KEY_ONCE, 6),
    planted(Bug::DeleteWithoutRevision, "a change, a delete", ONLY_FOUND, 5),
    planted(Bug::ChangeReplacesToken, "one key, a change", SAME_KEY, 5),
    planted(Bug::ChangeWithoutRevision, "three changes", MADE_ONCE, 3),
    planted(Bug::TrailNotRead, "three changes", MADE_ONCE, 7),
    planted(Bug::TrailKeepsFirst, "three changes", MADE_ONCE, 9),
    planted(Bug::EndOfTrailDecides, "the end of the trail", MADE_ONCE, 9),
    planted(Bug::ResentWithoutMerge, "three changes", ONLY_CHANGES, 6),
    planted(Bug::AliasesGainedApart, "a number moves", WHOLE, 2),
    planted(Bug::LostAliasesStay, "a number moves", WHOLE, 2),
    planted(Bug::AliasesJudgedFirst, "a number gained", ANOTHER, 4),
    planted(Bug::EtagJudgedFirst, "an ETag", NEVER, 4),
    planted(Bug::LostChangeIsMade, "three changes", MADE, 2),
    planted(Bug::ChangeTrustsAlias, "a number moves, a change", NAMED, 4),
    planted(Bug::IdentityCanEnd, "the number of an ID", ID_STAYS, 2),
    planted(Bug::GainsDoNotWait, "rows that move a number", FREED, 4),
    planted(Bug::UnchangedIsWritten, "nothing to write", WRITES_NOTHING, 2),
    planted(Bug::ValidatedIsWritten, "nothing to write", WRITES_NOTHING, 2),
];

const fn planted(bug: Bug, scenario: &'static str, rule: &'static str, steps: usize) -> Planted {
    Planted { bug, scenario, rule, steps }
}

/// An exception, and a way in which a rule fails without it.
#[derive(Debug)]
pub struct Needed {
    /// The exception.
    pub exception: Exception,
    /// The scenario in which it happens.
    pub scenario: &'static str,
    /// The rule that it is an exception from.
    pub rule: &'static str,
    /// The fewest steps after which the rule fails.
    pub steps: usize,
}

/// The exceptions: none is granted without need.
pub const NEEDED: [Needed; 8] = [
    needed(Exception::Late, "a number given up", REFUSED, 6),
    needed(Exception::Late, "a number given up", STORED_ONCE, 4),
    needed(Exception::Late, "a number gained, a delete", NEVER, 6),
    needed(Exception::SentAgain, "a number given up", STORED_ONCE, 4),
    needed(Exception::KeyAfterDelete, "one key, a delete", STORED_ONCE, 5),
    needed(Exception::KeyAfterDelete, "one key, a delete", SAME_KEY, 5),
    needed(Exception::InTheWay, "one key, a stranger, a delete", SAME_KEY, 6),
    needed(Exception::InTheWay, "one key, a number lost", SAME_KEY, 5),
];

const fn needed(exception: Exception, scenario: &'static str, rule: &'static str, steps: usize) -> Needed {
    Needed { exception, scenario, rule, steps }
}

impl Planted {
    /// The shortest way in which the rule fails.
    #[must_use]
    pub fn counterexample(&self) -> Option<Vec<Action>> {
        let scenario = Scenario { bug: Some(self.bug), ..bounds::named(self.scenario)? };
        counterexample(&scenario, self.rule)
    }
}

impl Needed {
    /// The shortest way in which the rule fails.
    #[must_use]
    pub fn counterexample(&self) -> Option<Vec<Action>> {
        let scenario = Scenario { denied: Some(self.exception), ..bounds::named(self.scenario)? };
        counterexample(&scenario, self.rule)
    }
}
