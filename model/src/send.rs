//! One call of statements, and what it says of each record, as in `src/store/send.rs`.

use std::collections::BTreeSet;

use crate::identity::Id;
use crate::insert::Insert;
use crate::scenario::{Bug, Scenario, Write};
use crate::table::{Code, Holder, Holders, Item, Statement};

/// How statements are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `BatchExecuteStatement`: each statement fails alone.
    Batch,
    /// `ExecuteTransaction`: all statements or none.
    Transaction,
}

/// The records of one call, by their places in the request, until the fate of each is known.
///
/// The attempt is 0 for the first and 1 for every retry. Only a bug that draws tokens anew counts on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Call {
    /// About to be sent.
    Ready {
        /// The records.
        records: Vec<usize>,
        /// The attempt to come.
        attempt: usize,
    },
    /// Sent, without response so far.
    InFlight {
        /// The records.
        records: Vec<usize>,
        /// The attempt under way.
        attempt: usize,
        /// The statements, and what DynamoDB said of those it has executed.
        statements: Vec<(Statement, Option<Code>)>,
    },
    /// Records that collided are being settled.
    Settling {
        /// The records that collided, and at which IDs.
        collided: Vec<(usize, Vec<Id>)>,
        /// The records to send again.
        again: Vec<usize>,
        /// The attempt that brought the collision.
        attempt: usize,
        /// The IDs to read.
        unread: BTreeSet<Id>,
        /// Who holds the others.
        holders: Holders,
    },
}

impl Call {
    /// The records whose fate is not known.
    #[must_use]
    pub fn into_records(self) -> Vec<usize> {
        match self {
            Self::Ready { records, .. } | Self::InFlight { records, .. } => records,
            Self::Settling { collided, mut again, .. } => {
                again.extend(collided.into_iter().map(|(index, _)| index));
                again
            }
        }
    }
}

impl Insert {
    /// Prepares a call of `mode`, if there are records for it.
    pub fn send_later(&mut self, mode: Mode, records: Vec<usize>, attempt: usize) {
        if !records.is_empty() {
            self.calls.insert(mode, Call::Ready { records, attempt });
        }
    }

    /// Sends the call of `mode`.
    pub fn send(&mut self, scenario: &Scenario, mode: Mode) {
        let Some(Call::Ready { records, attempt }) = self.calls.remove(&mode) else { return };
        let write = |index: &usize| scenario.write(self.function, *index, attempt);
        let statements = records.iter().map(write).flat_map(|write| statements(&write));
        let statements = statements.map(|statement| (statement, None)).collect();
        self.calls.insert(mode, Call::InFlight { records, attempt, statements });
    }

    /// What DynamoDB executes at once: the transaction, or the statement at `place` of the batch.
    #[must_use]
    pub fn statements(&self, mode: Mode, place: usize) -> Vec<Statement> {
        let Some(Call::InFlight { statements, .. }) = self.calls.get(&mode) else { return Vec::new() };
        let statements = statements.iter().map(|(statement, _)| *statement);
        match mode {
            Mode::Batch => statements.skip(place).take(1).collect(),
            Mode::Transaction => statements.collect(),
        }
    }

    /// DynamoDB executed the statements from `place` on, with these `codes`.
    pub fn executed(&mut self, mode: Mode, place: usize, codes: &[Code]) {
        if let Some(Call::InFlight { statements, .. }) = self.calls.get_mut(&mode) {
            statements.iter_mut().skip(place).zip(codes).for_each(|((_, result), code)| *result = Some(*code));
        }
    }

    /// The response to the call of `mode` arrived.
    pub fn receive(&mut self, scenario: &Scenario, mode: Mode) {
        let Some(Call::InFlight { records, attempt, statements }) = self.calls.remove(&mode) else { return };
        let (mut collided, mut again) = (Vec::new(), Vec::new());
        for index in records {
            let of_record = |(statement, _): &&(Statement, _)| statement.item.holder.write_token.index == index;
            match reply(statements.iter().filter(of_record)) {
                Reply::Stored => self.created(scenario, index, self.function),
                Reply::Collided(ids) => collided.push((index, ids)),
                Reply::Again => again.push(index),
            }
        }
        let unread = collided.iter().flat_map(|(_, ids)| ids).copied().collect();
        self.calls.insert(mode, Call::Settling { collided, again, attempt, unread, holders: Holders::new() });
        self.settle(scenario, mode);
    }

    /// No response arrived: all of the call's records are sent again.
    pub fn lose(&mut self, scenario: &Scenario, mode: Mode) {
        let Some(Call::InFlight { records, attempt, .. }) = self.calls.remove(&mode) else { return };
        if scenario.has(Bug::LostCallIsCreated) {
            for index in records {
                self.created(scenario, index, self.function);
            }
            return self.insert_in_rounds(scenario);
        }
        self.send_later(mode, records, next(scenario, attempt));
    }
}

/// The number of the attempt after `attempt`.
#[must_use]
pub fn next(scenario: &Scenario, attempt: usize) -> usize {
    if scenario.has(Bug::RandomTokenOnRetry) { attempt + 1 } else { 1 }
}

/// What one call says of one record.
enum Reply {
    Stored,
    Collided(Vec<Id>),
    Again,
}

fn reply<'a>(statements: impl Iterator<Item = &'a (Statement, Option<Code>)> + Clone) -> Reply {
    let collided = statements.clone().filter(|(_, code)| *code == Some(Code::DuplicateItem));
    let collided: Vec<Id> = collided.map(|(statement, _)| statement.id).collect();
    let mut codes = statements.map(|(_, code)| *code);
    match collided.is_empty() {
        false => Reply::Collided(collided),
        true if codes.all(|code| code == Some(Code::Stored)) => Reply::Stored,
        true => Reply::Again,
    }
}

/// The record's own item, and an alias for each further ID.
#[must_use]
pub fn statements(write: &Write) -> Vec<Statement> {
    let holder = Holder { write_token: write.write_token, created_at: write.created_at };
    let item = Item { holder, record_id: write.ids[0] };
    write.ids.iter().map(|id| Statement { id: *id, item }).collect()
}
