//! Invisible characters and dashes, by Unicode's properties.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Whether `text` is blank: empty, or only characters of `White_Space`, `Cc` or `Cf`.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || category(c) == GeneralCategory::Format)
}

/// Whether `c` is invisible: a format character such as U+200B, a variation selector, the byte order mark.
pub fn is_invisible(c: char) -> bool {
    !c.is_ascii() && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether `c` is a dash of any kind, or the minus sign.
pub fn is_dash(c: char) -> bool {
    c == '-' || c == '\u{2212}' || category(c) == GeneralCategory::DashPunctuation
}

fn category(c: char) -> GeneralCategory {
    // A look-up would not change the result: the ASCII characters that matter here are white space, controls and '-'.
    if c.is_ascii() { GeneralCategory::Unassigned } else { CodePointMapData::<GeneralCategory>::new().get(c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_is_what_nobody_sees() {
        for text in ["", " \t\n", "\0", "\u{200b}", "\u{ad}\u{feff}\u{202e}", "\u{a0}\u{3000}\u{85}", "\u{2066}\u{1f}"]
        {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", " a ", "-", "0", "\u{2013}", "\u{e9}", "\u{1f600}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn dashes_and_invisible_characters_are_told_apart() {
        let dashes = "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}\u{fe63}\u{ff0d}\u{301c}";
        assert!(dashes.chars().all(is_dash));
        let invisible =
            "\u{ad}\u{34f}\u{200b}\u{200e}\u{200f}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{feff}\u{fe0f}\u{e0100}";
        assert!(invisible.chars().all(is_invisible));
        assert!(!"a0+ .-\u{a0}\u{2009}".chars().any(is_invisible));
    }
}
