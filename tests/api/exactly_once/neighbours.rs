//! One throttled partition, or one statement that DynamoDB rejects, costs its own record and not its neighbours.

use std::time::Duration;

use serde_json::{Value, json};

use crate::created::words::REJECTED;
use crate::support::{
    CREATED, Call, EXTERNAL, Failed, Fault, Function, NOTHING, NUMBER_TAKEN, OTHER, PASSING_CODES, PHONE_NUMBER,
    Places, Response, Setup, assert_numbers_are_held, at_first_writes, fail_number, key_of_number, number_text,
    records, skip_waiting, with_numbers,
};

/// `count` records of two numbers each; those of the record at a place are twice the place, and the next.
fn pairs(count: usize) -> Vec<Value> {
    (0..count).map(|place| with_numbers(&[2 * place, 2 * place + 1])).collect()
}

/// Fails if not exactly the record at `place` is refused with `OTHER`, and these fields.
#[track_caller]
fn assert_one_refused(response: &Response, place: usize, fields: &Value, what: &str) {
    let outcomes = response.summary();
    let expected: Vec<&str> = (0..outcomes.len()).map(|other| if other == place { OTHER } else { CREATED }).collect();
    assert_eq!(outcomes, expected, "{what}");
    assert_eq!(response.records()[place]["fields"], *fields, "{what}");
}

async fn hurried(rule: impl Fn(&Call) -> Option<Fault> + Send + Sync + 'static) -> Setup {
    let mut setup = Setup::new(rule).await;
    setup.function.timeout = Duration::from_secs(3);
    setup
}

#[tokio::test]
async fn a_throttled_partition_costs_the_record_whose_number_is_in_it() {
    skip_waiting();
    for code in PASSING_CODES {
        for number in [14, 15] {
            let setup = hurried(fail_number(number, code)).await;
            let response = setup.function.post(PHONE_NUMBER, &pairs(33)).await;
            assert_one_refused(&response, 7, &json!([]), &format!("{code} at number {number}"));
            let items = setup.table.items().await;
            assert_eq!(items.len(), 64, "{code}");
            assert_numbers_are_held(&items);
        }
    }
}

/// All others go out with the second attempt, and the one alone from then on.
#[tokio::test]
async fn the_neighbours_of_a_throttled_record_go_out_at_once_without_it() {
    skip_waiting();
    let setup = hurried(fail_number(14, "ThrottlingError")).await;
    setup.function.post(PHONE_NUMBER, &pairs(33)).await;
    let mut statements = setup.proxy.statements();
    assert_eq!(statements.remove(0), 66);
    assert_eq!(statements.iter().filter(|statements| **statements == 64).count(), 1, "{statements:?}");
    assert!(statements.iter().filter(|statements| **statements != 64).all(|count| *count == 2), "{statements:?}");
}

/// The first record is refused at once, the second never gets a response, and the third waits for the first.
#[tokio::test]
async fn a_record_that_waits_for_another_is_created_beside_one_that_hangs() {
    let stuck = key_of_number(1);
    let setup = hurried(move |call| (call.is_write() && call.keys.contains(&stuck)).then_some(Fault::Hang)).await;
    Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[5])).await;
    let batch = [with_numbers(&[7, 5]), with_numbers(&[1]), with_numbers(&[7])];
    let response = setup.function.post(PHONE_NUMBER, &batch).await;
    assert_eq!(response.summary(), [NUMBER_TAKEN, OTHER, CREATED]);
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn duplicates_are_told_beside_a_call_that_hangs() {
    let stuck = key_of_number(30);
    let setup = hurried(move |call| (call.is_write() && call.keys.contains(&stuck)).then_some(Fault::Hang)).await;
    Function::new(&setup.table).post(PHONE_NUMBER, &records(100)).await;
    let response = setup.function.post(PHONE_NUMBER, &records(100)).await;
    let expected = (0..100).map(|place| if (25..50).contains(&place) { OTHER } else { NUMBER_TAKEN });
    assert_eq!(response.summary(), expected.collect::<Vec<_>>());
}

