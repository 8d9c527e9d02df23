//! Any query: it selects a page, or is refused by its rule.

use http::StatusCode;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::for_any;
use crate::support::{EXTERNAL, records, records_of, request};

const PER_PAGE: [&str; 14] =
    ["1", "2", "7", "100", "0", "101", "007", "", " 1", "+1", "-1", "1.0", "１", "99999999999999999999"];

const AFTER: [&str; 8] = [
    "00000000-0000-0000-0000-000000000000",
    "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "8E03978E-40D5-43DD-BC93-6894A57F9324",
    "8e03978e40d543ddbc936894a57f9324",
    "",
    "x",
    "RECORD#",
];

type Pairs = Vec<(String, String)>;

fn pairs() -> impl Strategy<Value = Pairs> {
    let values =
        |usual: &'static [&'static str]| prop_oneof![6 => select(usual).prop_map(str::to_owned), 1 => any::<String>()];
    let per_page = vec(values(&PER_PAGE), 0..=2);
    let after = vec(values(&AFTER), 0..=2);
    let other = option::of((any::<String>(), any::<String>()));
    (per_page, after, other).prop_map(|(per_page, after, other)| {
        let named = |name: &str, values: Vec<String>| {
            values.into_iter().map(move |value| (name.to_owned(), value)).collect::<Pairs>()
        };
        let other = other.into_iter().filter(|(name, _)| name != "per_page" && name != "after");
        named("per_page", per_page).into_iter().chain(named("after", after)).chain(other).collect()
    })
}

#[expect(clippy::option_option, reason = "a parameter can be wrong, absent or present")]
/// The values of a parameter, `None` if they break its rule.
fn read(pairs: &Pairs, name: &str, is_valid: impl Fn(&str) -> bool) -> Option<Option<String>> {
    let values: Vec<&String> = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
    match values.as_slice() {
        [] => Some(None),
        [value] if is_valid(value) => Some(Some((*value).clone())),
        _ => None,
    }
}

fn is_per_page(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse().is_ok_and(|number: u128| (1..=100).contains(&number))
}

fn is_id(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// The event of a query, as a REST API or as an HTTP API has it.
fn event(pairs: &Pairs, raw: bool) -> Value {
    let mut event = request("GET", &records_of(EXTERNAL), None);
    if raw {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        event["rawQueryString"] = json!(query);
        return event;
    }
    let mut parameters = json!({});
    for (name, value) in pairs {
        match parameters[name].as_array_mut() {
            Some(values) => values.push(json!(value)),
            None => parameters[name] = json!([value]),
        }
    }
    event["multiValueQueryStringParameters"] = parameters;
    event
}

#[test]
fn any_query_selects_a_page_or_is_refused_by_its_rule() {
    for_any((pairs(), any::<bool>()), async |function, (pairs, raw)| {
        if function.invoke(&event(&Pairs::new(), false)).await.body["count"] == 0 {
            function.post(EXTERNAL, &records(5)).await;
        }
        let per_page = read(&pairs, "per_page", is_per_page);
        let after = read(&pairs, "after", is_id);
        let response = function.invoke(&event(&pairs, raw)).await;
        let (Some(per_page), Some(after)) = (&per_page, &after) else {
            let at_fault = [("per_page", per_page.is_none()), ("after", after.is_none())];
            let names: Vec<&str> = at_fault.into_iter().filter(|(_, fault)| *fault).map(|(name, _)| name).collect();
            assert_eq!(response.status, StatusCode::BAD_REQUEST, "{pairs:?}: {response:?}");
            let fields = response.body["fields"].as_array().expect("an error has fields").iter();
            assert_eq!(fields.map(|field| field["name"].as_str().expect("a name")).collect::<Vec<_>>(), names);
            return;
        };
        assert_eq!(response.status, StatusCode::OK, "{pairs:?}: {response:?}");
        let most = per_page.as_ref().map_or(100, |digits| digits.parse().expect("it is a number"));
        let ids: Vec<&str> =
            response.any_records().iter().map(|record| record["id"].as_str().expect("an ID")).collect();
        let after = after.as_ref().map(|after| after.to_lowercase());
        assert!(ids.len() <= most && ids.iter().all(|id| after.as_ref().is_none_or(|after| *id > after.as_str())));
        let href = response.body["_links"]["self"]["href"].as_str().expect("a page has a link");
        let query = href.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let again: Pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(function.invoke(&event(&again, !raw)).await.body, response.body, "{href} is the same page");
    });
}
