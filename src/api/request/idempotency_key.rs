//! The header `Idempotency-Key`.

use crate::api::error::Error;
use crate::api::event::Event;
use crate::field::Field;

/// The longest `Idempotency-Key`, in characters.
const MAX_IDEMPOTENCY_KEY_CHARACTERS: usize = 255;

/// Reads the header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII characters,
/// `None` if it is absent. Quotes around it, as the draft has them, are not part of the key.
///
/// # Errors
///
/// [`Error::InvalidIdempotencyKey`].
pub fn idempotency_key(event: &Event) -> Result<Option<&str>, Error> {
    let mut keys = event.header("idempotency-key").into_iter().flat_map(unquoted);
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    let visible =
        (1..=MAX_IDEMPOTENCY_KEY_CHARACTERS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    let fault = |description| Error::InvalidIdempotencyKey(Field::new("Idempotency-Key", description));
    match (visible, keys.all(|other| other == key)) {
        (_, false) => Err(fault("The header has more than one key; send one.")),
        (false, true) => Err(fault("The key must be 1 to 255 visible ASCII characters.")),
        (true, true) => Ok(Some(key)),
    }
}

/// The keys of one header line: the line itself, or the quoted strings in it, which an HTTP API joins by commas.
fn unquoted(line: &str) -> Vec<&str> {
    let quoted = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
    let Some(quoted) = quoted else {
        return vec![line];
    };
    let pieces: Vec<&str> = quoted.split('"').collect();
    let is_list = pieces.len() % 2 == 1 && pieces.iter().skip(1).step_by(2).all(|between| between.trim() == ",");
    if is_list { pieces.into_iter().step_by(2).collect() } else { vec![quoted] }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_1_to_255_visible_ascii_characters() {
        let long = "k".repeat(255);
        let too_long = "k".repeat(256);
        let quoted = format!("\"{long}\"");
        let table: [(&[&str], Option<&str>); 17] = [
            (&["8e03978e-40d5-43dd-bc93"], Some("8e03978e-40d5-43dd-bc93")),
            (&["~!"], Some("~!")),
            (&["a,b"], Some("a,b")),
            (&[&long], Some(&long)),
            (&[&quoted], Some(&long)),
            (&["\"8e03\""], Some("8e03")),
            (&["8e03", "\"8e03\""], Some("8e03")),
            (&["\"8e03\", \"8e03\""], Some("8e03")),
            (&["\""], Some("\"")),
            (&["8e03", "8e04"], None),
            (&["\"8e03\",\"8e04\""], None),
            (&["\"\""], None),
            (&[&too_long], None),
            (&[""], None),
            (&["a b"], None),
            (&["a\tb"], None),
            (&["ключ"], None),
        ];
        for (keys, expected) in table {
            let event = Event::get(json!({"multiValueHeaders": {"Idempotency-Key": keys}}));
            let key = idempotency_key(&event);
            assert_eq!(key.as_ref().ok().copied().flatten(), expected, "{keys:?}");
            assert_eq!(key.is_err(), expected.is_none(), "{keys:?}");
        }
        assert_eq!(idempotency_key(&Event::get(json!({}))), Ok(None));
    }
}
