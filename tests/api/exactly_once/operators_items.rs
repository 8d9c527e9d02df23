//! An item that an operator wrote, without the attributes that this service gives every item, belongs to another owner.

use serde_json::{Value, json};

use crate::support::{
    CREATED, Call, EXTERNAL, Fault, Function, Item, NUMBER_TAKEN, PHONE_NUMBER, REFERENCE_TAKEN, Response, Setup,
    Table, keyed, record, records, skip_waiting, with_numbers,
};

const ATTRIBUTES: [&[&str]; 3] = [&["write_token"], &["created_at"], &["write_token", "created_at"]];

/// Removes `attributes` from every item of `table`.
async fn strip(table: &Table, attributes: &[&str]) -> Vec<Item> {
    for mut item in table.items().await {
        item.retain(|name, _| !attributes.contains(&name.as_str()));
        table.put(item).await;
    }
    table.items().await
}

fn assert_taken(response: &Response, place: usize, code: &str, existing: &Value) {
    assert_eq!(response.records()[place]["errors"], json!([code]), "{response:?}");
    assert_eq!(response.records()[place]["_links"]["existing_record"], existing["_links"]["self"]);
}

#[tokio::test]
async fn a_record_whose_reference_an_operators_item_has_is_not_unique() {
    skip_waiting();
    for attributes in ATTRIBUTES {
        let setup = Setup::new(|_| None).await;
        let theirs = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
        let before = strip(&setup.table, attributes).await;
        let response = setup.function.post(EXTERNAL, &[record(0), record(1), record(2)]).await;
        assert_eq!(response.summary(), [CREATED, REFERENCE_TAKEN, CREATED], "{attributes:?}");
        assert_taken(&response, 1, REFERENCE_TAKEN, &theirs);
        let operations: Vec<String> = setup.proxy.calls().into_iter().map(|call| call.operation).collect();
        assert_eq!(operations, ["GetItem", "BatchExecuteStatement", "BatchGetItem"], "{attributes:?}: it is read once");
        assert!(setup.table.items().await.contains(&before[0]), "the item is left as it is");
    }
}

#[tokio::test]
async fn a_record_one_of_whose_numbers_an_operators_item_has_is_not_unique() {
    skip_waiting();
    for attributes in ATTRIBUTES {
        let setup = Setup::new(|_| None).await;
        let theirs = Function::new(&setup.table).create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
        strip(&setup.table, attributes).await;
        let batch = [with_numbers(&[2]), with_numbers(&[3, 1]), with_numbers(&[4]), with_numbers(&[5, 6])];
        let response = setup.function.post(PHONE_NUMBER, &batch).await;
        assert_eq!(response.summary(), [NUMBER_TAKEN, NUMBER_TAKEN, CREATED, CREATED], "{attributes:?}");
        assert_taken(&response, 0, NUMBER_TAKEN, &theirs);
        assert_taken(&response, 1, NUMBER_TAKEN, &theirs);
        assert!(setup.proxy.calls().len() < 8, "{attributes:?}: nothing is made again");
    }
}

/// A lost response makes our own items collide too: they are recognised, and the operator's is not taken for one of them.
#[tokio::test]
async fn an_operators_item_is_not_ours_after_a_lost_response() {
    for attributes in ATTRIBUTES {
        let lose_first = |call: &Call| (call.is_write() && call.attempt == 0).then_some(Fault::LostResponse);
        let setup = Setup::new(lose_first).await;
        Function::new(&setup.table).create(EXTERNAL, &record(3)).await;
        strip(&setup.table, attributes).await;
        let event = keyed(EXTERNAL, &records(5), "a-key");
        let response = setup.function.invoke(&event).await;
        let expected = [CREATED, CREATED, CREATED, REFERENCE_TAKEN, CREATED];
        assert_eq!(response.summary(), expected, "{attributes:?}");
        assert_eq!(setup.function.invoke(&event).await.body, response.body, "{attributes:?}");
    }
}
