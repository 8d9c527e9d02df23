//! The exceptions from the promise: `docs/correctness.md`, "What is not promised".

/// An exception, which a property allows for unless the scenario denies it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exception {
    /// An attempt that its request gave up on lands.
    Late,
    /// A create whose response was lost is sent again, after somebody deleted its record.
    SentAgain,
    /// A request is sent again with its key, after its record was deleted.
    KeyAfterDelete,
    /// A request is sent again with its key, after another record that was in its way was deleted, or lost a number.
    InTheWay,
}
