//! Numbers in `extra_data`.

use std::borrow::Cow;

use crate::dynamodb::attribute::{MAX_DIGITS, MAX_PLACE, MIN_PLACE};
use crate::dynamodb::decimal::Decimal;

/// The longest number that is stored as it is written, in bytes. A longer one is shortened, because DynamoDB does not
/// promise to read a number of any length.
const MAX_NUMBER_BYTES: usize = 60;

pub const DIGITS: &str = "The number has more than 38 significant digits; send fewer, or send it as a string.";
pub const RANGE: &str =
    "The number is too large or too close to zero; send 1E-130 to 9.9E+125, or send it as a string.";

/// A JSON number as DynamoDB holds it, to the last digit. `serde_json`'s own number would round one of 20 digits.
pub struct StorableNumber<'a> {
    pub text: Cow<'a, str>,
    /// The size in an item, in bytes.
    pub size: usize,
}

impl<'a> StorableNumber<'a> {
    /// Reads a JSON number.
    ///
    /// # Errors
    ///
    /// One sentence that says what is wrong and what is accepted.
    pub fn parse(text: &'a str) -> Result<Self, &'static str> {
        let number = Decimal::parse(text).ok_or(RANGE)?;
        if number.significant_digits() > MAX_DIGITS {
            return Err(DIGITS);
        }
        if number.first_place() > MAX_PLACE || number.last_place() < MIN_PLACE {
            return Err(RANGE);
        }
        let is_short = text.len() <= MAX_NUMBER_BYTES && number.significant_digits() > 0;
        let text = if is_short { text.into() } else { number.to_string().into() };
        Ok(Self { text, size: number.size() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_to_the_last_digit_or_refused() {
        let table = [
            ("0", true),
            ("-0.0e999", true),
            ("12345678901234567890", true),
            ("99999999999999999999999999999999999999", true),
            ("999999999999999999999999999999999999999", false),
            ("1000000000000000000000000000000000000000", true),
            ("0.00000000000000000000000000000000000000000001", true),
            ("1.10", true),
            ("9.99e125", true),
            ("1e126", false),
            ("1e300", false),
            ("1E-130", true),
            ("1e-131", false),
            ("1e99999999999999999999", false),
        ];
        for (number, expected) in table {
            assert_eq!(StorableNumber::parse(number).is_ok(), expected, "{number}");
        }
    }

    #[test]
    fn a_number_that_is_needlessly_long_is_shortened() {
        let number = |text: &str| StorableNumber::parse(text).unwrap().text.into_owned();
        assert_eq!(number("-0e9999999999"), "0");
        assert_eq!(number(&format!("1.5{}", "0".repeat(100))), "15E-1");
        assert_eq!(number("1.50"), "1.50");
    }
}
