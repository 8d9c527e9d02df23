//! Looks up the record of a list that has an identifier.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    API, EXTERNAL, Function, NOTHING, PHONE_NUMBER, Setup, Table, link, number_text, record, records, records_of,
    with_numbers,
};

/// The page of a look-up by `query` that has found `records`.
fn page(list: &str, query: &str, records: &[Value]) -> Value {
    let url = json!({"href": format!("{API}{}?{query}", records_of(list))});
    json!({
        "count": records.len(),
        "per_page": 100,
        "_links": {"self": url, "first": url},
        "_embedded": {"records": records},
    })
}

#[tokio::test]
async fn a_record_is_found_by_any_of_its_numbers_in_any_spelling() {
    let function = Function::new(&Table::new().await);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    function.create(PHONE_NUMBER, &with_numbers(&[3])).await;
    for number in
        ["%2B12025550001", "%2B12025550002", "+12025550002", "%2B1%20(202)%20555-0001", "%20%2B1.202.555.0002"]
    {
        let response = function.get(&format!("{}?phone_number={number}", records_of(PHONE_NUMBER))).await;
        assert_eq!((response.status, response.any_records()), (StatusCode::OK, &[created.clone()][..]), "{number}");
        let own = function.get(link(&response.body, "self")).await;
        assert_eq!(own.body, response.body, "{number}: the links are those of the look-up");
    }
}

#[tokio::test]
async fn a_look_up_is_a_page_with_one_record_or_none() {
    let function = Function::new(&Table::new().await);
    let created = function.post(EXTERNAL, &records(3)).await;
    for (number, found) in [(1, &created.records()[1..2]), (9, &[][..])] {
        let query = format!("external_provider=crm&external_id=C-{number}");
        let response = function.get(&format!("{}?{query}", records_of(EXTERNAL))).await;
        assert_eq!((response.status, &response.body), (StatusCode::OK, &page(EXTERNAL, &query, found)), "{number}");
    }
    let number = number_text(9).replace('+', "%2B");
    let none = function.get(&format!("{}?phone_number={number}", records_of(PHONE_NUMBER))).await;
    assert_eq!((none.status, &none.body["count"]), (StatusCode::OK, &json!(0)), "{none:?}");
}

#[tokio::test]
async fn a_reference_is_looked_up_as_it_is_stored() {
    let function = Function::new(&Table::new().await);
    let mut odd = record(1);
    (odd["external_provider"], odd["external_id"]) = (json!("c r+m&"), json!("ä=1#?/%"));
    function.post(EXTERNAL, &records(3)).await;
    odd["phone_numbers"] = record(9)["phone_numbers"].clone();
    let created = function.create(EXTERNAL, &odd).await;
    let encoded =
        |text: &Value| url::form_urlencoded::byte_serialize(text.as_str().unwrap().as_bytes()).collect::<String>();
    let query = format!(
        "external_provider={}&external_id={}",
        encoded(&odd["external_provider"]),
        encoded(&odd["external_id"])
    );
    let response = function.get(&format!("{}?{query}", records_of(EXTERNAL))).await;
    assert_eq!(response.any_records(), std::slice::from_ref(&created));
    assert_eq!(function.get(link(&response.body, "self")).await.body, response.body);
}

#[tokio::test]
async fn an_identifier_that_the_list_does_not_have_is_refused_and_says_which_it_has() {
    let function = Function::new(&Table::new().await);
    let number = "phone_number=%2B12025550001";
    let reference = "external_provider=crm&external_id=C-1";
    let cases = [
        (EXTERNAL, number, vec!["phone_number"], "external_"),
        (NOTHING, number, vec!["phone_number"], ""),
        (NOTHING, reference, vec!["external_provider", "external_id"], ""),
        (PHONE_NUMBER, reference, vec!["external_provider", "external_id"], "phone_number"),
        (EXTERNAL, "external_provider=crm", vec!["external_id"], "external_id"),
        (EXTERNAL, "external_id=C-1", vec!["external_provider"], "external_provider"),
        (EXTERNAL, "external_provider=&external_id=C-1", vec!["external_provider"], ""),
        (PHONE_NUMBER, "phone_number=", vec!["phone_number"], ""),
        (PHONE_NUMBER, "phone_number=2025550001", vec!["phone_number"], ""),
        (PHONE_NUMBER, "phone_number=%2B1&phone_number=%2B1", vec!["phone_number"], ""),
    ];
    for (list, query, names, says) in cases {
        let response = function.get(&format!("{}?{query}", records_of(list))).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("INVALID_QUERY")),
            "{query}"
        );
        let fields = response.body["fields"].as_array().unwrap();
        assert!(
            fields.iter().all(|field| names.contains(&field["name"].as_str().unwrap())),
            "{list} {query}: {fields:?}"
        );
        assert!(!fields.is_empty() && response.text.contains(says), "{list} {query}: {}", response.text);
    }
}

#[tokio::test]
async fn a_look_up_beside_a_page_is_refused() {
    let function = Function::new(&Table::new().await);
    for page in ["per_page=7", "after=00000000-0000-4000-8000-000000000000"] {
        let query = format!("phone_number=%2B12025550001&{page}");
        let response = function.get(&format!("{}?{query}", records_of(PHONE_NUMBER))).await;
        assert_eq!(
            (response.status, &response.body["code"]),
            (StatusCode::BAD_REQUEST, &json!("INVALID_QUERY")),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_record_that_was_deleted_or_has_lost_its_number_is_not_found() {
    let function = Function::new(&Table::new().await);
    let created = function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    function.create(PHONE_NUMBER, &with_numbers(&[3])).await;
    let look_up = format!("{}?phone_number=%2B12025550002", records_of(PHONE_NUMBER));
    assert_eq!(function.get(&look_up).await.any_records(), std::slice::from_ref(&created));
    let fewer = json!({"phone_numbers": with_numbers(&[1])["phone_numbers"]});
    assert_eq!(function.patch(link(&created, "self"), &fewer).await.status, StatusCode::OK);
    assert_eq!(function.get(&look_up).await.body["count"], 0, "it has lost the number");
    let own = look_up.replace("0002", "0001");
    assert_eq!(function.get(&own).await.body["count"], 1);
    function.delete(link(&created, "self")).await;
    assert_eq!(function.get(&own).await.body["count"], 0, "it was deleted");
}

/// An alias costs a read more than a record's own number.
#[tokio::test]
async fn a_look_up_takes_one_read_or_two() {
    let setup = Setup::new(|_| None).await;
    setup.function.create(PHONE_NUMBER, &with_numbers(&[1, 2])).await;
    for (number, reads) in [(1, 1), (2, 2), (9, 1)] {
        let before = setup.proxy.calls().len();
        setup.function.get(&format!("{}?phone_number=%2B1202555{number:04}", records_of(PHONE_NUMBER))).await;
        assert_eq!(setup.proxy.calls().len() - before, reads, "{number}");
    }
}
