//! The meaning of a column by its name.

use std::collections::HashMap;
use std::sync::LazyLock;

use icu_normalizer::DecomposingNormalizerBorrowed;

use super::field::Field;
use super::names::TABLE;

/// Words at the end of a name that say something about the column and not what it is.
const ASIDES: [&str; 6] = ["required", "mandatory", "optional", "obrigatorio", "opcional", "obligatorio"];

static KNOWN: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
    let names = TABLE.iter().flat_map(|row| row.names.split(", ").map(|name| (plain(name), row.field)));
    names.collect()
});

/// The meaning of a column of this name, if it is known.
pub fn known(name: &str) -> Option<Field> {
    let plain = plain(name);
    KNOWN.get(&plain).or_else(|| KNOWN.get(&with_any_number(&plain))).copied()
}

/// The meaning that a user gives a column.
///
/// # Errors
///
/// If there is no such meaning.
pub fn named(member: &str) -> Result<Field, String> {
    match plain(member).as_str() {
        "id" => Ok(Field::Id),
        "fullname" => Ok(Field::FullName),
        "extradata" => Ok(Field::Extra),
        _ => known(member).ok_or_else(|| {
            "no such member; use first_name, last_name, full_name, mobile, home, office, extra_1 to extra_3, phone, \
             phone_code, timezone, priority, external_provider, external_id, external_url, sync_external_id, id or extra_data"
                .to_owned()
        }),
    }
}

/// A name without all that does not matter in it.
pub fn plain(name: &str) -> String {
    let name = name.to_lowercase();
    let letters = DecomposingNormalizerBorrowed::new_nfd().normalize(&name);
    let mut plain: String = letters.chars().filter(|c| c.is_alphanumeric() || *c == '#').collect();
    if let Some(name) = ASIDES.iter().find_map(|aside| plain.strip_suffix(aside)) {
        plain.truncate(name.len());
    }
    plain
}

/// A plain name with `#` instead of its number.
fn with_any_number(plain: &str) -> String {
    let number = number_in(plain);
    if number.is_empty() { plain.to_owned() } else { plain.replacen(number, "#", 1) }
}

/// The first digits in a plain name.
pub fn number_in(plain: &str) -> &str {
    let start = plain.find(|c: char| c.is_ascii_digit()).unwrap_or(plain.len());
    let digits = &plain[start..];
    &digits[..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_name_has_one_meaning() {
        let names: Vec<String> = TABLE.iter().flat_map(|row| row.names.split(", ").map(plain)).collect();
        let mut seen = HashSet::new();
        let twice: Vec<_> = names.iter().filter(|name| !seen.insert(*name)).collect();
        assert!(twice.is_empty() && !names.iter().any(String::is_empty), "{twice:?}");
    }

    #[test]
    fn names_are_known_however_they_are_written() {
        let table = [
            ("First Name*", Some(Field::Text("first_name"))),
            ("Apelido [obrigatório]", Some(Field::Text("last_name"))),
            ("FIRST-NAME (required)", Some(Field::Text("first_name"))),
            ("\u{200b}first\u{a0}name", Some(Field::Text("first_name"))),
            ("Pre\u{301}nom", Some(Field::Text("first_name"))),
            ("Telemovel", Some(Field::Number("MOBILE"))),
            ("Mobile Phone", Some(Field::Number("MOBILE"))),
            ("MobilePhone", Some(Field::Number("MOBILE"))),
            ("extra_1", Some(Field::Number("EXTRA_1"))),
            ("number12", Some(Field::Phone)),
            ("Phone 2 - Value", Some(Field::Phone)),
            ("Phone 2 - Type", Some(Field::PhoneLabel)),
            ("phone_code", Some(Field::PhoneCode)),
            ("Assistant's Phone", Some(Field::Extra)),
            ("Company", None),
            ("", None),
            ("***", None),
        ];
        for (name, field) in table {
            assert_eq!(known(name), field, "{name}");
        }
    }
}
