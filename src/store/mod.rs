//! Lists and records in the table: how they are stored, found, changed and deleted.
//!
//! [`key`], [`item`] and [`statement`] are the layout; [`stored_record`] is a record as it was read. [`owner`] tells which
//! record has an ID. [`find`](mod@find) and [`pages`] read records. [`insert`](mod@insert), [`change`](mod@change) and
//! [`delete`](mod@delete) write them, each row with its statements and its outcome; [`update`] is the difference that a
//! change makes. [`lists`] reads lists, which [`known_lists`] keeps; [`list_change`] renames and deletes them, and
//! [`sweep`] removes what is left of them.

pub mod change;
pub mod delete;
pub mod find;
pub mod insert;
mod item;
mod key;
mod known_lists;
pub mod list_change;
pub mod lists;
pub mod owner;
pub mod pages;
mod statement;
pub mod stored_record;
pub mod sweep;
mod turn;
mod update;

use std::sync::Mutex;

use aws_config::SdkConfig;
use tokio::time::Instant;

use self::known_lists::KnownLists;
use crate::config::Config;
use crate::dynamodb::{Connections, Session, Table};

/// The table, and the lists that are known.
#[derive(Debug)]
pub struct Store {
    table: Table,
    lists: Mutex<KnownLists>,
}

impl Store {
    /// A store on the table that `config` names, with the settings of Lambda's environment. The first connection is
    /// already open, so that the first request need not wait for it.
    pub async fn open(config: &Config) -> Self {
        let connections = Connections::open(config.endpoint_url.as_deref(), &config.table_name).await;
        Self { table: Table::new(&config.table_name, connections), lists: Mutex::default() }
    }

    /// A store on `table`, with the settings of `config`, and with its HTTP client if it has one.
    #[must_use]
    pub fn new(config: &SdkConfig, table: &str) -> Self {
        Self { table: Table::new(table, Connections::new(config)), lists: Mutex::default() }
    }

    /// A session for the calls of one request, which end at `deadline`.
    pub(crate) fn session(&self, deadline: Instant) -> Session<'_> {
        Session::new(&self.table, deadline)
    }
}
