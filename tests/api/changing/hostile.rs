//! Hostile patches: nothing breaks the service, and nothing is stored that the response does not return.

use std::cell::Cell;

use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Value, json};

use crate::hostile::body::value;
use crate::support::{
    EXTERNAL, Function, Item, NOTHING, PHONE_NUMBER, Property, Response, Table, assert_numbers_are_held, bulks_of,
    link, record, records, request_text, text,
};

const LISTS: [&str; 3] = [EXTERNAL, PHONE_NUMBER, NOTHING];

async fn patch_text(function: &Function, target: &str, text: &str) -> Response {
    function.invoke(&request_text("PATCH", target, Some(text))).await
}

#[tokio::test]
async fn names_that_mean_something_elsewhere_are_names() {
    let function = Function::new(&Table::new().await);
    let created = function.create(NOTHING, &record(1)).await;
    let patch = r##"{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"$ref":"#/x",
        "extra_data":{"__proto__":{"a":1},"constructor":null,"toString":"x","a.b":{"c d":1},"$set":{"e":2}}}"##;
    let response = patch_text(&function, link(&created, "self"), patch).await;
    assert_eq!(response.status, StatusCode::OK, "{response:?}");
    let mut expected = created["extra_data"].clone();
    let own = json!({"__proto__": {"a": 1}, "toString": "x", "a.b": {"c d": 1}, "$set": {"e": 2}});
    expected.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    assert_eq!(response.body["extra_data"], expected);
    assert_eq!(function.read(&created).await, response.body);
    assert!(!response.text.contains("admin"), "an unknown member is ignored");
}

/// Whether the patch was read, and made, refused or not understood.
fn is_handled(response: &Response) -> bool {
    [StatusCode::OK, StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&response.status)
}

#[tokio::test]
async fn a_hundred_thousand_levels_are_refused_or_ignored() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(NOTHING, &record(1)).await;
    let before = table.items().await;
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    for value in [deep(r#"{"a":"#, "}"), deep("[", "]")] {
        for member in ["extra_data", "first_name", "color"] {
            let patch = format!(r#"{{"{member}":{value}}}"#);
            let one = patch_text(&function, link(&created, "self"), &patch).await;
            assert!(is_handled(&one), "{member}: {:.300}", one.text);
            let several = format!(r#"{{"records":[{{"id":{},"{member}":{value}}}]}}"#, created["id"]);
            let several = patch_text(&function, &bulks_of(NOTHING), &several).await;
            assert!(is_handled(&several), "{member}: {:.300}", several.text);
        }
    }
    assert_eq!(table.items().await, before);
}

#[tokio::test]
async fn a_member_that_occurs_twice_is_named_and_changes_nothing() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(EXTERNAL, &record(1)).await;
    let before = table.items().await;
    let cases = [
        (r#""first_name":"A","first_name":"B""#, "first_name"),
        (r#""extra_data":{"a":1,"a":null}"#, "extra_data.a"),
        (r#""extra_data":{"b":{"c":1,"c":1}}"#, "extra_data.b.c"),
    ];
    for (members, name) in cases {
        let one = patch_text(&function, link(&created, "self"), &format!("{{{members}}}")).await;
        assert_eq!(
            (one.status, &one.body["errors"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(["OTHER"])),
            "{members}"
        );
        assert_eq!(one.body["fields"][0]["name"], name);
        let several = format!(r#"{{"records":[{{"id":{},{members}}}]}}"#, created["id"]);
        let several = patch_text(&function, &bulks_of(EXTERNAL), &several).await;
        let refused = &several.any_records()[0];
        assert_eq!((&refused["errors"], &refused["fields"][0]["name"]), (&json!(["OTHER"]), &json!(name)), "{refused}");
    }
    assert_eq!(table.items().await, before);
}

/// Patches in JSON's text: any member of a record with any value.
fn patches() -> impl Strategy<Value = String> {
    const MEMBERS: [&str; 15] = [
        "id",
        "phone_numbers",
        "phone_number",
        "first_name",
        "last_name",
        "timezone",
        "priority",
        "extra_data",
        "external_provider",
        "external_id",
        "external_url",
        "sync_external_id",
        "created_at",
        "updated_at",
        "_links",
    ];
    let name = prop_oneof![8 => select(&MEMBERS[..]).prop_map(str::to_owned), 1 => any::<String>()];
    let usual = select(
        &[
            "null",
            r#""crm""#,
            r#""C-1""#,
            r#""C-7""#,
            r#""+12025550001""#,
            r#"[{"phone_number":"+12025550002","phone_type":"HOME"}]"#,
            "{}",
            r#"{"country":null}"#,
            "7",
        ][..],
    );
    let value = prop_oneof![2 => usual.prop_map(str::to_owned), 1 => value()];
    vec((name, value), 0..5).prop_map(|members| {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        format!("{{{}}}", members.join(","))
    })
}

/// The response's record is the one that is stored, and each number is held by one item.
async fn assert_stored(table: &Table, function: &Function, list: &str, returned: &[Value]) {
    for record in returned.iter().filter(|record| record["extra_data"].is_object() && record["id"].is_string()) {
        let mut expected = record.clone();
        expected.as_object_mut().unwrap().remove("status");
        assert_eq!(function.read(record).await, expected);
    }
    if list == PHONE_NUMBER {
        let items: Vec<_> = table.items().await;
        let of_list = |item: &Item| text(item, "pk").contains(list);
        assert_numbers_are_held(&items.into_iter().filter(of_list).collect::<Vec<_>>());
    }
}

#[test]
fn any_patch_gets_a_response_and_what_is_returned_is_what_is_stored() {
    let property = Property::new();
    let table = property.block_on(Table::new());
    let function = Function::new(&table);
    for list in LISTS {
        property.block_on(function.post(list, &records(3)));
    }
    let made = Cell::new(0);
    property.assert_holds((select(&LISTS[..]), vec(patches(), 1..4), any::<bool>()), async |(list, patches, one)| {
        let page = function.get(&crate::support::records_of(list)).await;
        let Some(first) = page.any_records().first() else { return };
        let response = if one {
            patch_text(&function, link(first, "self"), &patches[0]).await
        } else {
            patch_text(&function, &bulks_of(list), &format!(r#"{{"records":[{}]}}"#, patches.join(","))).await
        };
        assert!(is_handled(&response), "{patches:?}: {response:?}");
        made.set(made.get() + usize::from(response.status == StatusCode::OK));
        if response.status == StatusCode::OK {
            let returned = if one { std::slice::from_ref(&response.body) } else { response.any_records() };
            assert_stored(&table, &function, list, returned).await;
        }
    });
    assert!(made.get() > 20, "{} patches were made", made.get());
}
