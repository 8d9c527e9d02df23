//! The meaning of a patch: a merge of its members into the stored record (RFC 7396).

use http::StatusCode;
use serde_json::{Value, json};

use super::{changed_like, with, writes};
use crate::support::{
    EXTERNAL, Function, NOTHING, PHONE_NUMBER, Setup, Table, link, post_text, record, record_of, request_text,
    store_older, with_extra_data, with_numbers,
};

const LISTS: [&str; 3] = [EXTERNAL, PHONE_NUMBER, NOTHING];

/// A record that has every member.
fn full() -> Value {
    with(&record(1), &json!({"external_url": "https://crm.example.com/1", "sync_external_id": false}))
}

/// Members, as a patch sends them and as the record then has them: `null` if it has none.
fn changes() -> Vec<(Value, Value)> {
    let same = |members: Value| (members.clone(), members);
    vec![
        same(json!({"first_name": "Joan"})),
        same(json!({"last_name": " Roe "})),
        same(json!({"priority": 1})),
        same(json!({"external_url": "http://other.example/2"})),
        same(json!({"sync_external_id": true})),
        same(json!({"timezone": null})),
        same(json!({"priority": null})),
        same(json!({"external_url": null})),
        same(json!({"sync_external_id": null})),
        same(json!({"extra_data": null})),
        (json!({"timezone": "america/argentina/ushuaia"}), json!({"timezone": "America/Argentina/Ushuaia"})),
        (json!({"priority": 7.0}), json!({"priority": 7})),
        (json!({"external_url": " \u{200b}"}), json!({"external_url": null})),
        (
            json!({"phone_numbers": [{"phone_number": "+1 (202) 555-0001", "phone_type": "OFFICE"}]}),
            json!({"phone_numbers": [{"phone_number": "+12025550001", "phone_type": "OFFICE"}]}),
        ),
    ]
}

#[tokio::test]
async fn every_member_is_changed_and_cleared_in_every_type_of_list() {
    for list in LISTS {
        for (patch, expected) in changes() {
            let function = Function::new(&Table::new().await);
            let created = function.create(list, &full()).await;
            let response = function.patch(link(&created, "self"), &patch).await;
            assert_eq!(response.status, StatusCode::OK, "{list} {patch}: {response:?}");
            assert_eq!(response.body, changed_like(&created, &expected, &response.body), "{list} {patch}");
            assert_ne!(response.body["updated_at"], created["updated_at"], "{list} {patch}");
            assert_eq!(function.read(&created).await, response.body, "{list} {patch}");
        }
    }
}

#[tokio::test]
async fn every_member_is_set_in_a_record_that_has_none() {
    let least = json!({"phone_number": "+12025550001", "first_name": "Jane", "last_name": "Doe"});
    let members = ["timezone", "priority", "external_url", "sync_external_id", "extra_data"];
    for list in [PHONE_NUMBER, NOTHING] {
        let function = Function::new(&Table::new().await);
        let mut expected = function.create(list, &least).await;
        for name in members {
            let patch = json!({ name: full()[name] });
            let response = function.patch(link(&expected, "self"), &patch).await;
            expected = changed_like(&expected, &patch, &response.body);
            assert_eq!(response.body, expected, "{list} {patch}");
        }
        let reference = json!({"external_provider": "crm", "external_id": "C-1"});
        let response = function.patch(link(&expected, "self"), &reference).await;
        assert_eq!(response.body, changed_like(&expected, &reference, &response.body), "{list}");
    }
}

