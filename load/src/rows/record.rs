//! A row of a table to a record of the API.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Number as JsonNumber;

use super::cells::Cells;
use super::columns::{Column, Header, Kind, Number};
use super::fault::Fault;
use super::numbers::Numbers;
use super::reading::Empty;
use crate::rejection::OTHER;

/// The record that `cells` are, as JSON. Empty cells are left out, or null if they are to clear values.
///
/// # Errors
///
/// The reason why they are not one.
#[expect(clippy::expect_used, reason = "text, numbers and objects with text for names are always JSON")]
pub fn record(header: &Header, cells: &Cells) -> Result<String, Fault> {
    let (empty, values): (Vec<_>, Vec<_>) = header.values(cells).partition(|(_, value)| value.is_empty());
    if values.iter().any(|(column, _)| column.kind == Kind::Unnamed) {
        return Err(Fault { code: OTHER, reason: "A column without a name has a value.".to_owned() });
    }
    let numbers = Numbers::of(header, cells, &values)?;
    let clears = header.reading().empty == Empty::Clear;
    let cleared = if clears { empty.into_iter().map(|(column, _)| column).collect() } else { Vec::new() };
    let record = Record { values, cleared, numbers, is_patch: header.reading().patches };
    Ok(serde_json::to_string(&record).expect("a row is JSON"))
}

/// The members of `cells` that can name a record, without its numbers: all that can be told of a row with an invalid
/// number.
pub fn naming(header: &Header, cells: &Cells) -> String {
    let names = |kind: &Kind| matches!(kind, Kind::Id | Kind::Text("external_provider" | "external_id"));
    let values = header.values(cells).filter(|(column, value)| names(&column.kind) && !value.is_empty()).collect();
    let numbers = Numbers { dialled: Vec::new(), others: Vec::new(), single: None };
    #[expect(clippy::expect_used, reason = "text is always JSON")]
    serde_json::to_string(&Record { values, cleared: Vec::new(), numbers, is_patch: true }).expect("text is JSON")
}

struct Record<'a> {
    values: Vec<(&'a Column, &'a str)>,
    /// The columns whose values the record loses.
    cleared: Vec<&'a Column>,
    numbers: Numbers<'a>,
    is_patch: bool,
}

impl Record<'_> {
    fn extras(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let extras = self.values.iter().filter_map(|(column, value)| match &column.kind {
            Kind::Extra { member, .. } => Some((member.as_str(), Some(*value))),
            _ => None,
        });
        let others = self.numbers.others.iter().map(|(name, value)| (*name, Some(*value)));
        let cleared = self.cleared.iter().filter_map(|column| match &column.kind {
            Kind::Extra { member, .. } => Some((member.as_str(), None)),
            // Its number can have been one that is not dialled.
            Kind::Number(Number { label: Some(_), .. }) => Some((column.name.as_str(), None)),
            _ => None,
        });
        extras.chain(others).chain(cleared)
    }

    fn serialize_name<M: SerializeMap>(&self, name: &FullName<'_>, object: &mut M) -> Result<(), M::Error> {
        if name.first.is_some() || self.is_patch {
            // The first name of another person must not stay.
            object.serialize_entry("first_name", &name.first)?;
        }
        object.serialize_entry("last_name", name.last)
    }

    fn clear<M: SerializeMap>(&self, object: &mut M) -> Result<(), M::Error> {
        let members = self.cleared.iter().flat_map(|column| match column.kind {
            Kind::Text(member) => vec![member],
            Kind::FullName => vec!["first_name", "last_name"],
            Kind::Priority => vec!["priority"],
            Kind::SyncExternalId => vec!["sync_external_id"],
            _ => vec![],
        });
        members.into_iter().try_for_each(|member| object.serialize_entry(member, &()))
    }
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        let dialled = &self.numbers.dialled;
        if self.numbers.single.is_none() && !dialled.is_empty() {
            object.serialize_entry("phone_numbers", dialled)?;
        }
        for (place, (column, value)) in self.values.iter().enumerate() {
            match column.kind {
                Kind::Number(_) if self.numbers.single == Some(place) => {
                    dialled.iter().try_for_each(|only| object.serialize_entry("phone_number", &only.phone_number))?;
                }
                Kind::Id => object.serialize_entry("id", value)?,
                Kind::Text(member) => object.serialize_entry(member, value)?,
                Kind::FullName => self.serialize_name(&FullName::of(value), &mut object)?,
                Kind::Priority => match value.parse::<JsonNumber>() {
                    Ok(number) => object.serialize_entry("priority", &number)?,
                    Err(_) => object.serialize_entry("priority", value)?,
                },
                Kind::SyncExternalId => match boolean(value) {
                    Some(boolean) => object.serialize_entry("sync_external_id", &boolean)?,
                    None => object.serialize_entry("sync_external_id", value)?,
                },
                _ => {}
            }
        }
        self.clear(&mut object)?;
        if self.extras().next().is_some() {
            object.serialize_entry("extra_data", &Extras(self))?;
        }
        object.end()
    }
}

