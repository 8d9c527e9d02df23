//! The numbers of a row, each of a type of its own.

use std::borrow::Cow;

use serde::Serialize;

use super::cells::Cells;
use super::columns::{Column, Header, Kind, Number, Wish, free_type};
use super::fault::Fault;
use super::number;
use crate::rejection::PHONE_NUMBER_INVALID;

/// The numbers of a row.
pub struct Numbers<'a> {
    /// In the order of their columns.
    pub dialled: Vec<PhoneNumber<'a>>,
    /// Those that are not to be dialled, by the names of their columns.
    pub others: Vec<(&'a str, &'a str)>,
    /// The place among the values of the only number, if it is of no particular type: it is the API's `phone_number`.
    pub single: Option<usize>,
}

#[derive(Serialize)]
pub struct PhoneNumber<'a> {
    pub phone_number: Cow<'a, str>,
    pub phone_type: &'static str,
}

/// A number that has no type yet.
struct Untyped<'a> {
    number: Cow<'a, str>,
    wish: Wish,
}

impl<'a> Numbers<'a> {
    /// Reads the numbers among the `values` of a row.
    ///
    /// # Errors
    ///
    /// The first number that cannot be one, or that there are too many.
    pub fn of(header: &Header, cells: &'a Cells, values: &[(&'a Column, &'a str)]) -> Result<Self, Fault> {
        let calling_code = values.iter().find(|(column, _)| column.kind == Kind::PhoneCode);
        let region = calling_code.map(|(column, code)| number::region(code).map_err(|reason| invalid(column, &reason)));
        let region = region.transpose()?.or(header.reading().country);
        let (mut found, mut others, mut single) = (Vec::new(), Vec::new(), None);
        for (place, (column, value)) in values.iter().enumerate() {
            let Kind::Number(kind) = &column.kind else { continue };
            let wish = kind.wish(header, cells);
            if wish == Wish::NotDialled {
                others.push((column.name.as_str(), *value));
                continue;
            }
            let number = number::read(value, region).map_err(|reason| invalid(column, &reason))?;
            // In a patch, a `phone_number` alone can name a record without changing its numbers.
            single = (kind.any_type && !header.reading().patches).then_some(place);
            found.push(Untyped { number, wish });
        }
        let dialled = typed(found)?;
        let single = single.filter(|_| matches!(&dialled[..], [only] if only.phone_type == "MOBILE"));
        Ok(Self { dialled, others, single })
    }
}

fn invalid(column: &Column, reason: &str) -> Fault {
    Fault { code: PHONE_NUMBER_INVALID, reason: format!("{}: {reason}", column.name) }
}

/// Gives each number a type of its own: the one that it asks for, if no earlier number has it, else the next free one.
fn typed(found: Vec<Untyped<'_>>) -> Result<Vec<PhoneNumber<'_>>, Fault> {
    let mut types = Vec::with_capacity(found.len());
    for Untyped { wish, .. } in &found {
        types.push(match *wish {
            Wish::Type(phone_type) if !types.contains(&Some(phone_type)) => Some(phone_type),
            _ => None,
        });
    }
    let mut numbers = Vec::with_capacity(found.len());
    for (place, Untyped { number, .. }) in found.into_iter().enumerate() {
        let phone_type = types[place].or_else(|| free_type(&types)).ok_or_else(too_many)?;
        types[place] = Some(phone_type);
        numbers.push(PhoneNumber { phone_number: number, phone_type });
    }
    Ok(numbers)
}

fn too_many() -> Fault {
    let reason = "The row has more than six numbers; leave columns out with --ignore.";
    Fault { code: PHONE_NUMBER_INVALID, reason: reason.to_owned() }
}

impl Number {
    /// The type that the number in this column of the row asks for.
    fn wish(&self, header: &Header, cells: &Cells) -> Wish {
        match self.label {
            Some(place) => Wish::of_label(header.value_at(cells, place)),
            None => self.phone_type.map_or(Wish::AnyType, Wish::Type),
        }
    }
}
