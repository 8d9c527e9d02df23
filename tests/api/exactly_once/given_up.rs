//! Giving up on a record is final for every record that depends on it: the same request again changes no other outcome.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    CREATED, Call, DOWN, Fault, Function, NUMBER_TAKEN, OTHER, PASSING_CODES, PHONE_NUMBER, Setup,
    assert_numbers_are_held, fail_number, keyed, skip_waiting, with_numbers,
};

/// A batch whose first record is given up, because the item of number 1 is throttled until the time is up.
struct Case {
    name: &'static str,
    numbers: &'static [&'static [usize]],
    /// The outcomes while the item is throttled, and the outcomes of the same request afterwards.
    first: &'static [&'static str],
    again: &'static [&'static str],
}

const CASES: [Case; 4] = [
    Case {
        name: "a record that waits for one of the batch",
        numbers: &[&[1, 2], &[2], &[9]],
        first: &[OTHER, OTHER, CREATED],
        again: &[CREATED, NUMBER_TAKEN, CREATED],
    },
    Case {
        name: "a record with aliases that waits for one of the batch",
        numbers: &[&[1, 2], &[3, 2], &[9]],
        first: &[OTHER, OTHER, CREATED],
        again: &[CREATED, NUMBER_TAKEN, CREATED],
    },
    Case {
        name: "the end of a chain",
        numbers: &[&[1, 2], &[2, 3], &[3, 4], &[4], &[9]],
        first: &[OTHER, OTHER, OTHER, OTHER, CREATED],
        again: &[CREATED, NUMBER_TAKEN, CREATED, NUMBER_TAKEN, CREATED],
    },
    Case {
        name: "a record of one number",
        numbers: &[&[1], &[5, 1], &[9]],
        first: &[OTHER, OTHER, CREATED],
        again: &[CREATED, NUMBER_TAKEN, CREATED],
    },
];

impl Case {
    fn event(&self) -> Value {
        keyed(PHONE_NUMBER, &self.numbers.iter().map(|numbers| with_numbers(numbers)).collect::<Vec<_>>(), "a-key")
    }
}

#[tokio::test]
async fn a_record_that_depends_on_one_that_was_given_up_is_given_up_too() {
    skip_waiting();
    for case in &CASES {
        for code in PASSING_CODES {
            let mut setup = Setup::new(fail_number(1, code)).await;
            setup.function.timeout = Duration::from_secs(3);
            let first = setup.function.invoke(&case.event()).await;
            assert_eq!(first.summary(), case.first, "{code}: {}", case.name);
            let open = first.records().iter().filter(|record| record["errors"] == json!([OTHER]));
            assert!(open.into_iter().all(|record| record["fields"] == json!([])), "{code}: no record is at fault");
            assert_eq!(setup.table.items().await.len(), 1, "{code}: {}", case.name);
            let unharmed = Function::new(&setup.table);
            let again = unharmed.invoke(&case.event()).await;
            assert_eq!(again.summary(), case.again, "{code}: {}", case.name);
            assert_eq!(unharmed.invoke(&case.event()).await.body, again.body, "{code}: {}", case.name);
            assert_numbers_are_held(&setup.table.items().await);
        }
    }
}

#[tokio::test]
async fn a_batch_all_of_which_depends_on_a_record_that_was_given_up_is_unavailable() {
    skip_waiting();
    let mut setup = Setup::new(fail_number(1, "ThrottlingError")).await;
    setup.function.timeout = Duration::from_secs(3);
    let event = keyed(PHONE_NUMBER, &[with_numbers(&[1, 2]), with_numbers(&[2])], "a-key");
    let response = setup.function.invoke(&event).await;
    assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
    assert_eq!(setup.table.items().await, []);
    let again = Function::new(&setup.table).invoke(&event).await;
    assert_eq!(again.summary(), [CREATED, NUMBER_TAKEN]);
}

/// A stranger has number 1, so the second record of the chain is to be created, and the third is not. Only a read says so
/// before the third is sent.
#[tokio::test]
async fn a_chain_that_cannot_be_read_decides_nothing() {
    skip_waiting();
    let unreadable = |call: &Call| (call.operation == "BatchGetItem").then_some(DOWN);
    for fault in [None, Some(Fault::LostResponse)] {
        let first_write = move |call: &Call| fault.filter(|_| call.is_write() && call.attempt == 0);
        let mut setup = Setup::new(move |call| unreadable(call).or_else(|| first_write(call))).await;
        setup.function.timeout = Duration::from_secs(3);
        let unharmed = Function::new(&setup.table);
        unharmed.create(PHONE_NUMBER, &with_numbers(&[1])).await;
        let batch: [&[usize]; 4] = [&[1, 2], &[2, 3], &[3], &[9]];
        let event = keyed(PHONE_NUMBER, &batch.map(with_numbers), "a-key");
        let first = setup.function.invoke(&event).await;
        let expected = [NUMBER_TAKEN, CREATED, NUMBER_TAKEN, CREATED];
        for (outcome, expected) in first.any_records().iter().zip(expected) {
            let code = outcome["errors"][0].as_str().unwrap_or(CREATED);
            assert!(code == OTHER || code == expected, "{fault:?}: {outcome}");
        }
        assert_eq!(unharmed.invoke(&event).await.summary(), expected, "{fault:?}");
        assert_numbers_are_held(&setup.table.items().await);
    }
}