fn boolean(cell: &str) -> Option<bool> {
    let words = [("true", true), ("false", false)];
    words.into_iter().find(|(word, _)| cell.eq_ignore_ascii_case(word)).map(|(_, boolean)| boolean)
}

/// The parts of a name.
#[derive(Debug, PartialEq, Eq)]
struct FullName<'a> {
    first: Option<&'a str>,
    last: &'a str,
}

impl<'a> FullName<'a> {
    /// Splits `Ann Mary Lee` at the last space and `Lee, Ann Mary` at the comma.
    fn of(name: &'a str) -> Self {
        if let Some((last, first)) = name.split_once(',') {
            return Self { first: Some(first.trim()).filter(|first| !first.is_empty()), last: last.trim() };
        }
        match name.rsplit_once(char::is_whitespace) {
            Some((first, last)) => Self { first: Some(first.trim()), last },
            None => Self { first: None, last: name },
        }
    }
}

struct Extras<'a>(&'a Record<'a>);

impl Serialize for Extras<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.extras())
    }
}

#[cfg(test)]
mod tests {
    use rlibphonenumber::Region;
    use serde_json::{Value, json};

    use super::*;
    use crate::rejection::PHONE_NUMBER_INVALID;
    use crate::rows::field::Field;
    use crate::rows::reading::{Map, Reading};

    fn read(header: &str, row: &str, reading: &Reading) -> Result<Value, Fault> {
        let mut cells = Cells::default();
        cells.split(header.as_bytes(), b',');
        let header = Header::parse(cells.iter(), reading).unwrap();
        cells.split(row.as_bytes(), b',');
        record(&header, &cells).map(|record| serde_json::from_str(&record).unwrap())
    }

    fn of(header: &str, row: &str) -> Result<Value, Fault> {
        read(header, row, &Reading::default())
    }

    fn number(phone_type: &str, number: &str) -> Value {
        json!({"phone_number": number, "phone_type": phone_type})
    }