/// Outside of a list that requires it, the reference changes and goes like any other member.
#[tokio::test]
async fn a_reference_that_is_no_identity_can_be_changed_and_cleared() {
    for list in [PHONE_NUMBER, NOTHING] {
        let function = Function::new(&Table::new().await);
        let created = function.create(list, &full()).await;
        let changed = function.patch(link(&created, "self"), &json!({"external_id": "C-2"})).await;
        assert_eq!((changed.status, &changed.body["external_id"]), (StatusCode::OK, &json!("C-2")), "{list}");
        let blank = json!({"external_id": " ", "external_provider": null});
        let cleared = function.patch(link(&created, "self"), &blank).await;
        let none = json!({"external_id": null, "external_provider": null});
        assert_eq!(cleared.body, changed_like(&created, &none, &cleared.body), "{list}");
    }
}

#[tokio::test]
async fn a_phone_number_alone_stands_for_one_mobile_number() {
    let function = Function::new(&Table::new().await);
    let created = function.create(NOTHING, &with_numbers(&[1, 2])).await;
    let target = link(&created, "self");
    let mobile = json!([{"phone_number": "+12025550009", "phone_type": "MOBILE"}]);
    let changed = function.patch(target, &json!({"phone_number": "+1 202 555 0009"})).await.body;
    assert_eq!((&changed["phone_numbers"], &changed["phone_number"]), (&mobile, &json!("+12025550009")));
    let nothing = function.patch(target, &json!({"phone_number": null})).await;
    assert_eq!(nothing.body, changed, "null alone changes nothing");
    let both = with(&with_numbers(&[3, 4]), &json!({"phone_number": "+12025550005"}));
    let replaced = function.patch(target, &both).await.body;
    assert_eq!(replaced["phone_numbers"], both["phone_numbers"], "beside phone_numbers, it is ignored");
    assert_eq!(replaced["phone_number"], "+12025550003");
}

#[tokio::test]
async fn extra_data_is_merged_to_any_depth() {
    let function = Function::new(&Table::new().await);
    let extra_data = json!({"a": 1, "b": {"c": [1, {"d": null}], "e": {"f": "x", "g": true}}, "h": {"i": 1}});
    let created = function.create(NOTHING, &with(&record(1), &json!({"extra_data": extra_data}))).await;
    let cases = [
        (json!({"a": 2}), json!({"a": 2, "b": {"c": [1, {"d": null}], "e": {"f": "x", "g": true}}, "h": {"i": 1}})),
        (
            json!({"b": {"e": {"f": null, "z": []}}}),
            json!({"a": 2, "b": {"c": [1, {"d": null}], "e": {"g": true, "z": []}}, "h": {"i": 1}}),
        ),
        (
            json!({"b": {"c": {"now": "an object"}}}),
            json!({"a": 2, "b": {"c": {"now": "an object"}, "e": {"g": true, "z": []}}, "h": {"i": 1}}),
        ),
        (
            json!({"h": {"i": null}, "none": null}),
            json!({"a": 2, "b": {"c": {"now": "an object"}, "e": {"g": true, "z": []}}, "h": {}}),
        ),
        (json!({"b": "text", "h": null}), json!({"a": 2, "b": "text"})),
        (json!({"b": {"n": {"m": null, "o": 1}}}), json!({"a": 2, "b": {"n": {"o": 1}}})),
        (json!({"a": null, "b": null}), json!({})),
    ];
    for (patch, expected) in cases {
        let response = function.patch(link(&created, "self"), &json!({"extra_data": patch})).await;
        assert_eq!((response.status, &response.body["extra_data"]), (StatusCode::OK, &expected), "{patch}");
        assert_eq!(function.read(&created).await, response.body, "{patch}");
    }
    let cleared = function.patch(link(&created, "self"), &json!({"extra_data": null})).await;
    assert_eq!(cleared.body.get("extra_data"), None);
    let set = function.patch(link(&created, "self"), &json!({"extra_data": {"a": {"b": null, "c": 1}}})).await;
    assert_eq!(set.body["extra_data"], json!({"a": {"c": 1}}), "a null inside is never stored by a patch");
}

