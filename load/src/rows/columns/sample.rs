//! The columns in the light of their first cells.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberType, Region};
use uuid::Uuid;

use super::column::{Column, Kind};
use super::header::Header;
use crate::rows::cells::Cells;
use crate::rows::lookup::plain;

/// Parts of names that columns of numbers have, in plain letters.
const WORDS: [&str; 12] =
    ["phone", "mobil", "cell", "telef", "telem", "fone", "celular", "movil", "movel", "handy", "gsm", "whatsapp"];

/// The digits of a number with its country code: libphonenumber's shortest, and E.164's longest.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

const WORDS_AS_PRIORITIES: &str = "its values are words, and a priority is a number from 1 to 10";

impl Header {
    /// Leaves out a column of priorities that are words, as Outlook writes them.
    pub fn leave_out_words(&mut self, sample: &[Cells]) {
        let is_word = |value: &&str| value.parse::<f64>().is_err();
        for place in 0..self.columns.len() {
            let Column { kind: Kind::Priority, asked: false, .. } = &self.columns[place] else { continue };
            let values: Vec<&str> = self.sampled(sample, place).collect();
            if !values.is_empty() && values.iter().all(is_word) {
                self.columns[place].kind = Kind::LeftOut(WORDS_AS_PRIORITIES);
            }
        }
    }

    /// Checks that the file has all that a record needs, and that no number would be lost.
    ///
    /// # Errors
    ///
    /// The name or number that is missing, or the columns that look like numbers and would become `extra_data`.
    pub fn suffices(&self, sample: &[Cells]) -> Result<(), String> {
        if !self.reading.patches || self.columns.iter().any(Column::looks_like_a_name) {
            self.has_names()?;
        }
        let looks_like_numbers = |(place, column): &(usize, &Column)| self.looks_like_numbers(sample, *place, column);
        let lost = self.columns.iter().enumerate().filter(looks_like_numbers);
        let lost: Vec<String> = lost.map(|(_, column)| format!("`{}`", column.name)).collect();
        if let Some(first) = lost.first() {
            let (all, example) = (lost.join(", "), first.trim_matches('`'));
            return Err(format!(
                "{all} looks like phone numbers, which nobody dials in extra_data. Add --map '{example}=mobile' (or home, \
                 office, phone, extra_data), or --ignore '{example}'."
            ));
        }
        let has_number = self.has(|kind| matches!(kind, Kind::Number(_)));
        match self.reading.patches {
            true => self.names_records(sample, has_number),
            false if has_number => Ok(()),
            false => Err("No column is a phone number. Name one with --map 'COLUMN=mobile'.".to_owned()),
        }
    }

    /// Checks that rows can name the records that they change.
    fn names_records(&self, sample: &[Cells], has_number: bool) -> Result<(), String> {
        if let Some(place) = self.columns.iter().position(|column| column.kind == Kind::Id) {
            let ids: Vec<&str> = self.sampled(sample, place).collect();
            let are_ids = ids.is_empty() || ids.iter().any(|id| id.parse::<Uuid>().is_ok());
            return if are_ids { Ok(()) } else { Err(not_ids(&self.columns[place].name)) };
        }
        let has_reference =
            ["external_provider", "external_id"].iter().all(|member| self.has(|kind| *kind == Kind::Text(member)));
        if has_number || has_reference {
            return Ok(());
        }
        Err("No column names the records: an `id`, a phone number, or `external_provider` and `external_id`. Name one with \
             --map 'COLUMN=mobile', or give --set external_provider=VALUE."
            .to_owned())
    }

    fn has_names(&self) -> Result<(), String> {
        let has = |member| self.has(|kind| *kind == Kind::Text(member) || *kind == Kind::FullName);
        let missing = match (has("first_name"), has("last_name")) {
            (true, true) => return Ok(()),
            (false, false) => "a first name or a last name",
            (false, true) => "a first name",
            (true, false) => "a last name",
        };
        let example = self.columns.iter().find(|column| column.looks_like_a_name());
        let example = example.map_or("COLUMN", |column| &column.name);
        let other = if self.reading.patches {
            format!("; if it is something else, add --map '{example}=extra_data'")
        } else {
            String::new()
        };
        Err(format!(
            "No column is {missing}. Name one with --map 'COLUMN=first_name' or --map 'COLUMN=last_name'; a column with both is \
             split by --map '{example}=full_name'; a value for all rows is --set last_name=VALUE{other}."
        ))
    }

