//! The bounds: the scenarios that are explored, each with every order of its steps and any number of faults.

use crate::identity::{Id, UniqueIdentifierType};
use crate::scenario::{Request, Scenario};

type Records = &'static [&'static [u8]];

/// The second record shares a number with the first, the third with the second.
const CHAIN: Records = &[&[1, 2], &[2, 3], &[3]];
/// The third record shares a number with each of the others, which go out at once by the two kinds of calls.
const FORK: Records = &[&[1, 2], &[3], &[2, 3]];
/// Another record that shares numbers with the ends of the chain.
const CROSSED: Records = &[&[3, 1]];
/// References, one of them twice.
const TWICE: Records = &[&[1], &[1], &[2]];

const PAIR: Records = &[&[1, 2]];
/// Records that nothing makes duplicates.
const SAME: Records = &[&[1], &[1]];

const KEY: Option<char> = Some('k');

/// The scenarios that the tests explore.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    use UniqueIdentifierType::{External, Nothing, PhoneNumber};
    let begun = Request::Created(&[&[1]]);
    let ring = [create(None, PAIR), create(None, &[&[2, 3]]), create(None, &[&[3, 1]])];
    let (crossed, pair, shared) = (create(None, CROSSED), create(KEY, PAIR), create(None, &[&[2, 3], &[1]]));
    vec![
        scenario("one key", PhoneNumber, vec![create(KEY, FORK), create(KEY, FORK)]),
        scenario("two requests", PhoneNumber, vec![create(None, CHAIN), crossed]),
        scenario("a chain, begun", PhoneNumber, vec![begun, create(KEY, CHAIN), create(KEY, CHAIN)]),
        scenario("one key, three functions", PhoneNumber, vec![create(KEY, &[&[1, 2], &[2]]); 3]),
        scenario("three requests", PhoneNumber, ring.to_vec()),
        scenario("one key, deletes", PhoneNumber, vec![pair.clone(), pair, delete(2), delete(1)]),
        scenario("two requests, a delete", PhoneNumber, vec![create(None, &[&[1, 2], &[2]]), shared, delete(2)]),
        scenario(
            "a number given up",
            PhoneNumber,
            vec![create(None, PAIR), create(None, &[&[1]]), delete(2), delete(1)],
        ),
        scenario("references", External, vec![create(KEY, TWICE), create(None, &[&[2], &[1]])]),
        scenario("nothing unique, one key", Nothing, vec![create(KEY, SAME), create(KEY, SAME)]),
        scenario("nothing unique, two requests", Nothing, vec![create(None, SAME), create(None, SAME)]),
    ]
}

/// Wider bounds, which take minutes.
#[must_use]
pub fn more_scenarios() -> Vec<Scenario> {
    use UniqueIdentifierType::{Nothing, PhoneNumber};
    let (pair, shared) = (create(KEY, PAIR), create(None, &[&[2, 3], &[1]]));
    vec![
        scenario("one key, three functions, a delete", PhoneNumber, [vec![pair; 3], vec![delete(2)]].concat()),
        scenario("a chain, two records", PhoneNumber, vec![create(None, CHAIN), create(None, &[&[3, 1], &[2]])]),
        scenario("a chain, a delete", PhoneNumber, vec![create(None, CHAIN), shared, delete(2)]),
        scenario(
            "nothing unique, three functions",
            Nothing,
            vec![create(KEY, SAME), create(KEY, SAME), create(None, PAIR)],
        ),
    ]
}

fn scenario(name: &'static str, unique_identifier_type: UniqueIdentifierType, requests: Vec<Request>) -> Scenario {
    Scenario { name, unique_identifier_type, requests, beyond: None, bug: None }
}

/// The scenario of [`scenarios`] with this `name`.
#[must_use]
pub fn named(name: &str) -> Option<Scenario> {
    scenarios().into_iter().find(|scenario| scenario.name == name)
}

fn create(key: Option<char>, records: Records) -> Request {
    Request::Create { key, records }
}

fn delete(number: u8) -> Request {
    Request::Delete(Id::PhoneNumber(number))
}
