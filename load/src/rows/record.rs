//! A row of a CSV file to a record of the API.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::Number;

use super::cells::Cells;
use super::header::{Column, Header, Kind};

/// The record that `cells` are, as JSON.
///
/// # Errors
///
/// Why they are not one.
#[expect(clippy::expect_used, reason = "text, numbers and objects with text for names are always JSON")]
pub fn record(header: &Header, cells: &Cells) -> Result<String, String> {
    if header.cells(cells).any(|(column, cell)| column.kind == Kind::Unnamed && !cell.is_empty()) {
        return Err("A column without a name has a value.".to_owned());
    }
    Ok(serde_json::to_string(&Record { header, cells }).expect("a row is JSON"))
}

/// A row; empty cells are left out.
#[derive(Clone, Copy)]
struct Record<'a> {
    header: &'a Header,
    cells: &'a Cells,
}

impl<'a> Record<'a> {
    fn cells(self) -> impl Iterator<Item = (&'a Column, &'a str)> {
        self.header.cells(self.cells).filter(|(_, cell)| !cell.is_empty())
    }

    fn has(self, kind: impl Fn(Kind) -> bool) -> bool {
        self.cells().any(|(column, _)| kind(column.kind))
    }

    /// The numbers with their types. `phone_number` is the mobile one, as the API takes it, but the API ignores it
    /// next to `phone_numbers`; so if there are others, it joins them.
    fn numbers(self) -> impl Iterator<Item = (&'static str, &'a str)> {
        self.cells().filter_map(|(column, cell)| match column.kind {
            Kind::Number(phone_type) => Some((phone_type, cell)),
            Kind::PhoneNumber => Some(("MOBILE", cell)),
            _ => None,
        })
    }
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        let numbers = self.has(|kind| matches!(kind, Kind::Number(_)));
        if numbers {
            object.serialize_entry("phone_numbers", &Numbers(*self))?;
        }
        for (column, cell) in self.cells() {
            match column.kind {
                Kind::PhoneNumber if !numbers => object.serialize_entry("phone_number", cell)?,
                Kind::Text(member) => object.serialize_entry(member, cell)?,
                Kind::Priority => match cell.trim().parse::<Number>() {
                    Ok(number) => object.serialize_entry("priority", &number)?,
                    Err(_) => object.serialize_entry("priority", cell)?,
                },
                Kind::SyncExternalId => match boolean(cell) {
                    Some(boolean) => object.serialize_entry("sync_external_id", &boolean)?,
                    None => object.serialize_entry("sync_external_id", cell)?,
                },
                Kind::PhoneNumber | Kind::Number(_) | Kind::Extra | Kind::Unnamed | Kind::Rejected => {}
            }
        }
        if self.has(|kind| kind == Kind::Extra) {
            object.serialize_entry("extra_data", &ExtraData(*self))?;
        }
        object.end()
    }
}

fn boolean(cell: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(word, _)| cell.trim().eq_ignore_ascii_case(word))
        .map(|(_, boolean)| boolean)
}

struct Numbers<'a>(Record<'a>);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        for (phone_type, phone_number) in self.0.numbers() {
            array.serialize_element(&PhoneNumber { phone_number, phone_type })?;
        }
        array.end()
    }
}

#[derive(serde::Serialize)]
struct PhoneNumber<'a> {
    phone_number: &'a str,
    phone_type: &'static str,
}

struct ExtraData<'a>(Record<'a>);

impl Serialize for ExtraData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let extra = self.0.cells().filter(|(column, _)| column.kind == Kind::Extra);
        serializer.collect_map(extra.map(|(column, cell)| (&column.name, cell)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(header: &str, row: &str) -> Result<Value, String> {
        let mut cells = Cells::default();
        cells.split(header.as_bytes());
        let header = Header::parse(cells.iter()).unwrap();
        cells.split(row.as_bytes());
        record(&header, &cells).map(|record| serde_json::from_str(&record).unwrap())
    }

    #[test]
    fn cells_become_the_members_of_the_api() {
        let header = "first_name,mobile,Home,priority,sync_external_id,timezone,Job title,Note";
        let found = of(header, "Ann,+1 202 555 0143,+12025550144,7,TRUE,,CEO,\"a \"\"b\"\", c\"");
        let expected = json!({
            "first_name": "Ann",
            "phone_numbers": [
                {"phone_number": "+1 202 555 0143", "phone_type": "MOBILE"},
                {"phone_number": "+12025550144", "phone_type": "HOME"},
            ],
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
            ("1e999", " ", json!({"priority": "1e999", "sync_external_id": " "})),
        ];
        for (priority, sync, expected) in table {
            assert_eq!(of("priority,sync_external_id", &format!("{priority},{sync}")), Ok(expected));
        }
    }

    #[test]
    fn a_phone_number_joins_the_others_so_that_none_is_lost() {
        assert_eq!(of("phone_number,home", "+1,"), Ok(json!({"phone_number": "+1"})));
        let mobile = json!({"phone_number": "+1", "phone_type": "MOBILE"});
        let home = json!({"phone_number": "+2", "phone_type": "HOME"});
        assert_eq!(of("phone_number,home", "+1,+2"), Ok(json!({"phone_numbers": [mobile, home]})));
    }

    #[test]
    fn what_an_earlier_run_said_and_columns_without_name_are_ignored() {
        let header = "first_name,,rejected_line,rejected_codes,rejected_reasons,rejected_text";
        assert_eq!(of(header, "Ann,,7,OTHER,because,text"), Ok(json!({"first_name": "Ann"})));
        assert_eq!(of(header, "Ann,x,,,,"), Err("A column without a name has a value.".to_owned()));
        assert_eq!(of(header, ",,,,,"), Ok(json!({})));
    }
}
