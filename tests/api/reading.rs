//! Records, read: one, or a page of them.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::{
    API, Call, EXTERNAL, Fault, Function, NOTHING, PHONE_NUMBER, Setup, Table, at_first, event, link, openapi,
    post_text, record, record_of, records, records_of, request, with_extra_data, with_three_numbers,
};

#[tokio::test]
async fn a_record_is_read_as_it_was_created() {
    let function = Function::new(&Table::new().await);
    for name in ["201-all-created", "201-external-list", "201-several-numbers", "201-in-part"] {
        let created = function.invoke(&event(name)).await;
        for record in created.records().iter().filter(|record| record.get("id").is_some()) {
            let response = function.get(link(record, "self")).await;
            assert_eq!((response.status, &response.body), (StatusCode::OK, record), "{name}");
            assert_eq!(response.header("content-type"), Some("application/hal+json"));
            assert_eq!(function.get(link(record, "self")).await.text, response.text, "it reads the same every time");
        }
    }
}

#[tokio::test]
async fn a_page_has_the_records_as_they_were_created() {
    let function = Function::new(&Table::new().await);
    let created = function.post(PHONE_NUMBER, &with_three_numbers(5)).await;
    let mut records = created.records().to_vec();
    records.sort_by_key(|record| record["id"].as_str().unwrap().to_owned());
    let url = format!("{API}{}", records_of(PHONE_NUMBER));
    let expected = json!({
        "count": 5,
        "per_page": 100,
        "_links": {"self": {"href": url}, "first": {"href": url}},
        "_embedded": {"records": records},
    });
    assert_eq!(function.get(link(&created.body, "self")).await.body, expected);
}

#[tokio::test]
async fn the_links_of_a_page_repeat_its_query() {
    let function = Function::new(&Table::new().await);
    function.post(NOTHING, &records(3)).await;
    let url = format!("{API}{}", records_of(NOTHING));
    let first = function.get(&format!("{url}?per_page=2&color=red")).await;
    let last_id = first.body["_embedded"]["records"][1]["id"].as_str().unwrap();
    let links = json!({
        "self": {"href": format!("{url}?per_page=2")},
        "first": {"href": format!("{url}?per_page=2")},
        "next": {"href": format!("{url}?per_page=2&after={last_id}")},
    });
    assert_eq!(first.body["_links"], links);
    let last = function.get(link(&first.body, "next")).await;
    let links = json!({"self": links["next"], "first": links["first"]});
    assert_eq!((&last.body["_links"], &last.body["count"]), (&links, &json!(1)));
}

#[tokio::test]
async fn an_empty_list_has_an_empty_page() {
    let function = Function::new(&Table::new().await);
    let page = function.get(&records_of(EXTERNAL)).await;
    assert_eq!((page.status, &page.body["count"]), (StatusCode::OK, &json!(0)));
    assert_eq!(page.body["_embedded"], json!({"records": []}));
    assert_eq!(page.body["_links"].get("next"), None);
}

#[tokio::test]
async fn a_page_can_start_after_a_record_that_does_not_exist() {
    let function = Function::new(&Table::new().await);
    function.post(NOTHING, &records(20)).await;
    let all = function.get(&records_of(NOTHING)).await.body["_embedded"]["records"].clone();
    let after = "a8000000-0000-0000-0000-000000000000";
    let expected: Vec<&Value> =
        all.as_array().unwrap().iter().filter(|record| record["id"].as_str() > Some(after)).collect();
    for after in [after.to_owned(), after.to_uppercase()] {
        let page = function.get(&format!("{}?after={after}", records_of(NOTHING))).await;
        assert_eq!(page.any_records().iter().collect::<Vec<_>>(), expected, "{after}");
    }
}

