//! The progress that a person sees: a bar on a terminal, a line every ten seconds elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};

use crate::console::{plain, say};
use crate::summary::{Summary, count};

/// The time between two states of the bar, or two lines.
const BAR_PERIOD: Duration = Duration::from_millis(500);
const LINE_PERIOD: Duration = Duration::from_secs(10);

/// The progress through a file.
pub struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    due: Instant,
    /// The size of the file in bytes, if it is known.
    size: Option<u64>,
}

impl Progress {
    /// Starts with the first byte of as many as `size`, or of a stream.
    pub fn start(size: Option<u64>) -> Self {
        let now = Instant::now();
        let bar = io::stderr().is_terminal().then(|| bar(size));
        let due = if bar.is_some() { now } else { now + LINE_PERIOD };
        Self { bar, started: now, due, size }
    }

    /// The time since the start, in seconds.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// The time of the next news.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Shows the progress, if that is due: `position` bytes of the file are done.
    pub fn show(&mut self, summary: &Summary, position: u64, trouble: impl FnOnce() -> Option<String>) {
        let now = Instant::now();
        if now < self.due {
            return;
        }
        let state = state(summary, self.started.elapsed());
        let left = self.size.and_then(|size| left(self.started.elapsed(), position, size));
        let left = left.map(|left| format!("{} left", HumanDuration(left)));
        if let Some(bar) = &self.bar {
            bar.set_position(position);
            bar.set_prefix(left.unwrap_or_default());
            bar.set_message(plain(&join([Some(state), trouble()])));
            self.due = now + BAR_PERIOD;
        } else {
            say(&join([Some(state), left, trouble()]));
            self.due = now + LINE_PERIOD;
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// Shows the end.
    pub fn finish(&self, summary: &Summary) {
        self.clear();
        say(&state(summary, self.started.elapsed()));
    }
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[expect(clippy::expect_used, reason = "the templates are constants")]
fn bar(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{wide_bar} {percent:>3}% {prefix}\n{wide_msg}"),
        None => (ProgressBar::new_spinner(), "{spinner} {wide_msg}"),
    };
    bar.with_style(ProgressStyle::with_template(template).expect("the template is one"))
}

/// The counts, and the rows a second.
fn state(summary: &Summary, elapsed: Duration) -> String {
    if summary.done() == 0 {
        return summary.words();
    }
    let rate = (u128::from(summary.done()) * 1_000).checked_div(elapsed.as_millis()).unwrap_or_default();
    format!("{}, {} a second", summary.words(), count(u64::try_from(rate).unwrap_or(u64::MAX)))
}

/// The time left, if the rest of the file takes as long as what is done has taken.
fn left(elapsed: Duration, position: u64, size: u64) -> Option<Duration> {
    let milliseconds = elapsed.as_millis() * u128::from(size.saturating_sub(position));
    let left = milliseconds.checked_div(u128::from(position))?;
    u64::try_from(left).ok().map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Counts, Kind};

    #[test]
    fn the_state_is_the_counts_and_the_rows_a_second() {
        let counts = Counts { created: 12_300, ..Counts::default() };
        let summary = Summary { counts, refused: 45, ..Summary::new(Kind::Create, false) };
        let state = |seconds| state(&summary, Duration::from_secs(seconds));
        assert_eq!(state(10), "12,345 records: 12,300 created, 45 refused, 1,234 a second");
        assert_eq!(state(0), "12,345 records: 12,300 created, 45 refused, 0 a second");
    }

    #[test]
    fn the_time_left_is_that_of_the_bytes_left() {
        let left = |position| left(Duration::from_secs(10), position, 4_000);
        assert_eq!([0, 1_000, 4_000].map(left), [None, Some(Duration::from_secs(30)), Some(Duration::ZERO)]);
    }
}
