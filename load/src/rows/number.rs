//! A number as people write it, to one that the API reads.

use std::borrow::Cow;

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

const DESTROYED: &str = "A spreadsheet has destroyed the number: only its first digits are left. Format the column as text in \
                         the spreadsheet, enter the number again, and export.";
const SEVERAL: &str = "The cell has several numbers; put each in a column of its own.";
const CALLING_CODE: &str = "No country has the row's calling code.";

/// The fewest digits of a number among several in one cell. `030/901820` is one.
const MIN_DIGITS: usize = 7;

/// Reads the number in `cell`. One without a country code is of the country `region`; without one, it stays as it is.
///
/// # Errors
///
/// The reason why the cell has no number, in a sentence.
pub fn read(cell: &str, region: Option<Region>) -> Result<Cow<'_, str>, String> {
    let text = unwrap(cell);
    if is_scientific(text) {
        return Err(DESTROYED.to_owned());
    }
    if is_several(text) {
        return Err(SEVERAL.to_owned());
    }
    match region {
        Some(region) if !text.contains('+') => international(text, region).map(Cow::Owned),
        _ => Ok(text.into()),
    }
}

/// The country that a calling code stands for: `351`, `+351` or `00351`.
///
/// # Errors
///
/// If there is none.
pub fn region(calling_code: &str) -> Result<Region, String> {
    let code = calling_code.trim_start_matches(['+', '0', '\'']).parse().ok();
    code.and_then(|code| PHONE_NUMBER_UTIL.get_region_for_country_code(code)).ok_or_else(|| CALLING_CODE.to_owned())
}

/// The number without the apostrophe that makes a cell text, without the decimals that make it a number, and without the
/// scheme of a link.
fn unwrap(cell: &str) -> &str {
    let text = cell.trim_start_matches(['\'', '\u{2019}']).trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    match text.strip_suffix(".0") {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits,
        _ => text,
    }
}

/// `3.51912E+11`, with a decimal point or comma.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(exponent) && is_number(&mantissa.trim_start_matches('+').replace(['.', ','], ""))
}

fn is_several(text: &str) -> bool {
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    let parts = text.split([';', '/', ',', '|', '\n']).flat_map(|part| part.split(":::"));
    parts.filter(|part| digits(part) >= MIN_DIGITS).count() > 1
}

/// The number in international form.
fn international(text: &str, region: Region) -> Result<String, String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // Not every country's prefix for calls abroad is 00, but what starts with it is written for one of those that have it.
    let abroad = || digits.strip_prefix("00").and_then(|rest| e164(&format!("+{rest}"), region));
    let found = || e164(&digits, region).or_else(abroad);
    text.chars().all(is_written).then(found).flatten().ok_or_else(|| {
        format!("The number is neither one of {region} nor in international form, such as +351929312319.")
    })
}

/// Whether a number can have the character: a digit, what separates digits, or what nobody sees.
fn is_written(c: char) -> bool {
    let is_dash = matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let is_invisible =
        matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}');
    c.is_ascii_digit() || c.is_whitespace() || is_dash || is_invisible || ".()[]/".contains(c)
}

fn e164(text: &str, region: Region) -> Option<String> {
    let number = PHONE_NUMBER_UTIL.parse(text, Some(region)).ok()?;
    let possible = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number);
    let fits = matches!(possible, Ok(NumberLengthType::IsPossible));
    fits.then(|| PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(country: &str, cell: &str) -> Result<String, String> {
        read(cell, Region::from_code(country).ok()).map(Cow::into_owned)
    }

    #[test]
    fn national_numbers_become_international() {
        let table = [
            ("PT", "912345601", "+351912345601"),
            ("PT", "912 345 601", "+351912345601"),
            ("PT", "00351912345602", "+351912345602"),
            ("PT", "00 351 912 345 602", "+351912345602"),
            ("PT", "351912345603", "+351912345603"),
            ("PT", "351 912 345 603", "+351912345603"),
            ("PT", "912345601.0", "+351912345601"),
            ("PT", "\u{202a}912\u{2011}345\u{a0}601\u{202c}", "+351912345601"),
            ("PT", "'912345601", "+351912345601"),
            ("PT", "tel:912-345-601", "+351912345601"),
            ("PT", "+351 912 345 601", "+351 912 345 601"),
            ("PT", "0044 20 7946 0018", "+442079460018"),
            ("US", "(202) 555-0143", "+12025550143"),
            ("US", "1-202-555-0143", "+12025550143"),
            ("US", "011 351 912345601", "+351912345601"),
            ("US", "00351912345602", "+351912345602"),
            ("GB", "020 7946 0018", "+442079460018"),
            ("GB", "07700 900123", "+447700900123"),
            ("DE", "030/901820", "+4930901820"),
            ("DE", "0151 23456789", "+4915123456789"),
            ("FR", "06 12 34 56 78", "+33612345678"),
            ("BR", "(11) 91234-5678", "+5511912345678"),
            ("IT", "06 1234 5678", "+390612345678"),
        ];
        for (country, cell, number) in table {
            assert_eq!(of(country, cell).as_deref(), Ok(number), "{country} {cell}");
        }
    }

    #[test]
    fn what_is_no_number_of_the_country_is_refused() {
        let table = [
            ("PT", "9123456"),
            ("US", "555-0143"),
            ("PT", "447700900123"),
            ("PT", "912345601 casa"),
            ("PT", "00912"),
            ("PT", "0044 casa 2079460018"),
        ];
        for (country, cell) in table {
            assert!(of(country, cell).is_err(), "{country} {cell}");
        }
    }

    #[test]
    fn without_a_country_a_number_is_only_unwrapped() {
        for (cell, number) in
            [("912345601", "912345601"), ("'+351912345601", "+351912345601"), ("1.0", "1"), ("v1.0", "v1.0")]
        {
            assert_eq!(of("", cell).as_deref(), Ok(number));
        }
    }

    #[test]
    fn destroyed_numbers_and_several_in_a_cell_are_refused() {
        for cell in ["3.51912E+11", "3,51912E+11", "3.51912e11", "+3.5E+11"] {
            assert_eq!(of("PT", cell), Err(DESTROYED.to_owned()), "{cell}");
        }
        for cell in ["912 345 603 ::: 912 345 604", "+351912345603; +351912345604", "912345603/912345604"] {
            assert_eq!(of("PT", cell), Err(SEVERAL.to_owned()), "{cell}");
        }
    }

    #[test]
    fn a_calling_code_stands_for_a_country() {
        let found = |code| region(code).map(|region| region.to_string());
        assert_eq!([found("351"), found("+44"), found("001")].map(Result::unwrap), ["PT", "GB", "US"]);
        assert!(found("999").is_err() && found("").is_err() && found("PT").is_err());
    }
}