    #[test]
    fn cells_become_the_members_of_the_api() {
        let header = "first_name,mobile,Home,priority,sync_external_id,timezone,Job title,Note";
        let found = of(header, " Ann ,+1 202 555 0143,+12025550144,7,TRUE,,CEO,\"a \"\"b\"\", c\"");
        let expected = json!({
            "first_name": "Ann",
            "phone_numbers": [number("MOBILE", "+1 202 555 0143"), number("HOME", "+12025550144")],
            "priority": 7,
            "sync_external_id": true,
            "extra_data": {"Job title": "CEO", "Note": "a \"b\", c"},
        });
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn what_is_not_a_number_or_a_boolean_is_sent_as_it_is() {
        let table = [
            ("10", "false", json!({"priority": 10, "sync_external_id": false})),
            ("7.0", "False", json!({"priority": 7.0, "sync_external_id": false})),
            ("high", "yes", json!({"priority": "high", "sync_external_id": "yes"})),
            ("07", "1", json!({"priority": "07", "sync_external_id": "1"})),
            ("1e999", " ", json!({"priority": "1e999"})),
        ];
        for (priority, sync, expected) in table {
            assert_eq!(of("priority,sync_external_id", &format!("{priority},{sync}")), Ok(expected));
        }
    }

    #[test]
    fn a_number_without_a_type_takes_mobile_or_the_next_free_one() {
        let table = [
            ("phone_number,home", "+1,", json!({"phone_number": "+1"})),
            ("phone_number,home", "+1,+2", json!({"phone_numbers": [number("MOBILE", "+1"), number("HOME", "+2")]})),
            ("Phone,Mobile", "+1,+2", json!({"phone_numbers": [number("OFFICE", "+1"), number("MOBILE", "+2")]})),
            ("Phone,Mobile", "+1,", json!({"phone_numbers": [number("OFFICE", "+1")]})),
            ("Cell,Mobile", "+1,+2", json!({"phone_numbers": [number("MOBILE", "+1"), number("OFFICE", "+2")]})),
            (
                "number1,number2,number3",
                "+1,+2,+3",
                json!({"phone_numbers": [number("MOBILE", "+1"), number("OFFICE", "+2"), number("HOME", "+3")]}),
            ),
        ];
        for (header, row, expected) in table {
            assert_eq!(of(header, row), Ok(expected), "{header}");
        }
    }

    #[test]
    fn a_label_says_the_type_of_its_number() {
        let header = "Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value,Phone 3 - Label,Phone 3 - Value";
        let found = of(header, "Work,+1,Work,+2,Home Fax,+3");
        let expected = json!({
            "phone_numbers": [number("OFFICE", "+1"), number("MOBILE", "+2")],
            "extra_data": {"Phone 3 - Value": "+3"},
        });
        assert_eq!(found, Ok(expected));
        let expected = json!({"phone_number": "+2", "extra_data": {"Phone 1 - Value": "+1"}});
        assert_eq!(of(header, "Fax,+1,Mobile,+2,,"), Ok(expected));
    }

    #[test]
    fn a_row_can_have_six_numbers() {
        let header = "phone1,phone2,phone3,phone4,phone5,phone6,phone7";
        assert_eq!(of(header, "+1,+2,+3,+4,+5,+6,").unwrap()["phone_numbers"].as_array().unwrap().len(), 6);
        assert_eq!(of(header, "+1,,+3,+4,+5,+6,+7").unwrap()["phone_numbers"].as_array().unwrap().len(), 6);
        assert_eq!(of(header, "+1,+2,+3,+4,+5,+6,+7").unwrap_err().code, PHONE_NUMBER_INVALID);
    }

    #[test]
    fn a_calling_code_or_a_country_makes_numbers_international() {
        let header = "phone_code,phone_number,alt_phone";
        let numbers = [number("MOBILE", "+351912345601"), number("OFFICE", "+442079460018")];
        assert_eq!(of(header, "351,912345601,+442079460018"), Ok(json!({"phone_numbers": numbers})));
        assert_eq!(
            of(header, "999,912345601,").unwrap_err().reason,
            "phone_code: No country has the row's calling code."
        );
        let reading = Reading { country: Region::from_code("PT").ok(), ..Reading::default() };
        let mobile = json!({"phone_numbers": [number("MOBILE", "+351912345604")]});
        assert_eq!(read("mobile", "\"=\"\"912345604\"\"\"", &reading), Ok(mobile));
    }

    #[test]
    fn what_an_earlier_run_said_and_columns_without_name_are_ignored() {
        let header = "first_name,,rejected_line,rejected_codes,rejected_reasons,rejected_text";
        assert_eq!(of(header, "Ann,,7,OTHER,because,text"), Ok(json!({"first_name": "Ann"})));
        assert_eq!(of(header, "Ann,x,,,,").unwrap_err().reason, "A column without a name has a value.");
        assert_eq!(of(header, ",,,,,"), Ok(json!({})));
    }

    #[test]
    fn a_patch_has_its_numbers_as_one_value_and_clears_what_it_is_told_to() {
        let header = "id,first_name,phone,priority,sync_external_id,Job,Phone 1 - Label,Phone 1 - Value";
        let patch = |row, empty| read(header, row, &Reading { patches: true, empty, ..Reading::default() });
        let full = json!({
            "id": "x", "first_name": "Ann", "priority": 7, "extra_data": {"Job": "CEO"},
            "phone_numbers": [number("MOBILE", "+1")],
        });
        for empty in [Empty::Keep, Empty::Clear] {
            let mut expected = full.clone();
            if empty == Empty::Clear {
                expected["sync_external_id"] = Value::Null;
                expected["extra_data"]["Phone 1 - Value"] = Value::Null;
            }
            assert_eq!(patch("x,Ann,+1,7,,CEO,,", empty), Ok(expected));
        }
        assert_eq!(patch("x,,,,,,,", Empty::Keep), Ok(json!({"id": "x"})));
        let cleared = json!({
            "id": "x", "first_name": null, "priority": null, "sync_external_id": null,
            "extra_data": {"Job": null, "Phone 1 - Value": null},
        });
        assert_eq!(patch("x,,,,,,,", Empty::Clear), Ok(cleared));
        assert_eq!(of("id,first_name", "x,Ann"), Ok(json!({"first_name": "Ann", "extra_data": {"id": "x"}})));
    }

    #[test]
    fn a_patch_does_not_mix_the_names_of_two_people() {
        let map = vec![Map { column: "Name".to_owned(), field: Field::FullName }];
        let patch = |row, patches| read("Name", row, &Reading { patches, map: map.clone(), ..Reading::default() });
        assert_eq!(patch("Cher", true), Ok(json!({"first_name": null, "last_name": "Cher"})));
        assert_eq!(patch("Cher", false), Ok(json!({"last_name": "Cher"})));
    }

    #[test]
    fn a_full_name_is_split_at_the_last_space_or_at_the_comma() {
        let table = [
            ("Ann Lee", Some("Ann"), "Lee"),
            ("Ann Mary  Lee", Some("Ann Mary"), "Lee"),
            ("Lee, Ann Mary", Some("Ann Mary"), "Lee"),
            ("Cher", None, "Cher"),
            ("Lee,", None, "Lee"),
        ];
        for (name, first, last) in table {
            assert_eq!(FullName::of(name), FullName { first, last }, "{name}");
        }
    }
}
