//! Any event: those of `events/`, changed in any place.

use std::cell::Cell;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::support::{Property, Table, event, event_names};

/// A change at a place of an event.
#[derive(Debug, Clone)]
enum Change {
    Replace(Value),
    Remove,
    /// The value of another event at the same place.
    Swap(Index),
    /// Into a string, or at its end.
    Insert(String),
}

fn values() -> Vec<Value> {
    // The runtime reads 128 levels.
    let deep = (0..20).fold(json!("a"), |inner, _| json!({"a": [inner]}));
    let long = "/".repeat(5_000);
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(4_102_444_800_u64),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("/"),
        json!("a"),
        json!([]),
        json!([null, 5, ["a"]]),
        json!({}),
        json!({"": ""}),
        json!("\u{0}\u{feff}é\r\n"),
        json!("%"),
        json!("%2F%FF%00"),
        json!("a,b"),
        json!("[a b]"),
        json!("gzip"),
        json!("application/json"),
        json!(long),
        deep,
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        5 => select(values()).prop_map(Change::Replace),
        1 => any::<String>().prop_map(|text| Change::Replace(json!(text))),
        2 => (0..1).prop_map(|_| Change::Remove),
        2 => any::<Index>().prop_map(Change::Swap),
        2 => any::<String>().prop_map(Change::Insert),
    ]
}

/// Every place in `value`, as a JSON pointer, the outermost first.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (format!("{at}/{}", escaped(name)), value)).collect()
        }
        Value::Array(elements) => elements.iter().enumerate().map(|(n, value)| (format!("{at}/{n}"), value)).collect(),
        _ => Vec::new(),
    };
    for (place, value) in inner {
        places.push(place.clone());
        self::places(value, &place, places);
    }
}

fn apply(event: &mut Value, place: Index, change: &Change, others: &[Value]) {
    let mut all = Vec::new();
    places(event, "", &mut all);
    if all.is_empty() {
        return;
    }
    let place = place.get(&all);
    let swapped = |other: &Index| other.get(others).pointer(place).cloned().unwrap_or_default();
    let Some(value) = event.pointer_mut(place) else { return };
    match change {
        Change::Replace(new) => *value = new.clone(),
        Change::Remove => *value = Value::Null,
        Change::Swap(other) => *value = swapped(other),
        Change::Insert(text) => {
            if let Value::String(before) = value {
                before.push_str(text);
            }
        }
    }
}

/// Whether the event says what is asked for: a request without a method or a path, or whose body no gateway sends, is the
/// one thing that is an internal error.
fn can_be_read(event: &Value) -> bool {
    let any = |places: &[&str]| places.iter().any(|place| event.pointer(place).is_some_and(Value::is_string));
    any(&["/httpMethod", "/method", "/requestContext/http/method", "/requestContext/httpMethod"])
        && any(&["/pathParameters/proxy", "/path", "/rawPath", "/requestContext/path", "/requestContext/http/path"])
        && (event["body"].is_null() || event["body"].is_string())
}

#[test]
fn any_event_of_a_gateway_gets_a_response() {
    let seeds: Vec<Value> = event_names("").iter().map(|name| event(name)).collect();
    let property = Property::new();
    let table = property.block_on(Table::new());
    let app = local::function::app(&table.endpoint, &table.name, &[]);
    let inputs = (any::<Index>(), vec((any::<Index>(), change()), 1..5));
    let responses = Cell::new(0);
    property.assert_holds(inputs, async |(seed, changes)| {
        let mut event = seed.get(&seeds).clone();
        for (place, change) in &changes {
            apply(&mut event, *place, change, &seeds);
        }
        match local::function::invoke(&app, &event.to_string(), Duration::from_secs(15)).await {
            Ok(response) => assert_response(&event, &response),
            Err(error) => {
                assert!(error.to_string().starts_with("the event is not an HTTP request"), "{error}: {event}");
            }
        }
        responses.set(responses.get() + 1);
    });
    assert!(responses.get() > 100);
}

fn assert_response(event: &Value, response: &str) {
    let response = local::integration::response(response).unwrap_or_else(|error| panic!("{error}: {response} {event}"));
    assert!(!response.status().is_server_error() || !can_be_read(event), "{response:?}: {event}");
    assert!(response.headers().contains_key("x-request-id"), "{response:?}: {event}");
    assert_eq!(response.headers()["cache-control"], "no-store", "{response:?}: {event}");
    let body = response.body();
    assert!(body.is_empty() || serde_json::from_str::<Value>(body).is_ok_and(|body| body.is_object()), "{body}");
}
