//! Records of one request of which each shares a number with the next: whether one is stored depends on all before it.

use serde_json::Value;

use crate::support::{
    CREATED, Call, Fault, Function, NUMBER_TAKEN, PHONE_NUMBER, Setup, assert_numbers_are_held, at_first_writes,
    hold_the_first_write, keyed, skip_waiting, with_numbers,
};

/// A chain of `count` records of so many numbers each.
fn chain(count: usize, numbers: usize) -> Vec<Value> {
    let first = |place: usize| place * (numbers - 1);
    (0..count).map(|place| with_numbers(&(first(place)..first(place) + numbers).collect::<Vec<_>>())).collect()
}

/// Every other record is stored: the first, or the second if another one has a number of the first.
fn every_other(count: usize, start: usize) -> Vec<&'static str> {
    (0..count).map(|place| if place % 2 == start { CREATED } else { NUMBER_TAKEN }).collect()
}

#[tokio::test]
async fn a_chain_takes_two_round_trips_however_long_it_is() {
    let setup = Setup::new(|_| None).await;
    let response = setup.function.post(PHONE_NUMBER, &chain(100, 2)).await;
    assert_eq!(response.summary(), every_other(100, 0));
    let operations: Vec<String> = setup.proxy.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["GetItem", "BatchGetItem", "BatchGetItem", "ExecuteTransaction"]);
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn a_chain_that_no_transaction_holds_goes_in_several() {
    let setup = Setup::new(|_| None).await;
    let response = setup.function.post(PHONE_NUMBER, &chain(100, 3)).await;
    assert_eq!(response.summary(), every_other(100, 0));
    assert_eq!(setup.proxy.statements(), [99, 51]);
    assert_numbers_are_held(&setup.table.items().await);
}

/// The other record comes between the read and the write. No record may be refused for a later one.
#[tokio::test]
async fn a_chain_whose_first_number_another_record_takes_meanwhile_is_stored_in_order() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let (chain, theirs) = (chain(9, 2), with_numbers(&[0]));
    let ours = setup.function.post(PHONE_NUMBER, &chain);
    let (response, _) = setup.interrupt(ours, other.create(PHONE_NUMBER, &theirs)).await;
    assert_eq!(response.summary(), every_other(9, 1));
    assert_numbers_are_held(&setup.table.items().await);
}

#[tokio::test]
async fn a_chain_is_stored_once_and_in_order_whatever_fails_at_first() {
    skip_waiting();
    let too_few = |call: &Call| (call.is_write() && call.attempt == 0).then_some(Fault::TooFew);
    let event = keyed(PHONE_NUMBER, &chain(9, 2), "a-key");
    let setups = [
        Setup::new(at_first_writes(1, Fault::LostCall)).await,
        Setup::new(at_first_writes(2, Fault::LostResponse)).await,
        Setup::new(at_first_writes(1, Fault::Hang)).await,
        Setup::new(too_few).await,
    ];
    for (place, setup) in setups.iter().enumerate() {
        let first = setup.function.invoke(&event).await;
        assert_eq!(first.summary(), every_other(9, 0), "{place}");
        assert_eq!(Function::new(&setup.table).invoke(&event).await.body, first.body, "{place}");
        assert_numbers_are_held(&setup.table.items().await);
    }
}
