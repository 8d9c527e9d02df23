//! The bounds: the scenarios that are explored, each with every order of its steps and any number of faults.

use crate::identity::{Id, UniqueIdentifierType};
use crate::scenario::{Clock, Faults, Packing, Request, Scenario};

type Records = &'static [&'static [u8]];

/// The second record shares a number with the first, the third with the second.
const CHAIN: Records = &[&[1, 2], &[2, 3], &[3]];
/// The third record shares a number with each of the others, which go out at once.
const FORK: Records = &[&[1, 2], &[3], &[2, 3]];
/// The second record has the second number of the first.
const ALIAS: Records = &[&[1, 2], &[2]];
/// References, one of them twice.
const TWICE: Records = &[&[1], &[1], &[2]];
const PAIR: Records = &[&[1, 2]];
/// Records with aliases that share nothing.
const PAIRS: Records = &[&[1, 2], &[3, 4]];
/// Records that nothing makes duplicates.
const SAME: Records = &[&[1], &[1]];

const KEY: Option<char> = Some('k');

/// The scenarios that the tests explore.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    [creating(), packing(), deleting(), of_other_types()].concat()
}

fn creating() -> Vec<Scenario> {
    let begun = [Request::Created(&[&[1]]), create(KEY, CHAIN), create(KEY, CHAIN)];
    vec![
        scenario("one key", &[create(KEY, FORK), create(KEY, FORK)]),
        scenario("one key, three functions", &[create(KEY, ALIAS), create(KEY, ALIAS), create(KEY, ALIAS)]),
        scenario("one key, a stranger", &[create(KEY, FORK), create(KEY, FORK), create(None, &[&[1, 3]])]),
        scenario("two requests", &[create(None, CHAIN), create(None, &[&[3, 1]])]),
        scenario("a chain, begun", &begun),
        scenario("a chain, a stranger", &[create(None, CHAIN), create(None, &[&[1]])]),
        scenario("three requests", &[create(None, PAIR), create(None, &[&[2, 3]]), create(None, &[&[3, 1]])]),
    ]
}

/// Records in one call, and in a call each.
fn packing() -> Vec<Scenario> {
    let together = |name, requests: &[Request]| Scenario { packing: Packing::Together, ..scenario(name, requests) };
    let one = |name, faults, request: &Request| Scenario { faults, ..together(name, std::slice::from_ref(request)) };
    let (pairs, shared) = (create(None, PAIRS), create(None, &[&[2, 3]]));
    let operator = [Request::Operator(2), create(None, PAIR)];
    vec![
        together("one transaction", &[pairs.clone(), shared.clone(), create(None, &[&[4, 1]])]),
        scenario("separate transactions", &[pairs.clone(), shared, create(None, &[&[4, 1]])]),
        one("a partition throttled", Faults::Throttled(Id::PhoneNumber(1)), &pairs),
        one("a record rejected", Faults::Rejected(Id::PhoneNumber(1)), &pairs),
        Scenario { faults: Faults::None, ..scenario("an operator's item", &operator) },
    ]
}

fn deleting() -> Vec<Scenario> {
    let together = |name, requests: &[Request]| Scenario { packing: Packing::Together, ..scenario(name, requests) };
    let (pair, one) = (create(KEY, PAIR), create(KEY, &[&[1]]));
    let entries = [Request::Created(PAIR), create(None, &[&[3, 2]]), delete(&[1, 3]), delete(&[1])];
    let millisecond = [one.clone(), one, delete(&[1]), delete(&[1])];
    vec![
        scenario("one key, deletes", &[pair.clone(), pair, delete(&[2]), delete(&[1])]),
        scenario(
            "one key, a stranger, a delete",
            &[create(KEY, ALIAS), create(KEY, ALIAS), create(None, &[&[1]]), delete(&[1])],
        ),
        scenario("two requests, a delete", &[create(None, ALIAS), create(None, &[&[2, 3], &[1]]), delete(&[2])]),
        scenario("a number given up", &[create(None, PAIR), create(None, &[&[1]]), delete(&[2]), delete(&[1])]),
        together("two entries, one alias", &entries),
        together("two entries, one record", &[create(None, PAIR), create(None, &[&[1]]), delete(&[2, 1])]),
        Scenario { clock: Clock::Coarse, ..scenario("one millisecond", &millisecond) },
    ]
}

fn of_other_types() -> Vec<Scenario> {
    use UniqueIdentifierType::{External, Nothing};
    let of = |unique_identifier_type, scenario| Scenario { unique_identifier_type, ..scenario };
    let (twice, same) = (create(KEY, TWICE), create(KEY, SAME));
    vec![
        of(External, scenario("references", &[twice.clone(), twice, create(None, &[&[2], &[1]])])),
        of(Nothing, scenario("nothing unique, one key", &[same.clone(), same.clone(), same])),
        of(Nothing, scenario("nothing unique, two requests", &[create(None, SAME), create(None, SAME)])),
    ]
}

/// Wider bounds, which take minutes.
#[must_use]
pub fn more_scenarios() -> Vec<Scenario> {
    let shared = create(None, &[&[2, 3], &[1]]);
    let pair = create(KEY, PAIR);
    vec![
        scenario("one key, three functions, a delete", &[pair.clone(), pair.clone(), pair, delete(&[2])]),
        scenario("one key, three functions, a fork", &[create(KEY, FORK), create(KEY, FORK), create(KEY, FORK)]),
        scenario(
            "one key, a chain, a stranger",
            &[create(KEY, CHAIN), create(KEY, CHAIN), create(None, &[&[3, 1], &[2]])],
        ),
        Scenario {
            packing: Packing::Together,
            ..scenario("three entries, two records", &[create(None, PAIRS), delete(&[2, 3, 1])])
        },
        scenario("a chain, a delete", &[create(None, CHAIN), shared, delete(&[2])]),
    ]
}

fn scenario(name: &'static str, requests: &[Request]) -> Scenario {
    Scenario {
        name,
        unique_identifier_type: UniqueIdentifierType::PhoneNumber,
        requests: requests.to_vec(),
        packing: Packing::Apart,
        clock: Clock::Fine,
        faults: Faults::Any,
        denied: None,
        bug: None,
    }
}

/// The scenario of [`scenarios`] with this `name`.
#[must_use]
pub fn named(name: &str) -> Option<Scenario> {
    scenarios().into_iter().find(|scenario| scenario.name == name)
}

fn create(key: Option<char>, records: Records) -> Request {
    Request::Create { key, records }
}

fn delete(numbers: &[u8]) -> Request {
    Request::Delete(numbers.iter().copied().map(Id::PhoneNumber).collect())
}
