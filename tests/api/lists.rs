//! The records that are duplicates, by type of list.

use serde_json::json;

use crate::support::{
    CREATED, EXTERNAL, Function, NOTHING, NUMBER_TAKEN, PHONE_NUMBER, REFERENCE_TAKEN, Table, record, records,
    with_numbers,
};

#[tokio::test]
async fn an_external_list_accepts_each_reference_once() {
    let table = Table::new().await;
    let function = Function::new(&table);
    assert_eq!(function.post(EXTERNAL, &records(100)).await.summary(), vec![CREATED; 100]);
    let again = function.post(EXTERNAL, &[record(7), record(100), record(99)]).await;
    assert_eq!(again.summary(), [REFERENCE_TAKEN, CREATED, REFERENCE_TAKEN]);
    assert_eq!(table.records().await.len(), 101);
}

#[tokio::test]
async fn references_do_not_run_together() {
    let table = Table::new().await;
    let reference = |provider: &str, id: &str| {
        let mut record = record(1);
        record["external_provider"] = json!(provider);
        record["external_id"] = json!(id);
        record
    };
    let records = [("a", "b#c"), ("a#b", "c"), ("A", "b#c"), ("a", "b#c ")].map(|(p, id)| reference(p, id));
    assert_eq!(Function::new(&table).post(EXTERNAL, &records).await.summary(), vec![CREATED; 4]);
}

#[tokio::test]
async fn a_list_of_nothing_unique_accepts_everything() {
    let table = Table::new().await;
    let function = Function::new(&table);
    for _ in 0..2 {
        assert_eq!(function.post(NOTHING, &[record(1), record(1)]).await.summary(), [CREATED, CREATED]);
    }
    assert_eq!(table.records().await.len(), 4);
}

#[tokio::test]
async fn a_number_is_taken_in_any_record_position_and_batch() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let first = [with_numbers(&[1, 2, 3]), with_numbers(&[4]), with_numbers(&[5, 6])];
    assert_eq!(function.post(PHONE_NUMBER, &first).await.summary(), [CREATED; 3]);
    let second = [with_numbers(&[3]), with_numbers(&[7, 4]), with_numbers(&[6, 8]), with_numbers(&[7, 8])];
    let expected = [NUMBER_TAKEN, NUMBER_TAKEN, NUMBER_TAKEN, CREATED];
    assert_eq!(function.post(PHONE_NUMBER, &second).await.summary(), expected);
    assert_eq!(table.records().await.len(), 4);
    assert_eq!(table.items().await.len(), 8, "a refused record holds on to none of its numbers");
}

#[tokio::test]
async fn only_a_record_that_is_itself_created_makes_a_later_one_a_duplicate() {
    let table = Table::new().await;
    let function = Function::new(&table);
    function.post(PHONE_NUMBER, &[with_numbers(&[1])]).await;
    let batch = [
        with_numbers(&[1, 2]), // 1 is taken
        with_numbers(&[2, 3]), // so 2 is free
        with_numbers(&[3]),    // 3 is the second record's
        with_numbers(&[4, 2]), // 2 is the second record's
        with_numbers(&[4]),    // so 4 is free
    ];
    let expected = [NUMBER_TAKEN, CREATED, NUMBER_TAKEN, NUMBER_TAKEN, CREATED];
    assert_eq!(function.post(PHONE_NUMBER, &batch).await.summary(), expected);
}

#[tokio::test]
async fn a_number_twice_in_one_record_is_one_number() {
    let table = Table::new().await;
    let function = Function::new(&table);
    assert_eq!(
        function.post(PHONE_NUMBER, &[with_numbers(&[1, 1]), with_numbers(&[2, 3, 2])]).await.summary(),
        [CREATED; 2]
    );
    assert_eq!(table.items().await.len(), 3);
}

#[tokio::test]
async fn a_hundred_records_of_six_numbers_go_out_in_transactions() {
    let table = Table::new().await;
    let records: Vec<_> =
        (0..100).map(|n| with_numbers(&[n * 6, n * 6 + 1, n * 6 + 2, n * 6 + 3, n * 6 + 4, n * 6 + 5])).collect();
    let function = Function::new(&table);
    assert_eq!(function.post(PHONE_NUMBER, &records).await.summary(), [CREATED; 100]);
    assert_eq!(table.items().await.len(), 600);
    assert_eq!(function.post(PHONE_NUMBER, &records).await.summary(), [NUMBER_TAKEN; 100]);
}
