//! Any `extra_data`: it comes back as it was sent, at once and later, or is refused.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use serde_json::Value;

use super::body::{leaf, value};
use super::for_any;
use crate::support::{NOTHING, OTHER, link, record, with_extra_data};

/// The same JSON value: numbers can be spelled in several ways, and have more digits than `serde_json` keeps.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value)| other.get::<String>(name).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(same)
        }
        (one, other) => one == other,
    }
}

#[test]
fn any_extra_data_is_returned_as_it_was_sent_or_refused() {
    let member = |value| (any::<String>(), value).prop_map(|(name, value)| format!("{}:{value}", Value::String(name)));
    let object = |value| vec(member(value), 0..5).prop_map(|members| format!("{{{}}}", members.join(",")));
    let inputs = prop_oneof![1 => value(), 2 => object(value()), 3 => object(leaf())];
    let inputs =
        inputs.prop_filter("it is JSON", |text| serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok());
    for_any(inputs, async |function, text| {
        let response = function.post_texts(NOTHING, &[with_extra_data(&record(1), &text)]).await;
        let Ok([returned]) = <&[Value; 1]>::try_from(response.any_records()) else {
            panic!("{response:?} for {text:.2000}");
        };
        if let Some(errors) = returned.get("errors") {
            assert_eq!(errors[0], OTHER, "{returned} for {text:.2000}");
            assert!(returned["fields"][0]["name"].is_string(), "{returned} for {text:.2000}");
            return;
        }
        let sent: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.2000} is stored"));
        let read = function.get(link(returned, "self")).await;
        for extra_data in [&returned["extra_data"], &read.body["extra_data"]] {
            assert!(is_same(&sent, extra_data), "{extra_data} was {text:.2000}");
        }
        assert_eq!(function.delete(link(returned, "self")).await.status, 204);
    });
}
