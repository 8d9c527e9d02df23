//! The scenarios that are explored, each with every order of its steps and any number of faults.

use crate::content::{Numbers, Patch};
use crate::identity::{Id, UniqueIdentifierType};
use crate::request::{Mode, Request, Row};
use crate::scenario::{Clock, Faults, Packing, Scenario};

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
    [creating(), packing(), deleting(), of_other_types(), changing(), moving()].concat()
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
        scenario("one key, a delete", &[pair.clone(), pair, delete(&[2])]),
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

fn changing() -> Vec<Scenario> {
    let (one, pair) = (Request::Created(&[&[1]]), Request::Created(PAIR));
    let (first, second) = (change(1, set(0, 1)), change(1, set(1, 2)));
    let if_match = change_rows(&[(1, set(0, 1), Mode::IfMatch(0))]);
    let upsert = |value| change_rows(&[(1, set(0, value), Mode::Upsert)]);
    let validate = change_rows(&[(1, set(0, 1), Mode::ValidateOnly)]);
    let three = [one.clone(), first.clone(), second.clone(), change(1, set(0, 3))];
    vec![
        scenario("three changes", &three),
        Scenario { trail: 1, ..scenario("the end of the trail", &three) },
        scenario("a change, a delete", &[pair, change(2, set(0, 1)), second, delete(&[2])]),
        scenario("an ETag", &[one.clone(), if_match, change(1, set(1, 2)), delete(&[1])]),
        scenario("an upsert, a delete", &[upsert(1), create(None, &[&[1]]), delete(&[1])]),
        scenario("two upserts", &[upsert(1), upsert(2)]),
        scenario(
            "one key, a change",
            &[create(KEY, &[&[1]]), create(KEY, &[&[1]]), first.clone(), change(1, numbers(&[1, 2]))],
        ),
        scenario(
            "one key, a number lost",
            &[Request::Created(PAIR), create(KEY, &[&[2]]), create(KEY, &[&[2]]), change(1, numbers(&[1]))],
        ),
        scenario("a create, a change, a delete", &[create(None, &[&[1]]), change(1, set(0, 1)), delete(&[1])]),
        scenario("nothing to write", &[one, validate, change(1, set(0, 0)), first]),
    ]
}

/// Numbers that move between records.
fn moving() -> Vec<Scenario> {
    let two = Request::Created(&[&[1, 2], &[3]]);
    let (lose, gain) = (numbers(&[1]), numbers(&[2, 3]));
    let rows = change_rows(&[(1, lose, Mode::Update), (3, gain, Mode::Update)]);
    vec![
        scenario("a number moves", &[two.clone(), change(1, lose), change(3, gain), delete(&[2])]),
        scenario("a number moves in one request", &[two.clone(), rows.clone(), change(1, set(0, 1))]),
        Scenario { faults: Faults::None, ..scenario("rows that move a number", &[two.clone(), rows]) },
        scenario("a number moves, a change", &[two.clone(), change(1, lose), change(3, gain), change(2, set(0, 1))]),
        scenario(
            "a number gained, a delete",
            &[Request::Created(&[&[1]]), Request::Created(&[&[2]]), change(1, numbers(&[1, 2])), delete(&[2])],
        ),
        scenario(
            "a number gained",
            &[Request::Created(&[&[1]]), change(1, numbers(&[1, 2])), create(None, &[&[2]]), change(2, set(0, 1))],
        ),
        scenario("the number of an ID", &[two, change(1, numbers(&[2])), change(2, set(0, 1))]),
    ]
}

/// Wider bounds, which take minutes.
#[must_use]
pub fn more_scenarios() -> Vec<Scenario> {
    let shared = create(None, &[&[2, 3], &[1]]);
    let pair = create(KEY, PAIR);
    vec![
        scenario("one key, three functions, a delete", &[pair.clone(), pair.clone(), pair.clone(), delete(&[2])]),
        scenario("one key, two deletes", &[pair.clone(), pair, delete(&[2]), delete(&[1])]),
        scenario("one key, three functions, a fork", &[create(KEY, FORK), create(KEY, FORK), create(KEY, FORK)]),
        scenario(
            "one key, a chain, a stranger",
            &[create(KEY, CHAIN), create(KEY, CHAIN), create(None, &[&[3, 1], &[2]])],
        ),
        Scenario {
            packing: Packing::Together,
            ..scenario("three entries, two records", &[create(None, PAIRS), delete(&[2, 3, 1])])
        },
        scenario(
            "four changes",
            &[
                Request::Created(&[&[1]]),
                change(1, set(0, 1)),
                change(1, set(1, 2)),
                change(1, set(0, 3)),
                change(1, set(1, 4)),
            ],
        ),
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
        trail: 2,
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

fn change(number: u8, patch: Patch) -> Request {
    change_rows(&[(number, patch, Mode::Update)])
}

fn change_rows(rows: &[(u8, Patch, Mode)]) -> Request {
    let row =
        |(number, patch, mode): &(u8, Patch, Mode)| Row { id: Id::PhoneNumber(*number), patch: *patch, mode: *mode };
    Request::Change(rows.iter().map(row).collect())
}

fn set(member: usize, value: u8) -> Patch {
    let mut members = [None; 2];
    members[member] = Some(value);
    Patch { numbers: None, members }
}

fn numbers(numbers: &[u8]) -> Patch {
    Patch { numbers: Some(Numbers::of(numbers)), members: [None; 2] }
}
