//! `If-Match` and ETags: a change or deletion of the version that the caller has read, and of no other.

use http::StatusCode;
use serde_json::{Value, json};

use super::{changed_like, patch_if, with_if_match, writes};
use crate::support::{
    EXTERNAL, Function, NO_ID, PHONE_NUMBER, Response, Setup, Table, hold_the_first_write, link, record, record_of,
    request, with_numbers,
};

fn joan() -> Value {
    json!({"first_name": "Joan"})
}

async fn etag(function: &Function, record: &Value) -> String {
    function.get(link(record, "self")).await.header("etag").expect("a record has an ETag").to_owned()
}

#[track_caller]
fn assert_failed(response: &Response) {
    assert_eq!(response.status, StatusCode::PRECONDITION_FAILED, "{response:?}");
    assert_eq!((&response.body["code"], &response.body["fields"]), (&json!("PRECONDITION_FAILED"), &json!([])));
}

#[tokio::test]
async fn a_change_is_made_if_one_of_the_etags_is_the_records() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    for name in ["Joan", "June", "Jill", "Jane"] {
        let own = etag(&function, &created).await;
        let spellings = [own.clone(), format!("\"x\", {own}"), format!("{own},\"y\""), "*".to_owned()];
        let if_match = &spellings[["Joan", "June", "Jill", "Jane"].iter().position(|other| *other == name).unwrap()];
        let response = function.invoke(&patch_if(link(&created, "self"), &json!({"first_name": name}), if_match)).await;
        assert_eq!((response.status, &response.body["first_name"]), (StatusCode::OK, &json!(name)), "{if_match}");
    }
}

#[tokio::test]
async fn a_change_fails_if_no_etag_is_the_records_and_nothing_is_written() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(EXTERNAL, &record(1)).await;
    let first = etag(&function, &created).await;
    function.patch(link(&created, "self"), &json!({"last_name": "Roe"})).await;
    let (before, now) = (table.items().await, etag(&function, &created).await);
    let unquoted = now.trim_matches('"').to_owned();
    for if_match in
        [first, "\"x\"".to_owned(), format!("W/{now}"), unquoted, String::new(), "\"".to_owned(), "x y".to_owned()]
    {
        assert_failed(&function.invoke(&patch_if(link(&created, "self"), &joan(), &if_match)).await);
        let delete = with_if_match(request("DELETE", link(&created, "self"), None), &if_match);
        assert_failed(&function.invoke(&delete).await);
    }
    assert_eq!(table.items().await, before);
}

/// RFC 9110, section 13.1.1, permits it.
#[tokio::test]
async fn a_change_of_nothing_succeeds_whatever_if_match_says() {
    let setup = Setup::new(|_| None).await;
    let created = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
    let response =
        setup.function.invoke(&patch_if(link(&created, "self"), &json!({"first_name": "Jane"}), "\"x\"")).await;
    assert_eq!((response.status, &response.body), (StatusCode::OK, &created));
    assert!(writes(&setup).is_empty());
}

