//! The types of a record's numbers: each at most once.

use crate::rows::field::Field;
use crate::rows::lookup;

/// The types in the order in which numbers without a type of their own take them.
const TYPES: [&str; 6] = ["MOBILE", "OFFICE", "HOME", "EXTRA_1", "EXTRA_2", "EXTRA_3"];

/// The type that a number asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Type(&'static str),
    AnyType,
    /// None: the number is not to be dialled.
    NotDialled,
}

impl Wish {
    /// The wish of a number with this label.
    pub fn of_label(label: &str) -> Self {
        match lookup::known(label) {
            Some(Field::Number(phone_type)) => Self::Type(phone_type),
            Some(Field::Extra) => Self::NotDialled,
            _ => Self::AnyType,
        }
    }
}

/// The first type that is not among `others`, if there is one.
pub fn free_type(others: &[Option<&'static str>]) -> Option<&'static str> {
    TYPES.into_iter().find(|phone_type| !others.contains(&Some(phone_type)))
}