/// Leaves the item of `number` unread, as a partition does that is throttled to the end, except in the first `reads`.
fn leave_unread(number: usize, reads: usize) -> impl Fn(&Call) -> Option<Fault> {
    let key = key_of_number(number);
    move |call| {
        let is_later = call.operation == "BatchGetItem" && call.number >= reads;
        Places::of_key(&key, &call.keys).filter(|_| is_later).map(Fault::Unread)
    }
}

#[tokio::test]
async fn an_owner_that_cannot_be_read_costs_its_own_record() {
    skip_waiting();
    let setup = hurried(leave_unread(30, 0)).await;
    Function::new(&setup.table).post(PHONE_NUMBER, &records(100)).await;
    let response = setup.function.post(PHONE_NUMBER, &records(100)).await;
    let expected = (0..100).map(|place| if place == 30 { OTHER } else { NUMBER_TAKEN });
    assert_eq!(response.summary(), expected.collect::<Vec<_>>());
    assert_eq!(response.records()[30]["fields"], json!([]));
}

/// The owner of number 0 is never read. The record of number 30 is throttled once, and that of number 55 is stored by a
/// call whose response is lost; a record of number 70 waits for one that is refused.
#[tokio::test]
async fn a_record_that_is_sent_again_does_not_wait_for_an_owner_that_cannot_be_read() {
    skip_waiting();
    let (unread, throttled, lost) = (leave_unread(0, 0), fail_number(30, "ThrottlingError"), key_of_number(55));
    let setup = hurried(move |call| {
        let is_lost = call.is_write() && call.attempt == 0 && call.keys.contains(&lost);
        let first = throttled(call).filter(|_| call.attempt == 0);
        unread(call).or(first).or(is_lost.then_some(Fault::LostResponse))
    })
    .await;
    Function::new(&setup.table).post(PHONE_NUMBER, &[with_numbers(&[0]), with_numbers(&[71])]).await;
    let mut batch = records(60);
    batch.extend([with_numbers(&[70, 71]), with_numbers(&[70])]);
    let response = setup.function.post(PHONE_NUMBER, &batch).await;
    let expected = (0..62).map(|place| match place {
        0 => OTHER,
        60 => NUMBER_TAKEN,
        _ => CREATED,
    });
    assert_eq!(response.summary(), expected.collect::<Vec<_>>());
    let calls = setup.proxy.calls();
    let last_write = calls.iter().rposition(Call::is_write).unwrap();
    let reads = |calls: &[Call]| calls.iter().filter(|call| call.operation == "BatchGetItem").count();
    let (before, after) = (reads(&calls[..last_write]), reads(&calls[last_write..]));
    assert!(before < after, "{before} reads before the last write, {after} after it");
    assert_numbers_are_held(&setup.table.items().await);
}

