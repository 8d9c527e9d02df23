//! Lists and records in the table: how they are stored, found, changed and deleted.
//!
//! [`key`] and [`item`] are the layout. [`owner`] tells who has an ID. On these stand [`insert`](mod@insert) and
//! [`delete`](mod@delete) (a row's statements and its outcome), [`find`](mod@find) and [`pages`] (records, read), and
//! [`lists`].

pub mod change;
pub mod delete;
pub mod find;
pub mod insert;
mod item;
mod key;
pub mod list_change;
pub mod lists;
pub mod owner;
pub mod pages;
pub mod stored_record;
pub mod sweep;
mod update;

use std::sync::Mutex;

use aws_config::SdkConfig;
use tokio::time::Instant;

use self::lists::KnownLists;
use crate::config::Config;
use crate::dynamodb::{Connections, Session, Table};

/// The table, and the lists that are known.
#[derive(Debug)]
pub struct Store {
    table: Table,
    lists: Mutex<KnownLists>,
}

impl Store {
    /// A store on the table that `config` names, reached as Lambda's environment says, with its first connection open, so
    /// that the first request need not open it.
    pub async fn open(config: &Config) -> Self {
        let connections = Connections::open(config.endpoint_url.as_deref(), &config.table_name).await;
        Self { table: Table::new(&config.table_name, connections), lists: Mutex::default() }
    }

    /// A store on `table`, reached as `config` says, over its HTTP client if it has one.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        Self { table: Table::new(table, Connections::new(config)), lists: Mutex::default() }
    }

    /// The calls of one request, which end at `deadline`.
    pub(crate) fn session(&self, deadline: Instant) -> Session<'_> {
        Session::new(&self.table, deadline)
    }
}
