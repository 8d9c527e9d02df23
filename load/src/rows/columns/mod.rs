//! The columns of a table: what each becomes.

mod column;
mod header;
mod mapping;
mod sample;
mod types;
mod values;

pub use self::column::{Column, Kind, Number};
pub use self::header::Header;
pub use self::types::{Wish, free_type};