/// A record of two numbers is not decided by one of them while the other is unread.
#[tokio::test]
async fn an_alias_that_cannot_be_read_costs_its_own_record() {
    skip_waiting();
    let setup = hurried(leave_unread(15, 0)).await;
    Function::new(&setup.table).post(PHONE_NUMBER, &pairs(33)).await;
    let response = setup.function.post(PHONE_NUMBER, &pairs(33)).await;
    let expected = (0..33).map(|place| if place == 7 { OTHER } else { NUMBER_TAKEN });
    assert_eq!(response.summary(), expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn several_throttled_partitions_cost_as_many_records() {
    skip_waiting();
    let rules = [4, 9, 40].map(|number| fail_number(number, "TransactionConflict"));
    let setup = hurried(move |call| rules.iter().find_map(|rule| rule(call))).await;
    let response = setup.function.post(PHONE_NUMBER, &pairs(33)).await;
    let expected: Vec<&str> = (0..33).map(|place| if [2, 4, 20].contains(&place) { OTHER } else { CREATED }).collect();
    assert_eq!(response.summary(), expected);
    assert_numbers_are_held(&setup.table.items().await);
}

/// The reasons of a transaction can differ: one statement collides, another is throttled, a third conflicts.
#[tokio::test]
async fn a_transaction_that_is_cancelled_for_several_reasons_decides_each_record_by_its_own() {
    skip_waiting();
    let (throttled, conflicting) = (key_of_number(4), key_of_number(9));
    let mixed = move |call: &Call| {
        let codes = [(&throttled, "ThrottlingError"), (&conflicting, "TransactionConflict")];
        codes.into_iter().find_map(|(key, code)| Fault::at_key(call, key, code))
    };
    let setup = hurried(mixed).await;
    let unharmed = Function::new(&setup.table);
    unharmed.create(PHONE_NUMBER, &with_numbers(&[21])).await;
    let response = setup.function.post(PHONE_NUMBER, &pairs(12)).await;
    let expected = |place| match place {
        2 | 4 => OTHER,
        10 => NUMBER_TAKEN,
        _ => CREATED,
    };
    assert_eq!(response.summary(), (0..12).map(expected).collect::<Vec<_>>());
    assert_numbers_are_held(&setup.table.items().await);
}

/// Rejects as a whole every call that names the item of `number`.
fn reject_number(number: usize) -> impl Fn(&Call) -> Option<Fault> {
    let key = key_of_number(number);
    move |call| (call.is_write() && call.keys.contains(&key)).then_some(Fault::Error(400, "ValidationException"))
}

fn rejected() -> Value {
    json!([{"name": "record", "description": REJECTED}])
}

#[tokio::test]
async fn a_call_that_is_rejected_because_of_one_statement_costs_its_record() {
    for number in [0, 7, 24] {
        let setup = Setup::new(reject_number(number)).await;
        let response = setup.function.post(PHONE_NUMBER, &records(25)).await;
        assert_one_refused(&response, number, &rejected(), &format!("number {number}"));
        assert_eq!(setup.table.items().await.len(), 24);
        let calls = setup.proxy.count("BatchExecuteStatement");
        assert!(calls <= 11, "{calls} calls: each half that is rejected is halved again");
    }
}

#[tokio::test]
async fn a_transaction_that_is_rejected_because_of_one_statement_costs_its_record() {
    for number in [0, 15, 49] {
        let setup = Setup::new(reject_number(number)).await;
        let response = setup.function.post(PHONE_NUMBER, &pairs(25)).await;
        assert_one_refused(&response, number / 2, &rejected(), &format!("number {number}"));
        let items = setup.table.items().await;
        assert_eq!(items.len(), 48);
        assert_numbers_are_held(&items);
    }
}

#[tokio::test]
async fn a_rejected_call_leaves_the_other_calls_of_the_batch_alone() {
    let setup = Setup::new(reject_number(30)).await;
    let response = setup.function.post(PHONE_NUMBER, &records(100)).await;
    assert_one_refused(&response, 30, &rejected(), "the second call of four");
    assert_eq!(setup.table.items().await.len(), 99);
}

/// A response with fewer results than statements leaves the outcome of the others open.
#[tokio::test]
async fn a_statement_without_a_result_is_sent_again() {
    let batches = [(EXTERNAL, records(9)), (NOTHING, records(1)), (PHONE_NUMBER, records(30))];
    for (list, records) in batches {
        let setup = Setup::new(at_first_writes(1, Fault::TooFew)).await;
        let response = setup.function.post(list, &records).await;
        setup.assert_all_created_once(&response).await;
    }
}

#[tokio::test]
async fn a_statement_without_a_reason_is_sent_again() {
    for taken in [0, 3, 5] {
        let setup = Setup::new(at_first_writes(1, Fault::TooFew)).await;
        Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[taken])).await;
        let response = setup.function.post(PHONE_NUMBER, &pairs(3)).await;
        let expected = (0..3).map(|place| if place == taken / 2 { NUMBER_TAKEN } else { CREATED });
        assert_eq!(response.summary(), expected.collect::<Vec<_>>(), "{taken}");
        assert_numbers_are_held(&setup.table.items().await);
    }
}

