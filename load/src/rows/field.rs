//! The meaning of a column.

/// The meaning of a column, whatever else the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The ID of the record.
    Id,
    /// A member of the API that is text.
    Text(&'static str),
    /// First name and last name.
    FullName,
    /// A number of this type.
    Number(&'static str),
    /// A number of any type.
    Phone,
    /// The calling code of the row's numbers.
    PhoneCode,
    /// The type of the number in the column of the same number.
    PhoneLabel,
    Priority,
    SyncExternalId,
    /// A member of `extra_data`.
    Extra,
}
