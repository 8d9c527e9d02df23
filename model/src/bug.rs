//! The planted bugs.

/// A deviation from the algorithm, which a property must find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// `DuplicateItem` is taken for a conflict, without reading the owner.
    DuplicateItemIsConflict,
    /// A retry draws a new write token.
    RandomTokenOnRetry,
    /// The read of an owner is eventually consistent.
    EventualOwnerRead,
    /// Resolving reports the `created_at` of this request, not the stored one.
    ResolveReportsOwnTime,
    /// Record and aliases are written by a statement each, not by a transaction.
    AliasesWrittenApart,
    /// A call without response is taken for a success.
    LostCallIsCreated,
    /// Duplicates inside a request are refused before the earlier record is decided.
    DuplicatesDoNotWait,
    /// A chain is sent without reading the owners of its IDs.
    ChainNotRead,
    /// A chain whose owners could not be read is sent as if it had none.
    FailedReadDecides,
    /// A record that waits for one that was given up is sent.
    GivingUpIsNotFinal,
    /// The record that a cancelled transaction's reasons name is sent again with the others.
    NamedStaysWithOthers,
    /// A call that is rejected as a whole is given up.
    RejectedIsNotHalved,
    /// An item without write token is taken for no item.
    OperatorIsNobody,
    /// The ID in a list of type `NOTHING` is derived from the record's place in the request alone.
    IdentityFromIndex,
    /// A delete by number takes the record that an alias points to, whatever version it is by now.
    DeleteTrustsAlias,
    /// A delete names no version.
    DeleteWithoutToken,
    /// A delete names the write token without its suffix, and not `created_at`.
    DeleteWithoutCreatedAt,
    /// A delete names the write token without its suffix, and `created_at`.
    DeleteWithoutSuffix,
    /// A delete whose response was lost reports success without reading back.
    DeleteWithoutReadBack,
    /// A delete removes the record's own item alone.
    DeleteLeavesAliases,
    /// One call deletes two records that had one number, one after the other.
    KeyTwiceInCall,
}
