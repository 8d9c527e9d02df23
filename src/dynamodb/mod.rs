//! DynamoDB: connections, calls, statements and attributes. Nothing here knows of records.
//!
//! [`connections`] reaches the table. [`session`] makes the calls of one request and limits their time; [`failure`] is
//! the meaning of DynamoDB's error codes. [`retry`] decides when a call is made again, and [`call`] reads a response.
//! [`read`] (an item, or a partition), [`batch_get`] (items by their keys), [`statements`] (one call of statements, and
//! its results) and [`writes`] (statements, sent until the outcome of each is known) build on these. [`attribute`] has
//! sizes, limits and values in DynamoDB's JSON; [`item`] is an item as it was read.

pub mod attribute;
pub mod batch_get;
mod call;
pub mod connections;
pub mod decimal;
mod failure;
pub mod item;
pub mod read;
mod retry;
pub mod session;
pub mod statements;
pub mod writes;

pub use self::connections::Connections;
pub use self::failure::Failure;
pub use self::item::Item;
pub use self::read::Key;
pub use self::retry::Attempts;
pub use self::session::{Session, Usage};

/// A table, and the connections to it.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: String,
    connections: Connections,
}

impl Table {
    /// The table `name`, reached over `connections`.
    pub fn new(name: &str, connections: Connections) -> Self {
        Self { name: name.to_owned(), connections }
    }
}
