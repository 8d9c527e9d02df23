//! The plan of a schedule: what each function is asked, by chance.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use super::drafts::{Age, Draft};
use super::patches::Patch;
use super::requests::Query;
use crate::support::{EXTERNAL, NOTHING, PHONE_NUMBER, named, number_text, record};

/// References and numbers, so few that most requests have some in common with others.
pub const IDENTIFIERS: usize = 8;

/// The most functions of a schedule, besides those that get an event as its second delivery.
pub const FUNCTIONS: usize = 4;

/// The requests of each function, one after another.
pub struct Plan {
    pub functions: Vec<Vec<Step>>,
}

/// A request, and the pause after the one before it.
pub struct Step {
    pub pause: Duration,
    pub draft: Draft,
    /// The time after which the function is ended, although it has not responded.
    pub cut: Option<Duration>,
    /// Whether the event is delivered to another function too.
    pub twice: bool,
}

impl Plan {
    /// Two to four functions on one list, which are asked up to four times each; some requests are sent to several.
    pub fn new(rng: &mut Rng) -> Self {
        let list = [EXTERNAL, PHONE_NUMBER, PHONE_NUMBER, NOTHING][rng.usize(..4)];
        let repeated = [create(rng, list, "k0", true), create(rng, list, "k1", true), change(rng, list, "k2")];
        let functions = (0..rng.usize(2..=FUNCTIONS)).map(|function| {
            let steps = (0..rng.usize(1..=4)).map(|step| {
                let pause = Duration::from_millis([0, 0, 5, 40, 1_500][rng.usize(..5)]);
                let name = format!("f{function}s{step}");
                let draft = match rng.usize(..8) {
                    0..=1 => repeated[rng.usize(..repeated.len())].clone(),
                    2..=4 if step == 0 => create(rng, list, &name, rng.clone().bool()),
                    _ => draft(rng, list, &name),
                };
                let cut = (rng.u8(..12) == 0).then(|| Duration::from_millis(rng.u64(1..200)));
                let twice = rng.u8(..10) == 0 && draft.can_be_twice();
                Step { pause, draft, cut, twice }
            });
            steps.collect()
        });
        Self { functions: functions.collect() }
    }
}

fn draft(rng: &mut Rng, list: &'static str, name: &str) -> Draft {
    match rng.usize(..20) {
        0..=5 => create(rng, list, name, rng.clone().bool()),
        6..=10 => change(rng, list, name),
        11..=13 => {
            let if_match = [None, Some(Age::Last), Some(Age::Last), Some(Age::First)][rng.usize(..4)];
            Draft::ChangeOne { list, patch: Patch::by_id(rng, list, &format!("{name}r0")), if_match }
        }
        14 if list != NOTHING => {
            let entries = identifiers(rng, 4).into_iter().map(|number| entry(list, number));
            Draft::DeleteByIdentifier { list, entries: entries.collect() }
        }
        14..=15 => {
            let version = [None, Some(Age::Last), Some(Age::First)][rng.usize(..3)];
            Draft::DeleteById { list, numbers: (0..rng.usize(1..=3)).map(|_| rng.usize(..100)).collect(), version }
        }
        16 => Draft::DeleteOne { list, number: rng.usize(..100) },
        17..=18 => Draft::ReadOne { list, number: rng.usize(..100) },
        _ => Draft::ReadPage { list, per_page: rng.usize(1..=100) },
    }
}

/// One identifier or more, but not more than `most`.
pub fn identifiers(rng: &mut Rng, most: usize) -> Vec<usize> {
    let mut identifiers: Vec<usize> = (0..IDENTIFIERS).collect();
    rng.shuffle(&mut identifiers);
    identifiers.truncate(rng.usize(1..=most));
    identifiers
}

/// The members that name the record which has the identifier of this number in `list`.
pub fn entry(list: &str, number: usize) -> Value {
    let record = record(number);
    match list {
        PHONE_NUMBER => json!({"phone_number": number_text(number)}),
        _ => json!({"external_provider": record["external_provider"], "external_id": record["external_id"]}),
    }
}

/// The number of records in a request: a few, now and then more than one call takes.
fn count(rng: &mut Rng) -> usize {
    if rng.usize(..20) == 0 { 30 } else { rng.usize(1..=4) }
}

/// A number that only the records at `place` of requests like that of `name` have.
fn rare(name: &str, place: usize) -> usize {
    100 * name.len() + place
}

/// A few records, each with a name of its own.
fn create(rng: &mut Rng, list: &'static str, name: &str, idempotent: bool) -> Draft {
    let records = (0..count(rng)).map(|place| {
        let numbers = identifiers(rng, if list == PHONE_NUMBER { 3 } else { 1 });
        let numbers = if place < 4 { numbers } else { vec![rare(name, place)] };
        named(&format!("{name}r{place}"), list, &numbers)
    });
    Draft::Create { list, records: records.collect(), key: idempotent.then(|| name.to_owned()) }
}

/// Patches of a few records.
fn change(rng: &mut Rng, list: &'static str, name: &str) -> Draft {
    let patches = (0..count(rng)).map(|place| {
        let mark = format!("{name}r{place}");
        match place {
            4.. if list != NOTHING => Patch::by_identity(rng, list, &mark, rare(name, place)),
            _ if list == NOTHING || rng.bool() => Patch::by_id(rng, list, &mark),
            _ => {
                let number = rng.usize(..IDENTIFIERS);
                Patch::by_identity(rng, list, &mark, number)
            }
        }
    });
    let patches = patches.collect();
    Draft::Change { list, patches, query: Query { creates: rng.u8(..4) > 0, validates: rng.u8(..10) == 0 } }
}