#[tokio::test]
async fn a_throttled_partition_costs_the_deletion_of_its_record() {
    skip_waiting();
    for code in PASSING_CODES {
        let setup = hurried(fail_number(5, code)).await;
        Function::new(&setup.table).post(PHONE_NUMBER, &pairs(8)).await;
        let entries: Vec<Value> = (0..8).map(|n| json!({"phone_number": number_text(2 * n)})).collect();
        let response = setup.function.delete_all(PHONE_NUMBER, &entries).await;
        assert_eq!((&response.body["total_deleted"], &response.body["total_errors"]), (&json!(7), &json!(1)), "{code}");
        let failed = &response.body["_embedded"]["failed_records"][0];
        assert_eq!((&failed["phone_number"], &failed["errors"]), (&json!(number_text(4)), &json!([OTHER])), "{code}");
        assert_eq!(setup.table.items().await.len(), 2, "{code}: the record and its alias are left");
    }
}

#[tokio::test]
async fn a_call_that_is_rejected_because_of_one_statement_costs_its_deletion() {
    for (numbers, items) in [(1, 1), (2, 2)] {
        let setup = Setup::new(reject_number(numbers * 7)).await;
        let records = if numbers == 1 { records(25) } else { pairs(25) };
        Function::new(&setup.table).post(PHONE_NUMBER, &records).await;
        let entries: Vec<Value> = (0..25).map(|n| json!({"phone_number": number_text(numbers * n)})).collect();
        let response = setup.function.delete_all(PHONE_NUMBER, &entries).await;
        assert_eq!((&response.body["total_deleted"], &response.body["total_errors"]), (&json!(24), &json!(1)));
        assert_eq!(setup.table.items().await.len(), items);
    }
}

/// The first read finds the records. Only the second one tells whether they are gone: the attempt before it has deleted
/// them, and DynamoDB says that their conditions do not hold.
#[tokio::test]
async fn a_record_that_cannot_be_read_back_costs_its_own_deletion() {
    skip_waiting();
    let unread = leave_unread(4, 1);
    let gone = Fault::Cancelled(Failed::stored("ConditionalCheckFailed", Places::ALL));
    let gone = at_first_writes(usize::MAX, gone);
    let setup = hurried(move |call| unread(call).or_else(|| gone(call))).await;
    Function::new(&setup.table).post(PHONE_NUMBER, &pairs(8)).await;
    let entries: Vec<Value> = (0..8).map(|n| json!({"phone_number": number_text(2 * n)})).collect();
    let response = setup.function.delete_all(PHONE_NUMBER, &entries).await;
    assert_eq!((&response.body["total_deleted"], &response.body["total_errors"]), (&json!(7), &json!(1)));
    let failed = &response.body["_embedded"]["failed_records"][0];
    assert_eq!((&failed["phone_number"], &failed["errors"]), (&json!(number_text(4)), &json!([OTHER])));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_back_costs_its_own_change() {
    skip_waiting();
    let unread = leave_unread(4, 1);
    let lost = at_first_writes(1, Fault::LostResponse);
    let setup = hurried(move |call| unread(call).or_else(|| lost(call))).await;
    Function::new(&setup.table).post(PHONE_NUMBER, &records(8)).await;
    let patches: Vec<Value> = (0..8).map(|n| json!({"phone_number": number_text(n), "first_name": "Joan"})).collect();
    let response = setup.function.patch_all(PHONE_NUMBER, &patches).await;
    assert_eq!((&response.body["total_updated"], &response.body["total_errors"]), (&json!(7), &json!(1)));
    assert_eq!(response.any_records()[4]["errors"], json!([OTHER]));
}
