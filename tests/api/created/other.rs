//! `OTHER` without `fields`: the record is not at fault, and the same request can be sent again. With `record`: it is.

use std::time::Duration;

use serde_json::{Value, json};

use super::words::REJECTED;
use crate::support::{
    CREATED, EXTERNAL, Failed, Fault, NOTHING, OTHER, PHONE_NUMBER, Places, Setup, at_first_writes, records,
    skip_waiting, with_numbers,
};

#[tokio::test]
async fn a_record_that_could_not_be_stored_in_time_is_not_at_fault() {
    skip_waiting();
    let mut setup = Setup::new(at_first_writes(usize::MAX, Fault::LostCall)).await;
    setup.function.timeout = Duration::from_secs(2);
    let mut records = records(3);
    records[1]["first_name"] = json!("");
    let response = setup.function.post(EXTERNAL, &records).await;
    let fields = |index: usize| &response.records()[index]["fields"];
    assert_eq!(response.summary(), [OTHER, "FIRST_NAME_MISSING", OTHER]);
    assert_eq!((fields(0), fields(1).as_array().unwrap().len(), fields(2)), (&json!([]), 1, &json!([])));
    let mut sent = records[0].clone();
    sent["errors"] = json!([OTHER]);
    sent["fields"] = json!([]);
    assert_eq!(response.records()[0], sent, "it is echoed as it was sent");
}

#[tokio::test]
async fn a_record_that_dynamodb_refuses_for_good_is_at_fault_as_a_whole() {
    let rejected = json!([{"name": "record", "description": REJECTED}]);
    let fault = Fault::Statements(Failed::not_stored("ValidationError", Places::one(1)));
    let setup = Setup::new(at_first_writes(usize::MAX, fault)).await;
    for (list, batch) in [(NOTHING, records(3)), (EXTERNAL, records(3))] {
        let response = setup.function.post(list, &batch).await;
        assert_eq!(response.summary(), [CREATED, OTHER, CREATED], "{list}");
        assert_eq!(response.records()[1]["fields"], rejected, "{list}");
    }
    let batch: Vec<Value> = (0..2).map(|number| with_numbers(&[2 * number, 2 * number + 1])).collect();
    let fault = Fault::Cancelled(Failed::not_stored("ValidationError", Places::EVEN));
    let setup = Setup::new(at_first_writes(usize::MAX, fault)).await;
    let response = setup.function.post(PHONE_NUMBER, &batch).await;
    for record in response.records() {
        assert_eq!((&record["errors"], &record["fields"]), (&json!([OTHER]), &rejected));
    }
}
