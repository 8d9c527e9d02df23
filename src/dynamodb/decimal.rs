//! JSON numbers, exact to the last digit, which a double would round.

/// A number: `digits` × 10^`last_place`, or its negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// The significant digits, without a zero at either end. Zero has none.
    digits: String,
    last_place: i64,
}

impl Decimal {
    /// Reads a JSON number: `None` if its exponent is beyond 32 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [integer.trim_start_matches('-'), fraction].concat();
        let digits = all.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, digits: String::new(), last_place: 0 });
        }
        let exponent = i64::from(exponent.parse::<i32>().ok()?);
        let moved = i64::try_from(all.len() - digits.len()).ok()? - i64::try_from(fraction.len()).ok()?;
        let digits = digits.trim_start_matches('0').to_owned();
        Some(Self { negative: text.starts_with('-'), digits, last_place: exponent + moved })
    }

    /// The number of significant digits.
    pub fn significant_digits(&self) -> usize {
        self.digits.len()
    }

    /// The power of ten of the first digit; 0 for zero.
    pub fn first_place(&self) -> i64 {
        self.last_place.saturating_add_unsigned(self.digits.len().saturating_sub(1) as u64)
    }

    /// The power of ten of the last digit; 0 for zero.
    pub fn last_place(&self) -> i64 {
        self.last_place
    }

    /// The size of the number in DynamoDB, in bytes: one, one more for every two digits on either side of the point,
    /// and one for a minus. Zeros at the ends do not count. DynamoDB's documentation says "approximately"; this is what
    /// its limit on items was measured to count.
    pub fn size(&self) -> usize {
        let digits = self.significant_digits();
        if digits == 0 {
            return 1;
        }
        let before = usize::try_from(self.first_place() + 1).unwrap_or(0).min(digits);
        1 + before.div_ceil(2) + (digits - before).div_ceil(2) + usize::from(self.negative)
    }

    /// Whether the number has no fraction.
    pub fn is_integer(&self) -> bool {
        self.last_place >= 0
    }

    /// The number, if it is an integer that fits.
    pub fn as_u8(&self) -> Option<u8> {
        let fits = !self.negative && (0..=2).contains(&self.first_place()) && self.is_integer();
        let zeros = usize::try_from(self.last_place).ok()?;
        fits.then(|| format!("0{}{}", self.digits, "0".repeat(zeros)).parse().ok())?
    }
}

/// The shortest text in scientific notation: `-12E3`.
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        write!(f, "{}{}E{}", if self.negative { "-" } else { "" }, self.digits, self.last_place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_to_the_last_digit() {
        let table = [
            ("0", "0", Some(0)),
            ("-0.0e99999999999", "0", Some(0)),
            ("7", "7E0", Some(7)),
            ("7.0", "7E0", Some(7)),
            ("70e-1", "7E0", Some(7)),
            ("1e1", "1E1", Some(10)),
            ("255", "255E0", Some(255)),
            ("256", "256E0", None),
            ("-7", "-7E0", None),
            ("7.00000000000000000001", "700000000000000000001E-20", None),
            ("9007199254740993.5", "90071992547409935E-1", None),
            ("0.00120", "12E-4", None),
            ("1e-400", "1E-400", None),
            ("1e99", "1E99", None),
        ];
        for (text, shortest, value) in table {
            let decimal = Decimal::parse(text).unwrap();
            assert_eq!((decimal.to_string().as_str(), decimal.as_u8()), (shortest, value), "{text}");
        }
        assert_eq!(Decimal::parse("1e99999999999"), None);
    }

    #[test]
    fn a_number_is_as_large_as_its_significant_digits() {
        let table = [
            ("0", 1),
            ("-0.00e5", 1),
            ("7", 2),
            ("42", 2),
            ("-42", 3),
            ("123", 3),
            ("1000000", 2),
            ("0.001", 2),
            ("1.5", 3),
            ("-1.5", 4),
            ("12.345", 4),
            ("1.2345e2", 4),
            ("1e125", 2),
            ("-9.9e-120", 3),
            ("12345678901234567890123456789012345678", 20),
        ];
        for (number, expected) in table {
            assert_eq!(Decimal::parse(number).unwrap().size(), expected, "{number}");
        }
    }
}
