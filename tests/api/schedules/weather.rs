//! The conditions of a schedule, which last for all of it.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::fate::Fault;
use super::requests::IDENTIFIERS;
use crate::support::call::{is_write, keys};
use crate::support::{Failed, Places, key_of_number};

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// The length of a time in RFC 3339, UTC, milliseconds.
const TIMESTAMP_LENGTH: usize = 24;

pub struct Weather {
    /// The probability of a fault at a call.
    pub trouble: f64,
    /// A phone number whose item takes no write, as if its partition were throttled.
    pub starved: Option<usize>,
    /// A function whose reads of several items all fail.
    unreadable: Option<usize>,
    /// The clocks of the functions.
    clocks: [Clock; 4],
}

/// A clock that is wrong.
#[derive(Clone, Copy)]
struct Clock {
    behind: SignedDuration,
    /// It moves in steps of so many milliseconds: if they are long, all that happens seems to happen in the same one.
    step: i64,
}

impl Weather {
    pub fn draw(rng: &mut Rng) -> Self {
        Self {
            trouble: [0.0, 0.15, 0.3, 0.5][rng.usize(..4)],
            starved: (rng.u8(..4) == 0).then(|| rng.usize(..IDENTIFIERS)),
            unreadable: (rng.u8(..12) == 0).then(|| rng.usize(..3)),
            clocks: Clock::draw_all(rng),
        }
    }

    /// The fault of every call of `operation` by `function`, if there is one.
    pub fn fault(&self, function: usize, operation: &str) -> Option<Fault> {
        let fails = self.unreadable == Some(function) && operation == "BatchGetItem";
        fails.then_some(Fault::Error { status: 500, code: "InternalServerError", executed: false })
    }

    /// The statements of a call that fail because a partition is throttled.
    pub fn starved(&self, operation: &str, body: &Value) -> Option<Failed> {
        let key = key_of_number(self.starved.filter(|_| is_write(operation))?);
        Some(Failed::not_stored("ThrottlingError", Places::of_key(&key, &keys(operation, body))?))
    }

    /// `sent` by `function`, with the times that its clock would have given it.
    pub fn on_the_wire(&self, function: usize, sent: Value) -> Value {
        let Clock { step, behind } = self.clocks[function % self.clocks.len()];
        with_times(sent, &|time| time - behind - SignedDuration::from_millis(time.as_millisecond() % step))
    }

    /// `received` by `function`, as it would be if its clock were right.
    pub fn by_the_clock_of(&self, function: usize, received: Value) -> Value {
        let Clock { behind, .. } = self.clocks[function % self.clocks.len()];
        with_times(received, &|time| time + behind)
    }
}

impl Clock {
    /// All have one step, and are whole steps behind: what one of them sends is what the others read.
    fn draw_all(rng: &mut Rng) -> [Self; 4] {
        let step = [1, HOUR][rng.usize(..2)];
        std::array::from_fn(|_| {
            let steps = [0, 0, 0, 1, -1, 90][rng.usize(..6)];
            Self { step, behind: SignedDuration::from_millis(step * steps) }
        })
    }
}

/// `value` with every timestamp in it changed.
fn with_times(value: Value, change: &dyn Fn(Timestamp) -> Timestamp) -> Value {
    match value {
        Value::String(text) => {
            let time: Option<Timestamp> = text.parse().ok().filter(|_| text.len() == TIMESTAMP_LENGTH);
            Value::String(time.map_or(text, |time| format!("{:.3}", change(time))))
        }
        Value::Array(elements) => elements.into_iter().map(|element| with_times(element, change)).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, with_times(value, change))).collect(),
        other => other,
    }
}
