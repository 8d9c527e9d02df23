//! The decision about a row whose record is read, and the order of rows, as in `src/store/change/`.

use crate::bug::Bug;
use crate::request::Mode;
use crate::scenario::Scenario;
use crate::update::{Base, Changed, Stage, Update};

impl Update {
    /// Decides a row.
    pub fn decide(&mut self, scenario: &Scenario, index: usize, outcome: Changed) {
        self.rows[index].stage = Stage::Done(outcome);
        if outcome != Changed::Updated {
            self.rows[index].base = self.rows[index].base.filter(|_| outcome == Changed::GivenUp);
        }
        self.proceed(scenario);
        if self.is_done() {
            self.gone.clear();
            self.rows.iter_mut().for_each(|row| (row.base, row.first) = (None, None));
        }
    }

    /// The record of a row is read, and still has the ID that the row names: the change is sent, unless there is nothing to
    /// change, or it has to wait.
    pub fn judge(&mut self, scenario: &Scenario, index: usize, base: Base) {
        let row = &scenario.rows(self.function)[index];
        let merged = base.content.with(row.patch);
        let progress = &mut self.rows[index];
        progress.base = Some(base);
        progress.first = progress.first.or(Some(merged)).filter(|_| scenario.has(Bug::ResentWithoutMerge));
        let loses_identity = scenario.ids_of(base.content.numbers).contains(&base.id)
            && !scenario.ids_of(merged.numbers).contains(&base.id);
        if merged == base.content && !scenario.has(Bug::UnchangedIsWritten) {
            self.decide(scenario, index, Changed::Unchanged);
        } else if !matches(scenario, row.mode, &base) {
            self.decide(scenario, index, Changed::Failed);
        } else if loses_identity && !scenario.has(Bug::IdentityCanEnd) {
            self.decide(scenario, index, Changed::Refused);
        } else if row.mode == Mode::ValidateOnly && !scenario.has(Bug::ValidatedIsWritten) {
            self.decide(scenario, index, Changed::Validated);
        } else {
            self.rows[index].stage = Stage::Waits;
            self.proceed(scenario);
        }
    }

    /// Sends the changes that wait for nothing, and gives up those that wait for one that was given up.
    pub fn proceed(&mut self, scenario: &Scenario) {
        for index in 0..self.rows.len() {
            if self.rows[index].stage != Stage::Waits {
                continue;
            }
            let earlier = || (0..index).filter(|earlier| self.loses_for(scenario, *earlier, index));
            let is = |stage: Stage| earlier().any(|earlier| self.rows[earlier].stage == stage);
            if is(Stage::Done(Changed::GivenUp)) {
                self.rows[index].stage = Stage::Done(Changed::GivenUp);
            } else if earlier().all(|earlier| matches!(self.rows[earlier].stage, Stage::Done(_)))
                || scenario.has(Bug::GainsDoNotWait)
            {
                self.rows[index].stage = Stage::InCall;
            }
        }
    }

    /// Whether an earlier row loses a number that a row gains, as far as is known yet.
    fn loses_for(&self, scenario: &Scenario, earlier: usize, index: usize) -> bool {
        let rows = scenario.rows(self.function);
        let (Some(lost), Some(gained)) = (rows[earlier].patch.numbers, rows[index].patch.numbers) else { return false };
        match (self.rows[earlier].base, self.rows[index].base) {
            (Some(earlier), Some(base)) => {
                let lost = earlier.content.numbers.without(lost);
                let gained = gained.without(base.content.numbers);
                !lost.without(lost.without(gained)).is_empty()
            }
            _ => !matches!(self.rows[earlier].stage, Stage::Done(_)),
        }
    }
}

/// Whether a record is as `mode` requires.
#[must_use]
pub fn matches(scenario: &Scenario, mode: Mode, base: &Base) -> bool {
    match mode {
        Mode::IfMatch(function) => {
            base.version == scenario.insert(function, 0, 0).version && base.content.revision.is_none()
        }
        Mode::Update | Mode::Upsert | Mode::ValidateOnly => true,
    }
}