    fn has(&self, is: impl Fn(&Kind) -> bool) -> bool {
        let constants = self.constants.iter().map(|constant| &constant.column);
        self.columns.iter().chain(constants).any(|column| is(&column.kind))
    }

    fn looks_like_numbers(&self, sample: &[Cells], place: usize, column: &Column) -> bool {
        if !matches!(column.kind, Kind::Extra { known: false, .. }) {
            return false;
        }
        let (mut all, mut numbers) = (0, 0);
        let plain = plain(&column.name);
        let named = plain == "tel" || WORDS.iter().any(|word| plain.contains(word));
        for value in self.sampled(sample, place) {
            all += 1;
            numbers += usize::from(is_number(value, named, self.reading.country));
        }
        numbers > 0 && numbers * 2 >= all
    }

    /// The numbers of the file have no country code, as far as can be seen, and no country is given.
    pub fn needs_country(&self, sample: &[Cells]) -> bool {
        let columns = self.columns.iter().enumerate();
        let numbers = columns.filter(|(_, column)| matches!(column.kind, Kind::Number(_)));
        let values = || numbers.clone().flat_map(|(place, _)| self.sampled(sample, place));
        let national = values().filter(|value| !value.contains('+')).count();
        let coded = self.has(|kind| *kind == Kind::PhoneCode) || self.reading.country.is_some();
        !coded && national * 2 > values().count()
    }

    /// The values that are not empty in the column at `place`.
    fn sampled<'a>(&'a self, sample: &'a [Cells], place: usize) -> impl Iterator<Item = &'a str> {
        sample.iter().map(move |cells| self.value_at(cells, place)).filter(|value| !value.is_empty())
    }
}

impl Column {
    /// Whether nobody has said what it is, and it could be a person's name.
    fn looks_like_a_name(&self) -> bool {
        let plain = plain(&self.name);
        matches!(self.kind, Kind::Extra { known: false, .. }) && (plain.contains("nam") || plain.contains("nom"))
    }
}

fn not_ids(name: &str) -> String {
    format!(
        "`{name}` has no IDs of records. If they are another system's, add --map '{name}=external_id', or --ignore '{name}'."
    )
}

/// Whether `value` looks like a number; one without a country code only in a column that is `named` like one, or if it is a
/// mobile number of the country. Account numbers have digits too.
fn is_number(value: &str, named: bool, country: Option<Region>) -> bool {
    let value = value.trim_start_matches('\'');
    let written = value.chars().all(|c| c.is_ascii_digit() || " +-.()/\u{a0}".contains(c));
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let international = value.starts_with('+') || value.starts_with("(+") || (value.starts_with("00") && digits >= 10);
    written && DIGITS.contains(&digits) && (international || named || is_mobile(value, country))
}

