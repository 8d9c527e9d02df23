//! The meaning of rows: records to create, or patches.

use record_lists::UniqueIdentifierType;

use crate::identifiers::{self, Key};
use crate::identity::{Identities, Identity};
use crate::rejects::Reject;
use crate::rows::{Item, RecordRow, Row};

/// A row, and its identifiers in the list.
#[derive(Debug)]
pub struct Known {
    pub row: Row,
    /// Those for which a later batch has to wait.
    pub keys: Vec<Key>,
    /// Those by which it names its record, if it changes one.
    pub identity: Identity,
}

/// A row that is not sent.
#[derive(Debug)]
pub struct Unsent {
    pub line: u64,
    pub identity: Identity,
}

impl Known {
    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.row.text.len() + size_of_val(&self.keys[..]) + self.identity.bytes()
    }
}

impl Unsent {
    /// The memory that it takes, in bytes.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.identity.bytes()
    }
}

/// A row, read for its meaning.
pub enum Meant {
    /// It is sent, as this record.
    Sent { known: Known, record: String },
    /// It is rejected before it is sent. It has an identity if it would change a record.
    Rejected { reject: Reject, unsent: Option<Unsent> },
}

/// The meaning of the rows, which says how two of them are duplicates.
pub enum Meaning {
    /// Records to create in a list of this type: the API finds the duplicates, and batches wait for each other.
    Records(UniqueIdentifierType),
    /// Patches of records in a list of this type: the later of two is rejected before it is sent.
    Patches(UniqueIdentifierType, Identities),
}

impl Meaning {
    /// Reads the next row of the file.
    pub fn read(&mut self, item: Item) -> Meant {
        match (self, item) {
            (Self::Records(unique), Ok(RecordRow { row, record })) => {
                let keys = identifiers::of_record(&record, *unique);
                Meant::Sent { known: Known { row, keys, identity: Identity::default() }, record }
            }
            (Self::Records(_), Err(row)) => Meant::Rejected { reject: row.into(), unsent: None },
            (Self::Patches(unique, earlier), Ok(RecordRow { row, record })) => {
                let identity = Identity::of(&record, *unique);
                match earlier.take(&identity, row.line) {
                    Ok(()) => Meant::Sent { known: Known { row, keys: Vec::new(), identity }, record },
                    Err(earlier) => Meant::rejected(identity, earlier.refusal().reject(row)),
                }
            }
            (Self::Patches(unique, _), Err(row)) => {
                let identity = row.naming.as_deref().map(|naming| Identity::of(naming, *unique)).unwrap_or_default();
                Meant::rejected(identity, row.into())
            }
        }
    }
}

impl Meant {
    fn rejected(identity: Identity, reject: Reject) -> Self {
        Self::Rejected { unsent: Some(Unsent { line: reject.row.line, identity }), reject }
    }
}
