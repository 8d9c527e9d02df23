//! Phone numbers in international form, by libphonenumber's rules.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use serde::Serialize;

use crate::numbering_plan::NumberingPlan;

/// The longest number, in characters as it was sent.
pub const MAX_PHONE_NUMBER_CHARACTERS: usize = 20;

/// A number as E.164 has it: `+`, a country calling code that exists, and a length that is possible for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in international form, in which spaces, dots, dashes and brackets may stand.
    ///
    /// *Possible* is libphonenumber's word: the length fits the country. *Valid*, its stricter one, would refuse
    /// ranges that were opened after this was built.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.chars().count() > MAX_PHONE_NUMBER_CHARACTERS || !is_international(text) {
            return None;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let (plan, number) = NumberingPlan::split(&digits)?;
        if plan.may_have_trunk_prefix(number) {
            return Self::parse_by_libphonenumber(text);
        }
        plan.has_possible_length(number).then(|| Self(format!("+{digits}")))
    }

    fn parse_by_libphonenumber(text: &str) -> Option<Self> {
        let number = PHONE_NUMBER_UTIL.parse(text, None).ok()?;
        PHONE_NUMBER_UTIL
            .is_possible_number(&number)
            .then(|| Self(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned()))
    }

    /// The number, `+` first.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is a plus and then only digits, spaces, dots, dashes and brackets: libphonenumber also takes letters,
/// extensions and other scripts' digits, which the API does not.
fn is_international(text: &str) -> bool {
    let is_dash = |c: char| c == '-' || ('\u{2010}'..='\u{2015}').contains(&c);
    let allowed =
        |c: char| c.is_ascii_digit() || is_dash(c) || matches!(c, ' ' | '\u{a0}' | '.' | '(' | ')' | '[' | ']');
    text.trim().strip_prefix('+').is_some_and(|rest| rest.chars().all(allowed))
}

/// What a number is used for; each at most once in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum PhoneType {
    Home,
    Office,
    Mobile,
    #[serde(rename = "EXTRA_1")]
    Extra1,
    #[serde(rename = "EXTRA_2")]
    Extra2,
    #[serde(rename = "EXTRA_3")]
    Extra3,
}

impl PhoneType {
    const ALL: [Self; 6] = [Self::Home, Self::Office, Self::Mobile, Self::Extra1, Self::Extra2, Self::Extra3];

    /// Reads the API's spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phone_type| phone_type.as_str() == text)
    }

    /// The API's spelling.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Home => "HOME",
            Self::Office => "OFFICE",
            Self::Mobile => "MOBILE",
            Self::Extra1 => "EXTRA_1",
            Self::Extra2 => "EXTRA_2",
            Self::Extra3 => "EXTRA_3",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_e164_or_nothing() {
        let table = [
            ("as the contract has it", "+351929312319", Some("+351929312319")),
            ("spaces and brackets", "+1 (202) 555-0143", Some("+12025550143")),
            ("an en dash and square brackets", "+1 [202] 555–0143", Some("+12025550143")),
            ("dots", "+351.929.312.319", Some("+351929312319")),
            ("a trunk zero in brackets", "+44 (0)20 7946 0018", Some("+442079460018")),
            ("an Italian zero", "+39 06 1234 5678", Some("+390612345678")),
            ("international toll free", "+800 1234 5678", Some("+80012345678")),
            ("a range that is not in use", "+12020000000", Some("+12020000000")),
            ("no plus", "351929312319", None),
            ("an international prefix", "00351929312319", None),
            ("no such country", "+999123456789", None),
            ("too short for the country", "+120255501", None),
            ("too long for the country", "+1202555014399", None),
            ("letters", "+1 800 FLOWERS", None),
            ("an extension", "+12025550143x12", None),
            ("a slash", "+1202/5550143", None),
            ("two pluses", "++12025550143", None),
            ("full-width digits", "+１２025550143", None),
            ("only a plus", "+", None),
            ("21 characters", "+1 (202)  -  555-0143", None),
        ];
        for (name, text, expected) in table {
            let number = PhoneNumber::parse(text);
            assert_eq!(number.as_ref().map(PhoneNumber::as_str), expected, "{name}");
        }
    }

    #[test]
    fn a_number_is_what_libphonenumber_makes_of_it() {
        let mut random = fastrand::Rng::with_seed(7);
        for country_code in 0..1000 {
            let digits = if NumberingPlan::split(&format!("{country_code}")).is_some() { 4..16 } else { 9..11 };
            for number in digits.flat_map(|digits| [10_u64.pow(digits) / 10, random.u64(..10_u64.pow(digits))]) {
                for text in [format!("+{country_code}{number}"), format!("+{country_code}0{number}")] {
                    assert_eq!(PhoneNumber::parse(&text), PhoneNumber::parse_by_libphonenumber(&text), "{text}");
                }
            }
        }
    }

    #[test]
    fn types_are_spelt_as_the_api_spells_them() {
        for phone_type in PhoneType::ALL {
            assert_eq!(PhoneType::parse(phone_type.as_str()), Some(phone_type));
            assert_eq!(serde_json::to_value(phone_type).unwrap(), phone_type.as_str());
        }
        assert_eq!(PhoneType::parse("mobile"), None);
    }
}
