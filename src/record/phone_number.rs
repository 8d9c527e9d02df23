//! Phone numbers in international form, by libphonenumber's rules.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumberFormat};
use serde::Serialize;
use strum::{EnumString, IntoStaticStr};

use super::characters::{is_dash, is_invisible};
use super::numbering_plan::NumberingPlan;

/// The longest number as it is sent, in characters.
const MAX_PHONE_NUMBER_CHARACTERS: usize = 20;

/// The longest number, in digits: E.164 section 6.
const MAX_DIGITS: usize = 15;

const TOO_LONG: &str = "The number has more than 20 characters; send 1 to 20.";
const NO_PLUS: &str = "The number does not start with +; send it in international form, such as +351929312319.";
const CHARACTERS: &str =
    "The number has a character that is not allowed; after +, send digits, spaces, dots, dashes and brackets only.";
const COUNTRY: &str = "No country calling code matches the number; send + and the code first, such as +351.";
const LENGTH: &str =
    "The number is too short or too long for its country; send all digits that are dialled from abroad.";

/// A number in E.164: `+`, an existing country calling code, and a length that is possible for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number in international form, which can contain spaces, dots, dashes, brackets and invisible characters.
    ///
    /// *Possible* is libphonenumber's term: the length fits the country, dialled from abroad. Its stricter *valid*
    /// would refuse number ranges that were opened after this was built.
    ///
    /// # Errors
    ///
    /// One sentence that says what is wrong and what is accepted.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.chars().count() > MAX_PHONE_NUMBER_CHARACTERS {
            return Err(TOO_LONG);
        }
        let e164 = plain(text)?;
        let (plan, number) = NumberingPlan::split(&e164[1..]).ok_or(COUNTRY)?;
        if plan.may_have_trunk_prefix(number) {
            return Self::parse_by_libphonenumber(&e164);
        }
        let possible = plan.has_possible_length(number) && e164.len() <= 1 + MAX_DIGITS;
        if possible { Ok(Self(e164)) } else { Err(LENGTH) }
    }

    /// A number as it is stored. It is not checked, because earlier rules can have accepted it.
    pub fn stored(number: &str) -> Self {
        Self(number.to_owned())
    }

    fn parse_by_libphonenumber(text: &str) -> Result<Self, &'static str> {
        let number = e164(text)?;
        // libphonenumber removes one national prefix at a time (`+49 00 30 …`), but a stored number must parse to
        // itself.
        if number.len() < text.len() { Self::parse(&number) } else { Ok(Self(number)) }
    }

    /// The number, `+` first.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn e164(text: &str) -> Result<String, &'static str> {
    let number = PHONE_NUMBER_UTIL.parse(text, None).map_err(|error| match error {
        ParseError::InvalidCountryCode => COUNTRY,
        _ => LENGTH,
    })?;
    let possible = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number);
    let e164 = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164);
    let fits = matches!(possible, Ok(NumberLengthType::IsPossible)) && e164.len() <= 1 + MAX_DIGITS;
    if fits { Ok(e164.into_owned()) } else { Err(LENGTH) }
}

/// The plus and the digits of a number. libphonenumber also accepts letters, extensions and digits of other scripts;
/// the API does not.
fn plain(text: &str) -> Result<String, &'static str> {
    let mut plain = String::with_capacity(1 + MAX_PHONE_NUMBER_CHARACTERS);
    for c in text.chars().filter(|c| !is_filler(*c)) {
        match c {
            '+' if plain.is_empty() => plain.push(c),
            _ if plain.is_empty() => return Err(NO_PLUS),
            '0'..='9' => plain.push(c),
            _ => return Err(CHARACTERS),
        }
    }
    if plain.is_empty() { Err(NO_PLUS) } else { Ok(plain) }
}

fn is_filler(c: char) -> bool {
    matches!(c, '.' | '(' | ')' | '[' | ']') || c.is_whitespace() || is_dash(c) || is_invisible(c)
}