/// A record that is sent as it was read loses the nulls of its `extra_data`, and nothing else.
#[tokio::test]
async fn a_null_inside_extra_data_removes_a_member_of_a_record_that_is_sent_as_it_was_read() {
    let function = Function::new(&Table::new().await);
    let extra_data = json!({"a": null, "b": {"c": null, "d": 1}, "e": [null]});
    let created = function.create(NOTHING, &with(&record(1), &json!({"extra_data": extra_data}))).await;
    assert_eq!(created["extra_data"], extra_data);
    let response = function.patch(link(&created, "self"), &created).await;
    assert_eq!(response.body["extra_data"], json!({"b": {"d": 1}, "e": [null]}));
}

#[tokio::test]
async fn a_number_of_38_digits_is_kept_and_not_changed_by_its_spelling() {
    let setup = Setup::new(|_| None).await;
    let digits = "12345678901234567890123456789012345678";
    let sent = with_extra_data(&record(1), &format!(r#"{{"a":{digits},"b":1.50,"c":"x"}}"#));
    let created = setup.function.invoke(&post_text(NOTHING, &format!(r#"{{"records":[{sent}]}}"#))).await;
    let target = link(&created.records()[0], "self").to_owned();
    let same = format!(r#"{{"extra_data":{{"a":{digits}.0,"b":15e-1}}}}"#);
    let before = writes(&setup).len();
    let unchanged = setup.function.invoke(&request_text("PATCH", &target, Some(&same))).await;
    assert_eq!(unchanged.status, StatusCode::OK, "{unchanged:?}");
    assert_eq!(writes(&setup).len(), before, "the values are the same");
    let changed = setup.function.invoke(&request_text("PATCH", &target, Some(r#"{"extra_data":{"c":"y"}}"#))).await;
    assert!(changed.text.contains(digits), "{}", changed.text);
    assert!(setup.function.get(&target).await.text.contains(digits));
}

#[tokio::test]
async fn members_that_only_responses_have_are_ignored() {
    let setup = Setup::new(|_| None).await;
    let created = Function::new(&setup.table).create(EXTERNAL, &record(1)).await;
    let patch = json!({
        "id": "x", "record_list_id": 5, "created_at": "2000-01-01T00:00:00.000Z", "updated_at": null, "_links": [],
        "status": "updated", "color": {"any": "thing"},
    });
    let response = setup.function.patch(link(&created, "self"), &patch).await;
    assert_eq!((response.status, &response.body), (StatusCode::OK, &created));
    assert!(writes(&setup).is_empty());
}

/// Earlier rules let them in, and they stay as long as they are sent as they are stored, or not at all.
#[tokio::test]
async fn a_stored_number_that_todays_rules_refuse_stands_in_no_changes_way() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let id = store_older(&table, &["+4930", "+12025550001"]).await;
    let target = record_of(PHONE_NUMBER, &id);
    let stored = function.get(&target).await.body;
    let renamed = function.patch(&target, &json!({"first_name": "Joan"})).await;
    assert_eq!((renamed.status, &renamed.body["first_name"]), (StatusCode::OK, &json!("Joan")), "{renamed:?}");
    let whole = with(&stored, &json!({"last_name": "Roe"}));
    let again = function.patch(&target, &whole).await;
    assert_eq!(
        again.body,
        changed_like(&stored, &json!({"last_name": "Roe"}), &again.body),
        "it is sent as it was read"
    );
    let with_other = |number: &str| json!({"phone_numbers": [stored["phone_numbers"][0], {"phone_number": number, "phone_type": "EXTRA_1"}]});
    let kept = with_other("+12025550002");
    let fewer = function.patch(&target, &kept).await;
    assert_eq!((fewer.status, &fewer.body["phone_numbers"]), (StatusCode::OK, &kept["phone_numbers"]), "{fewer:?}");
    let response = function.patch(&target, &with_other("+4931")).await;
    assert_eq!(
        (response.status, &response.body["errors"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!(["PHONE_NUMBER_INVALID"]))
    );
}
