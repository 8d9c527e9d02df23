//! The calls of a request that creates records, as in `src/store/insert.rs`.

use crate::call::{Call, Mode, RecordResult, next, record_result, statements};
use crate::create::Creation;
use crate::scenario::{Bug, Scenario};
use crate::table::{Owners, Statement, StatementResult};

impl Creation {
    /// Sends the call of `mode`.
    pub fn send(&mut self, scenario: &Scenario, mode: Mode) {
        let Some(Call::Ready { records, attempt }) = self.calls.remove(&mode) else { return };
        let insert = |index: &usize| scenario.insert(self.function, *index, attempt);
        let statements = records.iter().map(insert).flat_map(|insert| statements(&insert));
        let statements = statements.map(|statement| (statement, None)).collect();
        self.calls.insert(mode, Call::InFlight { records, attempt, statements });
    }

    /// The statements that DynamoDB executes at once: the transaction, or the statement at `place` of the batch.
    #[must_use]
    pub fn statements(&self, mode: Mode, place: usize) -> Vec<Statement> {
        let Some(Call::InFlight { statements, .. }) = self.calls.get(&mode) else { return Vec::new() };
        let statements = statements.iter().map(|(statement, _)| *statement);
        match mode {
            Mode::Batch => statements.skip(place).take(1).collect(),
            Mode::Transaction => statements.collect(),
        }
    }

    /// DynamoDB executed the statements from `place` on, with these `results`.
    pub fn executed(&mut self, mode: Mode, place: usize, results: &[StatementResult]) {
        if let Some(Call::InFlight { statements, .. }) = self.calls.get_mut(&mode) {
            statements.iter_mut().skip(place).zip(results).for_each(|((_, known), result)| *known = Some(*result));
        }
    }

    /// The response to the call of `mode` arrived.
    pub fn receive(&mut self, scenario: &Scenario, mode: Mode) {
        let Some(Call::InFlight { records, attempt, statements }) = self.calls.remove(&mode) else { return };
        let (mut conflicts, mut retry) = (Vec::new(), Vec::new());
        for index in records {
            let of_record = |(statement, _): &&(Statement, _)| statement.owner.version.write_token.index == index;
            match record_result(statements.iter().filter(of_record)) {
                RecordResult::Stored => self.created(scenario, index, self.function),
                RecordResult::Conflict(ids) => conflicts.push((index, ids)),
                RecordResult::Retry => retry.push(index),
            }
        }
        let unread = conflicts.iter().flat_map(|(_, ids)| ids).copied().collect();
        self.calls.insert(mode, Call::Resolving { conflicts, retry, attempt, unread, owners: Owners::new() });
        self.resolve(scenario, mode);
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