/// The use of a number. A record has each type at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr, Serialize)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
#[serde(into = "&'static str")]
pub enum PhoneType {
    Home,
    Office,
    Mobile,
    #[strum(serialize = "EXTRA_1")]
    Extra1,
    #[strum(serialize = "EXTRA_2")]
    Extra2,
    #[strum(serialize = "EXTRA_3")]
    Extra3,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_e164_or_nothing() {
        let table = [
            ("as the contract has it", "+351929312319", Ok("+351929312319")),
            ("spaces and brackets", "+1 (202) 555-0143", Ok("+12025550143")),
            ("an en dash and square brackets", "+1 [202] 555–0143", Ok("+12025550143")),
            ("dots", "+351.929.312.319", Ok("+351929312319")),
            ("a trunk zero in brackets", "+44 (0)20 7946 0018", Ok("+442079460018")),
            ("two trunk zeros", "+49 0030 23125112", Ok("+493023125112")),
            ("an Italian zero", "+39 06 1234 5678", Ok("+390612345678")),
            ("international toll free", "+800 1234 5678", Ok("+80012345678")),
            ("a range that is not in use", "+12020000000", Ok("+12020000000")),
            ("narrow no-break spaces", "+33\u{202f}6\u{202f}12\u{202f}34\u{202f}56\u{202f}78", Ok("+33612345678")),
            ("thin, figure and wide spaces", "+33\u{2009}6\u{2007}12\u{3000}345678", Ok("+33612345678")),
            ("a tab and a line feed", "\t+33 612345678\n", Ok("+33612345678")),
            ("a minus sign", "+33\u{2212}612345678", Ok("+33612345678")),
            ("the plus in the bracket", "(+44)121 496 0123", Ok("+441214960123")),
            ("a space after the plus", "+ 44 121 496 0123", Ok("+441214960123")),
            ("what nobody sees", "\u{202a}\u{feff}+33\u{200b}612345678\u{202c}\u{ad}", Ok("+33612345678")),
            ("a variation selector", "+33612345678\u{fe0f}", Ok("+33612345678")),
            ("no plus", "351929312319", Err(NO_PLUS)),
            ("an international prefix", "00351929312319", Err(NO_PLUS)),
            ("no such country", "+999123456789", Err(COUNTRY)),
            ("too short for the country", "+120255501", Err(LENGTH)),
            ("too long for the country", "+1202555014399", Err(LENGTH)),
            ("possible only locally", "+15550143", Err(LENGTH)),
            ("possible only locally, too", "+4930", Err(LENGTH)),
            ("over 15 digits", "+4930123456789012", Err(LENGTH)),
            ("letters", "+1 800 FLOWERS", Err(CHARACTERS)),
            ("an extension", "+12025550143x12", Err(CHARACTERS)),
            ("a slash", "+1202/5550143", Err(CHARACTERS)),
            ("two pluses", "++12025550143", Err(CHARACTERS)),
            ("full-width digits", "+１２025550143", Err(CHARACTERS)),
            ("a control character", "+12025550143\0", Err(CHARACTERS)),
            ("only a plus", "+", Err(COUNTRY)),
            ("21 characters", "+1 (202)  -  555-0143", Err(TOO_LONG)),
        ];
        for (name, text, expected) in table {
            let number = PhoneNumber::parse(text);
            assert_eq!(number.as_ref().map(PhoneNumber::as_str).map_err(|error| *error), expected, "{name}");
        }
    }

    #[test]
    fn a_number_is_what_libphonenumber_makes_of_it() {
        let mut random = fastrand::Rng::with_seed(7);
        for country_code in 0..1000 {
            let digits = if NumberingPlan::split(&format!("{country_code}")).is_some() { 1..16 } else { 9..11 };
            for number in digits.flat_map(|digits| [10_u64.pow(digits) / 10, random.u64(..10_u64.pow(digits))]) {
                for text in [format!("+{country_code}{number}"), format!("+{country_code}0{number}")] {
                    let (number, expected) = (PhoneNumber::parse(&text), PhoneNumber::parse_by_libphonenumber(&text));
                    assert_eq!(number.ok(), expected.ok(), "{text}");
                }
            }
        }
    }
}
