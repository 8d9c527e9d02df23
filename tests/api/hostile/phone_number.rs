//! Any phone number: it is stored as one that is read the same again, or refused.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;
use serde_json::{Value, json};

use super::for_any;
use crate::support::{NUMBER_TAKEN, PHONE_NUMBER, event, event_names, record, sent_body};

/// Pieces of numbers, and characters that look like them.
const PIECES: [&str; 36] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "+", "+1", "+33", "+44", "+49", "+351", "+39", "+800", "+7",
    "00", " ", "-", ".", "(", ")", "[", "]", "\u{202f}", "\u{2212}", "\u{200b}", "\u{202a}", "\t", "/", "x", "٣", "０",
];

/// The numbers of `events/`.
fn sent_numbers() -> Vec<String> {
    fn numbers(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let number = members.get("phone_number").and_then(Value::as_str).filter(|number| !number.is_empty());
                found.extend(number.map(str::to_owned));
                members.values().for_each(|value| numbers(value, found));
            }
            Value::Array(elements) => elements.iter().for_each(|value| numbers(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for name in event_names("201") {
        let body = sent_body(&event(&name)).and_then(|body| serde_json::from_slice(&body).ok());
        numbers(&body.unwrap_or_default(), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    found
}

fn texts() -> impl Strategy<Value = String> {
    let piece = || select(&PIECES[..]);
    let plan = (select(vec!["1", "33", "44", "49", "351", "39", "800", "7", "52", "54", "55", "86", "290"]), 3_u64..12);
    let plausible = plan.prop_flat_map(|(code, length)| {
        (10_u64.pow(u32::try_from(length - 1).expect("it is small"))
            ..10_u64.pow(u32::try_from(length).expect("it is small")))
            .prop_map(move |number| format!("+{code}{number}"))
    });
    let changed = (select(sent_numbers()), vec((any::<proptest::sample::Index>(), piece()), 0..4)).prop_map(
        |(mut number, changes)| {
            for (place, piece) in changes {
                let places: Vec<usize> = number.char_indices().map(|(place, _)| place).collect();
                number.insert_str(*place.get(&places), piece);
            }
            number
        },
    );
    prop_oneof![
        4 => plausible,
        4 => changed,
        2 => vec(piece(), 0..20).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

#[test]
fn any_phone_number_is_stored_as_one_that_is_read_the_same_or_refused() {
    for_any(texts(), async |function, text| {
        let with = |number: &str| {
            let mut record = record(1);
            record["phone_numbers"] = json!([{"phone_number": number, "phone_type": "HOME"}]);
            record
        };
        let response = function.post(PHONE_NUMBER, &[with(&text)]).await;
        let returned = &response.records()[0];
        if let Some(errors) = returned.get("errors") {
            let code = errors[0].as_str().expect("a code is text");
            assert!(["PHONE_NUMBER_INVALID", "PHONE_NUMBER_MISSING"].contains(&code), "{returned} for {text:?}");
            return;
        }
        let number = returned["phone_numbers"][0]["phone_number"].as_str().expect("a created record has a number");
        let digits = number.strip_prefix('+').unwrap_or_default();
        assert!(
            (4..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()),
            "{number} was {text:?}"
        );
        assert_eq!(function.post(PHONE_NUMBER, &[with(number)]).await.summary(), [NUMBER_TAKEN], "{text:?}");
        let deleted = function.delete_all(PHONE_NUMBER, &[json!({ "phone_number": text })]).await;
        assert_eq!(deleted.body["total_deleted"], 1, "{deleted:?} for {text:?}");
    });
}
