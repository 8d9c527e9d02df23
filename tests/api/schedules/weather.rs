//! The conditions of a schedule, which last for all of it.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::fate::Fault;
use super::plan::IDENTIFIERS;
use crate::support::call::{is_write, keys};
use crate::support::{Failed, Places, key_of_number};

/// An hour, in milliseconds.
const HOUR: i64 = 3_600_000;

/// How far all clocks are behind, besides: so a time that was stored is not taken for one that a clock has just said.
const ALL_BEHIND: SignedDuration = SignedDuration::from_hours(24);

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

    /// The call `body` of `function`, with the times that its clock would have given to what it inserts. The time of a change
    /// is later than that of the one before, whatever the clock says: it stays as it is.
    pub fn on_the_wire(&self, function: usize, mut body: Value) -> Value {
        for name in ["Statements", "TransactStatements"] {
            let statements = body.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten();
            let is_insert =
                |statement: &&mut Value| statement["Statement"].as_str().is_some_and(|text| text.starts_with("INSERT"));
            let parameters =
                statements.filter(is_insert).filter_map(|statement| statement["Parameters"].as_array_mut());
            for text in parameters.flatten().filter_map(|parameter| parameter.get_mut("S")) {
                self.set_by_clock(function, text);
            }
        }
        body
    }

    /// The `body` of a response of `function`, with the times that its clock would have given to the records it has created.
    pub fn to_the_caller(&self, function: usize, mut body: Value) -> Value {
        let records = body.pointer_mut("/_embedded/records").and_then(Value::as_array_mut).into_iter().flatten();
        for record in records.filter(|record| fresh(&record["created_at"]).is_some()) {
            for name in ["created_at", "updated_at"] {
                self.set_by_clock(function, &mut record[name]);
            }
        }
        body
    }

    /// Sets `time`, if `function` has just taken it from its clock, to what that one would say.
    fn set_by_clock(&self, function: usize, time: &mut Value) {
        if let Some(now) = fresh(time) {
            let Clock { step, behind } = self.clocks[function % self.clocks.len()];
            let said = now - ALL_BEHIND - behind - SignedDuration::from_millis(now.as_millisecond() % step);
            *time = Value::String(format!("{said:.3}"));
        }
    }
}

impl Clock {
    /// All have one step, and are whole steps behind: records that were created by different clocks can have one time.
    fn draw_all(rng: &mut Rng) -> [Self; 4] {
        let step = [1, HOUR][rng.usize(..2)];
        std::array::from_fn(|_| {
            let steps = [0, 0, 0, 1, -1, 90][rng.usize(..6)];
            Self { step, behind: SignedDuration::from_millis(step * steps) }
        })
    }
}

/// The time that `value` is, if a clock has just said it. What was inserted before is half a day older at least.
fn fresh(value: &Value) -> Option<Timestamp> {
    let text = value.as_str().filter(|text| text.len() == TIMESTAMP_LENGTH)?;
    text.parse().ok().filter(|time| Timestamp::now() - *time < ALL_BEHIND / 2)
}