#[tokio::test]
async fn extra_data_is_the_same_value() {
    let function = Function::new(&Table::new().await);
    let table = [
        r#"{"a": [1, -2.5, true, false, null, "x", {}, [], {"b": {"c": [[[]]]}}]}"#,
        r#"{"digits": [12345678901234567890123456789012345678, 0.12345678901234567890123456789012345678]}"#,
        r#"{"large": [1e125, -1.5e125, 9.9999999999999999999999999999999999999E+125], "small": [1E-130, -25e-130]}"#,
        r#"{"zero": [0, -0, 0.0], "trailing": [1.10, 100, 1e2]}"#,
        "{\"ключ\": \"значение\", \"😀\": \"\\ud83d\\ude00\", \"controls\": \"\\u0000\\u001f\\\"\\\\/\", \"e\u{301}\": \"\u{e9}\"}",
    ];
    for extra_data in table {
        let body = format!(r#"{{"records": [{}]}}"#, with_extra_data(&record(1), extra_data));
        let created = function.invoke(&post_text(NOTHING, &body)).await;
        let read = function.get(link(&created.records()[0], "self")).await;
        let members: Members = serde_json::from_str(&read.text).unwrap();
        assert_eq!(exact(members["extra_data"].get()), exact(extra_data), "{extra_data}");
    }
}

type Members = BTreeMap<String, Box<RawValue>>;

/// A value with each number as a string that only the same number has, since a double would round it.
fn exact(json: &str) -> Value {
    match json.as_bytes()[0] {
        b'{' => {
            let members: Members = serde_json::from_str(json).unwrap();
            members.iter().map(|(name, value)| (name.clone(), exact(value.get()))).collect()
        }
        b'[' => {
            let elements: Vec<Box<RawValue>> = serde_json::from_str(json).unwrap();
            elements.iter().map(|value| exact(value.get())).collect()
        }
        b'-' | b'0'..=b'9' => json!({ "number": scientific(json) }),
        _ => serde_json::from_str(json).unwrap(),
    }
}

/// A number's only spelling of the form `-123e4`.
fn scientific(number: &str) -> String {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{}{fraction}", integer.trim_start_matches('-'));
    let digits = all.trim_end_matches('0');
    if digits.is_empty() {
        return "0".to_owned();
    }
    let moved = i64::try_from(all.len() - digits.len()).unwrap() - i64::try_from(fraction.len()).unwrap();
    let sign = if number.starts_with('-') { "-" } else { "" };
    format!("{sign}{}e{}", digits.trim_start_matches('0'), exponent.parse::<i64>().unwrap() + moved)
}

#[tokio::test]
async fn what_is_not_a_record_of_the_list_is_not_found() {
    let function = Function::new(&Table::new().await);
    let created = function.create(PHONE_NUMBER, &with_three_numbers(1)[0]).await;
    let of_another_list = function.create(EXTERNAL, &record(1)).await;
    let id = created["id"].as_str().unwrap();
    let table = [
        of_another_list["id"].as_str().unwrap().to_owned(),
        "00000000-0000-0000-0000-000000000000".to_owned(),
        id.replace('-', ""),
        "x".to_owned(),
        "%20".to_owned(),
    ];
    for id in table {
        let response = function.get(&record_of(PHONE_NUMBER, &id)).await;
        assert_eq!((response.status, response.body), (StatusCode::NOT_FOUND, openapi::error("recordNotFound")), "{id}");
    }
}

#[tokio::test]
async fn an_alias_is_not_a_record() {
    let table = Table::new().await;
    let function = Function::new(&table);
    let created = function.create(PHONE_NUMBER, &with_three_numbers(1)[0]).await;
    let items = table.items().await;
    let ids = items.iter().map(|item| item["sk"].as_s().unwrap().trim_start_matches("RECORD#"));
    let aliases: Vec<&str> = ids.filter(|id| created["id"] != *id).collect();
    assert_eq!(aliases.len(), 2);
    for alias in aliases {
        assert_eq!(function.get(&record_of(PHONE_NUMBER, alias)).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_query_that_breaks_a_rule_is_refused_before_the_list_is_looked_for() {
    let function = Function::new(&Table::new().await);
    let table = [
        ("per_page=0", vec!["per_page"]),
        ("per_page=101", vec!["per_page"]),
        ("per_page=", vec!["per_page"]),
        ("per_page=%2B7", vec!["per_page"]),
        ("per_page=7&per_page=7", vec!["per_page"]),
        ("after=x", vec!["after"]),
        ("after=", vec!["after"]),
        ("after=AB9266D1&per_page=7.0", vec!["per_page", "after"]),
    ];
    for (query, fields) in table {
        let response = function.get(&format!("{}?{query}", records_of("no-such-list"))).await;
        assert_eq!((response.status, &response.body["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_QUERY")));
        let names = response.body["fields"].as_array().unwrap().iter().map(|field| &field["name"]);
        assert_eq!(names.collect::<Vec<_>>(), fields, "{query}");
    }
    assert_eq!(function.get(&format!("{}?per_page=007", records_of(NOTHING))).await.body["per_page"], 7);
}

#[tokio::test]
async fn a_body_is_ignored() {
    let function = Function::new(&Table::new().await);
    let mut event = request("GET", &records_of(NOTHING), Some(&json!(["anything"])));
    event["multiValueHeaders"]["Content-Type"] = json!(["text/csv"]);
    assert_eq!(function.invoke(&event).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_read_that_fails_twice_is_made_again() {
    let faults = [
        Fault::LostCall,
        Fault::LostResponse,
        Fault::Error(400, "ThrottlingException"),
        Fault::Error(500, "InternalServerError"),
    ];
    for fault in faults {
        let setup = Setup::new(at_first(2, fault)).await;
        let created = Function::new(&setup.table).create(NOTHING, &record(1)).await;
        assert_eq!(setup.function.get(&records_of(NOTHING)).await.body["_embedded"]["records"], json!([created]));
        assert_eq!(setup.function.get(link(&created, "self")).await.body, created);
        assert_eq!(setup.function.get("/record-lists").await.body["count"], 3);
    }
}

#[tokio::test]
async fn a_read_that_dynamodb_refuses_is_an_internal_error() {
    let refuse = |operation| {
        move |call: &Call| (call.operation == operation).then_some(Fault::Error(400, "AccessDeniedException"))
    };
    for (operation, target) in
        [("Query", "/record-lists".to_owned()), ("Query", records_of(NOTHING)), ("GetItem", record_of(NOTHING, "x"))]
    {
        let setup = Setup::new(refuse(operation)).await;
        let response = setup.function.get(&target).await;
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR, "{target}");
        assert_eq!(setup.proxy.count(operation), 1);
    }
}

#[tokio::test]
async fn a_read_is_unavailable_while_dynamodb_is() {
    for target in ["/record-lists".to_owned(), records_of(NOTHING), record_of(NOTHING, "x")] {
        let mut setup = Setup::new(at_first(usize::MAX, Fault::LostCall)).await;
        setup.function.timeout = Duration::from_millis(700);
        let response = setup.function.get(&target).await;
        assert_eq!(response.status, StatusCode::SERVICE_UNAVAILABLE, "{target}");
        assert_eq!(response.header("retry-after"), Some("5"));
    }
}
