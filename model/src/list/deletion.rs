//! The processes around the deletion of a list, and a bug to plant.

/// A process that runs at the same time as the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Process {
    /// A request that creates a record.
    Create {
        /// Whether its function keeps the list from an earlier request.
        keeps: bool,
    },
    /// A request that deletes the list.
    DeleteList,
    /// A request that renames the list.
    Rename,
    /// A request that creates the list, sent again with its key.
    PostList,
    /// The sweep function, as often as it is invoked.
    Sweep,
}

/// The deletion of a list with two records in two shards, and everything that happens at the same time.
#[derive(Debug, Clone)]
pub struct ListDeletion {
    /// Its name in `docs/correctness.md`.
    pub name: &'static str,
    /// The processes.
    pub processes: Vec<Process>,
    /// A deviation from the algorithm, which a rule must find.
    pub bug: Option<ListBug>,
}

/// A deviation from the algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListBug {
    /// The row of the outbox is not in the transaction that marks the list.
    RowApart,
    /// The row is removed by a pass that began too early.
    RowRemovedEarly,
    /// The row is removed by a pass that has found records.
    RowRemovedAfterFinds,
    /// The list's item is removed with the row.
    TombstoneSwept,
    /// A rename does not require that the list is not marked.
    RenameUnmarks,
    /// A function keeps a list forever.
    KeptForever,
    /// After a lost response, our own mark counts as another request's.
    OwnMarkNotRead,
}

impl ListDeletion {
    /// The deletions that the tests explore.
    #[must_use]
    pub fn all() -> [Self; 2] {
        use Process::{Create, DeleteList, PostList, Rename, Sweep};
        let of = |name, processes: &[Process]| Self { name, processes: processes.to_vec(), bug: None };
        let (keeps, reads) = (Create { keeps: true }, Create { keeps: false });
        [
            of("a list deleted, two sweeps", &[keeps, reads, DeleteList, Sweep, Sweep]),
            of("a list deleted, a rename", &[keeps, DeleteList, DeleteList, Rename, PostList, Sweep]),
        ]
    }

    /// Whether `bug` is planted.
    #[must_use]
    pub fn has(&self, bug: ListBug) -> bool {
        self.bug == Some(bug)
    }
}
