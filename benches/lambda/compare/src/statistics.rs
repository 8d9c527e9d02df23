//! Medians, and their spread.

use std::fmt;
use std::time::Duration;

/// The median of `samples`, of which there is at least one.
pub fn median<T: Copy + PartialOrd>(mut samples: Vec<T>) -> T {
    samples.sort_unstable_by(|a, b| a.partial_cmp(b).expect("no sample is NaN"));
    samples[samples.len() / 2]
}

/// The median, and the smallest and the largest of all repetitions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub min: f64,
    pub median: f64,
    pub max: f64,
}

impl Spread {
    /// Of `samples`, of which there is at least one.
    pub fn of(samples: Vec<f64>) -> Self {
        let min = samples.iter().copied().fold(f64::INFINITY, f64::min);
        let max = samples.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { min, median: median(samples), max }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} / **{:.3}** / {:.3}", self.min, self.median, self.max)
    }
}

/// In milliseconds.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
