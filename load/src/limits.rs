//! The limits of a mirror: how much it deletes, and who has to agree.

use std::fmt;
use std::str::FromStr;

/// The most that a mirror deletes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxDelete {
    /// As many records.
    Records(u64),
    /// This part of the list's records.
    Percent(u8),
}

impl MaxDelete {
    /// The most records of a list of as many as `total`.
    pub fn of(self, total: u64) -> u64 {
        match self {
            Self::Records(records) => records,
            Self::Percent(percent) => total / 100 * u64::from(percent) + total % 100 * u64::from(percent) / 100,
        }
    }
}

impl FromStr for MaxDelete {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = match text.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse().ok().filter(|percent| *percent <= 100).map(Self::Percent),
            None => text.parse().ok().map(Self::Records),
        };
        parsed.ok_or("a number of records, or a part of the list such as 10%, is expected")
    }
}

impl fmt::Display for MaxDelete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Records(records) => write!(f, "{records}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// The limits of a mirror.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub max_delete: MaxDelete,
    /// Whether a person is asked before anything is deleted.
    pub ask: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_a_part_of_the_list() {
        let table = [
            ("500", Some(500)),
            ("0", Some(0)),
            ("10%", Some(24_000)),
            ("7 %", Some(16_800)),
            ("100%", Some(240_007)),
            ("101%", None),
            ("-1", None),
            ("1.5%", None),
            ("%", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<MaxDelete>().ok().map(|max| max.of(240_007)), expected, "{text}");
        }
        assert_eq!(MaxDelete::Percent(10).of(9), 0, "never more than a tenth");
        assert_eq!(MaxDelete::Percent(100).of(u64::MAX), u64::MAX);
    }
}
