//! The table of the comparison, and the goals that were missed.

use std::time::Duration;

use crate::binaries::{DO_NOTHING, RECORD_LISTS, USUAL_WAY};
use crate::measure::{Cold, Warm};
use crate::meter::Calls;
use crate::statistics::{Spread, median, milliseconds};

/// All measurements, the binaries in the order of the command line.
pub struct Report<'a> {
    /// The paths of the binaries.
    pub binaries: &'a [&'a str],
    /// By repetition, then binary.
    pub cold: Vec<Vec<Cold>>,
    /// By repetition, then binary.
    pub warm: Vec<Vec<Warm>>,
    /// Of each binary but the one that does nothing: the calls for a first batch, and for a second one.
    pub calls: Vec<Option<[Calls; 2]>>,
    /// Deflated.
    pub sizes: Vec<u64>,
}

/// A row's goal for `record-lists`.
enum Goal {
    /// At most this share of another binary's figure.
    Ratio {
        of: usize,
        at_most: f64,
    },
    /// At most this.
    AtMost(f64),
    None,
}

impl Report<'_> {
    /// Prints everything in Markdown. Returns what misses its goal.
    pub fn print(&self) -> Vec<&'static str> {
        let names = self.binaries.iter().map(|path| path.rsplit('/').next().unwrap_or(path)).collect::<Vec<_>>();
        println!("| 100 new records | goal | min / median / max | {} |", names.join(" | "));
        println!("|---|---|---|{}", "---|".repeat(names.len()));
        let ratio = |of, at_most| Goal::Ratio { of, at_most };
        let kept = [
            self.times("CPU, warm", &ratio(USUAL_WAY, 0.08), |run, place| self.warm[run][place].cpu),
            self.times("event to response, warm", &ratio(USUAL_WAY, 0.20), |run, place| self.warm[run][place].response),
            self.times("spawn to first poll", &ratio(DO_NOTHING, 1.3), |run, place| self.cold[run][place].first_poll),
            self.times("spawn to first response", &ratio(USUAL_WAY, 0.25), |run, place| {
                self.cold[run][place].first_response
            }),
            self.times("CPU from spawn to first response", &Goal::None, |run, place| self.cold[run][place].cpu),
            self.megabytes("peak memory", 12.0, |run, place| self.warm[run][place].peak_memory),
            self.megabytes("zipped", 3.3, |_, place| self.sizes[place]),
            self.counts("DynamoDB requests, first batch", None, |[first, _]| first.requests),
            self.counts("DynamoDB requests, warm", Some(4), |[_, second]| second.requests),
            self.counts("round trips, first batch", None, |[first, _]| first.round_trips),
            self.counts("round trips, warm", Some(1), |[_, second]| second.round_trips),
            self.counts("write units", Some(100), |[_, second]| second.write_units),
        ];
        kept.into_iter().filter_map(Result::err).collect()
    }

    fn times(
        &self,
        what: &'static str,
        goal: &Goal,
        time: impl Fn(usize, usize) -> Duration,
    ) -> Result<(), &'static str> {
        let seconds = |run, place| time(run, place).as_secs_f64();
        let cell = |place| milliseconds(median(self.runs().map(|run| time(run, place)).collect()));
        self.row(what, goal, seconds, cell)
    }

    #[expect(clippy::cast_precision_loss, reason = "no binary has petabytes")]
    fn megabytes(
        &self,
        what: &'static str,
        at_most: f64,
        bytes: impl Fn(usize, usize) -> u64,
    ) -> Result<(), &'static str> {
        let megabytes = |run, place| bytes(run, place) as f64 / 1e6;
        let cell = |place| format!("{:.2} MB", median(self.runs().map(|run| megabytes(run, place)).collect()));
        self.row(what, &Goal::AtMost(at_most), megabytes, cell)
    }

    fn row(
        &self,
        what: &'static str,
        goal: &Goal,
        figure: impl Fn(usize, usize) -> f64,
        cell: impl Fn(usize) -> String,
    ) -> Result<(), &'static str> {
        let part = |of| Spread::of(self.runs().map(|run| figure(run, RECORD_LISTS) / figure(run, of)).collect());
        let own = || Spread::of(self.runs().map(|run| figure(run, RECORD_LISTS)).collect());
        let (goal, spread, kept) = match *goal {
            Goal::Ratio { of, at_most } => {
                let spread = part(of);
                (format!("≤ {at_most:.2} of {}", self.name(of)), spread.to_string(), spread.median <= at_most)
            }
            Goal::AtMost(at_most) => {
                let spread = own();
                (format!("≤ {at_most}"), spread.to_string(), spread.median <= at_most)
            }
            Goal::None => (String::new(), String::new(), true),
        };
        println!("| {what} | {goal} | {spread} | {} |", self.cells(cell));
        if kept { Ok(()) } else { Err(what) }
    }

    fn counts(
        &self,
        what: &'static str,
        goal: Option<u64>,
        count: impl Fn(&[Calls; 2]) -> u64,
    ) -> Result<(), &'static str> {
        let counted = |place: usize| self.calls[place].as_ref().map(&count);
        let cell = |place| counted(place).map_or_else(|| "–".to_owned(), |count| count.to_string());
        let (goal_text, own) = (goal.map(|goal| goal.to_string()).unwrap_or_default(), cell(RECORD_LISTS));
        println!("| {what} | {goal_text} | **{own}** | {} |", self.cells(cell));
        if goal.is_none() || counted(RECORD_LISTS) == goal { Ok(()) } else { Err(what) }
    }

    fn cells(&self, cell: impl Fn(usize) -> String) -> String {
        (0..self.binaries.len()).map(cell).collect::<Vec<_>>().join(" | ")
    }

    fn runs(&self) -> std::ops::Range<usize> {
        0..self.warm.len()
    }

    fn name(&self, place: usize) -> &str {
        self.binaries[place].rsplit('/').next().unwrap_or_default()
    }
}
