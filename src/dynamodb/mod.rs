//! DynamoDB, which knows no record: connections, calls, statements and attributes.
//!
//! [`connections`] reaches the table, and [`session`] makes the calls of one request: their time limit, and what a failure
//! means. [`retry`] says when a call is made again, and [`call`] reads a response. On these stand [`read`] (items), [`statements`] (one call of statements
//! and its results) and [`writes`] (statements, sent until each one's outcome is known). [`attribute`] has sizes, limits and
//! DynamoDB's JSON, both ways; [`item`] is an item as it was read.

pub mod attribute;
mod call;
pub mod connections;
pub mod decimal;
pub mod item;
pub mod read;
mod retry;
pub mod session;
pub mod statements;
pub mod writes;

pub use self::connections::Connections;
pub use self::item::Item;
pub use self::read::Key;
pub use self::retry::Attempts;
pub use self::session::{Failure, Session, Usage};

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
