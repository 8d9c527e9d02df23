//! Lists and records in DynamoDB: the one place that knows it.
//!
//! The ground is [`connect`] (the connections), [`calls`] (one call: its time limit, what its failure means, what it took)
//! and [`retry`] (when it is made again). On it stand [`lists`], [`records`], [`delete`], and [`insert`], which writes what
//! [`write`](mod@write) lays out, by the calls of [`send`], and asks [`settle`] what became of it. [`item`] knows keys and
//! attributes.

mod calls;
mod connect;
mod delete;
mod insert;
mod item;
mod lists;
mod records;
mod retry;
mod send;
mod settle;
mod write;

use std::collections::HashMap;
use std::sync::Mutex;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use tokio::time::Instant;

pub use self::calls::{Failure, Session, Usage};
use self::connect::Connections;
pub use self::delete::{Deletion, Identifier, delete_record, delete_records};
pub use self::insert::insert;
use self::lists::KnownLists;
pub use self::lists::{StoredList, find_list, read_list, read_lists};
pub use self::records::{StoredRecord, read_record, read_records};
pub use self::write::{Outcome, Taken, Write};
use crate::config::Config;

type Attributes = HashMap<String, AttributeValue>;

/// The table, the connections to it, and the lists that are known.
#[derive(Debug)]
pub struct Store {
    connections: Connections,
    table: String,
    lists: Mutex<KnownLists>,
}

impl Store {
    /// A store on the table that `config` names, reached as Lambda's environment says, with its first connection open, so
    /// that the first request need not open it.
    pub async fn open(config: &Config) -> Self {
        let connections = Connections::open(config.endpoint_url.as_deref(), &config.table_name).await;
        Self { connections, table: config.table_name.clone(), lists: Mutex::default() }
    }

    /// A store on `table`, reached as `config` says, over its HTTP client if it has one.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        Self { connections: Connections::new(config), table: table.to_owned(), lists: Mutex::default() }
    }

    /// The calls of one request, which end at `deadline`.
    pub fn session(&self, deadline: Instant) -> Session<'_> {
        Session::new(self, deadline)
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// The string attribute `name`.
fn string<'a>(item: &'a Attributes, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}