#[tokio::test]
async fn a_record_that_does_not_exist_is_not_found_whatever_if_match_says() {
    let function = Function::new(&Table::new().await);
    for if_match in ["*", "\"x\""] {
        let target = record_of(EXTERNAL, NO_ID);
        assert_eq!(function.invoke(&patch_if(&target, &joan(), if_match)).await.status, StatusCode::NOT_FOUND);
        let delete = with_if_match(request("DELETE", &target, None), if_match);
        assert_eq!(function.invoke(&delete).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn if_none_match_is_ignored() {
    let function = Function::new(&Table::new().await);
    let created = function.create(EXTERNAL, &record(1)).await;
    let mut get = request("GET", link(&created, "self"), None);
    get["headers"]["If-None-Match"] = json!("*");
    get["multiValueHeaders"]["If-None-Match"] = json!([etag(&function, &created).await]);
    let response = function.invoke(&get).await;
    assert_eq!((response.status, &response.body), (StatusCode::OK, &created));
}

#[tokio::test]
async fn a_record_is_deleted_if_one_of_the_etags_is_its_own() {
    for (list, sent) in [(EXTERNAL, record(1)), (PHONE_NUMBER, with_numbers(&[1, 2]))] {
        let table = Table::new().await;
        let function = Function::new(&table);
        let created = function.create(list, &sent).await;
        let if_match = format!("\"x\", {}", etag(&function, &created).await);
        let delete = with_if_match(request("DELETE", link(&created, "self"), None), &if_match);
        assert_eq!(function.invoke(&delete).await.status, StatusCode::NO_CONTENT, "{list}");
        assert_eq!(table.items().await, [], "{list}");
    }
}

/// An ETag names a version: a record that was deleted and created again, even in the same millisecond, has another.
#[tokio::test]
async fn a_record_that_was_created_again_has_another_etag() {
    let function = Function::new(&Table::new().await);
    let event = crate::support::keyed(EXTERNAL, &[record(1)], "a-key");
    let created = function.invoke(&event).await.records()[0].clone();
    let first = etag(&function, &created).await;
    function.delete(link(&created, "self")).await;
    function.invoke(&event).await;
    assert_ne!(etag(&function, &created).await, first);
    assert_failed(&function.invoke(&patch_if(link(&created, "self"), &joan(), &first)).await);
}

#[tokio::test]
async fn a_record_that_moves_on_between_the_read_and_the_write_fails_the_condition() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.create(EXTERNAL, &record(1)).await;
    let event = patch_if(link(&created, "self"), &joan(), &etag(&other, &created).await);
    let meanwhile = async { other.patch(link(&created, "self"), &json!({"last_name": "Roe"})).await.body };
    let (response, theirs) = setup.interrupt(setup.function.invoke(&event), meanwhile).await;
    assert_failed(&response);
    assert_eq!(other.read(&created).await, theirs);
}

#[tokio::test]
async fn a_record_that_moves_on_between_the_read_and_the_deletion_stays() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let event = with_if_match(request("DELETE", link(&created, "self"), None), &etag(&other, &created).await);
    let meanwhile = async { other.patch(link(&created, "self"), &json!({"last_name": "Roe"})).await.body };
    let (response, theirs) = setup.interrupt(setup.function.invoke(&event), meanwhile).await;
    assert_failed(&response);
    assert_eq!(other.read(&created).await, theirs);
}

/// Without a condition, the changes of another writer are kept.
#[tokio::test]
async fn two_writers_of_different_members_lose_nothing() {
    for (list, sent) in [(EXTERNAL, record(1)), (PHONE_NUMBER, with_numbers(&[1, 2]))] {
        let setup = Setup::new(hold_the_first_write).await;
        let other = Function::new(&setup.table);
        let created = other.create(list, &sent).await;
        let extra_data = json!({"theirs": 1});
        let theirs = json!({"last_name": "Roe", "extra_data": extra_data});
        let ours = json!({"first_name": "Joan", "extra_data": {"ours": {"a": 2}}});
        let meanwhile = async { other.patch(link(&created, "self"), &theirs).await.status };
        let event = request("PATCH", link(&created, "self"), Some(&ours));
        let (response, status) = setup.interrupt(setup.function.invoke(&event), meanwhile).await;
        assert_eq!((response.status, status), (StatusCode::OK, StatusCode::OK), "{list}: {response:?}");
        let mut merged = created["extra_data"].as_object().cloned().unwrap_or_default();
        merged.extend([("theirs".to_owned(), json!(1)), ("ours".to_owned(), json!({"a": 2}))]);
        let both = json!({"first_name": "Joan", "last_name": "Roe", "extra_data": merged});
        assert_eq!(response.body, changed_like(&created, &both, &response.body), "{list}");
        assert_eq!(other.read(&created).await, response.body, "{list}");
    }
}

/// Nothing is left to change if another writer has done the same.
#[tokio::test]
async fn a_change_that_another_writer_makes_meanwhile_is_not_made_again() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.create(EXTERNAL, &record(1)).await;
    let meanwhile = async { other.patch(link(&created, "self"), &joan()).await.body };
    let event = request("PATCH", link(&created, "self"), Some(&joan()));
    let (response, theirs) = setup.interrupt(setup.function.invoke(&event), meanwhile).await;
    assert_eq!((response.status, &response.body), (StatusCode::OK, &theirs));
}

#[tokio::test]
async fn a_record_that_is_deleted_between_the_read_and_the_write_is_not_found() {
    let setup = Setup::new(hold_the_first_write).await;
    let other = Function::new(&setup.table);
    let created = other.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    let meanwhile = async { other.delete(link(&created, "self")).await.status };
    let event = request("PATCH", link(&created, "self"), Some(&joan()));
    let (response, _) = setup.interrupt(setup.function.invoke(&event), meanwhile).await;
    assert_eq!((response.status, &response.body["code"]), (StatusCode::NOT_FOUND, &json!("RECORD_NOT_FOUND")));
    assert_eq!(setup.table.items().await, [], "a change never brings a record back");
}
