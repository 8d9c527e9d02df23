//! Countries' numbering plans: the part of libphonenumber's metadata that is enough for most numbers.
//!
//! libphonenumber itself first builds the rules of 250 regions, and searches for letters, extensions and second numbers
//! with regular expressions. For a batch of plain numbers that is a third of the function's work, and a third of its
//! memory.

/// The form of the numbers of a country calling code.
#[derive(Debug, Clone, Copy)]
pub struct NumberingPlan {
    country_code: &'static str,
    /// The possible lengths without the country calling code, as dialled from abroad: bit n for n digits.
    lengths: u32,
    /// The first digits of the prefixes that are dialled only inside the country: bit n for the digit n.
    trunk_prefixes: u16,
}

impl NumberingPlan {
    /// Splits `digits`, an international number, after its country calling code. `None` if no code matches.
    pub fn split(digits: &str) -> Option<(Self, &str)> {
        (1..=3).find_map(|length| {
            let (country_code, number) = digits.split_at_checked(length)?;
            Some((Self::of(country_code)?, number))
        })
    }

    fn of(country_code: &str) -> Option<Self> {
        let place = PLANS.binary_search_by_key(&country_code, |plan| plan.country_code).ok()?;
        Some(PLANS[place])
    }

    /// Whether `number`, without the country calling code, can begin with a prefix that is dialled only inside the
    /// country, such as the 0 of `+44 (0)20`.
    pub fn may_have_trunk_prefix(self, number: &str) -> bool {
        number.bytes().next().is_some_and(|first| self.trunk_prefixes >> (first - b'0') & 1 == 1)
    }

    /// Whether the length of `number`, without the country calling code, is possible.
    pub fn has_possible_length(self, number: &str) -> bool {
        number.len() < 32 && self.lengths >> number.len() & 1 == 1
    }
}

/// A row of [`PLANS`], as its generator writes it.
const fn plan(country_code: &'static str, lengths: &[u8], trunk_prefixes: &str) -> NumberingPlan {
    let (mut bits, mut place) = (0, 0);
    while place < lengths.len() {
        bits |= 1 << lengths[place];
        place += 1;
    }
    let (mut digits, mut place) = (0, 0);
    while place < trunk_prefixes.len() {
        digits |= 1 << (trunk_prefixes.as_bytes()[place] - b'0');
        place += 1;
    }
    NumberingPlan { country_code, lengths: bits, trunk_prefixes: digits }
}

// The test below generates this table from libphonenumber's metadata, and compares it. Sorted as text, which is enough
// because no code is the beginning of another.
include!("numbering_plans.in");

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::{env, fs};

    use prost::Message;
    use regex_syntax::ParserBuilder;
    use regex_syntax::hir::{Class, Hir, HirKind};
    use rlibphonenumber::{PhoneMetadata, PhoneMetadataCollection};

    use super::*;

    /// libphonenumber's metadata, which the library has among its sources but does not export.
    fn metadata() -> PhoneMetadataCollection {
        let file = local::package::source("rlibphonenumber").join("src/generated/metadata/metadata.bin");
        let bytes = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        PhoneMetadataCollection::decode(bytes.as_slice()).expect("the metadata is of this version")
    }

    /// The first digits of the texts that `pattern` matches, and whether it matches the empty text.
    fn first_digits(pattern: &Hir) -> (BTreeSet<char>, bool) {
        match pattern.kind() {
            HirKind::Empty | HirKind::Look(_) => (BTreeSet::new(), true),
            HirKind::Literal(literal) => {
                (literal.0.first().map(|digit| char::from(*digit)).into_iter().collect(), false)
            }
            HirKind::Class(Class::Unicode(class)) => {
                (class.iter().flat_map(|range| range.start()..=range.end()).collect(), false)
            }
            HirKind::Class(Class::Bytes(class)) => {
                (class.iter().flat_map(|range| range.start()..=range.end()).map(char::from).collect(), false)
            }
            HirKind::Repetition(repeated) => {
                let (digits, empty) = first_digits(&repeated.sub);
                (digits, empty || repeated.min == 0)
            }
            HirKind::Capture(captured) => first_digits(&captured.sub),
            HirKind::Alternation(patterns) => {
                let (digits, empty): (Vec<_>, Vec<_>) = patterns.iter().map(first_digits).unzip();
                (digits.into_iter().flatten().collect(), empty.contains(&true))
            }
            HirKind::Concat(patterns) => {
                let mut digits = BTreeSet::new();
                let empty = patterns.iter().all(|pattern| {
                    let (first, empty) = first_digits(pattern);
                    digits.extend(first);
                    empty
                });
                (digits, empty)
            }
        }
    }

    /// The first digits of the national prefixes of a pattern in the metadata.
    fn trunk_digits(pattern: &str) -> String {
        let pattern = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
        first_digits(&pattern.expect("the metadata has patterns")).0.into_iter().collect()
    }

    #[expect(deprecated, reason = "only the library's own copy of these fields is left empty")]
    fn row(code: i32, metadata: &PhoneMetadata) -> String {
        let lengths = &metadata.general_desc.as_ref().expect("every plan has lengths").possible_length;
        let digits = metadata.national_prefix_for_parsing.as_deref().map(trunk_digits).unwrap_or_default();
        format!("    plan(\"{code}\", &{lengths:?}, \"{digits}\"),\n")
    }

    /// A row for each country calling code, that of its main region.
    fn generated() -> String {
        let mut rows = BTreeMap::new();
        for metadata in metadata().metadata {
            let code = metadata.country_code();
            if metadata.main_country_for_code() || !rows.contains_key(&code.to_string()) {
                rows.insert(code.to_string(), row(code, &metadata));
            }
        }
        let (count, rows) = (rows.len(), rows.into_values().collect::<String>());
        format!("const PLANS: [NumberingPlan; {count}] = [\n{rows}];\n")
    }

    #[test]
    fn a_number_of_any_length_is_possible_or_not() {
        let portugal = NumberingPlan::of("351").expect("there is a plan");
        let possible = (0..100).filter(|length| portugal.has_possible_length(&"1".repeat(*length)));
        assert_eq!(possible.collect::<Vec<_>>(), [9]);
    }

    /// After an update of the library, `UPDATE=1` writes the file: review the difference.
    #[test]
    fn the_plans_are_those_of_libphonenumber() {
        let generated = generated();
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/record/numbering_plans.in");
        if env::var_os("UPDATE").is_some_and(|value| value == "1") {
            fs::write(file, &generated).expect("the file can be written");
            return;
        }
        assert!(
            generated == include_str!("numbering_plans.in"),
            "{file} is stale: run `UPDATE=1 cargo test the_plans_are`, review the change and commit it"
        );
    }
}