fn is_mobile(value: &str, country: Option<Region>) -> bool {
    let Some(number) = country.and_then(|country| PHONE_NUMBER_UTIL.parse(value, Some(country)).ok()) else {
        return false;
    };
    let number_type = PHONE_NUMBER_UTIL.get_number_type(&number);
    matches!(number_type, PhoneNumberType::Mobile | PhoneNumberType::FixedLineOrMobile)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::field::Field;
    use crate::rows::reading::{Map, Reading};

    fn rows(rows: &[&str]) -> Vec<Cells> {
        let cells = |row: &&str| {
            let mut cells = Cells::default();
            cells.split(row.as_bytes(), b',');
            cells
        };
        rows.iter().map(cells).collect()
    }

    fn header(names: &str, country: Option<Region>) -> Header {
        Header::parse(names.split(','), &Reading { country, ..Reading::default() }).unwrap()
    }

    #[test]
    fn numbers_that_nobody_would_dial_stop_the_file() {
        let pt = Region::from_code("PT").ok();
        let table = [
            ("Contacto", "+351 912 345 601", None, true),
            ("Contacto", "00351912345601", None, true),
            ("Contacto", "912345601", None, false),
            ("Contacto", "912345601", pt, true),
            ("NIF", "501234567", pt, false),
            ("Other cell", "912345601", None, true),
            ("Cell verified", "true", None, false),
            ("Cell last call", "2024-01-02T10:11", None, false),
            ("Postal code", "1000-001", None, false),
            ("Date", "2024-01-02", None, false),
            ("Record ID", "10012345678", None, false),
            ("Fax", "+351 212 345 601", None, false),
            ("Notes", "call +351912345601", None, false),
        ];
        for (name, cell, country, expected) in table {
            let header = header(&format!("first_name,last_name,mobile,{name}"), country);
            let sample = rows(&[&format!("A,B,+351912345602,{cell}"), "A,B,+351912345602,"]);
            assert_eq!(header.suffices(&sample).is_err(), expected, "{name}: {cell}");
        }
    }

    #[test]
    fn a_record_needs_names_and_a_number() {
        let table = [
            ("first_name,last_name,mobile", None),
            ("first_name,last_name,Phone 3", None),
            ("first_name,last_name", Some("No column is a phone number.")),
            ("Name,mobile", Some("No column is a first name or a last name.")),
            ("first_name,mobile", Some("No column is a last name.")),
        ];
        for (names, error) in table {
            let found = header(names, None).suffices(&[]).err();
            assert_eq!(found.is_some(), error.is_some(), "{names}");
            assert!(found.unwrap_or_default().starts_with(error.unwrap_or_default()), "{names}");
        }
    }

    #[test]
    fn a_patch_needs_what_names_its_record() {
        let id = "36574a5a-9c47-50b2-a567-ed4a370d6db9";
        let table = [
            ("id,priority", format!("{id},7"), None),
            ("id,priority", ",7".to_owned(), None),
            ("id,priority", "42,7".to_owned(), Some("`id` has no IDs of records.")),
            ("external_provider,external_id,priority", "crm,1,7".to_owned(), None),
            ("mobile,priority", "+351912345601,7".to_owned(), None),
            ("external_id,priority", "1,7".to_owned(), Some("No column names the records")),
            ("ID,priority", format!("{id},7"), Some("No column names the records")),
            ("Name,mobile", "Ann Lee,+351912345601".to_owned(), Some("No column is a first name or a last name.")),
        ];
        for (names, row, error) in table {
            let reading = Reading { patches: true, ..Reading::default() };
            let header = Header::parse(names.split(','), &reading).unwrap();
            let found = header.suffices(&rows(&[&row])).err();
            assert_eq!(found.is_some(), error.is_some(), "{names}: {row}");
            assert!(found.unwrap_or_default().starts_with(error.unwrap_or_default()), "{names}: {row}");
        }
        let map = vec![Map { column: "Record ID".to_owned(), field: Field::Id }];
        let mapped = |patches| {
            Header::parse(["Record ID"].into_iter(), &Reading { patches, map: map.clone(), ..Reading::default() })
        };
        assert_eq!(mapped(true).unwrap().columns[0].kind, Kind::Id);
        assert!(mapped(false).unwrap_err().starts_with("--map: `id` names a record for --update"));
    }

    #[test]
    fn priorities_that_are_words_are_left_out() {
        for (cells, left_out) in [(["Normal", "High"], true), (["High", "7"], false), (["", ""], false)] {
            let mut header = header("priority,mobile", None);
            header.leave_out_words(&rows(&cells));
            assert_eq!(matches!(header.columns[0].kind, Kind::LeftOut(_)), left_out, "{cells:?}");
        }
    }

    #[test]
    fn a_country_is_asked_for_if_most_numbers_have_none() {
        let header = header("first_name,last_name,mobile", None);
        assert!(header.needs_country(&rows(&["A,B,912345601", "A,B,+351912345602", "A,B,912345603"])));
        assert!(!header.needs_country(&rows(&["A,B,+351912345602", "A,B,"])));
    }
}
