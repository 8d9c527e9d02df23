//! The header of a table: what each column is to the API.

use std::collections::HashSet;

use super::column::{Column, Kind, Number, Said};
use super::types::free_type;
use crate::rows::lookup::{number_in, plain};
use crate::rows::reading::{Map, Reading};

/// The columns of a file.
#[derive(Debug, Default)]
pub struct Header {
    pub(super) columns: Vec<Column>,
    /// Values that every row has.
    pub(super) constants: Vec<Constant>,
    /// The user's say.
    pub(super) reading: Reading,
}

/// A member that has the same value in every row.
#[derive(Debug)]
pub struct Constant {
    pub column: Column,
    pub value: String,
}

impl Header {
    /// Reads the cells of a header row.
    ///
    /// # Errors
    ///
    /// A mistake in it, or in the user's say.
    pub fn parse<'a>(names: impl Iterator<Item = &'a str>, reading: &Reading) -> Result<Self, String> {
        let names: Vec<&str> = names.map(str::trim).collect();
        let mut said = vec![Said::Nothing; names.len()];
        for Map { column, field } in &reading.map {
            named(&names, column, "--map")?.into_iter().for_each(|place| said[place] = Said::Mapped(*field));
        }
        for column in &reading.ignore {
            named(&names, column, "--ignore")?.into_iter().for_each(|place| said[place] = Said::Ignored);
        }
        let column = |(name, said): (&&str, Said)| Column::of(name, said, reading.patches);
        let columns = names.iter().zip(said).map(column).collect::<Result<_, _>>()?;
        let mut header = Self { columns, constants: Vec::new(), reading: reading.clone() };
        header.add_constants()?;
        header.members_occur_once()?;
        header.find_labels();
        header.give_types();
        header.tell_extras_apart();
        Ok(header)
    }

    fn add_constants(&mut self) -> Result<(), String> {
        for set in &self.reading.set {
            let kind = Kind::from(set.field);
            let taken = self.columns.iter().find(|column| column.kind == kind);
            if let Some(Column { name, .. }) = taken {
                return Err(format!("--set: the column `{name}` has this member already; leave it out with --ignore."));
            }
            let column = Column { name: "--set".to_owned(), kind, asked: true };
            self.constants.push(Constant { column, value: set.value.clone() });
        }
        Ok(())
    }

    fn members_occur_once(&self) -> Result<(), String> {
        let constants = self.constants.iter().map(|constant| &constant.column);
        let mut seen: Vec<&Column> = Vec::new();
        for column in self.columns.iter().chain(constants) {
            if let Some(earlier) = seen.iter().find(|earlier| earlier.clashes_with(column)) {
                return Err(twice(&earlier.name, &column.name));
            }
            seen.push(column);
        }
        Ok(())
    }

    /// Gives columns of one name different names in `extra_data`.
    fn tell_extras_apart(&mut self) {
        let mut seen = HashSet::new();
        for column in &mut self.columns {
            if let Kind::Extra { member, .. } = &mut column.kind {
                let names = (2..).map(|number| format!("{} ({number})", column.name));
                let mut names = [member.clone()].into_iter().chain(names);
                *member = names.find(|name| seen.insert(name.clone())).unwrap_or_default();
            }
        }
    }

    /// Finds the column that has the type of a number: the one of the same number.
    fn find_labels(&mut self) {
        let number = |column: &Column| number_in(&plain(&column.name)).to_owned();
        let labels: Vec<_> =
            self.columns.iter().enumerate().filter(|(_, column)| column.kind == Kind::PhoneLabel).collect();
        let labels: Vec<_> = labels.into_iter().map(|(place, column)| (place, number(column))).collect();
        for column in &mut self.columns {
            let own = number(column);
            if let Kind::Number(Number { any_type: true, label, .. }) = &mut column.kind {
                *label = labels.iter().find(|(_, number)| *number == own).map(|(place, _)| *place);
            }
        }
        let used: Vec<_> = self.numbers().filter_map(|number| number.label).collect();
        for (place, _) in labels.iter().filter(|(place, _)| !used.contains(place)) {
            let column = &mut self.columns[*place];
            column.kind = Kind::Extra { member: column.name.clone(), known: false };
        }
    }

    /// Gives the numbers without a type of their own the types that no other column has.
    fn give_types(&mut self) {
        let mut types: Vec<_> = self.numbers().map(|number| number.phone_type).collect();
        for column in &mut self.columns {
            if let Kind::Number(Number { phone_type: phone_type @ None, label: None, .. }) = &mut column.kind {
                *phone_type = free_type(&types);
                types.push(*phone_type);
            }
        }
    }

    /// The columns of numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &Number> {
        self.columns.iter().filter_map(|column| match &column.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        })
    }

    /// The user's say.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }
}

/// The places of the columns that a user who writes `asked` means: those of exactly this name, or else those whose names differ
/// in nothing that matters.
fn named(names: &[&str], asked: &str, flag: &str) -> Result<Vec<usize>, String> {
    let places = |is: &dyn Fn(&str) -> bool| (0..names.len()).filter(|place| is(names[*place])).collect::<Vec<_>>();
    let exact = places(&|name| name == asked.trim());
    let alike = places(&|name| !plain(name).is_empty() && plain(name) == plain(asked));
    match if exact.is_empty() { alike } else { exact } {
        none if none.is_empty() => {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            Err(format!("{flag}: there is no column `{asked}`. There are {}.", names.join(", ")))
        }
        places => Ok(places),
    }
}

fn twice(one: &str, other: &str) -> String {
    let instead = "Leave one out with --ignore, or give it another meaning with --map.";
    if plain(one) == plain(other) {
        return format!("The column `{other}` occurs twice. {instead}");
    }
    format!("`{one}` and `{other}` are the same member. {instead}")
}
