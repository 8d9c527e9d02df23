//! The cells of a row in the light of the header.

use super::column::{Column, Kind};
use super::header::Header;
use crate::rows::cells::Cells;

impl Header {
    /// Whether the cells of a row are all empty.
    pub fn is_empty(&self, cells: &Cells) -> bool {
        cells.iter().all(|cell| self.value(cell).is_empty())
    }

    /// Checks that `cells` are a row of this file. A short one is filled, unless it has several lines: a stray quotation mark
    /// could have made it of several rows. As long as there are no columns, any row will do.
    ///
    /// # Errors
    ///
    /// The reason why they are not.
    pub fn fits(&self, cells: &Cells, several_lines: bool) -> Result<(), String> {
        let (columns, found) = (self.columns.len(), cells.len());
        let many = match found < columns {
            true if several_lines => "few",
            false if columns > 0 && cells.iter().skip(columns).any(|cell| !cell.trim().is_empty()) => "many",
            _ => return Ok(()),
        };
        Err(format!("The row has too {many} columns: {found} instead of {columns}."))
    }

    /// The values of a row, empty ones included, each with its column.
    pub fn values<'a>(&'a self, cells: &'a Cells) -> impl Iterator<Item = (&'a Column, &'a str)> {
        let constants = self.constants.iter().map(|constant| (&constant.column, constant.value.as_str()));
        let columns = self.columns.iter().enumerate();
        columns.map(|(place, column)| (column, self.value_at(cells, place))).chain(constants)
    }

    /// The value in the column at `place`.
    pub fn value_at<'a>(&self, cells: &'a Cells, place: usize) -> &'a str {
        self.value(cells.get(place))
    }

    /// The value of a cell: without spaces around it, without the `="…"` that keeps a spreadsheet from changing it, and
    /// nothing for a word that stands for nothing.
    fn value<'a>(&self, cell: &'a str) -> &'a str {
        let cell = cell.trim();
        let value = cell.strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"')).map_or(cell, str::trim);
        if self.reading.null.iter().any(|null| null.trim() == value) { "" } else { value }
    }

    /// The headers of the columns as the file has them, without those of an earlier run's rejects.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.kind != Kind::Rejected).map(|column| column.name.as_str())
    }

    /// The cells of these columns, as the file has them.
    pub fn cells<'a>(&'a self, cells: &'a Cells) -> impl Iterator<Item = &'a str> {
        let columns = self.columns.iter().enumerate().filter(|(_, column)| column.kind != Kind::Rejected);
        columns.map(|(place, _)| cells.get(place))
    }

    /// The cell of the column `name`, as the file has it.
    pub fn cell<'a>(&self, cells: &'a Cells, name: &str) -> &'a str {
        let place = self.columns.iter().position(|column| column.name == name);
        place.map_or("", |place| cells.get(place))
    }
}
